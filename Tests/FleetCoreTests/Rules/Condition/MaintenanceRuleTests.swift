import Testing

@testable import FleetCore

@Suite struct `Maintenance rule` {
    private var script = ConditionScript<MaintenanceRule>()
    private var at_s = 0.0

    private mutating func drive(_ odometers_km: [Double]) {
        for odometer_km in odometers_km {
            script.see(Seen(at_s)) { $0.odometer_km = odometer_km }
            at_s += 60
        }
    }

    @Test mutating func `due once an interval, and once again overdue`() {
        script.limits.every_km = 10_000
        script.limits.base_km = 50_000
        drive([59_998, 59_999, 59_999.999, 59_999.999, 59_999.999])
        #expect(script.events.isEmpty)
        drive([60_000, 60_000, 60_000])
        #expect(script.words == ["distance"])
        #expect(script.events[0].value("due_km") == 60_000)
        #expect(script.events[0].value("over_km") == 0)
        drive(Array(stride(from: 60_000.0, to: 61_000, by: 10)))
        #expect(script.words == ["distance"])
        drive([61_000, 61_001, 61_002, 61_003, 61_004])
        #expect(script.words == ["distance", "distance_overdue"])
        drive(Array(stride(from: 61_010.0, to: 70_100, by: 10)))
        #expect(script.words == ["distance", "distance_overdue", "distance"])
    }

    @Test mutating func `a new base after the maintenance begins a new interval`() {
        script.limits.every_km = 10_000
        script.limits.base_km = 50_000
        drive([60_100, 60_101, 60_102])
        script.limits.base_km = 60_102
        drive(Array(stride(from: 60_110.0, to: 70_100, by: 10)))
        #expect(script.words == ["distance"])
        drive([70_102, 70_102, 70_102])
        #expect(script.words == ["distance", "distance"])
    }

    @Test mutating func `without a base those before the first sight are taken as done`() {
        script.limits.every_km = 10_000
        drive(Array(stride(from: 128_734.0, to: 129_990, by: 10)))
        #expect(script.events.isEmpty)
        drive([130_001, 130_002, 130_003])
        #expect(script.words == ["distance"])
    }

    @Test mutating func `an odometer that jumps for a moment tells nothing and hides nothing`() {
        script.limits.every_km = 10_000
        script.limits.base_km = 50_000
        drive([55_000, 4_200_000, 55_001, 0, 55_002, 4_200_000, 4_200_000, 55_003])
        #expect(script.events.isEmpty)
        drive([60_000, 60_001, 0, 60_002, 60_003, 60_004, 0, 60_005, 60_006, 60_007, 60_008])
        #expect(script.words == ["distance"])
    }

    @Test mutating func `a replaced odometer begins anew`() {
        script.limits.every_km = 10_000
        drive([95_000, 95_001, 95_002])
        drive(Array(stride(from: 0.0, to: 9990, by: 10)))
        #expect(script.events.isEmpty)
        drive([10_000, 10_001, 10_002])
        #expect(script.words == ["distance"])
    }

    @Test mutating func `without an odometer the way counts, until one is told`() {
        script.limits.every_km = 100
        script.limits.base_km = 128_000
        var place_km = 0.0
        func go(_ script: inout ConditionScript<MaintenanceRule>, km: Double) {
            while place_km < km {
                script.see(Seen(at_s, km: place_km, kmh: 60))
                place_km += 1
                at_s += 60
            }
        }
        go(&script, km: 100)
        // Standing, it wanders.
        for index in 0..<200 {
            script.see(Seen(at_s, km: place_km - 1 + Double(index % 2) * 0.02, kmh: 0))
            at_s += 60
        }
        #expect(script.events.isEmpty)
        go(&script, km: 105)
        #expect(script.words == ["distance"])
        #expect(script.events[0].value("due_km") == 100)
        go(&script, km: 190)
        #expect(script.words == ["distance", "distance_overdue"])
        // It would be due at 200 km; but now the tracker knows better.
        drive([128_000, 128_001, 128_002])
        go(&script, km: 300)
        #expect(script.words == ["distance", "distance_overdue"])
        drive([128_101, 128_102, 128_103])
        #expect(script.words == ["distance", "distance_overdue", "distance"])
        #expect(script.events.last?.value("due_km") == 128_100)
    }

    @Test mutating func `without engine hours the time with the ignition on counts, silence does not`() {
        script.limits.every_h = 10
        for hour in 0..<11 {
            for minute in stride(from: 0.0, to: 60, by: 5) {
                script.see(Seen(Double(hour) * 3600 + minute * 60)) { $0.ignition = true }
            }
            #expect(script.events.isEmpty == (hour < 10), "\(hour)")
        }
        #expect(script.words == ["engine_hours"])
        var silent = ConditionScript<MaintenanceRule> { $0.every_h = 10 }
        for hour in 0..<40 {
            silent.see(Seen(Double(hour) * 3600)) { $0.ignition = true }
            silent.see(Seen(Double(hour) * 3600 + 300)) { $0.ignition = false }
        }
        #expect(silent.events.isEmpty)
    }

    @Test func `by engine hours`() {
        var script = ConditionScript<MaintenanceRule> {
            $0.every_h = 250
            $0.base_h = 1000
            $0.overdue_pct = 0
        }
        for hour in 0..<400 { script.see(Seen(Double(hour) * 3600)) { $0.engine_h = 1000 + Double(hour) } }
        #expect(script.words == ["engine_hours"])
        #expect(script.events[0].value("due_h") == 1250)
        #expect(script.events[0].at_s == 252 * 3600)
    }

    @Test func `by days, at the first report of the local day`() {
        var script = ConditionScript<MaintenanceRule> {
            $0.every_days = 10
            $0.base_date = 20_251_227
        }
        // In Taiwan it is 6 January from 16:00 UTC of the 5th, the script's first day.
        let offset_ms: Int32 = 8 * 3_600_000
        for hour in 0..<80 { script.see(Seen(Double(hour) * 3600), utcOffset_ms: offset_ms) }
        #expect(script.words == ["days", "days_overdue"])
        #expect(script.events[0].at_s == 16 * 3600)
        #expect(script.events[0].value("due_time") == Double(script.events[0].time_ms))
        #expect(script.events[1].at_s == 40 * 3600)
    }

    @Test func `dates`() {
        #expect(MaintenanceRule.day(ofDate: 19_700_101) == 0)
        #expect(MaintenanceRule.day(ofDate: 20_000_229) == 11_016)
        #expect(MaintenanceRule.day(ofDate: 20_260_105) == ConditionScript<MaintenanceRule>.start_ms / 86_400_000)
        #expect(MaintenanceRule.day(ofDate: 19_691_231) == -1)
    }

    @Test func `due for several reasons at once, each has a key of its own`() {
        var script = ConditionScript<MaintenanceRule> {
            $0.every_km = 1000
            $0.base_km = 1000
            $0.every_h = 100
            $0.base_h = 100
            $0.every_days = 1
            $0.base_date = 20_260_101
        }
        for minute in 0..<3 {
            script.see(Seen(Double(minute) * 60)) {
                $0.odometer_km = 2000
                $0.engine_h = 200
            }
        }
        #expect(script.words == ["days", "distance", "engine_hours"])
        #expect(Set(script.events.map(\.key_ms)).count == 3)
    }

    @Test mutating func `without intervals it tells nothing`() {
        drive(Array(stride(from: 0.0, to: 1_000_000, by: 10_000)))
        #expect(script.events.isEmpty)
    }
}
