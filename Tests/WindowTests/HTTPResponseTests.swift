import Testing

@testable import Window

@Suite struct `HTTP answers` {
    private func text(_ response: HTTPResponse, _ change: (inout HTTPRequest) -> Void = { _ in }) -> (String, String) {
        var request = HTTPRequest()
        change(&request)
        let (head, body) = response.encoded(for: request, closes: false)
        return (String(decoding: head, as: UTF8.self), String(decoding: body, as: UTF8.self))
    }

    @Test func `every answer says that nothing may be guessed, framed or sent on`() {
        for response in [
            HTTPResponse(json: []), HTTPResponse(HTTPRefusal(.notFound, "x")), HTTPResponse(.ok, "text/html", []),
        ] {
            let (head, _) = text(response)
            #expect(head.contains("\r\nX-Content-Type-Options: nosniff\r\n"))
            #expect(head.contains("\r\nReferrer-Policy: no-referrer\r\n"))
            #expect(head.contains("frame-ancestors 'none'"))
            #expect(head.contains("\r\nContent-Security-Policy: default-src 'none'"))
            #expect(head.contains("\r\nCache-Control: no-store\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `a refusal says why, and what is allowed`() {
        let (head, body) = text(HTTPResponse(HTTPRefusal(.methodNotAllowed, "only \"GET\"")))
        #expect(head.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
        #expect(head.contains("\r\nAllow: GET, HEAD\r\n"))
        #expect(body == "{\"error\":\"only \\\"GET\\\"\"}\n")
        #expect(head.contains("Content-Length: \(body.utf8.count)\r\n"))
    }

    @Test func `HEAD has the length of the body that it leaves out`() {
        let (head, body) = text(HTTPResponse(json: [1, 2, 3])) { $0.method = .head }
        #expect(head.contains("Content-Length: 3\r\n") && body.isEmpty)
    }

    @Test(arguments: [
        ("\"a1\"", true), ("W/\"a1\"", true), ("\"b\", \"a1\"", true), ("*", true), ("\"b\"", false), ("a1", false),
        ("", false),
    ])
    func `what the reader knows already is not sent again`(known: String, isKnown: Bool) {
        var response = HTTPResponse(json: [1])
        response.caching = .tagged("a1")
        let (head, body) = text(response) {
            $0.headers = [HTTPRequest.Header(name: Array("if-none-match".utf8), value: Array(known.utf8))]
        }
        #expect(head.hasPrefix(isKnown ? "HTTP/1.1 304 Not Modified\r\n" : "HTTP/1.1 200 OK\r\n"))
        #expect(head.contains("\r\nETag: \"a1\"\r\n"))
        #expect(body.isEmpty == isKnown)
    }

    @Test func `no value begins another header`() {
        var response = HTTPResponse(json: [])
        response.headers = [("X-A", "one\r\nX-B: two")]
        #expect(!text(response).0.contains("\nX-B"))
    }
}
