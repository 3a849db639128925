import TestSupport
import Testing

@testable import Window

@Suite struct `HTTP requests` {
    /// Parses a text in one piece, to its end or to the first refusal.
    private func parse(_ text: String, limits: HTTPLimits = HTTPLimits()) -> [HTTPRequestParser.Progress] {
        parse(Array(text.utf8), pieces: [text.utf8.count], limits: limits)
    }

    /// The same in pieces of these sizes; what is left comes as one.
    private func parse(
        _ bytes: [UInt8], pieces: [Int], limits: HTTPLimits = HTTPLimits()
    ) -> [HTTPRequestParser.Progress] {
        var parser = HTTPRequestParser(limits: limits)
        var results: [HTTPRequestParser.Progress] = []
        var start = 0
        for size in pieces + [bytes.count] {
            let piece = Array(bytes[start..<min(bytes.count, start + size)])
            start += piece.count
            var position = 0
            while position < piece.count {
                let progress = parser.parse(piece, &position)
                if progress == .needsMore { continue }
                results.append(progress)
                if case .refused = progress { return results }
            }
        }
        return results
    }

    private func status(_ text: String, limits: HTTPLimits = HTTPLimits()) -> HTTPStatus? {
        for progress in parse(text, limits: limits) {
            if case .refused(let refusal) = progress { return refusal.status }
        }
        return nil
    }

    private func request(_ text: String) throws -> HTTPRequest {
        let first = try #require(parse(text).first)
        guard case .request(let request) = first else {
            Issue.record("\(first)")
            return HTTPRequest()
        }
        return request
    }

    @Test func `a plain request is taken apart`() throws {
        let read = try request(
            "GET /api/vehicles/truck%2D7?limit=10&q=a+b%26&empty= HTTP/1.1\r\nHost: localhost:8080\r\n"
                + "If-None-Match:  \"abc\" \r\nX-Thing:\tone\r\n\r\n")
        #expect(read.method == .get)
        #expect(read.path == ["api", "vehicles", "truck-7"])
        #expect(read.parameter("limit") == "10")
        #expect(read.parameter("q") == "a b&")
        #expect(read.parameter("empty") == nil)
        #expect(read.header("host") == Array("localhost:8080".utf8))
        #expect(read.header("if-none-match") == Array("\"abc\"".utf8))
        #expect(read.keepsAlive)
    }

    @Test func `the root has no path, and HEAD is known`() throws {
        let read = try request("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(read.method == .head && read.path.isEmpty)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: Keep-Alive, CLOSE\r\n", false), ("HTTP/1.0", "", false),
        ("HTTP/1.0", "Connection: keep-alive\r\n", true),
    ])
    func `a connection is kept or closed as asked for`(version: String, header: String, keeps: Bool) throws {
        #expect(try request("GET / \(version)\r\nHost: a\r\n\(header)\r\n").keepsAlive == keeps)
    }

    @Test(arguments: [
        "GET /a/../b", "GET /..", "GET /.", "GET /a/./b", "GET /%2e%2e/etc/passwd", "GET /a/.%2E", "GET //", "GET /a/",
        "GET /a//b", "GET a", "GET *", "GET http://a/", "GET /%", "GET /%4", "GET /%zz", "GET /%00", "GET /a%0d%0aX:1",
        "GET /%7f", "GET /%ff", "GET /%c0%ae%c0%ae/", "GET /ü", "GET /a?x=%0a", "GET /a?x=%ff", "G\u{1}T /", "GET",
        "GET /a b", " GET /", "GET  /", "G@T /", "G:T /",
    ])
    func `targets and methods that are none are refused`(line: String) {
        #expect(status("\(line) HTTP/1.1\r\nHost: a\r\n\r\n") == .badRequest)
    }

    @Test(arguments: [
        "NoColon\r\n", ": empty\r\n", "Space : x\r\n", " folded\r\n", "A: x\r\n\tfolded: y\r\n", "A: x\u{0}\r\n",
        "A: x\rB: y\r\n", "A: x\nB: y\r\n", "Host: b\r\n", "Content-Length: x\r\n", "Content-Length: -1\r\n",
        "Content-Length:\r\n", "Content-Length: 0\r\nContent-Length: 0\r\n", "A: \u{7f}\r\n",
        "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", "Ä: x\r\n",
    ])
    func `headers that two could read differently are refused`(header: String) {
        #expect(status("GET / HTTP/1.1\r\nHost: a\r\n\(header)\r\n") == .badRequest)
    }

    @Test(arguments: [
        ("POST / HTTP/1.1\r\n", HTTPStatus.methodNotAllowed), ("DELETE /a HTTP/1.1\r\n", .methodNotAllowed),
        ("get / HTTP/1.1\r\n", .methodNotAllowed), ("GET / HTTP/2.0\r\n", .versionNotSupported),
        ("GET / HTTP/0.9\r\n", .versionNotSupported), ("GET / http/1.1\r\n", .badRequest),
        ("GET / HTTP/1,1\r\n", .badRequest), ("GET /\r\n", .badRequest), ("\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\n", .badRequest), ("\u{16}\u{3}\u{1}", .badRequest),
        ("GET / HTTP/1.1\r\n\r\n", .badRequest), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badRequest),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", .contentTooLarge),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .contentTooLarge),
    ])
    func `each refusal has its status`(text: String, expected: HTTPStatus) {
        #expect(status(text) == expected)
    }

    @Test func `limits hold to the byte`() {
        var limits = HTTPLimits()
        limits.requestLine_bytes = 40
        limits.headers_bytes = 50
        limits.headers_max = 3
        limits.parameters_max = 2
        func line(_ count: Int) -> String {
            let fixed = "GET / HTTP/1.1".utf8.count
            return "GET /" + String(repeating: "a", count: count - fixed) + " HTTP/1.1\r\nHost: a\r\n\r\n"
        }
        #expect(status(line(40), limits: limits) == nil)
        #expect(status(line(41), limits: limits) == .uriTooLong)
        func headers(_ count: Int) -> String {
            let fixed = "Host: aX: ".utf8.count
            return "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "b", count: count - fixed) + "\r\n\r\n"
        }
        #expect(status(headers(50), limits: limits) == nil)
        #expect(status(headers(51), limits: limits) == .headersTooLarge)
        func many(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: \r\n", count: count - 1) + "\r\n"
        }
        #expect(status(many(3), limits: limits) == nil)
        #expect(status(many(4), limits: limits) == .headersTooLarge)
        #expect(status("GET /?a=1&b=2 HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) == nil)
        #expect(status("GET /?a=1&b=2&c HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits) == .badRequest)
    }

    @Test func `an endless line is refused before it is at its end`() {
        #expect(status("GET /" + String(repeating: "a", count: 10_000)) == .uriTooLong)
        let head = "GET / HTTP/1.1\r\nHost: a\r\nX: "
        #expect(status(head + String(repeating: "a", count: 20_000)) == .headersTooLarge)
    }

    @Test func `requests behind one another are read one by one`() {
        let one = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
        let results = parse(one + "\r\n" + one + one.replacing("/1 ", with: "/2 "))
        #expect(results.count == 3)
        guard case .request(let last) = results[2] else { return #expect(Bool(false)) }
        #expect(last.path == ["2"])
    }

    @Test func `between requests nothing is begun`() {
        var parser = HTTPRequestParser()
        #expect(!parser.isInsideRequest)
        var position = 0
        _ = parser.parse(Array("G".utf8), &position)
        #expect(parser.isInsideRequest)
        position = 0
        _ = parser.parse(Array("ET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), &position)
        #expect(!parser.isInsideRequest)
    }

    @Test(arguments: 0..<200)
    func `where the pieces end makes no difference`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let bytes = RandomRequests.text(&random)
        let whole = parse(bytes, pieces: [bytes.count])
        var pieces: [Int] = []
        for _ in 0..<64 { pieces.append(Int(random.next() % 9) + 1) }
        #expect(parse(bytes, pieces: pieces) == whole, "seed \(seed)")
        #expect(parse(bytes, pieces: Array(repeating: 1, count: bytes.count)) == whole, "seed \(seed)")
    }
}

/// Requests as honest and hostile clients send them.
enum RandomRequests {
    private static let lines = [
        "GET / HTTP/1.1", "HEAD /api/vehicles HTTP/1.1", "GET /a%20b?c=d&e HTTP/1.0", "POST / HTTP/1.1",
        "GET /../x HTTP/1.1", "GET /%zz HTTP/1.1", "", "GET / HTTP/1.1 ",
    ]
    private static let headers = [
        "Host: a", "Host: localhost:8080", "Connection: close", "Content-Length: 0", "Content-Length: 5",
        "Transfer-Encoding: chunked", " folded", "A : b", "Authorization: Bearer x", "X-A: \u{1}", "A:b", "Accept: */*",
    ]

    /// Mostly whole requests, sometimes with one byte changed.
    static func text(_ random: inout SplitMix64) -> [UInt8] {
        var text = ""
        for _ in 0..<(1 + random.next() % 3) {
            // The honest ones more often.
            text +=
                lines[Int(random.next() % 3 == 0 ? random.next() % UInt64(lines.count) : random.next() % 3)] + "\r\n"
            if random.next() % 8 != 0 { text += "Host: a\r\n" }
            for _ in 0..<(random.next() % 3) {
                text += headers[Int(random.next() % UInt64(headers.count))] + "\r\n"
            }
            text += "\r\n"
        }
        var bytes = Array(text.utf8)
        if random.next() % 4 == 0 {
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }
}
