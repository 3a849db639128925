import Testing

@testable import FleetCore

@Suite struct `Driving time rule` {
    private var script = ConditionScript<DrivingTimeRule>()
    private var minute = 0
    private var km = 0.0

    /// Reports of every minute.
    private mutating func drive(_ minutes: Int, driver: Int32? = nil) {
        for _ in 0..<minutes {
            minute += 1
            km += 0.7
            script.see(Seen(Double(minute) * 60, km: km, kmh: 42)) { $0.driver = driver }
        }
    }

    private mutating func stand(_ minutes: Int, driver: Int32? = nil) {
        for index in 0..<minutes {
            minute += 1
            // A standing vehicle's fixes wander.
            script.see(Seen(Double(minute) * 60, km: km + (index % 2 == 0 ? 0.015 : 0), kmh: 0)) { $0.driver = driver }
        }
    }

    @Test mutating func `four hours without a break, with a warning half an hour before`() {
        drive(1, driver: 7)
        drive(209)
        #expect(script.events.isEmpty)
        drive(1)
        #expect(script.words == ["continuous_warning"])
        drive(30)
        #expect(script.words == ["continuous_warning"], "four hours are allowed")
        drive(1)
        #expect(script.words == ["continuous_warning", "continuous"])
        #expect(script.events.allSatisfy { $0.text == 7 && $0.type == .drivingHoursExceeded })
        #expect(script.events[1].key_s == 60)
        #expect(script.events[1].value("continuous_min") == 241)
        #expect(script.events[1].value("limit_min") == 240)
        drive(100)
        #expect(script.events.count == 2)
    }

    @Test mutating func `a break of half an hour begins anew, one minute less does not`() {
        stand(1)
        drive(200)
        stand(30)
        drive(200)
        #expect(script.events.isEmpty)
        stand(29)
        drive(20)
        #expect(script.words == ["continuous_warning"])
    }

    @Test mutating func `a break in parts, each at least a quarter of an hour`() {
        stand(1)
        drive(100)
        stand(15)
        drive(100)
        stand(15)
        drive(200)
        #expect(script.events.isEmpty)
        stand(14)
        drive(5)
        stand(29)
        drive(10)
        #expect(script.words == ["continuous_warning"])
    }

    @Test mutating func `ten hours a day, and a new day`() {
        stand(1)
        for _ in 0..<3 {
            drive(190)
            stand(60)
        }
        #expect(script.words == ["daily_warning"])
        #expect(script.events[0].value("daily_min") == 570)
        drive(30)
        #expect(script.words == ["daily_warning"])
        drive(1)
        #expect(script.words == ["daily_warning", "daily"])
        stand(60)
        // Midnight.
        stand(1440 - minute)
        drive(200)
        stand(60)
        drive(200)
        #expect(script.words == ["daily_warning", "daily"])
    }

    @Test mutating func `another driver begins anew, signing off does not`() {
        drive(200, driver: 7)
        drive(100, driver: 8)
        #expect(script.events.isEmpty)
        drive(109, driver: -1)
        #expect(script.events.isEmpty)
        drive(2, driver: -1)
        #expect(script.words == ["continuous_warning"])
        #expect(script.events[0].text == 8)
    }

    @Test mutating func `standing and wandering is no driving`() {
        stand(1000)
        #expect(script.events.isEmpty)
    }

    @Test mutating func `a silence counts as driving as far as its way takes`() throws {
        stand(1)
        drive(100)
        // 80 km are two hours at 40 km/h; the third hour was a break.
        minute += 180
        km += 80
        script.see(Seen(Double(minute) * 60, km: km, kmh: 42))
        drive(89)
        #expect(script.events.isEmpty)
        drive(2)
        #expect(script.words == ["continuous_warning"])
        let minutes = try #require(script.events[0].value("continuous_min"))
        #expect(abs(minutes - 210) < 2)
    }

    @Test mutating func `without speeds the way tells`() {
        script.limits.daily_min = 0
        for minute in 0..<212 { script.see(Seen(Double(minute) * 60, km: Double(minute) * 0.2)) }
        #expect(script.words == ["continuous_warning"])
    }

    @Test mutating func `limits of 0 tell nothing`() {
        script.limits.continuous_min = 0
        script.limits.daily_min = 0
        drive(1000)
        #expect(script.events.isEmpty)
    }
}
