import Foundation
import Locks
import Testing

@testable import Window

/// Answers with the path; `/big` with much, `/stream` with a stream of numbers.
private final class Echo: WindowContent {
    let streamed = Guarded(0)
    let ended = Guarded(0)

    func respond(to request: HTTPRequest) -> HTTPResponse {
        switch request.path.first {
        case "big": HTTPResponse(json: [UInt8](repeating: 0x20, count: 32 << 20))
        case "stream": HTTPResponse(stream: Numbers(self), "text/event-stream")
        default: HTTPResponse(.ok, HTTPResponse.text, Array(request.path.joined(separator: ",").utf8))
        }
    }

    func tick() {}

    private final class Numbers: ResponseStream {
        private let echo: Echo
        init(_ echo: Echo) { self.echo = echo }
        deinit { echo.ended.withLock { $0 += 1 } }

        func fill(_ out: inout [UInt8], room: Int, now_ms: Int64) -> Bool {
            let number = echo.streamed.withLock { streamed in
                streamed += 1
                return streamed
            }
            out += Array("data: \(number)\n\n".utf8)
            out += [UInt8](repeating: 0x0A, count: room)
            return true
        }
    }
}

@Suite(.serialized) struct `The window's server` {
    private let content = Echo()
    private let server: WindowServer

    init() throws {
        var limits = HTTPLimits()
        limits.connections_max = 40
        limits.connectionsPerAddress_max = 30
        limits.requestsPerConnection_max = 5
        limits.idle_ms = 1_500
        limits.request_ms = 500
        limits.stalled_ms = 700
        limits.streamInterval_ms = 50
        limits.streamBuffer_bytes = 4_096
        limits.sendBuffer_bytes = 8_192
        let address = try #require(ListenAddress("127.0.0.1:0"))
        server = try WindowServer(address, limits: limits, wakeUp: EventSignal(), content: content)
    }

    private func client(_ buffer_bytes: Int32? = nil) -> RawClient {
        RawClient(server.address, receiveBuffer_bytes: buffer_bytes)
    }

    @Test func `a request is answered, and the connection serves the next`() {
        defer { server.stop() }
        let client = client()
        client.get("/a/b")
        #expect(client.read { $0.hasSuffix("a,b") }.status == 200)
        client.get("/c", "Connection: close\r\n")
        let last = client.readAll()
        #expect(last.status == 200 && last.hasSuffix("\r\n\r\nc") && last.contains("\r\nConnection: close\r\n"))
    }

    @Test func `bytes that come one by one make the same request`() {
        defer { server.stop() }
        let client = client()
        for byte in "GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" {
            client.send(byte == "\r\n" ? "\r\n" : String(byte))
        }
        #expect(client.readAll().hasSuffix("slow"))
    }

    @Test func `requests sent at once are answered in order, up to the limit`() {
        defer { server.stop() }
        let client = client()
        client.send((1...9).map { "GET /n\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
        let text = client.readAll()
        let places = (1...5).map { text.range(of: "\r\n\r\nn\($0)")?.lowerBound }
        #expect(!places.contains(nil) && places.compactMap(\.self) == places.compactMap(\.self).sorted())
        #expect(!text.contains("\r\n\r\nn6"))
    }

    @Test func `a refusal is answered and closes the connection`() {
        defer { server.stop() }
        let client = client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n" + String(repeating: "x", count: 100_000))
        let text = client.readAll()
        #expect(text.status == 405 && text.contains("\r\nAllow: GET, HEAD\r\n"))
        // The figures are those of the last turn of the loop, which may still be answering.
        let index = HTTPStatus.allCases.firstIndex(of: .methodNotAllowed) ?? 0
        #expect(eventually { server.figures.responses[index] == 1 })
    }

    @Test func `a request that does not end is refused, a silent connection closed`() {
        defer { server.stop() }
        let slow = client()
        slow.send("GET / HTTP/1.1\r\nHost:")
        let silent = client()
        #expect(slow.readAll().status == 408)
        #expect(silent.readAll().isEmpty)
    }

    @Test func `a byte now and then does not keep a request alive`() {
        defer { server.stop() }
        let slow = client()
        var sent = 0
        for byte in "GET / HTTP/1.1\r\nX-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
            guard slow.send(String(byte)) else { break }
            sent += 1
            usleep(50_000)
            var peek: UInt8 = 0
            if recv(slow.descriptor, &peek, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) >= 0 { break }
        }
        #expect(slow.readAll().status == 408)
        #expect(sent < 40)
    }

    @Test func `a reader that takes nothing is dropped, and the others do not notice`() {
        defer { server.stop() }
        let slow = client(4096)
        slow.get("/big")
        let other = client()
        other.get("/x", "Connection: close\r\n")
        #expect(other.readAll().hasSuffix("x"))
        let isDropped = eventually { server.figures.droppedReaders == 1 && server.figures.connections == 0 }
        #expect(isDropped)
    }

    @Test func `a stream goes on, waits for a slow reader, and ends with it`() {
        defer { server.stop() }
        let viewer = client()
        viewer.get("/stream")
        #expect(viewer.read { $0.contains("data: 5\n") }.contains("\r\nContent-Type: text/event-stream\r\n"))
        let slow = client(4096)
        slow.get("/stream")
        #expect(eventually { server.figures.streams == 2 })
        let isDropped = eventually {
            _ = viewer.readSome()
            return server.figures.droppedReaders == 1
        }
        #expect(isDropped)
        #expect(server.figures.streams == 1 || eventually { server.figures.streams == 1 })
        shutdown(viewer.descriptor, Int32(SHUT_RDWR))
        #expect(eventually { content.ended.withLock { $0 } == 2 })
    }

    @Test func `too many connections of one address are refused, and idle ones give way`() {
        defer { server.stop() }
        let many = (0..<30).map { _ in client() }
        #expect(eventually { server.figures.connections == 30 })
        let refused = client()
        refused.get("/x")
        #expect(refused.readAll().status == 503)
        usleep(1_100_000)
        let late = client()
        late.get("/late", "Connection: close\r\n")
        #expect(late.readAll().hasSuffix("late"))
        withExtendedLifetime(many) {}
        #expect(server.figures.refusedConnections == 1)
    }

    @Test func `stopping closes everything`() {
        let client = client()
        client.get("/a")
        _ = client.read { $0.hasSuffix("a") }
        server.stop()
        #expect(client.isClosed)
        #expect(server.figures.connections == 0)
        server.stop()
    }
}

@Suite struct `Listening addresses` {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1:8080", true), ("localhost:0", "127.0.0.1:0", true),
        ("127.9.9.9:1", "127.9.9.9:1", true), ("[::1]:80", "[::1]:80", true), ("0.0.0.0:80", "0.0.0.0:80", false),
        ("[::]:80", "[::]:80", false), ("10.0.0.1:65535", "10.0.0.1:65535", false),
        ("[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80", false),
    ])
    func `are numbers`(text: String, shown: String, isLoopback: Bool) throws {
        let address = try #require(ListenAddress(text))
        #expect("\(address)" == shown && address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "example.org:80",
        "127.0.0.1:-1", "::1:80", "[::1]", "[127.0.0.1]:80", "127.1:80",
    ])
    func `are nothing else`(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}

/// Whether a condition holds within ten seconds.
func eventually(_ holds: () -> Bool) -> Bool {
    for _ in 0..<500 {
        if holds() { return true }
        usleep(20_000)
    }
    return holds()
}
