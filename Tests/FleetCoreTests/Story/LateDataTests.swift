import Testing
import Wire

@testable import FleetCore

/// What late data change, and what they do not.
@Suite struct `Late data` {
    /// 5 m north a second.
    private func drive(_ world: inout World, at: Double, received: Double? = nil) {
        world.report("V1", at: at, north(at * 5), centre.lon, accuracy: 5, received: received)
    }

    private func isLate(_ event: Event) -> Bool {
        (try? JSONNode.parse(Array(event.text.utf8).span))?["late"]?.bool == true
    }
    private func corrects(_ event: Event) -> String? {
        (try? JSONNode.parse(Array(event.text.utf8).span))?["corrects"]?.string
    }

    @Test func `a visit that was not known is told with its own times`() {
        var world = World()
        world.fence("f", circle(100, lat: north(500)))
        for at in [0.0, 50, 200, 250] { drive(&world, at: at) }
        // The straight line led through the fence.
        let crossed = world.takeEvents("geofence")
        #expect(crossed.map(\.type) == ["geofence.crossed"])
        for at in [95.0, 100, 105] { drive(&world, at: at, received: 260) }
        let events = world.takeEvents("geofence")
        #expect(events.map(\.line).contains("entered f @95.0"))
        #expect(events.allSatisfy(isLate))
        let final = FinalStory(world.outcomes)
        #expect(final.faults == [])
        let types = final.events.values.filter { $0.type.hasPrefix("geofence") && !$0.type.hasSuffix("retracted") }
        #expect(Set(types.map(\.line)) == ["entered f @95.0", "exited f @200.0"])
        // The crossing is taken back or replaced, once.
        #expect(events.filter { corrects($0) == crossed[0].id }.count == 1)
    }

    @Test func `an exit is corrected to the earlier time that late fixes show`() {
        var world = World()
        world.fence("f", circle(100))
        for at in [0.0, 5, 100, 105] { drive(&world, at: at) }
        #expect(world.takeLines() == ["entered f @0.0", "exited f @100.0"])
        drive(&world, at: 40, received: 110)
        let events = world.takeEvents("geofence")
        #expect(events.map(\.line) == ["exited f @40.0"])
        #expect(events.allSatisfy(isLate))
        #expect(events.first.flatMap(corrects) != nil)
    }

    @Test func `late data that agree change nothing`() {
        var world = World()
        world.fence("f", circle(100))
        for at in [0.0, 10, 15, 30, 40] { drive(&world, at: at) }
        _ = world.takeEvents()
        drive(&world, at: 5, received: 45)
        drive(&world, at: 35, received: 46)
        #expect(world.takeEvents().isEmpty)
        #expect(world.counters.lateFixes == 2)
    }

    @Test func `the vehicle does not go back`() {
        var world = World()
        for at in [100.0, 200] { drive(&world, at: at) }
        for at in [0.0, 150] { drive(&world, at: at, received: 210) }
        world.tick(240)
        let state = world.takeStates().last
        #expect(Event.time(state?["time"]) == milliseconds(200))
        #expect(abs((state?["position"]?["lat"]?.number ?? 0) - north(1000)) < 1e-6)
    }

    @Test func `what was taken back and is true after all has a new id`() {
        var world = World()
        world.fence("f", circle(30, lat: north(500), "\"use_accuracy\":false,\"confirm_fixes\":2"))
        let inside = north(500)
        world.report("V1", at: 0, north(0), centre.lon)
        world.report("V1", at: 100, inside, centre.lon)
        world.report("V1", at: 120, inside, centre.lon)
        let first = world.takeEvents("geofence.entered")
        #expect(first.map(\.time) == [100])
        // In between it was outside: the run is broken, and nothing is confirmed.
        world.report("V1", at: 110, north(400), centre.lon, received: 121)
        let back = world.takeEvents("geofence")
        #expect(back.contains { $0.type == "geofence.retracted" && corrects($0) == first[0].id })
        // And inside again twice before that: confirmed after all.
        world.report("V1", at: 105, inside, centre.lon, received: 122)
        let again = world.takeEvents("geofence.entered")
        #expect(again.map(\.time) == [100])
        #expect(again[0].id != first[0].id)
        #expect(corrects(again[0]) != nil)
        #expect(FinalStory(world.outcomes).faults == [])
    }

    @Test func `a jump that was not believed may turn out to be a drive`() {
        var world = World()
        world.report("V1", at: 0, north(0), centre.lon)
        // 3,000 m in 10 s.
        world.report("V1", at: 10, north(3000), centre.lon)
        let rejected = world.takeEvents("vehicle.position_rejected")
        #expect(rejected.map(\.reason) == ["teleport"])
        // It had left long before: the first position is the one that stands alone now.
        world.report("V1", at: -400, north(3000), centre.lon, received: 11)
        let final = FinalStory(world.outcomes)
        #expect(final.faults == [])
    }

    @Test func `visits to a fence that was removed stay as they were told`() {
        var world = World()
        world.fence("f", circle(100))
        for at in [0.0, 5, 10] { drive(&world, at: at) }
        world.removeFence("f", received: 11)
        drive(&world, at: 12)
        #expect(world.takeLines() == ["entered f @0.0", "exited f fence_removed @10.0"])
        drive(&world, at: 7, received: 13)
        #expect(world.takeLines() == [])
    }

    @Test func `120 fixes from a tunnel in one message are told once`() {
        var world = World()
        world.fence("f", circle(190, lat: north(3000)))
        drive(&world, at: 0)
        drive(&world, at: 1300)
        _ = world.takeEvents()
        let elements = (1..<120).reversed().map {
            reportText(at: Double($0) * 10, north(Double($0) * 50), centre.lon, accuracy: 5)
        }
        world.send("vehicles/V1/telemetry", "[\(elements.joined(separator: ","))]", received: 1301)
        let events = world.takeEvents("geofence")
        #expect(
            events.filter { $0.type != "geofence.retracted" }.map(\.line) == ["entered f @570.0", "exited f @640.0"])
        #expect(world.counters.lateFixes == 119)
    }
}
