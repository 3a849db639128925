import TestSupport
import Testing
import Wire

@testable import FleetCore

/// The desk, when telemetry and drivers' words come in another order than things happened.
@Suite struct `Late data at the desk` {
    /// A day whose dispatch comes first, then what vehicle and driver tell, each with its own time.
    private struct Day {
        var dispatch: [Frame] = []
        var told: [(time_ms: Int64, frame: Frame)] = []

        init(_ random: inout SplitMix64) {
            var script = Script()
            script.take(Frame(kind: .messages, received_ms: epoch_ms, payload: MessageRules.sample.json()))
            script.customer("C1", received: 0)
            let places = [1500.0, random.chance(50) ? 1500 : 1900, 3000]
            for (index, place) in places.enumerated() {
                script.order(
                    "O\(index)", at: place, customer: "C1", "\"cod\":{\"amount\":100,\"currency\":\"TWD\"}", received: 1
                )
            }
            script.route("R1", "V1", ["O0", "O1", "O2"], "\"return_to_depot\":true", received: 2)
            dispatch = script.frames
            script.frames = []
            var now = script.stand("V1", at: 0, from: 20, for: 60)
            var metres = 0.0
            for (index, place) in places.enumerated() {
                now = script.drive("V1", from: (now, metres), to: place)
                now = script.stand("V1", at: place, from: now, for: Double(random.int(6...15)) * 10)
                if random.chance(30) {
                    script.driver("V1", "arrived", at: now - 30, "\"stop\":\"O\(index)\"", received: now)
                }
                let end = random.pick(["delivered", "delivered", "failed", "refused"])
                if random.chance(85) {
                    let cash = "\"cod\":{\"amount\":100,\"currency\":\"TWD\",\"method\":\"cash\"}"
                    script.driver(
                        "V1", end, at: now + 3, "\"stop\":\"O\(index)\",\"driver\":\"D1\",\"reason\":\"x\",\(cash)")
                }
                now = script.stand("V1", at: place, from: now + 10, for: 20)
                metres = place
            }
            now = script.drive("V1", from: (now, metres), to: 0)
            now = script.stand("V1", at: 0, from: now, for: 60)
            told = script.frames.map { frame in
                let time_ms = (try? JSONNode.parse(frame.payload.span))?["time"]?.number ?? 0
                return (Int64(time_ms), frame)
            }
        }
    }

    private func world(_ day: Day, _ told: [Frame], eachOf: (Frame, [Outcome]) -> Void = { _, _ in }) -> [Outcome] {
        var world = World()
        for frame in day.dispatch { world.take(frame) }
        _ = world.takeOutcomes()
        for frame in told {
            // What time brings is not what the message brings.
            world.take(Frame(kind: .tick, received_ms: frame.received_ms))
            _ = world.takeOutcomes()
            world.take(frame)
            eachOf(frame, world.takeOutcomes())
        }
        world.flush()
        return world.outcomes
    }

    /// What a consumer holds for true of deliveries, routes and money.
    private func story(_ told: [Outcome]) -> [String] {
        var facts: [String: String] = [:]
        let now: Set = [
            "delivery.approaching", "delivery.at_risk", "delivery.at_risk_cleared", "delivery.proof_missing",
        ]
        for outcome in told where outcome.kind == .event {
            let event = Event(outcome)
            guard ["delivery.", "route.", "finance.", "cargo."].contains(where: { event.type.hasPrefix($0) }),
                !now.contains(event.type)
            else { continue }
            if let former = outcome.json["corrects"]?.string { facts[former] = nil }
            if event.type.hasSuffix(".retracted") { continue }
            let data = event.text.split(separator: "\"data\":").last ?? ""
            facts[event.id] = "\(event.time) \(event.type) \(data)"
        }
        return facts.values.sorted()
    }

    @Test(arguments: seeds(30)) func `any order of arrival tells the same story in the end`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let day = Day(&random)
        let plain = story(world(day, day.told.map(\.frame)))
        #expect(plain.count > 8)
        var moved: [(due_ms: Int64, frame: Frame)] = []
        let block_ms: Int64 = 300_000
        for (time_ms, frame) in day.told {
            switch seed % 3 {
            case 0:
                let delay_ms = random.chance(30) ? Int64(random.int(0...1_400_000)) : 0
                moved.append((time_ms + delay_ms, frame))
            case 1:
                // Blocks that come backwards.
                let end_ms = (time_ms / block_ms + 1) * block_ms
                moved.append((end_ms + end_ms - time_ms, frame))
            default:
                moved.append((time_ms, frame))
                if random.chance(20) { moved.append((time_ms + Int64(random.int(0...1_000_000)), frame)) }
            }
        }
        moved.sort { $0.due_ms < $1.due_ms }
        var newest_ms = epoch_ms
        let told = world(
            day,
            moved.map { due_ms, frame in
                var frame = frame
                frame.received_ms = due_ms
                return frame
            }
        ) { frame, outcomes in
            let time_ms = Int64((try? JSONNode.parse(frame.payload.span))?["time"]?.number ?? 0)
            let isLate = time_ms < newest_ms - 60_000
            if String(decoding: frame.topic, as: UTF8.self).hasSuffix("telemetry") {
                newest_ms = max(newest_ms, time_ms)
            }
            guard isLate else { return }
            for outcome in outcomes where outcome.kind == .event {
                let type = Event(outcome).type
                let isAllowed = !["sms.requested", "eta.updated", "delivery.approaching"].contains(type)
                #expect(isAllowed && !outcome.topic.contains("/sms/requests/"), "seed \(seed): \(outcome.text)")
            }
        }
        let moved_story = story(told)
        if moved_story != plain {
            let gone = plain.filter { !moved_story.contains($0) }
            let new = moved_story.filter { !plain.contains($0) }
            Issue.record("seed \(seed): gone \(gone.joined(separator: "\n")) — new \(new.joined(separator: "\n"))")
        }
    }
}
