import BrokerHarness
import FleetCore
import FleetService
import Foundation
import Locks
import MQTTTransport
import Testing
import Wire

/// A client, and what came back to it.
final class Asker: Sendable {
    let client: RoadClient
    private let arrived = Guarded<[RoadArrival]>([])

    init(_ url: String, _ change: (inout RoadOptions) -> Void = { _ in }) {
        var options = RoadOptions()
        options.url = url
        options.timeout_ms = 20_000
        change(&options)
        client = RoadClient(options)
    }

    deinit { client.stop() }

    func ask(_ id: String, _ points: [RoadPoint] = [.at(0, 0), .at(1, 1)]) {
        client.ask([RoadQuestion(fleet: Array("acme".utf8), id: Array(id.utf8), points: points, time_ms: 0)])
    }

    /// Waits for `count` further answers, and gives them by their question's id.
    func answers(_ count: Int) throws -> [String: RoadReply] {
        let isThere = eventually(within: 40_000) {
            let new = client.takeArrivals()
            return arrived.withLock { arrived in
                arrived += new
                return arrived.count >= count
            }
        }
        guard isThere else { throw HarnessError("no answer: \(client.statistics)") }
        let all = arrived.withLock { arrived in
            defer { arrived = [] }
            return arrived
        }
        #expect(all.count == count)
        var answers: [String: RoadReply] = [:]
        for arrival in all {
            let topic = String(decoding: arrival.topic, as: UTF8.self)
            answers[String(topic.dropFirst("acme/".count))] = try RoadReply(json: arrival.payload.span)
        }
        return answers
    }

    /// Asks one question and gives its answer in a word: `ok`, or the reason.
    func word(_ id: String, _ points: [RoadPoint] = [.at(0, 0), .at(1, 1)]) throws -> String {
        ask(id, points)
        return try answers(1).values.first.map(\.word) ?? "none"
    }
}

extension RoadReply {
    var word: String {
        switch self {
        case .answer: "ok"
        case .failure(let failure): "\(failure.reason.name)"
        }
    }
}

extension RoadPoint {
    /// A place in Taipei, `x` and `y` steps of 1e-3 degree from a corner.
    static func at(_ x: Int, _ y: Int) -> RoadPoint {
        RoadPoint(latitude_e7: 250_000_000 + Int32(y) * 10_000, longitude_e7: 1_215_000_000 + Int32(x) * 10_000)
    }
}

@Suite struct `The road router over HTTP` {
    @Test func `OSRM answers, and what is known is not asked again`() throws {
        let router = try FakeRouter()
        let asker = Asker(router.url + "/deep/path") { $0.profile = "truck" }
        asker.ask("a", [.at(0, 0), .at(1, 2), .at(3, 3)])
        let expected = RoadAnswer(
            source: .osrm, distance_m: 201, duration_s: 20.5,
            legs: Array(repeating: .init(distance_m: 100.5, duration_s: 10.25), count: 2),
            path: [.at(0, 0), .at(1, 2), .at(3, 3)])
        #expect(try asker.answers(1) == ["a": .answer(expected)])
        #expect(
            router.requests == [
                "GET /deep/path/route/v1/truck/121.5,25;121.501,25.002;121.503,25.003"
                    + "?overview=full&geometries=geojson&annotations=false&steps=false"
            ])
        asker.ask("b", [.at(0, 0), .at(1, 2), .at(3, 3)])
        #expect(try asker.answers(1) == ["b": .answer(expected)])
        #expect(router.requests.count == 1)
        let figures = asker.client.statistics
        #expect(figures.requests == 1 && figures.cacheHits == 1 && figures.answers == 2 && figures.latency_ms_p99 >= 0)
    }

    @Test func `Valhalla answers`() throws {
        let router = try FakeRouter()
        let asker = Asker(router.url) {
            $0.kind = .valhalla
            $0.profile = "auto"
        }
        asker.ask("a", [.at(0, 0), .at(1, 2), .at(-3, 3)])
        let expected = RoadAnswer(
            source: .valhalla, distance_m: 200, duration_s: 21,
            legs: Array(repeating: .init(distance_m: 100, duration_s: 10.5), count: 2),
            path: [.at(0, 0), .at(1, 2), .at(-3, 3)])
        #expect(try asker.answers(1) == ["a": .answer(expected)])
        #expect(router.requests.count == 1 && router.requests[0].hasPrefix("POST /route {\"locations\":["))
    }

    @Test func `equal questions at one time are one request`() throws {
        let router = try FakeRouter("late")
        let asker = Asker(router.url)
        for number in 0..<20 { asker.ask("\(number)") }
        #expect(eventually { router.requests.count == 1 })
        try router.behave("ok")
        let answers = try asker.answers(20)
        #expect(answers.count == 20 && Set(answers.values.map(\.word)) == ["ok"])
        #expect(router.requests.count == 1 && asker.client.statistics.shared == 19)
    }

    @Test func `no more requests go out than the budget has, and the server counts them`() throws {
        let router = try FakeRouter()
        let asker = Asker(router.url) { $0.requestsPerDay = 7 }
        for number in 0..<25 { asker.ask("\(number)", [.at(0, 0), .at(number % 10, 5)]) }
        let words = try asker.answers(25).values.map(\.word)
        // Whether an equal question comes before or after its answer makes no difference to the requests.
        #expect(router.requests.count == 7 && Set(router.requests).count == 7)
        #expect(words.count { $0 == "ok" } == 19 && words.count { $0 == "budget" } == 6)
        #expect(asker.client.statistics.requestsToday == 7)
    }

    @Test(arguments: ["late", "drip"]) func `a router that takes too long is given up`(behaviour: String) throws {
        let router = try FakeRouter(behaviour)
        // On a busy machine the next may need several attempts.
        let asker = Asker(router.url) {
            $0.timeout_ms = 300
            $0.breakerFailures = 1000
        }
        #expect(try asker.word("a") == "timeout")
        // The connection that was given up does not stand in the way of the next.
        try router.behave("ok")
        #expect(eventually { (try? asker.word("b")) == "ok" }, "\(asker.client.statistics), \(router.requests)")
    }

    @Test(arguments: [
        ("body not json", "invalid"), ("body {\"code\":\"Ok\",\"routes\":[]}", "invalid"), ("wrong 1", "invalid"),
        ("wrong -1", "invalid"), ("huge", "invalid"), ("huge 268435456", "invalid"), ("status 500", "refused"),
        ("status 404", "refused"), ("hang", "refused"), ("elsewhere", "refused"),
        ("refuse {\"code\":\"NoRoute\"}", "no_route"), ("refuse {\"code\":\"InvalidQuery\"}", "refused"),
    ])
    func `what goes wrong has a reason, and the next question is answered`(behaviour: String, word: String) throws {
        let router = try FakeRouter(behaviour)
        let asker = Asker(router.url) { $0.response_bytes_max = 1 << 20 }
        #expect(try asker.word("a") == word)
        #expect(router.requests.count == 1)
        try router.behave("ok")
        #expect(try asker.word("b", [.at(0, 0), .at(2, 2)]) == "ok")
    }

    @Test(arguments: [
        ("refuse {\"error_code\":442,\"error\":\"No path could be found for input\"}", "no_route"),
        ("refuse {\"error_code\":154,\"error\":\"too far\"}", "refused"), ("wrong 1", "invalid"),
        ("body {\"trip\":{}}", "invalid"),
    ])
    func `what Valhalla cannot do has a reason`(behaviour: String, word: String) throws {
        let router = try FakeRouter(behaviour)
        let asker = Asker(router.url) { $0.kind = .valhalla }
        #expect(try asker.word("a") == word)
    }

    @Test func `a router that wants a pause gets it`() throws {
        let router = try FakeRouter("once 429 1")
        let asker = Asker(router.url) { $0.backOff_ms = 1 }
        let begun = ContinuousClock.now
        #expect(try asker.word("a") == "ok")
        // At least the second that it asked for lies between its two requests.
        #expect(ContinuousClock.now - begun >= .seconds(1))
        #expect(router.requests.count == 2 && asker.client.statistics.putOff == 1)
        try router.behave("status 503")
        #expect(try asker.word("b", [.at(0, 0), .at(2, 2)]) == "refused")
        #expect(router.requests.count == 5, "three times, then never again")
    }

    @Test func `a router that fails is left in peace, and found again when it works`() throws {
        let router = try FakeRouter("status 500")
        let asker = Asker(router.url) {
            $0.breakerFailures = 3
            $0.breakerOpen_ms = 400
            $0.concurrency = 1
        }
        for number in 1...5 { asker.ask("\(number)", [.at(0, 0), .at(number, 5)]) }
        let words = try asker.answers(5).mapValues(\.word)
        #expect(words == ["1": "refused", "2": "refused", "3": "refused", "4": "circuit_open", "5": "circuit_open"])
        #expect(router.requests.count == 3 && asker.client.statistics.breakerOpenings == 1)
        try router.behave("ok")
        #expect(eventually { (try? asker.word("again")) == "ok" })
        #expect(router.requests.count == 4 && asker.client.statistics.breaker == "closed")
    }

    @Test func `a router that is not there is refused, and found when it comes`() throws {
        let port = LocalBroker.freePort()
        let asker = Asker("http://127.0.0.1:\(port)") { $0.breakerFailures = 2 }
        #expect(try asker.word("a") == "refused")
        #expect(try asker.word("b") == "refused")
        #expect(try asker.word("c") == "circuit_open")
        #expect(asker.client.statistics.lastError != "")
        let nowhere = Asker("http://no-such-host.invalid")
        #expect(try nowhere.word("a") == "refused")
    }

    @Test func `a client that is stopped is silent`() throws {
        let router = try FakeRouter("late")
        let calls = Guarded(0)
        var options = RoadOptions()
        options.url = router.url
        let client = RoadClient(options) { calls.withLock { $0 += 1 } }
        let question = RoadQuestion(fleet: [65], id: [66], points: [.at(0, 0), .at(1, 1)], time_ms: 0)
        client.ask([question])
        #expect(eventually { router.requests.count == 1 })
        client.stop()
        try router.behave("ok")
        client.ask([question])
        // A second client's answer comes from the same server later than that of the first would have come.
        #expect(try Asker(router.url).word("a") == "ok")
        #expect(client.takeArrivals().isEmpty && calls.withLock { $0 } == 0)
        client.stop()
    }

    @Test func `questions of several threads get one answer each, whatever happens to the requests`() throws {
        let router = try FakeRouter("mixed")
        let asker = Asker(router.url) {
            $0.concurrency = 8
            $0.breakerFailures = 1000
            $0.backOff_ms = 1
            $0.response_bytes_max = 1 << 18
        }
        let threads = (0..<4).map { thread in
            WorkerThread(name: "asks") {
                for number in 0..<60 { asker.ask("\(thread)-\(number)", [.at(0, 0), .at(number, 1 + thread / 2)]) }
            }
        }
        for thread in threads { thread.join() }
        let answers = try asker.answers(240)
        #expect(answers.count == 240)
        let figures = asker.client.statistics
        #expect(figures.questions == 240 && figures.waiting == 0 && figures.underWay == 0)
        #expect(figures.answers + figures.failures.values.reduce(0, +) == 240)
        #expect(figures.requests == Int64(router.requests.count))
        #expect(Set(answers.values.map(\.word)).isSuperset(of: ["ok", "invalid", "refused"]))
    }

    @Test func `a client can be stopped at any moment`() throws {
        let router = try FakeRouter("mixed")
        for turn in 0..<30 {
            let asker = Asker(router.url) { $0.timeout_ms = 50 }
            for number in 0..<8 { asker.ask("\(number)", [.at(0, 0), .at(number, 1)]) }
            // From before the first request to after the last, and with the object's end alone.
            usleep(UInt32(turn) * 1000)
            if turn % 2 == 0 { asker.client.stop() }
        }
        #expect(try Asker(router.url) { $0.breakerFailures = 1000 }.word("a") != "none")
    }

    @Test func `answers go into a batch as inputs, once`() throws {
        let router = try FakeRouter()
        let asker = Asker(router.url)
        asker.ask("a")
        #expect(eventually { asker.client.statistics.answers == 1 })
        var batch = MessageBatch()
        asker.client.drain(into: &batch, receivedTime_ms: 5)
        asker.client.drain(into: &batch, receivedTime_ms: 6)
        #expect(batch.count == 1)
        let journalled = try #require(MessageBatch(journalled: batch.bytes))
        let header = journalled.header(at: 0)
        #expect(header.kind == .roadAnswer && header.receivedTime_ms == 5)
        #expect(Array(journalled.bytes[header.topic]) == Array("acme/a".utf8))
        #expect(try RoadReply(json: journalled.bytes.span.extracting(header.payload)).word == "ok")
    }
}
