import Testing
import Wire

@testable import FleetCore

@Suite struct `Presence` {
    private func drive(_ world: inout World, at: Double, received: Double? = nil) {
        world.report("V1", at: at, north(at), centre.lon, received: received)
    }
    private func lines(_ world: inout World) -> [String] { world.takeLines("vehicle") }

    @Test func `the first report brings a vehicle online`() throws {
        var world = World()
        drive(&world, at: 3)
        let event = try #require(world.takeEvents().first)
        #expect(event.line == "online @3.0")
        #expect(event.data["initial"]?.bool == true)
        #expect(event.data["position"] == nil)
        drive(&world, at: 10)
        #expect(lines(&world) == [])
    }

    @Test(arguments: [#"{"status":"online"}"#, "online", "1", "true", "\"ONLINE\"", #"{"online":true}"#])
    func `what a status may look like`(_ payload: String) {
        var world = World()
        world.status("V1", payload, received: 4)
        #expect(lines(&world) == ["online @4.0"])
    }

    @Test func `the last will, and the way back`() throws {
        var world = World()
        drive(&world, at: 0)
        world.status("V1", "offline", received: 20)
        let events = world.takeEvents("vehicle")
        #expect(events.map(\.line) == ["online @0.0", "offline last_will @20.0"])
        #expect(events.last?.seconds("position_time") == 0)
        #expect(abs((events.last?.lat ?? 0) - north(0)) < 1e-6)
        world.status("V1", "offline", received: 21)
        #expect(lines(&world) == [])
        world.status("V1", #"{"online":true,"time":\#(milliseconds(22))}"#, received: 25)
        let back = try #require(world.takeEvents("vehicle").first)
        #expect(back.line == "online @22.0")
        #expect(back.data["initial"] == nil)
        world.status("V1", "0", received: 26)
        drive(&world, at: 30)
        #expect(lines(&world) == ["offline last_will @26.0", "online @30.0"])
    }

    @Test func `silence ends a vehicle's presence at exactly the first tick`() throws {
        var world = World()
        drive(&world, at: 0.25)
        for second in 1...300 { world.tick(Double(second)) }
        #expect(lines(&world) == ["online @0.25"])
        world.tick(301)
        let event = try #require(world.takeEvents("vehicle").first)
        #expect(event.line == "offline silence @300.25")
        #expect(event.recorded == 301)
        world.tick(9000)
        #expect(lines(&world) == [])
    }

    @Test func `messages of others let time pass too`() {
        var world = World()
        drive(&world, at: 0)
        world.report("V2", at: 300.5, north(0), centre.lon)
        #expect(lines(&world) == ["online @0.0", "offline silence @300.0", "online @300.5"])
    }

    @Test func `every sign of life counts, a duplicate does not`() {
        var world = World()
        drive(&world, at: 0)
        world.sensors("V1", at: 200, #""fuel_pct":1"#)
        world.status("V1", "online", received: 400)
        world.tick(600)
        #expect(lines(&world) == ["online @0.0"])
        drive(&world, at: 0, received: 650)
        world.tick(700)
        #expect(lines(&world) == ["offline silence @700.0"])
        drive(&world, at: 0, received: 710)
        #expect(lines(&world) == [])
        #expect(world.processor.census().online == 0)
        // A late fix is a sign of life; its own time is told.
        world.report("V1", at: -10, north(-10), centre.lon, received: 720)
        #expect(lines(&world) == ["online @-10.0"])
        world.tick(1019)
        #expect(lines(&world) == [])
        world.tick(1020)
        #expect(lines(&world) == ["offline silence @1020.0"])
    }

    @Test func `an offline word does not prolong, and is not followed by silence`() {
        var world = World()
        drive(&world, at: 0)
        world.status("V1", "offline", received: 299)
        for second in stride(from: 300, through: 2000, by: 10) { world.tick(Double(second)) }
        #expect(lines(&world) == ["online @0.0", "offline last_will @299.0"])
        // Heard again after long: silence is exact from there.
        drive(&world, at: 2001)
        world.tick(2300)
        world.tick(2301)
        #expect(lines(&world) == ["online @2001.0", "offline silence @2301.0"])
    }

    @Test func `longer than the ring of timers`() {
        var settings = Settings()
        settings.offlineAfter_s = 3000
        var world = World(settings: settings)
        drive(&world, at: 0)
        for second in 1...2999 { world.tick(Double(second)) }
        #expect(lines(&world) == ["online @0.0"])
        world.tick(3000)
        #expect(lines(&world) == ["offline silence @3000.0"])
    }

    @Test func `a rule that changes holds for those who are silent already`() {
        var settings = Settings()
        settings.offlineAfter_s = 900
        var world = World(settings: settings)
        drive(&world, at: 0)
        world.tick(50)
        settings.offlineAfter_s = 60
        world.set(settings)
        world.tick(59)
        #expect(lines(&world) == ["online @0.0"])
        world.tick(60)
        #expect(lines(&world) == ["offline silence @60.0"])
        drive(&world, at: 70)
        settings.offlineAfter_s = 200
        world.set(settings)
        world.tick(269)
        #expect(lines(&world) == ["online @70.0"])
        world.tick(270)
        #expect(lines(&world) == ["offline silence @270.0"])
    }

    @Test func `after an interruption of the feed, silence is counted anew`() {
        var world = World()
        drive(&world, at: 0)
        world.resumed(1000)
        #expect(lines(&world) == ["online @0.0"])
        world.tick(1299)
        #expect(lines(&world) == [])
        world.tick(1300)
        #expect(lines(&world) == ["offline silence @1300.0"])
    }

    @Test func `the interruption concerns vehicles of fleets that come later as well`() throws {
        var world = World()
        drive(&world, at: 0)
        world.resumed(100)
        world.flush()
        let snapshot = world.processor.snapshot()
        world.processor = Processor(topicRoot: "fleets", shardCount: 3, resolveTimeZone: testTimeZone)
        try world.processor.restore(snapshot)
        _ = lines(&world)
        world.tick(399)
        #expect(lines(&world) == [])
        world.tick(400)
        #expect(lines(&world) == ["offline silence @400.0"])
    }

    @Test func `changes after one fix have different ids, and the same ones in a repetition`() {
        func run(shift: Double) -> [String] {
            var world = World()
            drive(&world, at: 0, received: shift)
            for round in 1...4 {
                world.status("V1", round.isMultiple(of: 2) ? "online" : "offline", received: Double(round) * 10 + shift)
            }
            return world.takeEvents("vehicle").map(\.id)
        }
        let ids = run(shift: 0)
        #expect(Set(ids).count == 5)
        #expect(run(shift: 7.25) == ids)
    }

    @Test func `a census`() {
        var world = World(shards: 4)
        world.fence("f", circle(100))
        for number in 0..<10 { world.report("V\(number)", at: 0, north(number < 4 ? 0 : 500), centre.lon) }
        world.status("V9", "offline")
        world.register("announced")
        world.flush()
        let census = world.processor.census()
        #expect(census.vehicles == 11)
        #expect(census.online == 9)
        #expect(census.insideFences == 4)
    }
}

@Suite struct `Retained state` {
    private func drive(_ world: inout World, at: Double) {
        world.report(
            "V1", at: at, north(at), centre.lon, accuracy: 5, more: ",\"speed_kmh\":36.04,\"heading_deg\":359.96")
    }

    @Test func `what it holds`() throws {
        var world = World()
        world.register("V1", group: "gas-truck")
        for id in ["b", "a"] { world.fence(id, circle(100)) }
        world.fence("pending", circle(100, "\"confirm_fixes\":5,\"use_accuracy\":false"))
        drive(&world, at: 0.5)
        world.tick(1)
        let outcome = try #require(world.takeOutcomes().first { $0.kind == .state })
        #expect(outcome.topic == "fleets/acme/state/vehicles/V1")
        let state = outcome.json
        #expect(state["vehicle"]?.string == "V1")
        #expect(state["state"]?.string == "online")
        #expect(state["group"]?.string == "gas-truck")
        #expect(Event.time(state["time"]) == milliseconds(0.5))
        #expect(state["position"]?["accuracy_m"]?.number == 5)
        #expect(state["speed_kmh"]?.number == 36)
        #expect(state["geofences"]?.array?.compactMap(\.string) == ["a", "b"])
        #expect(Event.time(state["last_seen"]) == milliseconds(0.5))
    }

    @Test func `at most once in its interval, and the last change is not forgotten`() {
        var world = World()
        for step in 0...100 { drive(&world, at: Double(step) / 4) }
        world.tick(60)
        let states = world.takeOutcomes().filter { $0.kind == .state }
        let times = states.map { Double($0.recorded_ms - epoch_ms) / 1000 }
        #expect(times == [1, 6, 11, 16, 21, 60])
        #expect(Event.time(states.last?.json["time"]) == milliseconds(25))
        world.tick(120)
        #expect(world.takeStates().isEmpty)
    }

    @Test func `nothing new is not published`() {
        var world = World()
        drive(&world, at: 0)
        for second in 1...60 { world.tick(Double(second)) }
        #expect(world.takeStates().count == 1)
    }

    @Test func `coming and going is published at once, also when a change is held back already`() {
        var settings = Settings()
        settings.stateInterval_s = 60
        var world = World(settings: settings)
        drive(&world, at: 0)
        world.tick(1)
        #expect(world.takeStates().count == 1)
        drive(&world, at: 5)
        world.status("V1", "offline", received: 6)
        world.tick(7)
        #expect(world.takeStates().map { $0["state"]?.string } == ["offline"])
        // The timer of the change that was held back is spent: the interval counts from the last publication.
        world.status("V1", "online", received: 10)
        world.tick(11)
        #expect(world.takeStates().count == 1)
        drive(&world, at: 20)
        for second in 21...70 { world.tick(Double(second)) }
        #expect(world.takeStates().isEmpty)
        world.tick(71)
        #expect(world.takeStates().count == 1)
    }

    @Test func `silence shows in the state`() {
        var world = World()
        drive(&world, at: 0)
        world.tick(1)
        _ = world.takeStates()
        world.tick(300)
        world.tick(301)
        #expect(world.takeStates().map { $0["state"]?.string } == ["offline"])
    }
}
