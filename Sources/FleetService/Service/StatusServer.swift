import Foundation
import Glibc

/// Answers `fleetstream status`: whoever connects to the Unix socket gets one line of JSON. It needs no room on the disk,
/// so that it also answers when that is what is missing.
final class StatusServer: Sendable {
    private let path: String
    private let descriptor: Int32
    private let isStopping = StopFlag()

    /// Listens. A socket that a process left behind is replaced; one that answers is not.
    init(path: String, answer: @escaping @Sendable () -> [UInt8]) throws(StatusError) {
        self.path = path
        if StatusClient.isAnswering(path) {
            throw StatusError(message: "another process answers on \(path) already")
        }
        unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw StatusError(message: "no socket: \(String(cString: strerror(errno)))") }
        guard var address = sockaddr_un(path: path) else {
            Glibc.close(descriptor)
            throw StatusError(message: "the path of the status socket is too long: \(path); set status.socket")
        }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0, listen(descriptor, 16) == 0 else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw StatusError(message: "cannot listen on \(path): \(reason)")
        }
        chmod(path, 0o600)
        let thread = Thread { [self] in serve(answer) }
        thread.name = "status"
        thread.start()
    }

    func stop() {
        isStopping.set()
        shutdown(descriptor, Int32(SHUT_RDWR))
        unlink(path)
    }

    private func serve(_ answer: @Sendable () -> [UInt8]) {
        while !isStopping.isSet {
            let client = accept(descriptor, nil, nil)
            if client < 0 {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if isStopping.isSet { break }
                Thread.sleep(forTimeInterval: 0.1)
                continue
            }
            // A reader that does not read must not hold the thread for long.
            var limit = timeval(tv_sec: 1, tv_usec: 0)
            setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            StatusClient.writeAll(client, answer() + [10])
            Glibc.close(client)
        }
        Glibc.close(descriptor)
    }
}

/// Asks a running service for its status.
package enum StatusClient {
    /// The answer, nil where nobody listens.
    package static func ask(_ path: String) -> [UInt8]? {
        guard let descriptor = connect(path) else { return nil }
        defer { Glibc.close(descriptor) }
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            answer += piece[..<count]
        }
        return answer.isEmpty ? nil : answer
    }

    static func isAnswering(_ path: String) -> Bool {
        guard let descriptor = connect(path) else { return false }
        Glibc.close(descriptor)
        return true
    }

    private static func connect(_ path: String) -> Int32? {
        guard var address = sockaddr_un(path: path) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if connected == 0 { return descriptor }
        Glibc.close(descriptor)
        return nil
    }

    static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                send(descriptor, raw.baseAddress.map { $0 + start }, raw.count - start, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            start += count
        }
    }
}

/// Why the status socket cannot be served.
struct StatusError: Error, Sendable, CustomStringConvertible {
    var message: String
    var description: String { message }
}

extension sockaddr_un {
    /// Nil where the path does not fit.
    fileprivate init?(path: String) {
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &sun_path) { raw in
            guard bytes.count < raw.count else { return false }
            raw.copyBytes(from: bytes)
            return true
        }
        if !fits { return nil }
    }
}
