import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Fuel rule` {
    private var script = ConditionScript<FuelRule> { $0.tank_l = 200 }

    /// Standing with the engine off.
    private mutating func stand(_ minutes: Range<Int>, _ fuel_pct: (Int) -> Double?) {
        for minute in minutes {
            script.see(Seen(Double(minute) * 60, km: 1, kmh: 0)) {
                $0.fuel_pct = fuel_pct(minute)
                $0.ignition = false
            }
        }
    }

    @Test mutating func `a drop while standing is told with its amount and the times about it`() throws {
        stand(0..<20) { _ in 80 }
        stand(20..<30) { _ in 65 }
        try #require(script.types == [.fuelDropped])
        let event = script.events[0]
        // The median of five follows at the third reading.
        #expect(event.at_s == 22 * 60)
        #expect(event.key_s == event.at_s)
        #expect(event.value("dropped_pct") == 15)
        #expect(event.value("dropped_l") == 30)
        #expect(event.value("former_fuel_pct") == 80)
        #expect(event.value("fuel_pct") == 65)
        #expect(event.value("level_time") == Double(ConditionScript<FuelRule>.start_ms + 21 * 60_000))
        #expect(event.place != nil)
    }

    @Test(arguments: [9.99, 10.0])
    func `the boundary of the drop`(drop_pct: Double) {
        var test = `Fuel rule`()
        test.stand(0..<20) { _ in 80 }
        test.stand(20..<60) { _ in 80 - drop_pct }
        #expect(test.script.types == (drop_pct < 10 ? [] : [.fuelDropped]))
    }

    @Test mutating func `siphoning slowly is told whole, once it has stopped`() throws {
        stand(0..<20) { _ in 80 }
        stand(20..<40) { 80 - Double($0 - 19) * 1.5 }
        stand(40..<60) { _ in 50 }
        try #require(script.types == [.fuelDropped])
        #expect(script.events[0].value("dropped_pct") == 30)
    }

    @Test mutating func `refuelling is told whole, with litres`() throws {
        stand(0..<20) { _ in 20 }
        stand(20..<30) { 20 + Double($0 - 19) * 7 }
        stand(30..<50) { _ in 90 }
        try #require(script.types == [.refuelled])
        #expect(script.events[0].value("added_pct") == 70)
        #expect(script.events[0].value("added_l") == 140)
        #expect(script.events[0].value("former_fuel_pct") == 20)
    }

    @Test mutating func `a drop overnight, between two reports`() throws {
        stand(0..<20) { _ in 80 }
        stand(500..<520) { _ in 60 }
        #expect(script.types == [.fuelDropped])
    }

    @Test(arguments: [10.0, 20.0, 40.0])
    func `driving uses fuel, even more than expected`(pct_per_100km: Double) {
        var script = ConditionScript<FuelRule>()
        for index in 0..<400 {
            let km = Double(index) * 0.5
            script.see(Seen(Double(index) * 30, km: km, kmh: 60)) {
                $0.fuel_pct = max(95 - km / 100 * pct_per_100km, 1)
                $0.ignition = true
            }
        }
        #expect(script.events.isEmpty)
    }

    @Test func `a way in a gap is consumption too, by fixes or by the odometer`() {
        for hasOdometer in [false, true] {
            var script = ConditionScript<FuelRule>()
            func see(_ minute: Int, km: Double, _ fuel_pct: Double) {
                script.see(Seen(Double(minute) * 60, km: hasOdometer ? 0 : km, kmh: 0)) {
                    $0.fuel_pct = fuel_pct
                    $0.ignition = false
                    $0.odometer_km = hasOdometer ? 5000 + km : nil
                }
            }
            for minute in 0..<20 { see(minute, km: 0, 80) }
            for minute in 200..<220 { see(minute, km: 100, 62) }
            #expect(script.events.isEmpty)
            for minute in 220..<240 { see(minute, km: 100, 50) }
            #expect(script.types == [.fuelDropped])
        }
    }

    @Test(arguments: seeds(40))
    func `sloshing tells nothing`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var script = ConditionScript<FuelRule>()
        var km = 0.0
        for index in 0..<600 {
            let isDriving = index % 100 < 70
            if isDriving { km += 0.3 }
            script.see(Seen(Double(index) * 30, km: km, kmh: isDriving ? 36 : 0)) {
                let wild = random.chance(4) ? Double(random.int(-30...30)) : 0
                let level = 80 - km * 0.15 + Double(random.int(-300...300)) / 100 + wild
                $0.fuel_pct = min(max(level, 0), 100)
                $0.ignition = isDriving
            }
        }
        #expect(script.events.isEmpty, "seed \(seed)")
    }

    @Test mutating func `a sensor without power is no drop, nor is a jump of the vehicle`() {
        stand(0..<20) { _ in 80 }
        stand(20..<60) { $0 % 2 == 0 ? 0 : nil }
        stand(60..<80) { _ in 80 }
        #expect(script.events.isEmpty)
        script.see(Seen(80 * 60, km: 300, kmh: 0)) {
            $0.isJump = true
            $0.fuel_pct = 30
        }
        for minute in 81..<100 { script.see(Seen(Double(minute) * 60, km: 300, kmh: 0)) { $0.fuel_pct = 30 } }
        #expect(script.events.isEmpty)
    }

    @Test mutating func `an odometer that jumps explains nothing`() {
        for minute in 0..<40 {
            script.see(Seen(Double(minute) * 60, km: 1, kmh: 0)) {
                $0.fuel_pct = minute < 20 ? 80 : 60
                $0.ignition = false
                $0.odometer_km = minute == 20 ? 4_000_000 : minute == 21 ? 0 : 5000
            }
        }
        #expect(script.types == [.fuelDropped])
    }

    @Test mutating func `idling is expected`() {
        for minute in 0..<600 {
            script.see(Seen(Double(minute) * 60, km: 1, kmh: 0)) {
                $0.fuel_pct = 80 - Double(minute) / 60 * 3
                $0.ignition = true
            }
        }
        #expect(script.events.isEmpty)
    }
}
