import TestSupport
import Testing
import Wire

@testable import FleetCore

/// Bytes that nobody means: nothing crashes, every effect is JSON, and all that must hold holds.
@Suite struct `Random bytes` {
    private static let topics = [
        "vehicles/V1/telemetry", "vehicles/V2/status", "dispatch/vehicles/V1", "dispatch/geofences/f",
        "dispatch/queries/q", "vehicles/V1/driver",
    ]
    private static let pieces = [
        "{", "}", "[", "]", ",", ":", "\"", "\"time\":", "\"lat\":", "\"lon\":", "1795132800000", "25.04", "121.51",
        "-1e3", "1e999",
        "null", "true", "\"type\":\"Feature\"", "\"geometry\":", "\"coordinates\":", "\"nearest\":", "\"k\":",
        "\\u0000", "\u{1F69A}",
        "\"properties\":", "\"radius_m\":", "\"geofence\":\"f\"", "\"online\":", "\"group\":\"", " ", "\0",
    ]

    private func payload(_ random: inout SplitMix64) -> [UInt8] {
        switch random.int(0...3) {
        case 0: return (0..<random.int(0...60)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 1: return (0..<random.int(0...30)).flatMap { _ in Array(random.pick(Self.pieces).utf8) }
        default:
            // Something good with a few bytes changed.
            var bytes = Array(
                random.pick([
                    reportText(at: 1, 25.04, 121.51, accuracy: 5), circle(100),
                    "{\"nearest\":{\"lat\":25.04,\"lon\":121.51}}",
                    "{\"status\":\"online\"}", "{\"group\":\"red\"}",
                    "{\"action\":\"manual_position\",\"time\":1795132800000,\"lat\":25,\"lon\":121}",
                    "[\(reportText(at: 2, 25, 121))]",
                    box(south: 25, west: 121, north: 26, east: 122),
                ]).utf8)
            for _ in 0..<random.int(0...4) {
                let place = random.int(0...(bytes.count - 1))
                if random.chance(50) {
                    bytes[place] = UInt8.random(in: 0...255, using: &random)
                } else {
                    bytes.remove(at: place)
                }
            }
            return bytes
        }
    }

    private func topic(_ random: inout SplitMix64) -> [UInt8] {
        var bytes = Array("fleets/\(random.pick(["acme", "b", "台"]))/\(random.pick(Self.topics))".utf8)
        if random.chance(15) {
            bytes[random.int(0...(bytes.count - 1))] = UInt8.random(in: 0...255, using: &random)
        }
        if random.chance(3) { bytes = (0..<random.int(0...40)).map { _ in UInt8.random(in: 0...255, using: &random) } }
        return bytes
    }

    @Test(arguments: seeds(400)) func `as topics and payloads`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var world = World(shards: random.int(1...3))
        for _ in 0..<30 {
            world.pass(to: Double(world.now_ms - epoch_ms) / 1000 + Double(random.int(0...3)))
            if random.chance(20) {
                world.report("V1", at: Double(random.int(0...90)), north(Double(random.int(0...200))), centre.lon)
            }
            let response = random.chance(10) ? String(decoding: topic(&random), as: UTF8.self) : ""
            world.sendBytes(topic(&random), payload(&random), response: response)
            if random.chance(10) { world.flush() }
        }
        for outcome in world.takeOutcomes() {
            #expect(!outcome.json.isNull, "seed \(seed)")
            #expect(firstInvalidUTF8(outcome.payload.span) == nil, "seed \(seed)")
        }
        // Every message is accounted for, and a vehicle that is well can still be heard.
        #expect(Int(world.counters.deadLetters) == world.notes.count, "seed \(seed)")
        world.fleet = "well"
        world.report("W", at: 200, north(0), centre.lon)
        #expect(world.takeEvents("vehicle").contains { $0.vehicle == "W" }, "seed \(seed)")
    }

    @Test(arguments: seeds(100)) func `as frames of the shell`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var world = World(shards: 2)
        for _ in 0..<20 {
            let kind = random.pick([FrameKind.fileGeofence, .settings, .rules, .resumed, .tick, .message])
            world.pass(to: Double(random.int(0...500)))
            world.take(Frame(kind: kind, received_ms: world.now_ms, topic: topic(&random), payload: payload(&random)))
        }
        world.flush()
    }
}
