import Testing
import Wire

@testable import FleetCore

/// Second 0 is Friday 2026-11-20, 08:00 in Taipei.
@Suite struct `Forbidden places and hours` {
    private let hour = 3600.0

    private func world(_ properties: String) -> World {
        var settings = Settings()
        settings.crossingMaxGap_s = 100_000
        var world = World(settings: settings)
        world.fence("f", circle(100, properties))
        return world
    }

    private func visit(_ world: inout World, hours: [Double], metres: Double = 0) -> [String] {
        for at in hours { world.report("V1", at: at * hour, north(metres), centre.lon, accuracy: 5) }
        return world.takeLines()
    }

    @Test func `a no-go fence is prohibited at any hour, once a visit`() throws {
        var world = world("\"kind\":\"no_go\"")
        #expect(visit(&world, hours: [0], metres: 300) == [])
        #expect(visit(&world, hours: [1, 2, 40]) == ["entered f @3600.0", "prohibited_entered f @3600.0"])
        _ = visit(&world, hours: [41, 42], metres: 300)
        let lines = visit(&world, hours: [43])
        #expect(lines == ["entered f @154800.0", "prohibited_entered f @154800.0"])
    }

    @Test func `passing through a no-go fence is an alarm too, at the time of the entry`() throws {
        var world = world("\"kind\":\"no_go\"")
        world.report("V1", at: 0, north(-200), centre.lon, accuracy: 5)
        world.report("V1", at: 20, north(200), centre.lon, accuracy: 5)
        let events = world.takeEvents("geofence")
        #expect(events.map(\.type) == ["geofence.crossed", "geofence.prohibited_entered"])
        #expect(events.allSatisfy { abs($0.time - 5) < 0.01 })
        #expect(events.last?.seconds("entered_time") == events.last?.time)
    }

    @Test func `a no-go fence with a schedule is prohibited in its hours only`() {
        // 17:00–19:00 local is hours 9…11.
        let schedule = "\"kind\":\"no_go\",\"schedule\":{\"hours\":[\"17:00-19:00\"],\"time_zone\":\"Asia/Taipei\"}"
        var world = world(schedule)
        #expect(visit(&world, hours: [0, 8.99]) == ["entered f @0.0"])
        #expect(visit(&world, hours: [9, 10, 10.99]) == ["prohibited_entered f @32400.0"])
        #expect(visit(&world, hours: [11, 20]) == [])
        // The next day is another period.
        #expect(visit(&world, hours: [33.5, 34]) == ["prohibited_entered f @120600.0"])
        var crossing = self.world(schedule)
        _ = visit(&crossing, hours: [11], metres: -200)
        #expect(visit(&crossing, hours: [11.01], metres: 200).map { $0.prefix(7) } == ["crossed"])
        var open = self.world(schedule)
        _ = visit(&open, hours: [10], metres: -200)
        #expect(visit(&open, hours: [10.01], metres: 200).map { $0.prefix(7) } == ["crossed", "prohibi"])
    }

    @Test func `outside of the hours of a depot, once a closed period`() {
        var world = world(
            "\"kind\":\"depot\",\"schedule\":{\"days\":[\"mon-fri\"],\"hours\":[\"08:00-17:30\"],\"time_zone\":\"Asia/Taipei\"}"
        )
        #expect(visit(&world, hours: [0, 9.49]) == ["entered f @0.0"])
        // From Friday 17:30 to Monday 08:00 it is closed in one go.
        #expect(visit(&world, hours: [9.5, 20, 30, 71.9]) == ["outside_hours f @34200.0"])
        #expect(visit(&world, hours: [72, 81]) == [])
        #expect(visit(&world, hours: [81.6]) == ["outside_hours f @293760.0"])
    }

    @Test func `hours over midnight`() {
        // Allowed from 22:00 to 06:00: hours 14…22 after the epoch.
        var world = world("\"schedule\":{\"hours\":[\"22:00-06:00\"],\"time_zone\":\"Asia/Taipei\"}")
        #expect(visit(&world, hours: [14, 16, 21.99]) == ["entered f @50400.0"])
        #expect(visit(&world, hours: [22, 30]) == ["outside_hours f @79200.0"])
        #expect(visit(&world, hours: [38, 40]) == [])
        #expect(visit(&world, hours: [46]) == ["outside_hours f @165600.0"])
    }

    @Test func `entering outside of the hours is told with the entry`() throws {
        var world = world("\"schedule\":{\"hours\":[\"09:00-17:00\"],\"time_zone\":\"Asia/Taipei\"}")
        for at in [0.0, 10] {
            world.report("V1", at: at, north(0), centre.lon, accuracy: 5, more: ",\"speed_kmh\":3.25")
        }
        let events = world.takeEvents("geofence")
        #expect(events.map(\.line) == ["entered f @0.0", "outside_hours f @0.0"])
        #expect(events.last?.seconds("entered_time") == 0)
        #expect(events.last?.number("speed_kmh") == 3.3)
    }

    @Test func `another time zone for schedules that name none holds for the fences that are there`() throws {
        for isRestarted in [false, true] {
            // Open from 07:00 to 09:00: at the epoch in Taipei, but not in Los Angeles, where it is 16:00.
            var world = world("\"schedule\":{\"hours\":[\"07:00-09:00\"]}")
            #expect(visit(&world, hours: [0]) == ["entered f @0.0"])
            var settings = world.processor.router.settings
            settings.timeZone = "America/Los_Angeles"
            world.set(settings)
            world.flush()
            if isRestarted { try world.processor.restore(world.processor.snapshot()) }
            #expect(visit(&world, hours: [0.1]) == ["outside_hours f @360.0"], "restarted: \(isRestarted)")
        }
    }

    @Test func `a zone with summer time`() {
        // 2026-11-20T00:00Z is 16:00 in Los Angeles in winter (17:00 it would be in summer).
        var world = world("\"schedule\":{\"hours\":[\"08:00-16:30\"],\"time_zone\":\"America/Los_Angeles\"}")
        #expect(visit(&world, hours: [0, 0.49]) == ["entered f @0.0"])
        #expect(visit(&world, hours: [0.5]) == ["outside_hours f @1800.0"])
    }
}
