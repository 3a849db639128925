import Foundation
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// The property that the whole of fix time rests on: whatever order the same observations arrive in, however they are
/// repeated and split into messages, the story in the end is that of the sorted order.
@Suite struct `Order of arrival` {
    /// A drive back and forth through a few fences, with stops, gaps, noise, jumps and reports of sensors.
    private struct Drive {
        var fences: [(id: String, feature: String)] = []
        var elements: [(time: Double, text: String)] = []

        init(_ random: inout SplitMix64) {
            for number in 0..<random.int(2...6) {
                var properties: [String] = []
                if random.chance(50) { properties.append("\"dwell_seconds\":\(random.int(1...120))") }
                if random.chance(30) { properties.append("\"kind\":\"no_go\"") }
                if random.chance(40) { properties.append("\"confirm_fixes\":\(random.int(1...3))") }
                if random.chance(30) { properties.append("\"use_accuracy\":false") }
                if random.chance(30) { properties.append("\"confirm_seconds\":\(random.int(1...40))") }
                if random.chance(30) { properties.append("\"exit_buffer_m\":\(random.int(0...40))") }
                fences.append(
                    (
                        "f\(number)",
                        circle(
                            Double(random.int(20...300)), lat: north(Double(random.int(-900...900))),
                            properties.joined(separator: ","))
                    ))
            }
            var metres = Double(random.int(-900...900))
            var speed = 0.0
            var time = 0.0
            for _ in 0..<random.int(2...90) {
                let step = Double(random.pick([1, 5, 5, 10, 10, 15, 60]))
                time += step
                if random.chance(25) { speed = Double(random.pick([-20, -12, -5, 0, 0, 0, 6, 14, 22])) }
                metres += speed * step + Double(random.int(-3...3))
                if abs(metres) > 2500 { speed = metres > 0 ? -15 : 15 }
                if random.chance(3) { metres += Double(random.pick([-1, 1]) * random.int(8000...90_000)) }
                if random.chance(4) { metres = Double(random.int(-900...900)) }
                let at = milliseconds(time)
                if random.chance(12) {
                    elements.append((time, "{\"time\":\(at),\"fuel_pct\":\(random.int(0...100)),\"ignition\":true}"))
                    if random.chance(50) { continue }
                }
                let accuracy = random.chance(60) ? ",\"accuracy_m\":\(random.int(2...40))" : ""
                let kmh = random.chance(60) ? ",\"speed_kmh\":\(abs(speed) * 3.6)" : ""
                elements.append(
                    (time, "{\"time\":\(at),\"lat\":\(north(metres)),\"lon\":\(centre.lon)\(accuracy)\(kmh)}"))
                // Two places at one time.
                if random.chance(3) {
                    elements.append((time, "{\"time\":\(at),\"lat\":\(north(metres + 9)),\"lon\":\(centre.lon)}"))
                }
            }
        }

        /// Two observations of one time: the one that is told second may have come first.
        var hasTies: Bool { Set(elements.map(\.time)).count < elements.count }

        /// All in one order, cut into messages of several; everything is received after it happened.
        func script(_ order: [Int], sizes: () -> Int) -> [Frame] {
            var script = Script()
            for (id, feature) in fences { script.fence(id, feature) }
            let end = (elements.map(\.time).max() ?? 0) + 1
            var position = 0
            while position < order.count {
                let chunk = order[position..<min(position + sizes(), order.count)]
                position += chunk.count
                let texts = chunk.map { elements[$0].text }
                script.send(
                    "vehicles/V1/telemetry", texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ","))]",
                    received: end)
            }
            return script.frames
        }
    }

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
        for _ in 0..<random.int(0...8) { order.insert(random.int(0...(count - 1)), at: random.int(0...order.count)) }
        return order
    }

    @Test(arguments: seeds(300)) func `does not matter`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let drive = Drive(&random)
        let settings = Frame(
            kind: .settings, received_ms: epoch_ms,
            payload: Array(#"{"reorder_window_s":100000,"track_fixes":1000,"offline_after_s":1000000}"#.utf8))
        let sorted = try outcomes(
            of: [settings] + drive.script(Array(drive.elements.indices), sizes: { 1 }), shards: 1)
        let expected = FinalStory(sorted)
        #expect(expected.faults == [], "seed \(seed)")
        #expect(expected.corrected.isEmpty || drive.hasTies, "seed \(seed)")
        for attempt in 0..<4 {
            let order = arrival(drive.elements.count, &random)
            var sizes = random
            let most = sizes.pick([1, 1, 3, 20])
            let frames = drive.script(order, sizes: { sizes.int(1...most) })
            let restart = random.int(0...(frames.count * 2))
            let arrived = FinalStory(
                try outcomes(of: [settings] + frames, shards: 1, restart: { $0 == restart ? 2 : nil }))
            #expect(arrived.faults == [], "seed \(seed), attempt \(attempt)")
            if arrived.lines != expected.lines {
                let missing = expected.lines.filter { !arrived.lines.contains($0) }
                let extra = arrived.lines.filter { !expected.lines.contains($0) }
                Issue.record(
                    "seed \(seed), attempt \(attempt): missing \(missing.prefix(3)), too many \(extra.prefix(3))")
                return
            }
        }
    }
}
