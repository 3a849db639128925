import CLoadClients
import Glibc
import MQTTTransport
import Synchronization

/// Those who look at a window: 1,000 who read a list of vehicles slowly and ask for it again, and 100 who follow the event
/// stream as fast as a line of 5 Mbit/s allows. They come from several loopback addresses; one thread reads for all.
final class WindowReaders: Sendable {
    struct Figures: Sendable {
        var readers = 0
        var viewers = 0
        var megabytesPerSecond = 0.0
    }

    private struct Reader {
        var descriptor: Int32
        var isViewer: Bool
    }

    static let readers = 1_000
    static let viewers = 100
    private static let perAddress = 200
    private static let pause_us: UInt32 = 100_000
    /// In each pause: a viewer 5 Mbit/s, a reader 2 kB/s.
    private static let viewer_bytes = 65_536
    private static let reader_bytes = 200
    /// Numbers below are left to those who wait for descriptors by `select`.
    private static let firstDescriptor: Int32 = 2_048
    private static let stream = "GET /stream?fleet=bench HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private static let list = "GET /api/vehicles?fleet=bench&limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private let isStopping = Atomic<Bool>(false)
    private let result: Mutex<Figures?> = Mutex(nil)
    private let thread: Mutex<WorkerThread?> = Mutex(nil)

    /// Both this process and the one it starts need a descriptor for each connection.
    static func raiseDescriptorLimit() throws(BenchError) {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let wanted = rlim_t(firstDescriptor) + rlim_t(readers + viewers) + 500
        guard limit.rlim_cur < wanted else { return }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        guard limit.rlim_cur == wanted, setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw BenchError("\(wanted) descriptors are needed: raise the hard limit (ulimit -Hn)")
        }
    }

    /// Connects all, and begins to read.
    init(_ port: Int) throws(BenchError) {
        var all: [Reader] = []
        for number in 0..<Self.readers + Self.viewers {
            // Spread: every eleventh is a viewer.
            let isViewer = number % ((Self.readers + Self.viewers) / Self.viewers) == 0
            guard let descriptor = Self.connect(port, from: number / Self.perAddress + 2) else {
                let reason = String(cString: strerror(errno))
                for reader in all { close(reader.descriptor) }
                throw BenchError("reader \(number) cannot connect to the window: \(reason)")
            }
            all.append(Reader(descriptor: descriptor, isViewer: isViewer))
        }
        let connected = all
        thread.withLock { thread in
            thread = WorkerThread(name: "readers") { [self] in
                let figures = read(connected)
                result.withLock { $0 = figures }
            }
        }
    }

    /// Ends them. Throws where the window has dropped a viewer: they all read.
    func stop() throws(BenchError) -> Figures {
        isStopping.store(true, ordering: .relaxed)
        thread.withLock { $0 }?.join()
        guard let figures = result.withLock({ $0 }), figures.viewers == Self.viewers else {
            throw BenchError("the window dropped viewers that read")
        }
        return figures
    }

    private func read(_ all: [Reader]) -> Figures {
        var open = all
        for reader in open { Self.send(reader.isViewer ? Self.stream : Self.list, to: reader.descriptor) }
        var buffer = [UInt8](repeating: 0, count: Self.viewer_bytes)
        var bytes = 0
        let start_ns = load_now_ns()
        while !isStopping.load(ordering: .relaxed) {
            usleep(Self.pause_us)
            open.removeAll { reader in
                let count = recv(
                    reader.descriptor, &buffer, reader.isViewer ? Self.viewer_bytes : Self.reader_bytes,
                    Int32(MSG_DONTWAIT))
                if count > 0 { bytes += count }
                let isOver = count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
                if isOver { close(reader.descriptor) }
                return isOver
            }
        }
        let time_s = Double(load_now_ns() - start_ns) / 1e9
        for reader in open { close(reader.descriptor) }
        let viewers = open.count { $0.isViewer }
        return Figures(
            readers: open.count - viewers, viewers: viewers, megabytesPerSecond: Double(bytes) / 1e6 / max(time_s, 1e-3)
        )
    }

    private static func send(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// From 127.0.0.`host` to the window; nil with `errno` where that fails.
    private static func connect(_ port: Int, from host: Int) -> Int32? {
        let low = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard low >= 0 else { return nil }
        let descriptor = fcntl(low, F_DUPFD_CLOEXEC, firstDescriptor)
        close(low)
        guard descriptor >= 0 else { return nil }
        // Little is kept for it: who reads slowly is felt at the other end.
        var buffer_bytes: Int32 = 16_384
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, socklen_t(MemoryLayout<Int32>.size))
        var own = address("127.0.0.\(host)", 0)
        var target = address("127.0.0.1", port)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected =
            withUnsafePointer(to: &own) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
            }
            && withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) == 0 }
            }
        if isConnected { return descriptor }
        let reason = errno
        close(descriptor)
        errno = reason
        return nil
    }

    private static func address(_ host: String, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }
}
