import Testing
import Wire

@testable import FleetCore

/// A fence of 100 m around the centre; positions are told in metres north of it. Fixes are precise to 5 m.
@Suite struct `Fence events` {
    private func drive(_ world: inout World, _ fixes: [(at: Double, metres: Double)], _ vehicle: String = "V1") {
        for fix in fixes { world.report(vehicle, at: fix.at, north(fix.metres), centre.lon, accuracy: 5) }
    }

    private func world(_ properties: String = "", radius: Double = 100) -> World {
        var world = World()
        world.fence("f", circle(radius, properties))
        return world
    }

    @Test func `entered and exited, each at the first fix of its run`() throws {
        var world = world("\"name\":\"Depot 台北\",\"kind\":\"depot\"")
        drive(&world, [(0, 500), (10, 98), (20, 50), (30, 0), (40, 103), (50, 300)])
        let events = world.takeEvents("geofence")
        #expect(events.map(\.line) == ["entered f @10.0", "exited f @40.0"])
        let entered = try #require(events.first)
        #expect(entered.lat == Double(Int((north(98) * 1e7).rounded())) / 1e7)
        #expect(entered.data["geofence_name"]?.string == "Depot 台北")
        #expect(entered.data["geofence_kind"]?.string == "depot")
        #expect(entered.data["initial"] == nil)
        #expect(entered.recorded == 20)
        let exited = try #require(events.last)
        #expect(exited.number("duration_s") == 30)
        #expect(exited.seconds("entered_time") == 10)
        #expect(exited.recorded == 50)
        #expect(exited.reason == nil)
        // The trip that began is told in between.
        #expect(events[0].sequence == 2 && events[1].sequence > 2)
    }

    @Test func `a vehicle whose first fix is inside enters initially`() throws {
        var world = world()
        drive(&world, [(0, 0), (10, 10)])
        let event = try #require(world.takeEvents("geofence").first)
        #expect(event.line == "entered f @0.0")
        #expect(event.data["initial"]?.bool == true)
        world.fence("late", circle(100))
        drive(&world, [(20, 20)])
        let second = try #require(world.takeEvents("geofence").first)
        #expect(second.line == "entered late @20.0")
        #expect(second.data["initial"] == nil)
    }

    @Test func `an initial run that takes two fixes to confirm is initial still`() throws {
        var world = world()
        drive(&world, [(0, 97), (10, 97)])
        let event = try #require(world.takeEvents("geofence").first)
        #expect(event.line == "entered f @0.0")
        #expect(event.data["initial"]?.bool == true)
    }

    @Test func `noise along the boundary tells nothing`() {
        var world = world("\"confirm_fixes\":3")
        drive(&world, (0..<40).map { (Double($0) * 10, $0.isMultiple(of: 3) ? 102 : 98) })
        #expect(world.takeLines() == [])
    }

    @Test func `the moments that confirm: seconds, fixes, accuracy`() {
        var seconds = world("\"confirm_fixes\":100,\"confirm_seconds\":30,\"use_accuracy\":false")
        drive(&seconds, [(0, 500), (10, 0), (20, 0), (39.999, 0)])
        #expect(seconds.takeLines() == [])
        drive(&seconds, [(40, 0)])
        #expect(seconds.takeLines() == ["entered f @10.0"])
        var fixes = world("\"confirm_fixes\":3,\"use_accuracy\":false")
        drive(&fixes, [(0, 500), (10, 0), (20, 0)])
        #expect(fixes.takeLines() == [])
        drive(&fixes, [(30, 0)])
        #expect(fixes.takeLines() == ["entered f @10.0"])
        var accuracy = world("\"confirm_fixes\":100")
        drive(&accuracy, [(0, 500), (10, 96)])
        #expect(accuracy.takeLines() == [])
        drive(&accuracy, [(20, 94)])
        #expect(accuracy.takeLines() == ["entered f @10.0"])
    }

    @Test func `a fix without accuracy has the assumed one`() {
        var world = world("\"confirm_fixes\":100")
        world.report("V1", at: 0, north(500), centre.lon)
        world.report("V1", at: 20, north(91), centre.lon)
        #expect(world.takeLines() == [])
        world.report("V1", at: 30, north(89), centre.lon)
        #expect(world.takeLines() == ["entered f @20.0"])
    }

    @Test func `the exit buffer keeps a vehicle in`() {
        var world = world("\"exit_buffer_m\":50,\"confirm_fixes\":1")
        drive(&world, [(0, 0), (10, 120), (20, 149), (30, 0)])
        #expect(world.takeLines() == ["entered f @0.0"])
        drive(&world, [(40, 151)])
        #expect(world.takeLines() == ["exited f @40.0"])
    }

    @Test func `dwelled once, at the moment when it was true`() throws {
        var world = world("\"dwell_seconds\":60")
        drive(&world, [(0, 500), (10, 0), (69, 0)])
        #expect(world.takeLines() == ["entered f @10.0"])
        drive(&world, [(75, 0), (300, 0)])
        let event = try #require(world.takeEvents("geofence").first)
        #expect(event.line == "dwelled f @70.0")
        #expect(event.number("dwell_s") == 60)
        #expect(event.recorded == 75)
        drive(&world, [(310, 500), (320, 500), (400, 0), (500, 0)])
        #expect(world.takeLines() == ["exited f @310.0", "entered f @400.0", "dwelled f @460.0"])
    }

    @Test func `entering late enough dwells at once`() {
        var world = world("\"dwell_seconds\":60,\"confirm_fixes\":2,\"use_accuracy\":false")
        drive(&world, [(0, 500), (10, 0), (100, 0)])
        #expect(world.takeLines() == ["entered f @10.0", "dwelled f @70.0"])
    }

    @Test func `crossed between two fixes, with interpolated times`() throws {
        var world = world()
        // 400 m in 20 s, the fence from -100 to 100: in after 100 of 400 m, out after 300.
        drive(&world, [(0, -200), (20, 200)])
        let events = world.takeEvents("geofence")
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event.type == "geofence.crossed")
        #expect(abs(event.time - 5) < 0.01)
        #expect(abs((event.seconds("exit_time") ?? 0) - 15) < 0.01)
        #expect(abs((event.number("chord_m") ?? 0) - 200) < 1)
        #expect(event.seconds("from_time") == 0 && event.seconds("to_time") == 20)
        #expect(abs((event.lat ?? 0) - north(-100)) < 1e-6)
        #expect(abs((event.data["exit_position"]?["lat"]?.number ?? 0) - north(100)) < 1e-6)
    }

    @Test func `what is not a crossing`() {
        var shortChord = world(radius: 4)
        drive(&shortChord, [(0, -200), (20, 200)])
        // 8 m of chord are more than the 5 m of accuracy; with a vague fix they are not.
        #expect(shortChord.takeLines().count == 1)
        shortChord.report("V1", at: 40, north(-200), centre.lon, accuracy: 9)
        #expect(shortChord.takeLines() == [])
        var gap = world()
        drive(&gap, [(0, -200), (600, 200)])
        #expect(gap.takeLines().count == 1)
        drive(&gap, [(1201, -200)])
        #expect(gap.takeLines() == [])
        var settings = Settings()
        settings.crossingMaxDistance_m = 400.5
        var far = World(settings: settings)
        far.fence("f", circle(100))
        drive(&far, [(0, -200), (20, 200)])
        #expect(far.takeLines().count == 1)
        drive(&far, [(40, -201)])
        #expect(far.takeLines() == [])
    }

    @Test func `a crossing does not disturb the visits next to it`() {
        var world = world()
        world.fence("a", circle(30, lat: north(-300), "\"confirm_fixes\":2"))
        world.fence("b", circle(30, lat: north(300)))
        drive(&world, [(0, -300), (40, 300)])
        // Exits first, then passages, then entries, whatever their times.
        let lines = world.takeLines()
        #expect(lines.count == 4)
        #expect(lines.first == "entered a @0.0")
        #expect(lines[1] == "exited a @40.0")
        #expect(lines[2].hasPrefix("crossed f @13.3"))
        #expect(lines[3] == "entered b @40.0")
    }

    @Test func `several fences at one place are told in order of their ids`() {
        var world = World()
        for id in ["c", "a", "d", "b"] { world.fence(id, circle(100)) }
        drive(&world, [(0, 0)])
        #expect(world.takeLines() == ["a", "b", "c", "d"].map { "entered \($0) @0.0" })
        drive(&world, [(10, 300), (20, 300)])
        #expect(world.takeLines() == ["a", "b", "c", "d"].map { "exited \($0) @10.0" })
        drive(&world, [(40, -300)])
        #expect(world.takeEvents("geofence").map(\.fence) == ["a", "b", "c", "d"])
    }

    // MARK: - Groups

    @Test func `a fence for groups concerns only their vehicles`() {
        var world = world("\"applies_to\":[\"gas-truck\",\"tanker\"]")
        world.register("A", group: "gas-truck")
        world.register("B", group: "scooter")
        world.register("C")
        for vehicle in ["A", "B", "C", "D"] { drive(&world, [(0, -300), (10, 0)], vehicle) }
        #expect(world.takeEvents("geofence").map(\.vehicle) == ["A"])
        for vehicle in ["A", "B", "C", "D"] { drive(&world, [(20, -300), (30, -300), (50, 300)], vehicle) }
        #expect(
            world.takeEvents("geofence").map { "\($0.vehicle) \($0.type)" } == [
                "A geofence.exited", "A geofence.crossed",
            ])
    }

    @Test func `a vehicle that changes its group leaves with its next fix`() throws {
        var world = world("\"applies_to\":[\"tanker\"]")
        world.register("V1", group: "tanker")
        drive(&world, [(0, 0)])
        #expect(world.takeLines() == ["entered f @0.0"])
        world.register("V1", group: "other", received: 5)
        #expect(world.takeLines() == [])
        drive(&world, [(10, 0)])
        let event = try #require(world.takeEvents("geofence").first)
        #expect(event.line == "exited f not_applicable @10.0")
        #expect(event.number("duration_s") == 10)
        world.register("V1", group: "tanker", received: 15)
        drive(&world, [(20, 0)])
        #expect(world.takeLines() == ["entered f @20.0"])
        world.send("dispatch/vehicles/V1", "", received: 25)
        drive(&world, [(30, 0)])
        #expect(world.takeLines() == ["exited f not_applicable @30.0"])
    }
}
