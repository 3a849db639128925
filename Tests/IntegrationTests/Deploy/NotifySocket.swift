import BrokerHarness
import Foundation
import Glibc

/// Stands in for systemd: a datagram socket of the kind that `NOTIFY_SOCKET` names, and what came on it.
final class NotifySocket {
    private let descriptor: Int32
    private let folder: Folder
    /// What `NOTIFY_SOCKET` has to say.
    let name: String
    private var received: [String] = []

    init(isAbstract: Bool) throws {
        folder = try Folder()
        name = isAbstract ? "@fleetstream-test-\(UUID().uuidString)" : folder.file("notify")
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if isAbstract { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // systemd passes the exact length: a name with zeros behind it is another one.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        guard isBound else { throw HarnessError("no socket \(name): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Every line so far, in the order in which they came.
    var lines: [String] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return received }
            received += String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    func count(_ line: String) -> Int { lines.filter { $0 == line }.count }
}
