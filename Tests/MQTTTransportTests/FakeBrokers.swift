import Foundation
import Locks

/// One MQTT packet as it came.
struct RawPacket {
    /// The upper half of the first byte: 1 CONNECT, 3 PUBLISH, 8 SUBSCRIBE, …
    let type: UInt8
    let body: [UInt8]

    /// Whether the text occurs in the packet.
    func contains(_ text: String) -> Bool {
        let text = Array(text.utf8)
        return body.indices.contains { body[$0...].starts(with: text) }
    }
}

/// A broker of one connection that answers every packet with bytes of the test's choice: for what a real one cannot be
/// brought to say.
final class ScriptedBroker: Sendable {
    let port: Int
    private let listener: Int32

    init(_ answer: @escaping @Sendable (RawPacket) -> [[UInt8]]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        port = listenOnLoopback(listener)
        Thread.detachNewThread {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            func readByte() -> UInt8? {
                var byte: UInt8 = 0
                return read(descriptor, &byte, 1) == 1 ? byte : nil
            }
            while let first = readByte() {
                var length = 0
                var shift = 0
                while let byte = readByte() {
                    length |= Int(byte & 127) << shift
                    shift += 7
                    if byte < 128 { break }
                }
                let body = (0..<length).compactMap { _ in readByte() }
                for bytes in answer(RawPacket(type: first >> 4, body: body)) {
                    _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}

/// Binds to a free loopback port, listens, and returns it.
private func listenOnLoopback(_ descriptor: Int32) -> Int {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
            bind(descriptor, pointer, length)
            getsockname(descriptor, pointer, &length)
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                Int(UInt16(bigEndian: $0.pointee.sin_port))
            }
        }
    }
    listen(descriptor, 16)
    return port
}

/// Accepts connections on a loopback port and never says a word.
final class SilentServer: Sendable {
    private let listener: Int32
    let port: Int
    private let accepted = Guarded<[Int32]>([])

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = listenOnLoopback(listener)
        _ = fcntl(listener, F_SETFL, O_NONBLOCK)
    }

    deinit {
        accepted.withLock { for descriptor in $0 { close(descriptor) } }
        close(listener)
    }

    /// How many connections there were so far.
    var acceptedCount: Int {
        accepted.withLock { accepted in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return accepted.count }
                accepted.append(descriptor)
            }
        }
    }
}
