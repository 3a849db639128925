import Testing

@testable import FleetCore

@Suite struct `Hazmat rule` {
    private var script = ConditionScript<HazmatRule>()

    private mutating func see(_ minute: Double, kmh: Double, _ places: RuleInput.Places = []) {
        script.see(Seen(minute * 60, km: 1, kmh: kmh)) { $0.places = places }
    }

    @Test mutating func `parking beside a protected place is told once, and again the next time`() {
        see(0, kmh: 30, .protected)
        see(1, kmh: 0, .protected)
        see(10.99, kmh: 0, .protected)
        #expect(script.events.isEmpty)
        see(11, kmh: 0, .protected)
        see(60, kmh: 0, .protected)
        #expect(script.types == [.protectedParking])
        #expect(script.events[0].key_s == 60)
        #expect(script.events[0].at_s == 660)
        #expect(script.events[0].value("standing_s") == 600)
        see(61, kmh: 30)
        see(62, kmh: 30)
        see(70, kmh: 0, .protected)
        see(80, kmh: 0, .protected)
        #expect(script.types == [.protectedParking, .protectedParking])
    }

    @Test mutating func `one fix that seems to drive does not end a stop, and elsewhere one may stand`() {
        for minute in 0..<40 { see(Double(minute), kmh: minute % 4 == 3 ? 6 : 0, minute < 20 ? [] : .protected) }
        #expect(script.types == [.protectedParking])
        for minute in 40..<100 { see(Double(minute), kmh: 0, .customer) }
        #expect(script.types == [.protectedParking])
    }

    @Test mutating func `driving outside the hours is told once a night`() {
        script.limits.from_minute = 360
        script.limits.to_minute = 1320
        // The script begins at midnight.
        see(300, kmh: 0)
        see(310, kmh: 40)
        see(310.99, kmh: 40)
        #expect(script.events.isEmpty)
        see(311, kmh: 40)
        #expect(script.words == ["outside_hours"])
        #expect(script.events[0].key_s == 310 * 60)
        see(330, kmh: 0)
        see(340, kmh: 0)
        see(350, kmh: 40)
        see(359.99, kmh: 40)
        for minute in 360..<1320 { see(Double(minute), kmh: 40) }
        #expect(script.events.count == 1)
        see(1320, kmh: 40)
        see(1321, kmh: 40)
        #expect(script.words == ["outside_hours", "outside_hours"])
    }

    @Test mutating func `hours past midnight`() {
        script.limits.from_minute = 1320
        script.limits.to_minute = 360
        for minute in 0..<360 { see(Double(minute), kmh: 40) }
        #expect(script.events.isEmpty)
        see(360, kmh: 40)
        see(361, kmh: 40)
        #expect(script.words == ["outside_hours"])
        for minute in 1320..<1500 { see(Double(minute), kmh: 40) }
        #expect(script.events.count == 1)
    }

    @Test mutating func `standing at night, and a single fix that seems to drive, are permitted`() {
        script.limits.from_minute = 360
        script.limits.to_minute = 1320
        for minute in 0..<360 { see(Double(minute), kmh: minute % 20 == 7 ? 8 : 0) }
        #expect(script.events.isEmpty)
    }

    @Test mutating func `outside of the corridor, where one is required`() {
        for minute in 0..<10 { see(Double(minute), kmh: 40) }
        #expect(script.events.isEmpty)
        script.limits.require_corridor = 1
        for minute in 10..<20 { see(Double(minute), kmh: 40, .corridor) }
        for minute in 20..<30 { see(Double(minute), kmh: 10, .depot) }
        #expect(script.events.isEmpty)
        for minute in 30..<40 { see(Double(minute), kmh: 40, .motorway) }
        #expect(script.words == ["outside_corridor"])
        #expect(script.events[0].at_s == 31 * 60)
        see(40, kmh: 40, .corridor)
        for minute in 41..<50 { see(Double(minute), kmh: 40) }
        #expect(script.words == ["outside_corridor", "outside_corridor"])
    }

    @Test mutating func `both at the same moment have keys of their own`() {
        script.limits.from_minute = 600
        script.limits.to_minute = 660
        script.limits.require_corridor = 1
        see(0, kmh: 40)
        see(1, kmh: 40)
        #expect(script.words == ["outside_hours", "outside_corridor"])
        #expect(Set(script.events.map(\.key_ms)).count == 2)
    }
}
