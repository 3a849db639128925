import Testing
import Wire

@testable import FleetCore

@Suite struct `Tenants` {
    @Test func `the same names in two fleets are not the same things`() throws {
        var world = World(shards: 2)
        for (fleet, radius) in [("acme", 100.0), ("bravo", 1000.0)] {
            world.fleet = fleet
            world.fence("f", circle(radius, "\"name\":\"\(fleet)'s\""))
            world.register("V1", group: fleet)
            world.report("V1", at: 0, north(500), centre.lon, accuracy: 5)
        }
        let events = world.takeEvents("geofence")
        #expect(events.count == 1)
        #expect(events.first?.data["geofence_name"]?.string == "bravo's")
        let text = try #require(events.first?.text)
        #expect(text.contains("\"source\":\"/fleets/bravo\""))
        // The same happening in both has two ids.
        for fleet in ["acme", "bravo"] {
            world.fleet = fleet
            world.report("V1", at: 60, north(0), centre.lon, accuracy: 5)
            world.report("V1", at: 120, north(2000), centre.lon, accuracy: 5)
        }
        let both = world.takeEvents("geofence").filter { $0.type == "geofence.exited" }
        #expect(both.count == 2)
        #expect(Set(both.map(\.id)).count == 2)
        #expect(both.map(\.sequence) == [3, 3])
    }

    @Test func `deleting, asking and answering stay within the fleet`() {
        var world = World(shards: 3)
        for fleet in ["acme", "bravo"] {
            world.fleet = fleet
            world.fence("f", circle(100))
            world.report("V-\(fleet)", at: 0, north(0), centre.lon)
        }
        _ = world.takeOutcomes()
        world.fleet = "acme"
        world.removeFence("f")
        #expect(world.takeEvents().map(\.vehicle) == ["V-acme"])
        for query in [
            "{\"nearest\":{\"lat\":\(centre.lat),\"lon\":\(centre.lon)}}",
            "{\"box\":{\"south\":-90,\"west\":-180,\"north\":90,\"east\":180}}",
            "{\"within\":{\"lat\":0,\"lon\":0,\"radius_m\":3e7}}",
        ] {
            world.query("q", query, response: "fleets/bravo/steal")
            let answers = world.takeAnswers()
            #expect(answers.map(\.topic) == ["fleets/acme/dispatch/queries/q/result"])
            #expect(answers.first?.json["vehicles"]?.array?.compactMap { $0["vehicle"]?.string } == ["V-acme"])
        }
        world.query("q", "{\"geofence\":\"f\"}")
        #expect(world.takeAnswers().first?.json["error"]?["reason"]?.string == "unknown_geofence")
        world.fleet = "bravo"
        world.query("q", "{\"geofence\":\"f\"}")
        #expect(world.takeAnswers().first?.json["count"]?.number == 1)
    }

    @Test func `dead letters go to the fleet that they came from`() {
        var world = World()
        for fleet in ["acme", "bravo"] {
            world.fleet = fleet
            world.send("vehicles/V1/telemetry", "broken")
            world.fence("f", "broken")
        }
        let letters = world.takeOutcomes()
        #expect(Set(letters.map(\.topic)) == ["fleets/acme/dead-letters", "fleets/bravo/dead-letters"])
        #expect(Set(letters.map(\.id)).count == 4)
        #expect(world.notes.map(\.fleet).sorted() == ["acme", "acme", "bravo", "bravo"])
    }

    /// What one fleet gets does not depend on whether the other is there.
    @Test(arguments: seeds(15)) func `a fleet alone gets the same as beside another`(_ seed: UInt64) throws {
        let frames = RandomWorld(seed: seed, steps: 300).script.frames
        func acme(_ frames: [Frame]) throws -> [Outcome] {
            try outcomes(of: frames, shards: 2).filter {
                $0.topic.hasPrefix("fleets/acme/") || $0.topic == "apps/answers"
            }
        }
        // The other fleet's messages become ticks, so that the time passes alike.
        let other = Array("fleets/other/".utf8)
        let alone = frames.map { frame in
            frame.topic.starts(with: other) ? Frame(kind: .tick, received_ms: frame.received_ms) : frame
        }
        let beside = try acme(frames).filter { !$0.text.contains("apps/answers") && $0.kind != .answer }
        #expect(try acme(alone).filter { $0.kind != .answer } == beside, "seed \(seed)")
    }

    @Test func `the number of fleets is bounded, and what is beyond is told`() {
        var world = World()
        for number in 0..<1002 {
            world.fleet = "fleet-\(number)"
            world.report("V1", at: 0, north(0), centre.lon)
        }
        let outcomes = world.takeOutcomes()
        #expect(outcomes.filter { $0.kind == .event }.count == 1000)
        let letters = outcomes.filter { $0.kind == .deadLetter }
        #expect(letters.map { $0.json["data"]?["reason"]?.string } == ["too_many_fleets", "too_many_fleets"])
        #expect(letters.map(\.topic) == ["fleets/fleet-1000/dead-letters", "fleets/fleet-1001/dead-letters"])
    }
}
