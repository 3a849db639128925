import Geo
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// All rules together, on vehicles that report what they like.
@Suite struct `Condition rules together` {
    /// Every rule on, and quick to tell.
    private static func limits() -> ConditionLimits {
        var limits = ConditionLimits()
        limits.temperature.min_c = 0
        limits.temperature.duration_s = 60
        limits.battery.duration_s = 60
        limits.door.standing = 1
        limits.maintenance.every_km = 50
        limits.maintenance.every_h = 5
        limits.maintenance.every_days = 1
        limits.maintenance.base_date = 20_260_104
        limits.drivingTime.continuous_min = 60
        limits.drivingTime.daily_min = 120
        limits.hazmat.from_minute = 360
        limits.hazmat.to_minute = 480
        limits.hazmat.require_corridor = 1
        limits.anomaly.segment_km = 5
        limits.anomaly.temperature = 1
        limits.level.enabled = 1
        return limits
    }

    /// Sensors that keep their values for a while, and now and then say anything at all.
    private struct Vehicle {
        var random: SplitMix64
        var at_s = 0.0
        var km = 0.0
        var kmh = 0.0
        var seen = Seen(0)

        init(seed: UInt64) { random = SplitMix64(seed: seed) }

        mutating func next() -> Seen {
            let pause_s = random.chance(3) ? Double(random.int(600...40_000)) : Double(random.int(1...120))
            at_s += pause_s
            if random.chance(5) { kmh = random.chance(50) ? 0 : Double(random.int(3...110)) }
            km = min(km + kmh * pause_s / 3600, 5000)
            seen.at_s = at_s
            seen.km = random.chance(10) ? nil : km
            seen.kmh = random.chance(10) ? nil : kmh
            seen.isJump = random.chance(1)
            if random.chance(5) { seen.ignition = random.pick([nil, true, false]) }
            if random.chance(5) { seen.doorOpen = random.pick([nil, true, false]) }
            if random.chance(8) { seen.fuel_pct = random.pick([nil, 0, 5, 40, 60, 90, 655.35]) }
            if random.chance(8) { seen.battery_v = random.pick([nil, 0, 9, 11, 12.5, 14, 22, 26, 655]) }
            if random.chance(8) { seen.coolant_c = random.pick([nil, -40, 80, 104, 106, 120, 3000]) }
            if random.chance(8) { seen.cargo_c = random.pick([nil, -3276, -5, 1, 20, 39, 41, 3276]) }
            if random.chance(10) { seen.rpm = random.pick([nil, 0, 800, 65_535]) }
            if random.chance(50) { seen.odometer_km = random.chance(3) ? random.pick([0, 4_294_967]) : 900 + km }
            if random.chance(30) { seen.engine_h = random.chance(3) ? random.pick([0, 1_190_000]) : 100 + at_s / 7200 }
            if random.chance(3) { seen.driver = random.pick([nil, -1, 4, 5, 6]) }
            if random.chance(4) { seen.codes = random.pick([nil, -1, 1, 2, 3]) }
            if random.chance(5) { seen.places = RuleInput.Places(rawValue: UInt16(random.int(0...255))) }
            return seen
        }
    }

    private static func bytes(_ rules: ConditionRules) -> [UInt8] {
        var writer = ByteWriter()
        rules.write(to: &writer)
        return writer.bytes
    }

    private static func run(
        seed: UInt64, count: Int, _ body: (RuleInput, inout ConditionRules, inout [RuleEvent]) throws -> Void
    ) rethrows {
        var vehicle = Vehicle(seed: seed)
        var rules = ConditionRules()
        var previous: Fix?
        var events: [RuleEvent] = []
        for _ in 0..<count {
            let seen = vehicle.next()
            let observation = seen.observation
            var input = RuleInput(now: observation, previous: seen.isJump || seen.km == nil ? nil : previous)
            input.places = seen.places
            input.utcOffset_ms = 8 * 3_600_000
            if observation.hasPosition { previous = observation.fix }
            try body(input, &rules, &events)
        }
    }

    @Test(arguments: seeds(30))
    func `what ends has begun, keys are unique, times go forward and values fit their names`(seed: UInt64) {
        let limits = Self.limits()
        var all: [RuleEvent] = []
        Self.run(seed: seed, count: 1500) { input, rules, _ in
            var events: [RuleEvent] = []
            rules.step(input, limits, into: &events)
            for event in events {
                #expect(event.time_ms <= input.now.time_ms, "seed \(seed): \(event)")
                #expect(event.place.map { $0.time_ms <= input.now.time_ms } ?? true, "seed \(seed): \(event)")
                let shapes = event.type.values
                for index in 0..<RuleEvent.Values.count {
                    let value = event.values[index]
                    #expect(value.isFinite || value.isNaN, "seed \(seed): \(event)")
                    #expect(index < shapes.count || value.isNaN, "seed \(seed): \(event)")
                }
            }
            all += events
        }
        #expect(all.count > 30, "seed \(seed): the world is too quiet to prove anything")

        let pairs: [(EventType, EventType)] = [
            (.temperatureExceeded, .temperatureRestored), (.coolantExceeded, .coolantRestored),
            (.batteryLow, .batteryRestored), (.levelLow, .levelRestored),
        ]
        for (begin, end) in pairs {
            let both = all.filter { $0.type == begin || $0.type == end }
            for (index, event) in both.enumerated() {
                #expect(event.type == (index % 2 == 0 ? begin : end), "seed \(seed)")
                if index % 2 == 1 { #expect(event.key_ms == both[index - 1].key_ms, "seed \(seed)") }
            }
            for (event, next) in zip(both, both.dropFirst()) {
                #expect(event.time_ms <= next.time_ms, "seed \(seed): \(event) before \(next)")
            }
        }
        let engine = all.filter { $0.type == .engineStarted || $0.type == .engineStopped }
        for (event, next) in zip(engine, engine.dropFirst()) {
            #expect(event.type != next.type && event.time_ms < next.time_ms, "seed \(seed)")
        }
        var keys: Set<[Int64]> = []
        // A driver who comes back on the same day may exceed the day's limit again.
        for event in all where event.type != .drivingHoursExceeded {
            let key = [Int64(event.type.rawValue), event.key_ms, Int64(event.text)]
            #expect(keys.insert(key).inserted, "seed \(seed): \(event)")
        }
    }

    @Test(arguments: seeds(10))
    func `a restart anywhere changes nothing`(seed: UInt64) throws {
        let limits = Self.limits()
        var other = ConditionRules()
        try Self.run(seed: seed, count: 600) { input, rules, events in
            var reader = ByteReader(Self.bytes(other))
            other = try ConditionRules(from: &reader)
            #expect(reader.isAtEnd)
            var again: [RuleEvent] = []
            events.removeAll()
            rules.step(input, limits, into: &events)
            other.step(input, limits, into: &again)
            #expect(events == again, "seed \(seed)")
            #expect(Self.bytes(rules) == Self.bytes(other), "seed \(seed)")
        }
    }

    @Test(arguments: seeds(10))
    func `bytes that are cut short or wrong are an error or a state, never a crash`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limits = Self.limits()
        Self.run(seed: seed, count: 300) { input, rules, events in
            rules.step(input, limits, into: &events)
            guard random.chance(20) else { return }
            let bytes = Self.bytes(rules)
            var cut = ByteReader(Array(bytes.prefix(random.int(0...(bytes.count - 1)))))
            #expect(throws: SnapshotError.self) { try ConditionRules(from: &cut) }
            var wrong = bytes
            for _ in 0..<random.int(1...4) {
                wrong[random.int(0...(wrong.count - 1))] = UInt8(random.int(0...255))
            }
            var reader = ByteReader(wrong)
            guard var read = try? ConditionRules(from: &reader) else { return }
            var told: [RuleEvent] = []
            for _ in 0..<3 { read.step(input, limits, into: &told) }
        }
    }

    @Test func `the state is small`() {
        #expect(MemoryLayout<ConditionRules>.size <= 460)
    }

    @Test func `defaults are within their ranges and names are unique`() {
        func check<L: RuleLimits>(_: L.Type) {
            let limits = L()
            for parameter in L.parameters {
                #expect(parameter.range.contains(limits[keyPath: parameter.path]), "\(L.name).\(parameter.name)")
            }
            #expect(Set(L.parameters.map(\.name)).count == L.parameters.count)
            #expect(Set(L.parameters.map(\.path)).count == L.parameters.count)
            #expect(L.parameters.first?.name == "enabled")
            // Every number can be set.
            #expect(L.parameters.count * MemoryLayout<Double>.size == MemoryLayout<L>.size, "\(L.name)")
        }
        check(EngineLimits.self)
        check(FuelLimits.self)
        check(TemperatureLimits.self)
        check(CoolantLimits.self)
        check(BatteryLimits.self)
        check(DoorLimits.self)
        check(CodesLimits.self)
        check(MaintenanceLimits.self)
        check(DrivingTimeLimits.self)
        check(HazmatLimits.self)
        check(AnomalyLimits.self)
        check(LevelLimits.self)
    }
}
