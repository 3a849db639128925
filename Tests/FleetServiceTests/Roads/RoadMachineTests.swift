import FleetCore
import Testing

@testable import FleetService

@Suite struct `What is asked of the router` {
    private let fault = RoadMachine.Outcome.fault(RoadFailure(.timeout, "no answer"))
    private let ok = RoadMachine.Outcome.answer(.some())
    private let busy = RoadMachine.Outcome.putOff(retryAfter_ms: nil, detail: "busy")

    @Test func `a question goes out and its answer comes back under its topic`() throws {
        var rig = RoadRig()
        try rig.ask("a", [.at(0, 0), .at(3, 4)])
        #expect(rig.sent.map(\.points) == [[.at(0, 0), .at(3, 4)]])
        try rig.finish(ok)
        #expect(rig.replies.map(\.reply) == [.answer(.some())])
        #expect(rig.told() == ["acme/a ok"])
        #expect(rig.statistics.questions == 1 && rig.statistics.answers == 1 && rig.statistics.requests == 1)
    }

    @Test func `equal questions share a request, near ones are equal, and different ones go out`() throws {
        var rig = RoadRig()
        let near = RoadPoint(latitude_e7: 250_000_049, longitude_e7: 1_214_999_951)
        let far = RoadPoint(latitude_e7: 250_000_051, longitude_e7: 1_215_000_000)
        try rig.ask("a", [.at(0, 0), .at(1, 1)])
        try rig.ask("b", [near, .at(1, 1)])
        try rig.ask("c", [far, .at(1, 1)])
        try rig.ask("d", [.at(1, 1), .at(0, 0)])
        #expect(rig.sentCount == 3)
        try rig.finish(ok)
        #expect(rig.told() == ["acme/a ok", "acme/b ok"])
        #expect(rig.statistics.shared == 1)
    }

    @Test func `what is known is not asked again until it is too old`() throws {
        var rig = RoadRig { $0.cacheAge_ms = 5000 }
        try rig.ask("a")
        try rig.finish(ok)
        try rig.pass(4999)
        try rig.ask("b")
        #expect(rig.told() == ["acme/a ok", "acme/b ok"] && rig.sentCount == 1)
        try rig.pass(1)
        try rig.ask("c")
        #expect(rig.told() == [] && rig.sentCount == 2 && rig.statistics.cacheHits == 1)
    }

    @Test func `no way is remembered for a shorter time, other refusals not at all`() throws {
        var rig = RoadRig()
        try rig.ask("a")
        try rig.finish(.no(RoadFailure(.noRoute, "an island")))
        try rig.ask("b")
        #expect(rig.told() == ["acme/a no_route", "acme/b no_route"] && rig.sentCount == 1)
        try rig.pass(RoadOptions.noRouteAge_ms)
        try rig.ask("c")
        try rig.finish(.no(RoadFailure(.refused, "no such profile")))
        try rig.ask("d")
        #expect(rig.told() == ["acme/c refused"] && rig.sentCount == 3)
        #expect(rig.statistics.breaker == "closed")
    }

    @Test func `exactly so many requests go out in a day of UTC`() throws {
        var rig = RoadRig {
            $0.requestsPerDay = 3
            $0.concurrency = 1
        }
        rig.now.utc_ms = 86_400_000 * 100 - 10_000
        for x in 1...5 { try rig.ask("\(x)", [.at(0, 0), .at(x, 0)]) }
        for _ in 1...3 { try rig.finish(ok) }
        // With the last request gone out, nobody needs to wait any longer.
        #expect(rig.told() == ["acme/1 ok", "acme/2 ok", "acme/4 budget", "acme/5 budget", "acme/3 ok"])
        // What is known costs nothing.
        try rig.ask("6", [.at(0, 0), .at(1, 0)])
        try rig.pass(9999)
        try rig.ask("7", [.at(0, 0), .at(7, 0)])
        #expect(rig.told() == ["acme/6 ok", "acme/7 budget"] && rig.sentCount == 3)
        #expect(rig.statistics.requestsToday == 3)
        try rig.pass(1)
        #expect(rig.statistics.requestsToday == 0)
        try rig.ask("8", [.at(0, 0), .at(7, 0)])
        #expect(rig.sentCount == 4)
        // A clock that is put back by a day does not begin the old day anew.
        rig.now.utc_ms -= 86_400_000
        #expect(rig.statistics.requestsToday == 1)
    }

    @Test func `no more than may are under way, and the oldest goes where too many wait`() throws {
        var rig = RoadRig {
            $0.concurrency = 2
            $0.queue_max = 3
        }
        for x in 1...7 { try rig.ask("\(x)", [.at(0, 0), .at(x, 0)]) }
        #expect(rig.sentCount == 2 && rig.statistics.waiting == 3 && rig.statistics.underWay == 2)
        #expect(rig.told() == ["acme/3 refused", "acme/4 refused"])
        for _ in 1...5 { try rig.finish(ok) }
        #expect(rig.told() == ["acme/1 ok", "acme/2 ok", "acme/5 ok", "acme/6 ok", "acme/7 ok"])
    }

    @Test func `who waits too long is told`() throws {
        var rig = RoadRig {
            $0.concurrency = 1
            $0.wait_ms = 500
        }
        try rig.ask("a")
        try rig.ask("b", [.at(0, 0), .at(2, 0)])
        #expect(rig.machine.nextWake_ms == 1500)
        try rig.pass(499)
        #expect(rig.told() == [])
        try rig.pass(1)
        #expect(rig.told() == ["acme/b timeout"] && rig.machine.nextWake_ms == nil)
        try rig.finish(ok)
        #expect(rig.told() == ["acme/a ok"] && rig.sentCount == 1)
    }

    @Test func `a router that fails is left in peace, then one request tries`() throws {
        var rig = RoadRig {
            $0.breakerFailures = 3
            $0.breakerOpen_ms = 10_000
            $0.concurrency = 1
        }
        for x in 1...5 { try rig.ask("\(x)", [.at(0, 0), .at(x, 0)]) }
        for _ in 1...2 { try rig.finish(fault) }
        #expect(rig.statistics.breaker == "closed")
        try rig.finish(fault)
        #expect(
            rig.told() == [
                "acme/1 timeout", "acme/2 timeout", "acme/3 timeout", "acme/4 circuit_open", "acme/5 circuit_open",
            ])
        try rig.pass(9999)
        try rig.ask("6")
        #expect(rig.told() == ["acme/6 circuit_open"] && rig.sentCount == 3 && rig.statistics.breaker == "open")
        // One tries, the other waits for what it finds: it fails, both are told.
        try rig.pass(1)
        try rig.ask("7")
        try rig.ask("8", [.at(0, 0), .at(8, 0)])
        #expect(rig.sentCount == 4 && rig.statistics.breaker == "half_open")
        try rig.finish(fault)
        #expect(rig.told() == ["acme/7 timeout", "acme/8 circuit_open"] && rig.statistics.breakerOpenings == 2)
        // It answers: everything goes on.
        try rig.pass(10_000)
        try rig.ask("9", [.at(0, 0), .at(9, 0)])
        try rig.ask("10", [.at(0, 0), .at(10, 0)])
        try rig.finish(ok)
        try rig.finish(ok)
        #expect(rig.told() == ["acme/9 ok", "acme/10 ok"] && rig.statistics.breaker == "closed")
    }

    @Test func `only failures in a row count`() throws {
        var rig = RoadRig { $0.breakerFailures = 2 }
        for outcome in [fault, ok, fault, .no(RoadFailure(.refused, "no")), fault, ok] {
            try rig.ask("a", [.at(0, 0), .at(rig.sentCount, 1)])
            try rig.finish(outcome)
        }
        #expect(rig.statistics.breakerOpenings == 0)
    }

    @Test func `while only one may try, the half-open router gets one request of many`() throws {
        var rig = RoadRig {
            $0.breakerFailures = 1
            $0.breakerOpen_ms = 100
            $0.concurrency = 8
        }
        try rig.ask("0")
        try rig.finish(fault)
        try rig.pass(100)
        for x in 1...5 { try rig.ask("\(x)", [.at(0, 0), .at(x, 0)]) }
        #expect(rig.sentCount == 2)
        try rig.finish(ok)
        #expect(rig.sentCount == 6)
    }

    @Test func `a router that wants a pause gets it, longer each time, and the request goes out again`() throws {
        var rig = RoadRig { $0.backOff_ms = 1000 }
        try rig.ask("a")
        try rig.finish(busy)
        #expect(rig.sent.isEmpty && rig.machine.nextWake_ms == 2000)
        try rig.pass(999)
        #expect(rig.sent.isEmpty)
        try rig.pass(1)
        #expect(rig.sent.count == 1)
        try rig.finish(busy)
        try rig.pass(1999)
        #expect(rig.sent.isEmpty)
        try rig.pass(1)
        try rig.finish(ok)
        #expect(rig.told() == ["acme/a ok"] && rig.statistics.putOff == 2 && rig.statistics.breakerOpenings == 0)
        // An answer makes the next pause a short one.
        try rig.ask("b", [.at(0, 0), .at(2, 0)])
        try rig.finish(busy)
        try rig.pass(1000)
        #expect(rig.sent.count == 1)
    }

    @Test func `Retry-After is obeyed, up to an hour, and a third time is the last`() throws {
        var rig = RoadRig { $0.wait_ms = 100_000_000 }
        try rig.ask("a")
        try rig.finish(.putOff(retryAfter_ms: 30_000, detail: "429"))
        try rig.pass(29_999)
        #expect(rig.sent.isEmpty)
        try rig.pass(1)
        try rig.finish(.putOff(retryAfter_ms: .max, detail: "429"))
        try rig.pass(RoadOptions.retryAfter_ms_max)
        try rig.finish(.putOff(retryAfter_ms: 0, detail: "the router answered 429"))
        #expect(rig.told() == ["acme/a refused"] && rig.sentCount == 3)
    }

    @Test func `requests put off together count as one`() throws {
        var rig = RoadRig {
            $0.backOff_ms = 1000
            $0.concurrency = 3
        }
        for x in 1...3 { try rig.ask("\(x)", [.at(0, 0), .at(x, 0)]) }
        for _ in 1...3 { try rig.finish(busy) }
        try rig.pass(1000)
        #expect(rig.sent.count == 3)
        for _ in 1...3 { try rig.finish(busy) }
        try rig.pass(1999)
        #expect(rig.sent.isEmpty)
        try rig.pass(1)
        #expect(rig.sent.count == 3)
    }

    @Test func `who would wait longer than a question may is told the reason`() throws {
        var rig = RoadRig { $0.wait_ms = 5000 }
        try rig.ask("a")
        try rig.finish(.putOff(retryAfter_ms: 60_000, detail: "429"))
        try rig.pass(4000)
        try rig.ask("b", [.at(0, 0), .at(2, 0)])
        try rig.pass(1000)
        #expect(rig.told() == ["acme/a refused"])
        try rig.pass(4000)
        #expect(rig.told() == ["acme/b refused"] && rig.sentCount == 1)
    }

    @Test(arguments: [[], [RoadPoint.at(0, 0)], Array(repeating: RoadPoint.at(0, 0), count: 101)])
    func `a question that is none is refused`(points: [RoadPoint]) throws {
        var rig = RoadRig()
        try rig.ask("a", points)
        try rig.ask("b", [.at(0, 0), RoadPoint(latitude_e7: 900_000_001, longitude_e7: 0)])
        try rig.ask("c", [.at(0, 0), RoadPoint(latitude_e7: .min, longitude_e7: .max)])
        #expect(rig.told() == ["acme/a refused", "acme/b refused", "acme/c refused"] && rig.sentCount == 0)
    }

    @Test func `a request that is not under way cannot end`() throws {
        var rig = RoadRig()
        try rig.ask("a")
        let job = try #require(rig.sent.first?.job)
        try rig.take(rig.machine.finished(job + 1, ok, at: rig.now))
        try rig.finish(ok)
        try rig.take(rig.machine.finished(job, ok, at: rig.now))
        #expect(rig.told() == ["acme/a ok"])
    }

    @Test(arguments: roadSeeds(200)) func `every question gets exactly one answer, whatever happens`(seed: UInt64)
        throws
    {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        var rig = RoadRig {
            $0.requestsPerDay = Int.random(in: 5...200, using: &random)
            $0.concurrency = Int.random(in: 1...5, using: &random)
            $0.queue_max = Int.random(in: 1...20, using: &random)
            $0.cacheEntries = Int.random(in: 0...10, using: &random)
            $0.breakerFailures = Int.random(in: 1...5, using: &random)
            $0.breakerOpen_ms = 2000
            $0.wait_ms = Int64.random(in: 100...20_000, using: &random)
        }
        var asked = 0
        for _ in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                try rig.ask("\(asked)", [.at(0, 0), .at(Int.random(in: 1...20, using: &random), 0)])
                asked += 1
            case 5..<8 where !rig.sent.isEmpty:
                let outcomes = [
                    ok, ok, fault, busy, .no(RoadFailure(.noRoute, "")),
                    .putOff(retryAfter_ms: Int64.random(in: 0...5000, using: &random), detail: ""),
                ]
                rig.sent.swapAt(0, Int.random(in: 0..<rig.sent.count, using: &random))
                try rig.finish(outcomes[Int.random(in: 0..<outcomes.count, using: &random)])
            default: try rig.pass(Int64.random(in: 0...3000, using: &random))
            }
        }
        // The world heals.
        while !rig.sent.isEmpty { try rig.finish(ok) }
        while let wake_ms = rig.machine.nextWake_ms {
            try rig.pass(max(0, wake_ms - rig.now.steady_ms))
            while !rig.sent.isEmpty { try rig.finish(ok) }
        }
        #expect(Set(rig.replies.map(\.topic)).count == asked && rig.replies.count == asked, "seed \(seed)")
        let figures = rig.statistics
        #expect(figures.answers + figures.failures.values.reduce(0, +) == Int64(asked), "seed \(seed)")
        #expect(figures.requests == Int64(rig.sentCount) && figures.waiting == 0 && figures.underWay == 0)
        #expect(rig.sentCount <= rig.machine.options.requestsPerDay)
    }
}
