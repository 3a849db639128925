import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `Determinism` {
    private func difference(_ left: [Outcome], _ right: [Outcome]) -> String {
        for (index, pair) in zip(left, right).enumerated() where pair.0 != pair.1 {
            return "at \(index): \(pair.0.topic) \(pair.0.text) — \(pair.1.topic) \(pair.1.text)"
        }
        return left.count == right.count ? "none" : "\(left.count) and \(right.count) effects"
    }

    private func expectSame(_ left: [Outcome], _ right: [Outcome], _ what: String) {
        if left != right { Issue.record("\(what): \(difference(left, right))") }
    }

    @Test(arguments: seeds(20)) func `the same bytes from any number of shards`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 300).script.frames
        let one = try outcomes(of: frames, shards: 1)
        #expect(one.count > 50)
        for shards in [2, 7, 16] {
            expectSame(one, try outcomes(of: frames, shards: shards), "seed \(seed), \(shards) shards")
        }
    }

    /// Otherwise what is tested here says nothing about them.
    @Test func `random worlds lose positions, have outages, and feeds that lag`() throws {
        var found: Set<String> = []
        for seed in UInt64(1)...20 {
            for outcome in try outcomes(of: RandomWorld(seed: seed, steps: 300).script.frames, shards: 2)
            where outcome.kind == .event {
                found.insert(Event(outcome).type)
            }
        }
        let wanted: [EventType] = [
            .positionStale, .positionRecovered, .gpsOutage, .gpsRestored, .sourceLagging, .sourceRecovered,
        ]
        #expect(wanted.map(\.qualifiedName).filter { !found.contains($0) } == [])
    }

    @Test(arguments: seeds(20)) func `the same bytes from any batches`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 300).script.frames
        let whole = try outcomes(of: frames, shards: 2)
        expectSame(whole, try outcomes(of: frames, shards: 2, cut: { _ in true }), "seed \(seed), one by one")
        var random = SplitMix64(seed: seed &* 77)
        let cuts = Set((0..<40).map { _ in random.int(0...frames.count) })
        expectSame(
            whole, try outcomes(of: frames, shards: 2, cut: cuts.contains), "seed \(seed), cut at \(cuts.sorted())")
    }

    @Test(arguments: seeds(20)) func `a restart with other shards anywhere changes no event`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 300).script.frames
        var random = SplitMix64(seed: seed &* 31)
        let place = random.int(0...(frames.count - 1))
        let second = random.int(0...(frames.count - 1))
        let number = random.int(1...9)
        let plain = try outcomes(of: frames, shards: 3).filter { $0.kind != .state }
        let restarted = try outcomes(
            of: frames, shards: 3, restart: { $0 == place ? number : $0 == second ? 2 : nil }
        ).filter { $0.kind != .state }
        expectSame(plain, restarted, "seed \(seed), \(number) shards from \(place) on, 2 from \(second)")
    }

    @Test(arguments: seeds(20)) func `ids do not depend on receive times`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 250, isCalm: true).script.frames
        func ids(_ frames: [Frame]) throws -> [Hash128] {
            try outcomes(of: frames, shards: 2).filter { $0.kind == .event || $0.kind == .deadLetter }.map(\.id)
        }
        var random = SplitMix64(seed: seed &* 13)
        let shift_ms = Int64(random.int(0...3_000_000))
        var last_ms = Int64.min
        let moved = frames.map { frame in
            var frame = frame
            frame.received_ms = max(last_ms, frame.received_ms + shift_ms + Int64(random.int(0...20_000)))
            last_ms = frame.received_ms
            return frame
        }
        // Nobody falls silent in either, and nobody minds that the reports come late.
        let settings = Frame(
            kind: .settings, received_ms: epoch_ms,
            payload: Array(#"{"offline_after_s":100000,"clock_skew_s":86400}"#.utf8))
        let rules = Frame(
            kind: .rules, received_ms: epoch_ms,
            payload: Array(#"{"defaults":{"stale":{"enabled":0},"lag":{"enabled":0}}}"#.utf8))
        let plain = try ids([settings, rules] + frames)
        #expect(plain.count > 20)
        #expect(try ids([settings, rules] + moved) == plain, "seed \(seed)")
    }

    /// Whoever de-duplicates by id loses nothing: events with one id tell the same happening.
    @Test(arguments: seeds(25)) func `no two different events have one id`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 400).script.frames
        var seen: [String: Event] = [:]
        for outcome in try outcomes(of: frames, shards: 2) where outcome.kind == .event {
            let event = Event(outcome)
            guard let known = seen[event.id] else {
                seen[event.id] = event
                continue
            }
            let isSame =
                event.type == known.type && event.vehicle == known.vehicle && event.time == known.time
                && event.fence == known.fence && event.reason == known.reason && event.lat == known.lat
            #expect(isSame, "seed \(seed): \(known.text) — \(event.text)")
            // Only a fix that is refused again may be told again.
            #expect(event.type == "vehicle.position_rejected", "seed \(seed): \(event.text)")
        }
    }

    @Test(arguments: seeds(20)) func `sequences of a vehicle count up without gaps`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 300).script.frames
        var last: [String: Int] = [:]
        for outcome in try outcomes(of: frames, shards: 7) where outcome.kind == .event {
            let event = Event(outcome)
            let key = "\(outcome.topic.prefix(12))\(event.vehicle)"
            #expect(event.sequence == (last[key] ?? 0) + 1, "seed \(seed): \(event.text)")
            last[key] = event.sequence
        }
    }

    /// Every visit that is told has a beginning, one end at most, and its events in between: in the order of time, after
    /// all corrections.
    @Test(arguments: seeds(20)) func `visits are well formed`(_ seed: UInt64) throws {
        // The rules stay as they are: what late data change is judged by the fences of now.
        let frames = RandomWorld(seed: seed, steps: 400, isCalm: true).script.frames
        let final = FinalStory(try outcomes(of: frames, shards: 3))
        #expect(final.faults == [], "seed \(seed)")
        for (key, events) in final.byVisitor {
            var open: Double?
            for event in events {
                switch event.type {
                case "geofence.entered":
                    #expect(open == nil, "seed \(seed), \(key): \(event.text)")
                    open = event.time
                case "geofence.exited":
                    #expect(open == event.seconds("entered_time"), "seed \(seed), \(key): \(event.text)")
                    open = nil
                case "geofence.dwelled", "geofence.outside_hours":
                    #expect(open == event.seconds("entered_time"), "seed \(seed), \(key): \(event.text)")
                case "geofence.crossed":
                    #expect(open == nil, "seed \(seed), \(key): \(event.text)")
                default: break
                }
            }
        }
    }
}
