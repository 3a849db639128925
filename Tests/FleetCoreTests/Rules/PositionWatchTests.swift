import TestSupport
import Testing
import Wire

@testable import FleetCore

/// Positions of single vehicles that stay away. Outages are off where nothing else is said: then each loss is told at once.
@Suite struct `Lost positions` {
    private func world(_ stale: String = "", shards: Int = 1) -> World {
        var world = World(shards: shards)
        world.rules(#"{"defaults":{"stale":{\#(stale)},"outage":{"enabled":0},"lag":{"enabled":0}}}"#)
        return world
    }

    private func pass(_ world: inout World, from: Int, to: Int) {
        for second in from...to { world.tick(Double(second)) }
    }

    private let moving = ",\"speed_kmh\":36,\"heading_deg\":90"

    @Test func `a moving vehicle falls silent, is estimated, and comes back`() throws {
        var world = world()
        world.report("V1", at: 0, centre.lat, centre.lon, accuracy: 5, more: moving)
        pass(&world, from: 1, to: 119)
        #expect(world.takeEvents("vehicle.position").isEmpty)
        pass(&world, from: 120, to: 400)
        let events = world.takeEvents("vehicle.position")
        #expect(events.map(\.line) == ["position_stale @120.0"])
        let event = try #require(events.first)
        #expect(event.recorded == 120)
        #expect(event.seconds("position_time") == 0 && event.lat == centre.lat)
        // 10 m/s eastwards for 120 s.
        let estimate = try #require(event.data["estimated_position"])
        let east_m = (try #require(estimate["lon"]?.number) - centre.lon) / metre * 0.906
        #expect(abs(east_m - 1200) < 5, "\(event.text)")
        #expect(abs(try #require(estimate["lat"]?.number) - centre.lat) < 1e-6)
        // 5 m, and 1 m/s and half of 10 m/s for 120 s.
        #expect(estimate["accuracy_m"]?.number == 725)
        #expect(event.number("uncertainty_growth_mps") == 6)

        world.report("V1", at: 410, centre.lat, centre.lon + 0.04, more: moving)
        let back = try #require(world.takeEvents("vehicle.position").first)
        #expect(back.line == "position_recovered @410.0")
        #expect(back.number("gap_s") == 410 && back.seconds("from_time") == 0)
        #expect((back.number("distance_m") ?? 0) > 4000)
        pass(&world, from: 411, to: 529)
        #expect(world.takeEvents("vehicle.position").isEmpty)
        pass(&world, from: 530, to: 900)
        #expect(world.takeLines("vehicle.position") == ["position_stale @530.0"])
    }

    @Test func `who stands with the ignition off is not missed, who stands with it on is`() {
        var world = world()
        world.report("off", at: 0, centre.lat, centre.lon, more: ",\"speed_kmh\":0,\"ignition\":false")
        world.report("on", at: 0, centre.lat, centre.lon, more: ",\"speed_kmh\":0,\"ignition\":true")
        world.report("slow", at: 0, centre.lat, centre.lon, more: ",\"speed_kmh\":4.9")
        world.report("fast", at: 0, centre.lat, centre.lon, more: ",\"speed_kmh\":5")
        world.report("nothing", at: 0, centre.lat, centre.lon)
        world.report("parks", at: 0, centre.lat, centre.lon, more: ",\"speed_kmh\":0,\"ignition\":true")
        world.sensors("parks", at: 60, "\"ignition\":false")
        world.sensors("silent", at: 60, "\"ignition\":true")
        pass(&world, from: 61, to: 600)
        #expect(world.takeEvents("vehicle.position_stale").map(\.vehicle) == ["fast", "on"])
    }

    @Test func `speed and heading come from the way where the tracker tells none, beyond its inaccuracy`() throws {
        var world = world()
        for (vehicle, metres) in [("drives", 100.0), ("jitters", 19.0)] {
            world.report(vehicle, at: 0, centre.lat, centre.lon)
            world.report(vehicle, at: 10, north(metres), centre.lon)
        }
        pass(&world, from: 11, to: 300)
        let events = world.takeEvents("vehicle.position_stale")
        #expect(events.map(\.vehicle) == ["drives"])
        #expect(events.first?.number("speed_kmh") == 36 && events.first?.number("heading_deg") == 0)
        let lat = try #require(events.first?.data["estimated_position"]?["lat"]?.number)
        #expect(abs(lat - north(1300)) < 1e-6)
    }

    @Test func `without a heading, and beyond the time of the estimate, the whole way is uncertain`() throws {
        var world = world("\"estimate_s\":20,\"stale_after_s\":60,\"drift_share\":0.5,\"drift_mps\":0")
        world.report("there", at: 0, centre.lat, centre.lon, accuracy: 0, more: moving)
        world.report("where", at: 0, centre.lat, centre.lon, accuracy: 0, more: ",\"speed_kmh\":36")
        pass(&world, from: 1, to: 100)
        let events = world.takeEvents("vehicle.position_stale")
        #expect(events.map(\.vehicle) == ["there", "where"])
        // 20 s at 5 m/s and 40 s at 10 m/s; 60 s at 10 m/s.
        #expect(events.map { $0.data["estimated_position"]?["accuracy_m"]?.number } == [500, 600])
        #expect(events.map { $0.number("uncertainty_growth_mps") } == [10, 10])
        #expect(events.last?.data["estimated_position"]?["lon"]?.number == centre.lon)
    }

    @Test func `without a speed it may be as far as one drives in town, standing only as far as it drifts`() throws {
        var world = world("\"stale_after_s\":60")
        world.report("fast?", at: 0, centre.lat, centre.lon, accuracy: 5, more: ",\"ignition\":true,\"heading_deg\":90")
        world.report("stands", at: 0, centre.lat, centre.lon, accuracy: 5, more: ",\"ignition\":true,\"speed_kmh\":0")
        pass(&world, from: 1, to: 100)
        let events = world.takeEvents("vehicle.position_stale")
        #expect(events.map(\.vehicle) == ["fast?", "stands"])
        let estimates = events.map { $0.data["estimated_position"] }
        #expect(estimates.allSatisfy { $0?["lat"]?.number == centre.lat && $0?["lon"]?.number == centre.lon })
        // 5 m, 1 m/s, and 50 km/h of the one; 60 s.
        #expect(estimates.map { $0?["accuracy_m"]?.number?.rounded() } == [898, 65])
        #expect(events.map { $0.data["speed_kmh"] == nil } == [true, false])
    }

    @Test func `estimates at the poles and at the antimeridian are places`() throws {
        var world = world()
        let places = [(89.99999, 10.0), (-90.0, 0.0), (10.0, 179.9999), (10.0, -179.9999)]
        for (number, place) in places.enumerated() {
            for heading in [0, 90, 180, 270] {
                world.report(
                    "V\(number)-\(heading)", at: 0, place.0, place.1,
                    more: ",\"speed_kmh\":250,\"heading_deg\":\(heading)")
            }
        }
        pass(&world, from: 1, to: 200)
        let events = world.takeEvents("vehicle.position_stale")
        #expect(events.count == 16)
        for event in events {
            let lat = try #require(event.data["estimated_position"]?["lat"]?.number)
            let lon = try #require(event.data["estimated_position"]?["lon"]?.number)
            #expect(abs(lat) <= 90 && abs(lon) <= 180, "\(event.text)")
        }
    }

    @Test func `late fixes are no sign of life, an uploaded buffer ends the gap with its first`() throws {
        var world = world()
        world.report("V1", at: 100, north(0), centre.lon, more: moving)
        pass(&world, from: 101, to: 300)
        #expect(world.takeLines("vehicle.position") == ["position_stale @220.0"])
        world.report("V1", at: 90, north(1), centre.lon, more: moving, received: 301)
        #expect(world.takeEvents("vehicle.position").isEmpty)
        let buffer = [160, 110, 300].map { reportText(at: Double($0), north(Double($0 - 100)), centre.lon) }
        world.send("vehicles/V1/telemetry", "[\(buffer.joined(separator: ","))]", received: 310)
        let back = try #require(world.takeEvents("vehicle.position_recovered").first)
        #expect(back.time == 110 && back.number("gap_s") == 10)
    }

    @Test func `a clock that is slow does not make a vehicle stale, and the event tells by it`() {
        var world = world()
        for second in stride(from: 0, through: 600, by: 30) {
            world.report(
                "V1", at: Double(second), north(Double(second)), centre.lon, more: moving,
                received: Double(second) + 900)
        }
        #expect(world.takeEvents("vehicle.position").isEmpty)
        pass(&world, from: 1501, to: 1700)
        let events = world.takeEvents("vehicle.position_stale")
        #expect(events.map(\.time) == [720] && events.map(\.recorded) == [1620])
    }

    @Test func `silence while the feed was interrupted proves nothing`() {
        var world = world()
        world.report("V1", at: 0, north(0), centre.lon, more: moving)
        world.resumed(4000)
        pass(&world, from: 4001, to: 4119)
        #expect(world.takeEvents("vehicle.position").isEmpty)
        pass(&world, from: 4120, to: 4130)
        #expect(world.takeEvents("vehicle.position_stale").map(\.recorded) == [4120])
    }

    @Test func `vehicles that report at all intervals up to the limit never flap`() {
        var world = world("\"stale_after_s\":30")
        var random = SplitMix64(seed: 4)
        var next = (0..<20).map { Double($0) / 20 }
        for second in 0..<1800 {
            for vehicle in 0..<20 where next[vehicle] <= Double(second) {
                world.report("V\(vehicle)", at: Double(second), north(Double(second)), centre.lon, more: moving)
                next[vehicle] = Double(second + random.int(1...29))
            }
            world.tick(Double(second) + 0.9)
        }
        #expect(world.takeEvents("vehicle.position").isEmpty)
    }

    @Test func `off is off`() {
        var world = world("\"enabled\":0")
        world.report("V1", at: 0, north(0), centre.lon, more: moving)
        pass(&world, from: 1, to: 900)
        #expect(world.takeEvents("vehicle.position").isEmpty)
    }

    @Test(arguments: [0, 1, 119, 124, 300, 409]) func `a restart at any moment changes nothing`(_ second: Int) throws {
        func run(restart: Bool) throws -> [Outcome] {
            var world = world(shards: 3)
            world.report("V1", at: 0, centre.lat, centre.lon, more: moving)
            for now in 0...500 {
                world.tick(Double(now))
                if now == 410 { world.report("V1", at: 410, centre.lat, centre.lon + 0.04, more: moving) }
                guard restart, now == second else { continue }
                world.flush()
                let parts = world.processor.snapshot().parts
                world.processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: testTimeZone)
                try world.processor.restore(try Snapshot(parts: parts))
            }
            return world.takeOutcomes().filter { $0.kind == .event }
        }
        let plain = try run(restart: false)
        #expect(plain.map { Event($0).line }.filter { $0.hasPrefix("position") }.count == 2)
        #expect(try run(restart: true) == plain)
    }
}
