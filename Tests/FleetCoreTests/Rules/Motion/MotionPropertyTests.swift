import FleetCore
import Telemetry
import TestSupport
import Testing
import Wire

/// Random days of random trackers. That the rules survive being written and read is checked by `Drive` at each step.
@Suite struct MotionPropertyTests {
    /// A day of legs and stops of which is known what they are.
    private struct Plan {
        var legs: [(seconds: Double, speed_kmh: Double)] = []
        var stops_s: [Double] = []
    }

    @Test func `trips and their distances are those that were driven`() throws {
        for seed in seeds(40) {
            var random = SplitMix64(seed: seed)
            var drive = Drive()
            let hasIgnition = random.chance(50)
            drive.reportsSpeed = random.chance(70)
            drive.jitter_m = Double(random.int(0...(drive.reportsSpeed ? 40 : 20)))
            let interval_s = Double(random.pick([5, 10, 30]))
            var plan = Plan()
            for _ in 0..<random.int(1...6) {
                plan.legs.append((Double(random.int(10...60)) * 30, Double(random.int(25...85))))
                plan.stops_s.append(Double(random.int(8...60)) * 60)
            }
            if hasIgnition { drive.ignition = false }
            drive.stand(600, every: interval_s)
            for (leg, stop_s) in zip(plan.legs, plan.stops_s) {
                if hasIgnition { drive.ignition = true }
                drive.drive(leg.seconds, at: leg.speed_kmh, every: interval_s)
                if hasIgnition { drive.ignition = false }
                drive.stand(stop_s, every: interval_s)
            }
            let ends = drive.told(.tripEnded)
            #expect(ends.count == plan.legs.count, "seed \(seed)")
            for (leg, end) in zip(plan.legs, ends) {
                let driven_m = leg.seconds * leg.speed_kmh / 3.6
                let distance_m = end.known("distance_m") ?? -1
                let tolerance_m = 0.05 * driven_m + 4 * drive.jitter_m + 75
                #expect(abs(distance_m - driven_m) <= tolerance_m, "seed \(seed): \(distance_m)")
                let difference_s = abs((end.known("duration_s") ?? -1) - leg.seconds)
                // Without a speed the stay has begun within the radius already.
                let radius_s = (75 + 2 * drive.jitter_m) / leg.speed_kmh * 3.6
                #expect(difference_s <= 2 * interval_s + radius_s, "seed \(seed)")
            }
            let parked = drive.told(.parked)
            let long = plan.stops_s.filter { $0 >= 600 + 2 * interval_s + 30 }.count
            #expect(parked.count >= long && parked.count <= plan.legs.count + 1, "seed \(seed): \(parked.count)")
        }
    }

    @Test func `what is told holds together, whatever the trackers say`() {
        for seed in seeds(30) {
            var random = SplitMix64(seed: seed)
            var drive = Drive()
            let travels = random.chance(50)
            for _ in 0..<1000 { misbehave(&drive, travels: travels, &random) }
            checkPairs(drive.events, .tripStarted, .tripEnded, seed)
            checkPairs(drive.events, .idleStarted, .idleEnded, seed)
            checkPairs(drive.events, .speedingStarted, .speedingEnded, seed)
            checkValues(drive.events, last_ms: drive.time_ms, longestDay_s: travels ? 42 * 3600 : 86_400, seed)
        }
    }

    private func misbehave(_ drive: inout Drive, travels: Bool, _ random: inout SplitMix64) {
        if random.chance(3) { drive.reportsSpeed.toggle() }
        if random.chance(3) { drive.ignition = random.pick([nil, true, false]) }
        if random.chance(3) { drive.odometer_m = random.pick([nil, 0, 12_345, 4_294_967_295, 7_000_000]) }
        if random.chance(3) { drive.fuel_pct = random.pick([nil, 0, 100, 655, 30]) }
        if random.chance(3) { drive.rpm = random.pick([nil, 0, 65_535, 800]) }
        if random.chance(3) { drive.accuracy_m = random.pick([nil, 0, 3, 5000]) }
        if random.chance(3) { drive.zoneLimit_kmh = random.pick([0, 30, 50, 10_000]) }
        if random.chance(2) { drive.jitter_m = random.pick([0, 20, 300]) }
        if travels, random.chance(1) { drive.utcOffset_ms = random.pick([28_800_000, -36_000_000, 0]) }
        let interval_s = random.pick([0.001, 0.5, 1, 2, 3, 10, 10, 60, 600, 2000])
        let speed_kmh = Double(random.pick([0, 0, 0, 4, 6, 30, 60, 90, 100, 250]))
        let goes = random.chance(70)
        if goes { drive.east_m += min(speed_kmh / 3.6 * interval_s, 20_000) * (random.chance(80) ? 1 : -1) }
        if abs(drive.east_m) > 1e6 { drive.east_m = 0 }
        let alarms = DeviceAlarms(rawValue: random.chance(10) ? UInt16(random.int(0...4095)) : 0)
        let driver = Int32(random.int(-1...2))
        let signs = random.chance(2)
        drive.report(
            after: random.chance(1) ? 40_000 : interval_s, speed_kmh: random.chance(95) ? speed_kmh : 6553,
            heading_deg: random.chance(80) ? Double(random.int(0...359)) : nil, alarms: alarms,
            hasPosition: random.chance(85), jumped: random.chance(2)
        ) {
            guard signs else { return }
            $0.has.insert(.driver)
            $0.driver = driver
        }
    }

    /// Begun, ended, begun, ended: in the order of time, each end with the key of its beginning.
    private func checkPairs(_ events: [RuleEvent], _ start: EventType, _ end: EventType, _ seed: UInt64) {
        var open: RuleEvent?
        var last_ms = Int64.min
        for event in events where event.type == start || event.type == end {
            #expect(event.time_ms >= last_ms, "seed \(seed): \(event.type) goes back in time")
            last_ms = event.time_ms
            if event.type == start {
                #expect(open == nil, "seed \(seed): \(start) twice")
                #expect(event.key_ms == event.time_ms, "seed \(seed)")
                open = event
            } else {
                #expect(open?.key_ms == event.key_ms, "seed \(seed): \(end) of nothing")
                open = nil
                #expect(event.known("started") == Double(event.key_ms), "seed \(seed)")
            }
        }
    }

    private func checkValues(_ events: [RuleEvent], last_ms: Int64, longestDay_s: Double, _ seed: UInt64) {
        var keys: Set<String> = []
        for event in events {
            #expect(
                keys.insert("\(event.type) \(event.key_ms)").inserted, "seed \(seed): \(event.type) twice of one key")
            #expect(
                event.time_ms <= last_ms && event.key_ms <= event.time_ms, "seed \(seed): \(event.type) of the future")
            for (index, shape) in event.type.values.enumerated() {
                let value = event.values[index]
                #expect(!value.isInfinite, "seed \(seed): \(event.type) \(shape.name)")
                #expect(value.isNaN || value >= 0, "seed \(seed): \(event.type) \(shape.name) is \(value)")
            }
            for index in event.type.values.count..<RuleEvent.Values.count {
                #expect(event.values[index].isNaN, "seed \(seed): \(event.type) has a value without a name")
            }
        }
        for event in events {
            switch event.type {
            case .tripEnded:
                let sum_s = event.known("driving_s")! + event.known("idle_s")!
                let duration_s = Double(event.time_ms - event.key_ms) / 1000
                #expect(abs(sum_s - duration_s) < 1e-6, "seed \(seed)")
                #expect(event.known("duration_s") == duration_s, "seed \(seed)")
            case .speedingEnded:
                #expect(event.known("average_kmh")! <= event.known("peak_kmh")! + 0.1, "seed \(seed)")
                #expect(event.known("peak_kmh")! > event.known("limit_kmh")!, "seed \(seed)")
            case .dailySummary:
                let sum_s = ["driving_s", "idle_s", "standing_s"].reduce(0) { $0 + event.known($1)! }
                #expect(sum_s <= longestDay_s + 1, "seed \(seed): a day of \(sum_s) s")
            case .driverScored:
                #expect((0...100).contains(event.known("score")!), "seed \(seed)")
                #expect(event.text >= 0, "seed \(seed)")
            default: break
            }
        }
    }

    @Test func `a state that is cut short or out of range is an error, never a crash`() {
        var writer = ByteWriter()
        MotionRules().write(to: &writer)
        for count in 0..<writer.bytes.count {
            var reader = ByteReader(Array(writer.bytes[..<count]))
            #expect(throws: SnapshotError.self) { try MotionRules(from: &reader) }
        }
        for seed in seeds(300) {
            var random = SplitMix64(seed: seed)
            var bytes = writer.bytes
            for _ in 0..<random.int(1...20) { bytes[random.int(0...(bytes.count - 1))] = UInt8(random.int(0...255)) }
            var reader = ByteReader(bytes)
            guard var rules = try? MotionRules(from: &reader) else { continue }
            var events: [RuleEvent] = []
            var fix: Fix?
            for step in 0..<40 {
                let now = Drive.fix(
                    time_ms: Drive.start_ms + Int64(step) * 60_000, east_m: Double(step / 10 * 4000), north_m: 0,
                    speed_kmh: 100)
                rules.step(
                    RuleInput(now: Observation(fix: now, has: .position), previous: fix), MotionLimits(), into: &events)
                fix = now
            }
        }
    }

    @Test func `their states are small`() {
        #expect(MemoryLayout<MotionRules>.size <= 450)
    }
}
