import Foundation
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// The property that the whole of fix time rests on: whatever order the same observations arrive in, however they are
/// repeated and split into messages, the story in the end is that of the sorted order.
@Suite struct `Order of arrival` {
    /// One way in which a network may deliver what a tracker sent.
    private func arrival(_ count: Int, _ random: inout SplitMix64) -> [Int] {
        var order = Array(0..<count)
        switch random.int(0...4) {
        case 0: order.shuffle(using: &random)
        case 1: order.reverse()
        case 2:
            // A tunnel: a stretch comes after what follows it, oldest or newest first, between live ones.
            let start = random.int(0...(count - 1))
            let end = random.int(start...(count - 1))
            var stretch = Array(order[start...end])
            if random.chance(50) { stretch.reverse() }
            var rest = Array(order[..<start] + order[(end + 1)...])
            if random.chance(50) {
                rest += stretch
            } else {
                for item in stretch { rest.insert(item, at: random.int(min(start, rest.count)...rest.count)) }
            }
            order = rest
        case 3:
            for _ in 0..<random.int(1...10) { order.swapAt(random.int(0...(count - 1)), random.int(0...(count - 1))) }
        default: break
        }
        repeatSome(&order, within: order.count, &random)
        return order
    }

    /// No observation comes before one that is more than `reach` places behind it in time.
    private func arrival(_ count: Int, within reach: Int, _ random: inout SplitMix64) -> [Int] {
        let keys = (0..<count).map { ($0 + random.int(0...reach), $0) }
        var order = keys.sorted { $0 < $1 }.map(\.1)
        repeatSome(&order, within: reach, &random)
        return order
    }

    private func repeatSome(_ order: inout [Int], within reach: Int, _ random: inout SplitMix64) {
        for _ in 0..<random.int(0...8) {
            let place = random.int(0...(order.count - 1))
            order.insert(order[place], at: random.int(place...min(order.count, place + reach)))
        }
    }

    private func settings(trackFixes: Int) -> Frame {
        let text = """
            {"reorder_window_s":1000000000,"track_fixes":\(trackFixes),"offline_after_s":1000000000,\
            "clock_skew_s":1000000000}
            """
        return Frame(kind: .settings, received_ms: epoch_ms, payload: Array(text.utf8))
    }

    /// What the test compares of one order of arrival.
    private struct End {
        var story: FinalStory
        /// The retained state of the vehicle.
        var state: String?
        /// All that the rules remember, sums among it, and the visits.
        var memory: [UInt8]
        /// The same for people.
        private var rules: Story?

        init(_ frames: [Frame], restart: (Int) -> Int?) throws {
            var last: World?
            story = FinalStory(try outcomes(of: frames, shards: 1, restart: restart) { last = $0 })
            let world = try #require(last)
            state = world.outcomes.last { $0.kind == .state }?.text
            var writer = ByteWriter()
            for shard in world.processor.shards {
                for fleet in shard.fleets where !fleet.engine.vehicles.isEmpty {
                    fleet.engine.vehicles[0].story.write(to: &writer, fences: fleet.engine.fences)
                    rules = fleet.engine.vehicles[0].story
                }
            }
            memory = writer.bytes
        }

        /// What is not as in another; nil where all is.
        func difference(from expected: End, withEvidence: Bool) -> String? {
            if story.faults != [] { return "faults \(story.faults.prefix(3))" }
            let lines = withEvidence ? story.lines : story.linesWithoutEvidence
            let expectedLines = withEvidence ? expected.story.lines : expected.story.linesWithoutEvidence
            if lines != expectedLines {
                let missing = expectedLines.filter { !lines.contains($0) }
                let extra = lines.filter { !expectedLines.contains($0) }
                return "missing \(missing.prefix(3)), too many \(extra.prefix(3))"
            }
            if state != expected.state { return "state \(state ?? "none") instead of \(expected.state ?? "none")" }
            if memory == expected.memory { return nil }
            let differences = zip(described, expected.described).filter { $0 != $1 }.map { "\($0) instead of \($1)" }
            return "the rules remember \(differences)"
        }

        private var described: [Substring] {
            var text = ""
            dump(rules, to: &text)
            return text.split(separator: "\n").filter { $0.contains("- ") }
        }
    }

    @Test(arguments: seeds(200)) func `does not matter`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let drive = RandomDrive(&random)
        let count = drive.elements.count
        // As long as the track holds all of them; the shorter it is, the more checkpoints it has.
        let setting = settings(trackFixes: random.pick([count + 1, count * 2, 1000]))
        let expected = try End([setting] + drive.script(Array(0..<count), sizes: { 1 }), restart: { _ in nil })
        #expect(expected.story.faults == [], "seed \(seed)")
        #expect(expected.story.corrected.isEmpty || drive.hasTies, "seed \(seed)")
        for attempt in 0..<3 {
            let order = arrival(count, &random)
            try compare(drive, order, [setting], with: expected, "seed \(seed), attempt \(attempt)", &random)
        }
    }

    /// What has left the track is settled; the rest is told as if it had all been there, but for the evidence of incidents,
    /// which can be no longer than the track.
    @Test(arguments: seeds(40)) func `does not matter in a track that moves on`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed &+ 1_000_000)
        let drive = RandomDrive(&random, length: 40...120)
        let limit = random.int(16...40)
        let setting = settings(trackFixes: limit)
        let count = drive.elements.count
        let expected = try End([setting] + drive.script(Array(0..<count), sizes: { 1 }), restart: { _ in nil })
        for attempt in 0..<3 {
            let order = arrival(count, within: limit / 3, &random)
            try compare(
                drive, order, [setting], with: expected, withEvidence: false, "seed \(seed), attempt \(attempt)",
                &random)
        }
    }

    private func compare(
        _ drive: RandomDrive, _ order: [Int], _ settings: [Frame], with expected: End, withEvidence: Bool = true,
        _ name: String, _ random: inout SplitMix64
    ) throws {
        var sizes = random
        let most = sizes.pick([1, 1, 3, 20])
        let frames = settings + drive.script(order, sizes: { sizes.int(1...most) })
        let restart = random.int(0...(frames.count * 2))
        let arrived = try End(frames, restart: { $0 == restart ? 2 : nil })
        if let difference = arrived.difference(from: expected, withEvidence: withEvidence) {
            Issue.record("\(name): \(difference)")
        }
    }

    /// Types of events that follow from something else than the story: hearing a vehicle, the clock, the whole fleet.
    private static let notOfStories: Set<EventType> = [
        .vehicleOnline, .vehicleOffline, .positionStale, .positionRecovered, .clockSkewed, .gpsOutage, .gpsRestored,
        .sourceLagging, .sourceRecovered, .vehicleRetracted, .geofenceRetracted, .safetyRetracted, .conditionRetracted,
    ]

    @Test func `is tried with every kind of event that a story tells`() throws {
        let groups = ["vehicle", "geofence", "safety", "condition"]
        var missing = Set(EventType.allCases.filter { groups.contains("\($0.group)") })
            .subtracting(Self.notOfStories)
        for seed in UInt64(1)...300 {
            var random = SplitMix64(seed: seed)
            let drive = RandomDrive(&random)
            let script = [settings(trackFixes: 1000)] + drive.script(Array(drive.elements.indices), sizes: { 1 })
            let told = Set(FinalStory(try outcomes(of: script, shards: 1)).events.values.map(\.type))
            missing = missing.filter { !told.contains($0.qualifiedName) }
            if missing.isEmpty { return }
        }
        Issue.record("no drive tells \(missing.map(\.qualifiedName).sorted())")
    }
}
