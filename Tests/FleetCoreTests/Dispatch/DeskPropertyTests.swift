import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What holds on any day.
@Suite struct `Any day of dispatch` {
    /// Events by id, after corrections and retractions: what a consumer holds for true.
    private func facts(_ told: [Outcome]) -> [String: Event] {
        var facts: [String: Event] = [:]
        for outcome in told where outcome.kind == .event {
            let event = Event(outcome)
            if let former = outcome.json["corrects"]?.string { facts[former] = nil }
            if !event.type.hasSuffix(".retracted") { facts[event.id] = event }
        }
        return facts
    }

    @Test(arguments: seeds(8)) func `every delivery ends once, and every id is used once`(_ seed: UInt64) throws {
        let told = try outcomes(of: RandomDispatch(seed: seed).script.frames, shards: 2)
        var ids: Set<String> = []
        for outcome in told where outcome.kind == .event {
            let event = Event(outcome)
            guard event.type != "vehicle.position_rejected" else { continue }
            #expect(ids.insert(event.id).inserted, "seed \(seed): \(event.text)")
        }
        let ends: Set = [
            "delivery.delivered", "delivery.partially_delivered", "delivery.failed", "delivery.refused",
            "delivery.cancelled",
        ]
        // A delivery that was ended and assigned anew may end again: once after each assignment.
        var assigned: [String: Int] = [:]
        var ended: [String: Int] = [:]
        for event in facts(told).values {
            guard let stop = event.data["stop"]?.string else { continue }
            if event.type == "delivery.assigned" { assigned[stop, default: 0] += 1 }
            if ends.contains(event.type) { ended[stop, default: 0] += 1 }
        }
        for (stop, count) in ended {
            #expect(count <= max(1, assigned[stop] ?? 0), "seed \(seed): \(stop) ended \(count) times")
        }
    }

    @Test(arguments: seeds(8)) func `forecasts are of stops to come, in their order`(_ seed: UInt64) throws {
        var closed: Set<String> = []
        for outcome in try outcomes(of: RandomDispatch(seed: seed).script.frames, shards: 1)
        where outcome.kind == .event {
            let event = Event(outcome)
            let stop = event.data["stop"]?.string ?? ""
            switch event.type {
            case "delivery.delivered", "delivery.failed", "delivery.refused", "delivery.cancelled":
                closed.insert(stop)
            case "delivery.assigned", "delivery.retracted": closed.remove(stop)
            case "eta.updated", "delivery.approaching", "delivery.at_risk":
                #expect(!closed.contains(stop), "seed \(seed): \(event.text)")
                let (p50, p90) = (event.seconds("eta_p50") ?? .nan, event.seconds("eta_p90") ?? .nan)
                #expect(p50 <= p90 && p50 >= event.time, "seed \(seed): \(event.text)")
            default: break
            }
        }
    }

    /// One text about a stop and kind, unless the promise moved.
    @Test(arguments: seeds(8)) func `nobody is told twice, nor late`(_ seed: UInt64) throws {
        var told: Set<String> = []
        for outcome in try outcomes(of: RandomDispatch(seed: seed).script.frames, shards: 1)
        where outcome.topic.contains("/sms/requests/") {
            let json = outcome.json
            let key = json["data"]?["dedupe_key"]?.string ?? ""
            #expect(!key.isEmpty && told.insert(key).inserted, "seed \(seed): \(outcome.text)")
            let expires_ms = Event.time(json["expirytime"]) ?? 0
            #expect(expires_ms > outcome.recorded_ms, "seed \(seed): \(outcome.text)")
        }
    }
}

@Suite struct `Snapshots of desks` {
    private func snapshot(_ seed: UInt64) -> Snapshot {
        var world = World(shards: 1)
        for frame in RandomDispatch(seed: seed, steps: 60).script.frames.dropLast(4) { world.take(frame) }
        world.flush()
        return world.processor.snapshot()
    }

    @Test func `every truncation is refused`() throws {
        let whole = snapshot(3)
        let step = max(1, whole.desks.count / 300)
        for length in stride(from: 0, to: whole.desks.count, by: step) {
            var desks = Desks(topicRoot: "fleets", resolveTimeZone: testTimeZone)
            #expect(throws: SnapshotError.self, "cut to \(length)") {
                try desks.restore(Array(whole.desks[..<length]))
            }
        }
    }

    /// Damaged bytes are refused or give some state; what comes after does not stop the process.
    @Test(arguments: seeds(12)) func `flipped bytes never crash`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let whole = snapshot(seed)
        let after = RandomDispatch(seed: seed + 1000, steps: 25).script.frames
        var survivors = 0
        for _ in 0..<60 {
            var bytes = whole.desks
            for _ in 0..<random.int(1...3) {
                bytes[random.int(0...(bytes.count - 1))] = random.pick([
                    0, 1, 127, 128, 255, UInt8(random.int(0...255)),
                ])
            }
            var processor = Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: testTimeZone)
            do {
                try processor.restore(Snapshot(router: whole.router, desks: bytes, shards: whole.shards))
            } catch { continue }
            survivors += 1
            guard survivors <= 6 else { continue }
            var world = World()
            world.processor = processor
            world.now_ms = milliseconds(3000)
            for frame in after {
                var frame = frame
                frame.received_ms += 3_000_000
                world.take(frame)
            }
            _ = world.takeOutcomes()
        }
    }
}
