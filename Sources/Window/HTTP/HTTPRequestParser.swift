/// Reads requests of HTTP/1.1 and 1.0 from bytes as they come, in pieces of any size: where the pieces end makes no
/// difference. Pure: no socket, no clock.
///
/// Only what the window serves is read: GET and HEAD without a body. Everything that two readers could understand
/// differently is refused: lines that do not end in CR LF, folded headers, white space before a colon, several lengths or
/// hosts. After a refusal nothing more is read: the connection has to be closed.
package struct HTTPRequestParser: Sendable {
    package enum Progress: Sendable, Equatable {
        /// All bytes were taken, and the request is not at its end.
        case needsMore
        /// A whole request. What follows it was not touched; the next call begins a new one.
        case request(HTTPRequest)
        case refused(HTTPRefusal)
    }

    private enum State {
        case requestLine
        case headers
        case refused(HTTPRefusal)
    }

    private let limits: HTTPLimits
    private var state = State.requestLine
    /// The line so far, without its end.
    private var line: [UInt8] = []
    /// A CR was read, which only an LF may follow.
    private var sawReturn = false
    /// One empty line before a request is forgiven, as RFC 9112 wishes.
    private var sawEmptyLine = false
    private var headers_bytes = 0
    private var request = HTTPRequest()
    private var isVersion1_1 = true

    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Whether a request has begun. What waits between two is no request that could time out.
    package var isInsideRequest: Bool {
        if case .requestLine = state { return !line.isEmpty || sawReturn || sawEmptyLine }
        return true
    }

    /// Reads from `position` on, and moves it behind what was read. O(bytes).
    package mutating func parse(_ bytes: [UInt8], _ position: inout Int) -> Progress {
        if case .refused(let refusal) = state { return .refused(refusal) }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            do throws(HTTPRefusal) {
                if let done = try take(byte) { return .request(done) }
            } catch {
                state = .refused(error)
                line = []
                return .refused(error)
            }
        }
        return .needsMore
    }

    /// The request where this byte is its last.
    private mutating func take(_ byte: UInt8) throws(HTTPRefusal) -> HTTPRequest? {
        if sawReturn {
            guard byte == 0x0A else { throw HTTPRefusal(.badRequest, "a line must end in CR LF") }
            sawReturn = false
            defer { line.removeAll(keepingCapacity: true) }
            return try takeLine()
        }
        if byte == 0x0D {
            sawReturn = true
            return nil
        }
        guard byte != 0x0A else { throw HTTPRefusal(.badRequest, "a line must end in CR LF") }
        guard byte >= 0x20 || byte == 0x09, byte != 0x7F else {
            throw HTTPRefusal(.badRequest, "a request must not have control bytes")
        }
        switch state {
        case .requestLine:
            guard line.count < limits.requestLine_bytes else {
                throw HTTPRefusal(.uriTooLong, "the request line is longer than \(limits.requestLine_bytes) bytes")
            }
        case .headers, .refused:
            headers_bytes += 1
            guard headers_bytes <= limits.headers_bytes else {
                throw HTTPRefusal(.headersTooLarge, "the headers are longer than \(limits.headers_bytes) bytes")
            }
        }
        line.append(byte)
        return nil
    }

    private mutating func takeLine() throws(HTTPRefusal) -> HTTPRequest? {
        guard case .requestLine = state else { return try takeHeaderLine() }
        if line.isEmpty {
            guard !sawEmptyLine else { throw HTTPRefusal(.badRequest, "the request line is empty") }
            sawEmptyLine = true
            return nil
        }
        try readRequestLine()
        state = .headers
        return nil
    }

    private mutating func takeHeaderLine() throws(HTTPRefusal) -> HTTPRequest? {
        if !line.isEmpty {
            guard request.headers.count < limits.headers_max else {
                throw HTTPRefusal(.headersTooLarge, "there are more than \(limits.headers_max) headers")
            }
            request.headers.append(try Self.header(line))
            return nil
        }
        try finish()
        let done = request
        self = HTTPRequestParser(limits: limits)
        return done
    }

    // MARK: - The request line

    private mutating func readRequestLine() throws(HTTPRefusal) {
        let parts = line.split(separator: 0x20, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let method = parts.first, !method.isEmpty, method.allSatisfy(\.isTokenByte) else {
            throw HTTPRefusal(.badRequest, "the request line must have a method, a target and a version")
        }
        let version = parts[2]
        guard version.count == 8, version.prefix(5).equals("HTTP/"), version[version.startIndex + 6] == 0x2E else {
            throw HTTPRefusal(.badRequest, "the version must be HTTP/1.1")
        }
        guard version.equals("HTTP/1.1") || version.equals("HTTP/1.0") else {
            throw HTTPRefusal(.versionNotSupported, "only HTTP/1.1 and HTTP/1.0 are spoken here")
        }
        isVersion1_1 = version.equals("HTTP/1.1")
        let target = try HTTPTarget(parts[1], parameters_max: limits.parameters_max)
        if method.equals("GET") {
            request.method = .get
        } else if method.equals("HEAD") {
            request.method = .head
        } else {
            throw HTTPRefusal(.methodNotAllowed, "only GET and HEAD are allowed here")
        }
        request.path = target.path
        request.parameters = target.parameters
    }

    // MARK: - Headers

    private static func header(_ line: [UInt8]) throws(HTTPRefusal) -> HTTPRequest.Header {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[..<colon].allSatisfy(\.isTokenByte)
        else { throw HTTPRefusal(.badRequest, "a header must have a name and a colon behind it") }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        return HTTPRequest.Header(name: line[..<colon].map(\.lowercased), value: Array(value))
    }

    /// What the headers together must be.
    private mutating func finish() throws(HTTPRefusal) {
        for name: StaticString in ["host", "content-length", "authorization", "last-event-id"] {
            guard request.headers.count(where: { $0.name.equals(name) }) < 2 else {
                throw HTTPRefusal(.badRequest, "there is more than one \(name)")
            }
        }
        if isVersion1_1, request.header("host") == nil { throw HTTPRefusal(.badRequest, "there is no host") }
        if let host = request.header("host"), !host.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) {
            throw HTTPRefusal(.badRequest, "the host is none")
        }
        if request.header("transfer-encoding") != nil {
            throw HTTPRefusal(.contentTooLarge, "a request must not have a body")
        }
        if let length = request.header("content-length") {
            guard !length.isEmpty, length.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                throw HTTPRefusal(.badRequest, "the content length is no number")
            }
            guard length.allSatisfy({ $0 == 0x30 }) else {
                throw HTTPRefusal(.contentTooLarge, "a request must not have a body")
            }
        }
        request.keepsAlive = isVersion1_1
        for header in request.headers where header.name.equals("connection") {
            for word in header.value.split(separator: UInt8(ascii: ",")) {
                let word = word.filter { $0 != 0x20 && $0 != 0x09 }
                if word.equalsIgnoringCase("close") {
                    request.keepsAlive = false
                    return
                }
                if word.equalsIgnoringCase("keep-alive") { request.keepsAlive = true }
            }
        }
    }
}
