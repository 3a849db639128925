import Foundation
import Glibc

@testable import Window

/// A connection that sends whatever bytes a test wants, on loopback.
final class RawClient {
    let descriptor: Int32

    init(_ address: ListenAddress, receiveBuffer_bytes: Int32? = nil) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer_bytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = UInt16(address.port).bigEndian
        inet_pton(AF_INET, address.host, &target.sin_addr)
        _ = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func get(_ path: String, _ headers: String = "") {
        send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)\r\n")
    }

    /// What comes until the other side closes, or nothing comes for long.
    func readAll() -> String {
        var answer: [UInt8] = []
        while let piece = readSome() { answer += piece }
        return String(decoding: answer, as: UTF8.self)
    }

    /// What comes until the text holds something.
    func read(until holds: (String) -> Bool) -> String {
        var answer: [UInt8] = []
        while !holds(String(decoding: answer, as: UTF8.self)), let piece = readSome() { answer += piece }
        return String(decoding: answer, as: UTF8.self)
    }

    func readSome() -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &piece, piece.count, 0)
        return count > 0 ? Array(piece[..<count]) : nil
    }

    /// Whether the other side has closed, without an answer.
    var isClosed: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) <= 0
    }
}

extension String {
    /// The number in the first line of an answer.
    var status: Int? { hasPrefix("HTTP/1.1 ") ? Int(dropFirst(9).prefix(3)) : nil }
}
