import Geo
import Testing
import Wire

@testable import FleetCore

@Suite struct `Fences that change` {
    private func inside(_ world: inout World, _ vehicle: String = "V1", at: Double) {
        world.report(vehicle, at: at, north(0), centre.lon, accuracy: 5)
    }

    @Test func `a fence that is added takes effect with the next fix`() {
        var world = World()
        inside(&world, at: 0)
        world.fence("f", circle(100), received: 5)
        #expect(world.takeLines() == [])
        inside(&world, at: 10)
        #expect(world.takeLines() == ["entered f @10.0"])
    }

    @Test func `a fence that is deleted closes its visits at once`() throws {
        var world = World()
        world.fence("f", circle(100, "\"name\":\"Gone\""))
        for vehicle in ["V2", "V1", "V3"] { inside(&world, vehicle, at: 0) }
        world.report("V4", at: 0, north(500), centre.lon)
        _ = world.takeEvents()
        world.removeFence("f", received: 7)
        let events = world.takeEvents("geofence")
        #expect(events.map(\.line) == Array(repeating: "exited f fence_removed @0.0", count: 3))
        #expect(events.map(\.vehicle) == ["V1", "V2", "V3"])
        #expect(events.allSatisfy { $0.recorded == 7 && $0.number("duration_s") == 0 })
        #expect(events.first?.data["geofence_name"]?.string == "Gone")
        inside(&world, at: 10)
        #expect(world.takeLines() == [])
    }

    @Test func `a visit that was not confirmed goes without a word, one that ends is closed at the newest fix`() {
        var world = World()
        world.fence("f", circle(100, "\"confirm_fixes\":3,\"use_accuracy\":false"))
        for at in [0.0, 10] { inside(&world, "entering", at: at) }
        for at in [0.0, 10, 20] { inside(&world, "leaving", at: at) }
        world.report("leaving", at: 30, north(300), centre.lon)
        _ = world.takeEvents()
        world.removeFence("f", received: 40)
        #expect(world.takeEvents("geofence").map(\.description) == ["leaving: exited f fence_removed @30.0"])
    }

    @Test func `a changed fence keeps its visits and is judged anew with the next fix`() {
        var world = World()
        world.fence("f", circle(100))
        world.report("V1", at: 0, north(80), centre.lon, accuracy: 5)
        #expect(world.takeLines() == ["entered f @0.0"])
        world.fence("f", circle(50), received: 5)
        #expect(world.takeLines() == [])
        world.report("V1", at: 10, north(80), centre.lon, accuracy: 5)
        #expect(world.takeLines() == ["exited f @10.0"])
        world.fence("f", circle(200), received: 15)
        world.report("V1", at: 20, north(80), centre.lon, accuracy: 5)
        #expect(world.takeLines() == ["entered f @20.0"])
    }

    @Test func `deleted and published again in one breath ends the visit all the same`() {
        for isSplit in [true, false] {
            var world = World()
            world.fence("f", circle(100))
            inside(&world, at: 0)
            _ = world.takeEvents()
            world.removeFence("f", received: 5)
            if isSplit { world.flush() }
            world.fence("f", circle(100), received: 5)
            if isSplit { world.flush() }
            inside(&world, at: 10)
            #expect(world.takeLines() == ["exited f fence_removed @0.0", "entered f @10.0"], "split: \(isSplit)")
        }
    }

    @Test func `published, deleted, published, deleted in one breath leaves nothing`() {
        var world = World()
        for _ in 0..<2 {
            world.fence("f", circle(100))
            world.removeFence("f")
        }
        inside(&world, at: 1)
        #expect(world.takeLines() == [])
        #expect(world.processor.router.geofences(of: "acme")?.count == 0)
    }

    @Test func `the removals of one breath are told in their order, each with its own time`() {
        var world = World()
        for id in ["a", "b"] { world.fence(id, circle(100)) }
        for vehicle in ["V1", "V2"] { inside(&world, vehicle, at: 0) }
        _ = world.takeEvents()
        world.removeFence("b", received: 5.25)
        world.removeFence("a", received: 5.5)
        let events = world.takeEvents("geofence")
        #expect(events.map { "\($0.vehicle) \($0.fence)" } == ["V1 b", "V2 b", "V1 a", "V2 a"])
        #expect(events.map(\.recorded) == [5.25, 5.25, 5.5, 5.5])
        #expect(events.map(\.sequence) == [4, 4, 5, 5])
    }

    @Test func `what was removed is gone from the retained state`() {
        var world = World()
        world.fence("f", circle(100))
        inside(&world, at: 0)
        world.tick(10)
        #expect(world.takeStates().last?["geofences"]?.array?.count == 1)
        world.removeFence("f", received: 11)
        world.tick(20)
        #expect(world.takeStates().last?["geofences"]?.array?.count == 0)
    }

    // MARK: - Files

    @Test func `a fence of a file serves every fleet`() {
        var world = World()
        world.fileFence("f", circle(100))
        inside(&world, at: 0)
        world.fleet = "other"
        inside(&world, at: 0)
        #expect(world.takeLines() == ["entered f @0.0", "entered f @0.0"])
        world.fileFence("f", "", received: 5)
        #expect(world.takeLines() == Array(repeating: "exited f fence_removed @0.0", count: 2))
    }

    @Test func `what dispatch published goes before the file, also when it deletes`() {
        var world = World()
        world.fileFence("f", circle(100))
        world.fence("f", circle(500))
        world.report("V1", at: 0, north(300), centre.lon, accuracy: 5)
        #expect(world.takeLines() == ["entered f @0.0"])
        // The file changes: nothing for a fleet that has its own.
        world.fileFence("f", circle(50), received: 5)
        world.report("V1", at: 10, north(300), centre.lon, accuracy: 5)
        #expect(world.takeLines() == [])
        world.removeFence("f", received: 15)
        #expect(world.takeLines() == ["exited f fence_removed @10.0"])
        world.report("V1", at: 20, north(0), centre.lon, accuracy: 5)
        #expect(world.takeLines() == [])
        // Deleted by dispatch stays deleted, whatever the file says.
        world.fileFence("f", circle(60), received: 25)
        world.report("V1", at: 30, north(0), centre.lon, accuracy: 5)
        #expect(world.takeLines() == [])
        world.fence("f", circle(70), received: 35)
        world.report("V1", at: 40, north(0), centre.lon, accuracy: 5)
        #expect(world.takeLines() == ["entered f @40.0"])
    }

    @Test func `an empty payload for a fence that is nowhere leaves no trace`() {
        var world = World()
        world.removeFence("f")
        world.flush()
        world.fileFence("f", circle(100), received: 1)
        inside(&world, at: 2)
        #expect(world.takeLines() == ["entered f @2.0"])
    }

    @Test func `a fleet with files of its own does not see those for all`() {
        var world = World()
        world.fileFence("common", circle(100))
        world.fileFence("own", circle(100), key: "acme")
        inside(&world, at: 0)
        world.fleet = "other"
        inside(&world, at: 0)
        #expect(world.takeEvents("geofence").map(\.fence) == ["own", "common"])
    }

    @Test func `files of its own that come later replace those for all`() {
        for isRestarted in [true, false] {
            var world = World()
            world.fileFence("common", circle(100))
            inside(&world, at: 0)
            #expect(world.takeLines() == ["entered common @0.0"])
            world.fileFence("own", circle(100), key: "acme", received: 5)
            world.flush()
            if isRestarted {
                let snapshot = world.processor.snapshot()
                #expect(throws: Never.self) { try world.processor.restore(snapshot) }
            }
            inside(&world, at: 10)
            #expect(world.takeLines() == ["exited common fence_removed @0.0", "entered own @10.0"])
        }
    }

    @Test func `a fleet whose own files hold nothing has no fences`() {
        var world = World()
        world.fileFence("common", circle(100))
        world.fileFence("", "", key: "acme")
        inside(&world, at: 0)
        #expect(world.takeLines() == [])
        world.fleet = "other"
        inside(&world, at: 0)
        #expect(world.takeLines() == ["entered common @0.0"])
    }

    @Test func `a file that serves several fleets is told of in their order`() {
        for isSplit in [true, false] {
            var world = World()
            world.fileFence("f", circle(100))
            for fleet in ["acme", "bravo"] {
                world.fleet = fleet
                inside(&world, at: 0)
            }
            _ = world.takeEvents()
            world.fileFence("f", "", received: 5)
            if isSplit { world.flush() }
            inside(&world, at: 6)
            let topics = world.takeOutcomes().filter { $0.kind == .event }.map(\.topic)
            #expect(topics == ["acme", "bravo"].map { "fleets/\($0)/events/geofence/exited" }, "split: \(isSplit)")
        }
    }

    // MARK: - Bad fences

    @Test(arguments: [
        ("not json", "not_json"), ("{}", "not_a_feature"), ("[]", "not_a_feature"),
        ("{\"type\":\"Feature\"}", "missing_geometry"),
        (circle(-1), "out_of_range"), (circle(100, "\"id\":\"g\""), "id_mismatch"),
        (box(south: 25, west: 121, north: 26, east: 122, "\"confirm_fixes\":0"), "out_of_range"),
        (circle(100, lat: 91), "out_of_range"),
        (
            #"{"type":"Feature","geometry":{"type":"Point","coordinates":[1e400,1]},"properties":{"radius_m":5}}"#,
            "not_finite"
        ),
        (circle(100, "\"schedule\":{\"time_zone\":\"Mars/Olympus\"}"), "unknown_time_zone"),
        (
            #"{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]},"properties":{}}"#,
            "self_crossing"
        ),
    ]) func `a fence that is not valid is a dead letter, and the old one stays`(_ feature: String, _ reason: String) {
        var world = World()
        world.fence("f", circle(100))
        inside(&world, at: 0)
        _ = world.takeEvents()
        world.fence("f", feature, received: 5)
        let letters = world.takeDeadLetters()
        #expect(letters.map { $0["reason"]?.string } == [reason])
        #expect(letters.first?["topic"]?.string == "fleets/acme/dispatch/geofences/f")
        #expect(letters.first?["offset"]?.number != nil)
        inside(&world, at: 10)
        world.report("V1", at: 20, north(500), centre.lon, accuracy: 5)
        #expect(world.takeLines() == ["exited f @20.0"])
    }

    @Test func `a fence with too many vertices`() {
        var world = World()
        let positions = (0..<110_000).map { "[\(Double($0) * 1e-6),\(Double($0 * $0 % 7919) * 1e-6)]" }.joined(
            separator: ",")
        world.fence(
            "f",
            "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[\(positions)]]},\"properties\":{}}"
        )
        #expect(world.takeDeadLetters().map { $0["reason"]?.string } == ["too_many_vertices"])
    }

    @Test func `a burst of retained fences`() {
        var world = World(shards: 3)
        for number in 0..<400 {
            world.fence("f\(number)", circle(100, lat: centre.lat + Double(number) * 0.01))
        }
        for number in stride(from: 0, to: 400, by: 2) { world.removeFence("f\(number)") }
        for number in 0..<400 {
            world.report("V\(number)", at: 1, centre.lat + Double(number) * 0.01, centre.lon, accuracy: 5)
        }
        let events = world.takeEvents("geofence")
        #expect(events.map(\.fence) == stride(from: 1, to: 400, by: 2).map { "f\($0)" })
        #expect(world.processor.router.geofences(of: "acme")?.count == 200)
        #expect(world.processor.router.geofenceCount == 200)
    }
}
