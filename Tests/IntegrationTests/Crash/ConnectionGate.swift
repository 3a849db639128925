import BrokerHarness
import Foundation
import Glibc
import MQTTTransport
import Synchronization

/// A way to a broker over which single clients can be kept away, by the client id in their CONNECT packet.
final class ConnectionGate: Sendable {
    let port: Int
    private let target: Int
    private let listener: Int32
    private let blocked = Mutex<String?>(nil)

    init(to target: Int) throws {
        self.target = target
        port = LocalBroker.freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else { throw HarnessError("the gate cannot listen") }
        Thread { [weak self, listener] in
            while true {
                let client = accept(listener, nil, nil)
                if client < 0 { return }
                Thread { if let self { self.serve(client) } else { close(client) } }.start()
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Refuses new connections of this client; those that are there stay.
    func block(_ clientID: String) { blocked.withLock { $0 = clientID } }
    func unblock() { blocked.withLock { $0 = nil } }

    private func serve(_ client: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(client, &buffer, buffer.count, 0)
        let isBlocked = blocked.withLock { name in
            name.map { String(decoding: buffer[..<max(count, 0)], as: UTF8.self).contains($0) } ?? false
        }
        let broker = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(target)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(broker, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard count > 0, !isBlocked, connected == 0, send(broker, buffer, count, Int32(MSG_NOSIGNAL)) == count else {
            close(broker)
            close(client)
            return
        }
        Thread { Self.pump(from: broker, to: client) }.start()
        Self.pump(from: client, to: broker)
    }

    /// Copies until one side ends. Descriptors stay open until the process of the tests ends: the other direction may
    /// still use them.
    private static func pump(from source: Int32, to sink: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            var start = 0
            while start < count {
                let sent = buffer.withUnsafeBytes {
                    send(sink, $0.baseAddress.map { $0 + start }, count - start, Int32(MSG_NOSIGNAL))
                }
                guard sent > 0 else { break }
                start += sent
            }
            guard start == count else { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return address
    }
}
