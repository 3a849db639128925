import Testing

@testable import FleetCore

@Suite struct `Temperature rule` {
    private var script = ConditionScript<TemperatureRule> {
        $0.max_c = 40
        $0.min_c = 2
        $0.duration_s = 600
    }

    private mutating func see(_ at_s: Double, _ cargo_c: Double?) {
        script.see(Seen(at_s, km: 1, kmh: 0)) { $0.cargo_c = cargo_c }
    }

    @Test mutating func `too warm for long enough is told, with its beginning, and when it is over`() throws {
        see(0, 39)
        see(100, 41)
        see(400, 44.5)
        see(700, 43)
        #expect(script.types == [.temperatureExceeded])
        #expect(script.events[0].at_s == 100)
        #expect(script.events[0].value("temperature_c") == 43)
        #expect(script.events[0].value("extreme_c") == 44.5)
        #expect(script.events[0].value("limit_c") == 40)
        #expect(script.events[0].value("duration_s") == 600)
        see(1000, 37)
        see(1100, 37)
        #expect(script.types == [.temperatureExceeded, .temperatureRestored])
        #expect(script.events[1].at_s == 1100)
        #expect(script.events[1].key_s == 100)
        #expect(script.words == ["above", "above"])
    }

    @Test mutating func `the limit itself and a moment too short are not exceeded`() {
        for at_s in stride(from: 0.0, to: 3600, by: 60) { see(at_s, 40) }
        see(4000, 40.1)
        see(4599.999, 40.1)
        see(4600, 40)
        #expect(script.events.isEmpty)
        see(5000, 40.1)
        see(5600, 40.1)
        #expect(script.types == [.temperatureExceeded])
    }

    @Test mutating func `noise about the limit does not flap`() {
        for minute in 0..<200 { see(Double(minute) * 60, minute % 3 == 0 ? 39.9 : 40.4) }
        #expect(script.events.isEmpty)
        for minute in 200..<220 { see(Double(minute) * 60, 41) }
        for minute in 220..<400 { see(Double(minute) * 60, minute % 2 == 0 ? 38.1 : 40.4) }
        for minute in 400..<500 { see(Double(minute) * 60, minute % 2 == 0 ? 38 : 38.1) }
        #expect(script.types == [.temperatureExceeded])
    }

    @Test mutating func `too cold, and from one side to the other`() {
        see(0, 1.9)
        see(600, 0.5)
        #expect(script.words == ["below"])
        see(700, 41)
        see(760, 41)
        #expect(script.types == [.temperatureExceeded, .temperatureRestored])
        see(820, 41)
        see(1420, 41)
        #expect(script.words == ["below", "below", "above"])
        #expect(script.events[2].at_s == 820)
    }

    @Test mutating func `a pending excursion that changes sides begins anew`() {
        see(0, 41)
        see(300, 1)
        see(600, 1)
        #expect(script.events.isEmpty)
        see(900, 1)
        #expect(script.words == ["below"])
        #expect(script.events[0].at_s == 300)
    }

    @Test mutating func `reports without the sensor and gaps neither tell nor forget`() {
        see(0, 41)
        for at_s in stride(from: 60.0, to: 7200, by: 60) { see(at_s, nil) }
        #expect(script.events.isEmpty)
        see(7200, 41)
        #expect(script.types == [.temperatureExceeded])
    }

    @Test mutating func `without limits nothing is told`() {
        script.limits.max_c = 200
        script.limits.min_c = -100
        for minute in 0..<100 { see(Double(minute) * 60, minute % 2 == 0 ? 3000 : -3000) }
        #expect(script.events.isEmpty)
    }
}

@Suite struct `Coolant rule` {
    @Test func `too hot, and cooled down by the hysteresis`() {
        var script = ConditionScript<CoolantRule>()
        func see(_ at_s: Double, _ coolant_c: Double) { script.see(Seen(at_s)) { $0.coolant_c = coolant_c } }
        for at_s in stride(from: 0.0, to: 600, by: 10) { see(at_s, 105) }
        see(600, 105.1)
        see(629, 108)
        #expect(script.events.isEmpty)
        see(630, 107)
        #expect(script.types == [.coolantExceeded])
        #expect(script.events[0].value("extreme_c") == 108)
        for at_s in stride(from: 640.0, to: 900, by: 10) {
            see(at_s, at_s.truncatingRemainder(dividingBy: 20) == 0 ? 100 : 101)
        }
        #expect(script.types == [.coolantExceeded])
        see(900, 100)
        see(910, 100)
        #expect(script.types == [.coolantExceeded, .coolantRestored])
    }
}

@Suite struct `Battery rule` {
    private var script = ConditionScript<BatteryRule>()

    private mutating func see(_ minute: Double, _ battery_v: Double) {
        script.see(Seen(minute * 60)) { $0.battery_v = battery_v }
    }

    @Test mutating func `low for long enough, and charged again`() {
        see(0, 12.5)
        see(5, 11.7)
        see(8, 11.6)
        #expect(script.events.isEmpty)
        see(11, 11.5)
        #expect(script.types == [.batteryLow])
        #expect(script.events[0].at_s == 300)
        #expect(script.events[0].value("lowest_v") == 11.5)
        for minute in 12..<30 { see(Double(minute), 12.3) }
        #expect(script.types == [.batteryLow])
        for minute in 30..<33 { see(Double(minute), 13.9) }
        #expect(script.types == [.batteryLow, .batteryRestored])
    }

    @Test mutating func `starting the engine and the limit itself are not low`() {
        for minute in 0..<60 { see(Double(minute), minute % 10 == 9 ? 8.5 : 11.8) }
        #expect(script.events.isEmpty)
    }

    @Test mutating func `a 24 V system is told by its readings, also while it is low`() {
        for minute in 0..<10 { see(Double(minute), 25.2) }
        for minute in 10..<20 { see(Double(minute), 23.5) }
        #expect(script.types == [.batteryLow])
        #expect(script.events[0].value("limit_v") == 23.6)
        // What a full 12 V battery has.
        for minute in 20..<60 { see(Double(minute), 14) }
        #expect(script.types == [.batteryLow])
        for minute in 60..<70 { see(Double(minute), 25.2) }
        #expect(script.types == [.batteryLow, .batteryRestored])
    }

    @Test mutating func `the system that is stated counts`() {
        script.limits.system_v = 12
        for minute in 0..<20 { see(Double(minute), 23.5) }
        #expect(script.events.isEmpty)
        script.limits.system_v = 24
        for minute in 20..<40 { see(Double(minute), 12.6) }
        #expect(script.types == [.batteryLow])
    }

    @Test mutating func `a tracker that is cut off tells nothing of the battery, nor does one wild reading`() {
        for minute in 0..<60 { see(Double(minute), minute % 20 == 3 ? 28 : minute < 30 ? 0 : 12.4) }
        #expect(script.events.isEmpty)
    }
}

@Suite struct `Level rule` {
    @Test func `a cylinder that runs low is told once, and its refilling`() {
        var script = ConditionScript<LevelRule> { $0.enabled = 1 }
        func see(_ hour: Double, _ level_pct: Double) { script.see(Seen(hour * 3600)) { $0.fuel_pct = level_pct } }
        see(0, 15)
        see(24, 15)
        see(48, 14.9)
        #expect(script.events.isEmpty)
        see(72, 14.5)
        #expect(script.types == [.levelLow])
        #expect(script.events[0].at_s == 48 * 3600)
        see(73, 15.5)
        see(74, 14.5)
        see(96, 0)
        #expect(script.types == [.levelLow])
        see(100, 98)
        see(101, 98)
        #expect(script.types == [.levelLow, .levelRestored])
        #expect(script.events[1].value("lowest_pct") == 0)
    }

    @Test func `it is off unless a group turns it on`() {
        var script = ConditionScript<LevelRule>()
        for hour in 0..<10 { script.see(Seen(Double(hour) * 3600)) { $0.fuel_pct = 1 } }
        #expect(script.events.isEmpty)
    }
}
