import CPlatform
import Glibc

/// A socket that takes in connections, without ever waiting for one.
struct ListeningSocket: ~Copyable {
    let descriptor: Int32
    /// With the port that was given where any was wanted.
    let address: ListenAddress

    init(_ wanted: ListenAddress) throws(WindowError) {
        let family = wanted.isVersion6 ? AF_INET6 : AF_INET
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw WindowError("no socket for the window: \(Self.systemError)") }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        let isBound = wanted.isVersion6 ? Self.bind6(descriptor, wanted) : Self.bind4(descriptor, wanted)
        guard isBound, listen(descriptor, 512) == 0 else {
            let reason = Self.systemError
            close(descriptor)
            throw WindowError("the window cannot listen on \(wanted): \(reason); set window.listen to another port")
        }
        guard let port = Self.port(of: descriptor), let address = wanted.with(port: port) else {
            close(descriptor)
            throw WindowError("the window's port is not known")
        }
        self.descriptor = descriptor
        self.address = address
    }

    deinit { close(descriptor) }

    private static var systemError: String { String(cString: strerror(errno)) }

    private static func bind4(_ descriptor: Int32, _ wanted: ListenAddress) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: wanted.port).bigEndian
        inet_pton(AF_INET, wanted.host, &address.sin_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func bind6(_ descriptor: Int32, _ wanted: ListenAddress) -> Bool {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = UInt16(truncatingIfNeeded: wanted.port).bigEndian
        inet_pton(AF_INET6, wanted.host, &address.sin6_addr)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
        }
        guard isKnown else { return nil }
        // The port stands in the same place in both kinds: behind the family.
        return withUnsafeBytes(of: &storage) { Int($0[2]) << 8 | Int($0[3]) }
    }

    /// Connections that broke before they were taken in, in one go.
    private static let failures_max = 16

    enum Accepted {
        case connection(descriptor: Int32, peer: PeerAddress)
        /// Nobody is waiting.
        case none
        /// The system has no descriptors or memory left: to be tried again later.
        case exhausted
    }

    func acceptOne() -> Accepted {
        for _ in 0..<Self.failures_max {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let client = withUnsafeMutablePointer(to: &storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    platform_accept(descriptor, $0, &length)
                }
            }
            if client >= 0 { return .connection(descriptor: client, peer: PeerAddress(&storage)) }
            switch errno {
            case EAGAIN: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            // Whatever went wrong went wrong with that one connection.
            default: continue
            }
        }
        return .none
    }
}

/// Whose connection it is, for counting: the whole address of version 4, the network (/64) of version 6, for whoever has
/// one address there has them all.
struct PeerAddress: Hashable {
    private let bytes: InlineArray<8, UInt8>

    init(_ storage: inout sockaddr_storage) {
        let isVersion6 = Int32(storage.ss_family) == AF_INET6
        bytes = withUnsafeBytes(of: &storage) { raw in
            InlineArray<8, UInt8> { index in isVersion6 ? raw[8 + index] : index < 4 ? raw[4 + index] : 0 }
        }
    }

    static func == (left: PeerAddress, right: PeerAddress) -> Bool {
        for index in 0..<8 where left.bytes[index] != right.bytes[index] { return false }
        return true
    }

    func hash(into hasher: inout Hasher) {
        for index in 0..<8 { hasher.combine(bytes[index]) }
    }
}
