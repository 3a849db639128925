import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `The desk's determinism` {
    private func difference(_ left: [Outcome], _ right: [Outcome]) -> String {
        for (index, pair) in zip(left, right).enumerated() where pair.0 != pair.1 {
            return "at \(index): \(pair.0.topic) \(pair.0.text) — \(pair.1.topic) \(pair.1.text)"
        }
        return left.count == right.count ? "none" : "\(left.count) and \(right.count) effects"
    }

    private func expectSame(_ left: [Outcome], _ right: [Outcome], _ what: String) {
        if left != right { Issue.record("\(what): \(difference(left, right))") }
    }

    /// The frames of a seed; the ordinary day for 0.
    private func frames(_ seed: UInt64) -> [Frame] {
        seed == 0 ? OrdinaryDay().script.frames : RandomDispatch(seed: seed).script.frames
    }

    @Test(arguments: [0] + Array(seeds(6))) func `the same bytes from any number of shards`(_ seed: UInt64) throws {
        let one = try outcomes(of: frames(seed), shards: 1)
        #expect(one.count > 50)
        for shards in [2, 3] {
            expectSame(one, try outcomes(of: frames(seed), shards: shards), "seed \(seed), \(shards) shards")
        }
    }

    @Test(arguments: [0] + Array(seeds(6))) func `the same bytes from any batches`(_ seed: UInt64) throws {
        let frames = frames(seed)
        let whole = try outcomes(of: frames, shards: 2)
        expectSame(whole, try outcomes(of: frames, shards: 2, cut: { _ in true }), "seed \(seed), one by one")
        var random = SplitMix64(seed: seed &* 77)
        let cuts = Set((0..<40).map { _ in random.int(0...frames.count) })
        expectSame(whole, try outcomes(of: frames, shards: 2, cut: cuts.contains), "seed \(seed), \(cuts.sorted())")
    }

    @Test(arguments: [0] + Array(seeds(6))) func `a restart anywhere changes nothing but states told again`(
        _ seed: UInt64
    ) throws {
        let frames = frames(seed)
        var random = SplitMix64(seed: seed &* 31 &+ 5)
        let places = Set((0..<6).map { _ in random.int(0...(frames.count - 1)) })
        let plain = try outcomes(of: frames, shards: 3).filter { $0.kind != .state }
        let restarted = try outcomes(of: frames, shards: 3, restart: { places.contains($0) ? 1 + $0 % 3 : nil })
            .filter { $0.kind != .state }
        expectSame(plain, restarted, "seed \(seed), restarts at \(places.sorted())")
    }

    /// Otherwise what is tested with these says little.
    @Test func `random days have everything in them`() throws {
        var found: Set<String> = []
        for seed in UInt64(1)...20 {
            for outcome in try outcomes(of: frames(seed), shards: 1) where outcome.kind == .event {
                found.insert(Event(outcome).type)
            }
        }
        let wanted = EventType.allCases.map(\.qualifiedName).filter { name in
            ["delivery.", "route.", "eta.", "finance.", "cargo.", "dispatch.", "command.", "sms."]
                .contains { name.hasPrefix($0) }
        }
        // These need more than chance, and have tests of their own.
        let rare = [
            "route.deviated", "route.rejoined", "command.held", "sms.delivered", "sms.failed",
            "command.acknowledged", "command.done",
        ]
        let missing = wanted.filter { !found.contains($0) && !rare.contains($0) }
        #expect(missing == [], "\(missing)")
    }

    @Test(arguments: seeds(5)) func `a snapshot that is read and written again is the same`(_ seed: UInt64) throws {
        let frames = frames(seed)
        for part in 1...4 {
            var world = World(shards: 2)
            for frame in frames[..<(frames.count * part / 4)] { world.take(frame) }
            world.flush()
            let snapshot = world.processor.snapshot()
            var processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: testTimeZone)
            try processor.restore(snapshot)
            processor._checkInvariants()
            #expect(processor.snapshot().parts == snapshot.parts, "seed \(seed), part \(part)")
        }
    }
}
