import Wire

/// An answer, before it is bytes.
package struct HTTPResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Without an end: what comes is appended as it comes.
        case stream(any ResponseStream)
    }

    package enum Caching: Sendable, Equatable {
        /// Nothing may keep it.
        case never
        /// The same, for what is one person's: said to whatever stands between as well.
        case personal
        /// It may be kept, but must be asked for each time; the tag tells whether it changed.
        case tagged(String)
    }

    package var status: HTTPStatus
    package var contentType: StaticString
    package var body: Body
    package var caching = Caching.never
    /// Further headers. Values are this program's own words, never a client's.
    package var headers: [(name: StaticString, value: String)] = []
    /// What the page may load; see `ContentSecurity`.
    package var contentSecurity = ContentSecurity.nothing

    package init(_ status: HTTPStatus, _ contentType: StaticString, _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = .bytes(body)
    }

    package init(stream: any ResponseStream, _ contentType: StaticString) {
        status = .ok
        self.contentType = contentType
        body = .stream(stream)
    }

    static let json: StaticString = "application/json; charset=utf-8"
    static let text: StaticString = "text/plain; charset=utf-8"

    package init(json body: [UInt8]) { self.init(.ok, Self.json, body) }

    /// `{"error": …}`, with the headers that the status wants.
    package init(_ refusal: HTTPRefusal) {
        var body = Array("{\"error\":".utf8)
        body.appendJSON(string: refusal.reason)
        body.append(contentsOf: "}\n".utf8)
        self.init(refusal.status, Self.json, body)
        switch refusal.status {
        case .methodNotAllowed: headers.append(("Allow", "GET, HEAD"))
        case .unauthorized: headers.append(("WWW-Authenticate", "Bearer realm=\"fleetstream\""))
        case .serviceUnavailable: headers.append(("Retry-After", "5"))
        default: break
        }
    }

    /// The head, and the body where it has one and was not asked for the head alone. A body whose tag the client knows
    /// already is not sent.
    func encoded(for request: HTTPRequest?, closes: Bool) -> (head: [UInt8], body: [UInt8]) {
        var status = status
        var payload: [UInt8] = []
        var isStream = false
        switch body {
        case .bytes(let bytes): payload = bytes
        case .stream: isStream = true
        }
        var caching = self.caching == .personal ? "private, no-store" : "no-store"
        var tag: String?
        if case .tagged(let text) = self.caching {
            caching = "no-cache"
            tag = "\"\(text)\""
            if status == .ok, let known = request?.header("if-none-match"), Self.matches(known, tag: text) {
                status = .notModified
            }
        }
        var head: [UInt8] = []
        head.append(contentsOf: "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n".utf8)
        func line(_ name: StaticString, _ value: String) {
            head.append(contentsOf: "\(name): ".utf8)
            // Whatever a value is made of, it cannot begin another line.
            for byte in value.utf8 where byte >= 0x20 && byte != 0x7F { head.append(byte) }
            head.append(contentsOf: [0x0D, 0x0A])
        }
        line("Content-Type", "\(contentType)")
        if !isStream, status != .notModified { line("Content-Length", "\(payload.count)") }
        line("Cache-Control", caching)
        if let tag { line("ETag", tag) }
        line("Content-Security-Policy", contentSecurity.policy)
        line("X-Content-Type-Options", "nosniff")
        line("X-Frame-Options", "DENY")
        line("Referrer-Policy", "no-referrer")
        line("Cross-Origin-Resource-Policy", "same-origin")
        for header in headers { line(header.name, header.value) }
        line("Connection", closes ? "close" : "keep-alive")
        head.append(contentsOf: [0x0D, 0x0A])
        if request?.method == .head || status == .notModified { payload = [] }
        return (head, payload)
    }

    /// Whether a list of `If-None-Match` has a tag, or is `*`.
    private static func matches(_ list: [UInt8], tag: String) -> Bool {
        list.split(separator: UInt8(ascii: ",")).contains { part in
            var part = part.drop { $0 == 0x20 || $0 == 0x09 }
            while let last = part.last, last == 0x20 || last == 0x09 { part.removeLast() }
            if part.equals("*") { return true }
            if part.prefix(2).equals("W/") { part = part.dropFirst(2) }
            return part.elementsEqual("\"\(tag)\"".utf8)
        }
    }
}

/// What a browser may load for an answer.
package enum ContentSecurity: Sendable, Equatable {
    /// Data: nothing at all.
    case nothing
    /// The page: its own parts and connections, and images of the map's tiles where there are some.
    case page(tilesOrigin: String?)
    /// A page with one style in it, whose SHA-256 in base64 this is, and nothing else.
    case style(hash: String)

    var policy: String {
        switch self {
        case .nothing: return "default-src 'none'; frame-ancestors 'none'"
        case .style(let hash):
            return "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'"
        case .page(let tiles):
            let images = tiles.map { "'self' data: \($0)" } ?? "'self' data:"
            return "default-src 'none'; script-src 'self'; style-src 'self'; img-src \(images); connect-src 'self'; "
                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        }
    }
}

/// A body that grows. Used by the server's thread only.
package protocol ResponseStream: AnyObject, Sendable {
    /// Appends what is new, at most about `room` bytes of it; the rest is asked for again when there is room. Returns
    /// false where the stream is at its end.
    func fill(_ out: inout [UInt8], room: Int, now_ms: Int64) -> Bool
}
