import Testing
import Wire

@testable import FleetCore
@testable import Forecast

/// A vehicle with three orders on a road of ten kilometres to the north.
enum NorthRoad {
    /// A road of ten kilometres to the north, as the member of a route.
    static var path: String {
        let points = stride(from: 0.0, through: 10_000, by: 500).map { "[\(centre.lon),\(north($0))]" }
        return "\"path\":{\"type\":\"LineString\",\"coordinates\":[\(points.joined(separator: ","))]}"
    }

    static func desk(_ world: World) throws -> Desk {
        try #require(world.processor.desks.desks.compactMap { $0 }.first)
    }

    static func run(_ world: World) throws -> DeskRun { try #require(try desk(world).runs[0]) }

    /// A vehicle with three orders that has driven 1500 m.
    static func underWay() -> (World, now: Double) {
        var world = World()
        for (number, metres) in [3000.0, 6000, 9000].enumerated() {
            world.order("O\(number + 1)", at: metres, received: 1)
        }
        world.route("R1", "V1", ["O1", "O2", "O3"], "\"version\":1,\(path)", received: 3)
        var now = world.stand("V1", at: 0, from: 10, for: 60)
        now = world.drive("V1", from: (now, 0), to: 1500)
        world.flush()
        return (world, now)
    }
}

/// What a changed route leaves as it was.
@Suite struct `A route that changes` {
    private func desk(_ world: World) throws -> Desk { try NorthRoad.desk(world) }
    private func run(_ world: World) throws -> DeskRun { try NorthRoad.run(world) }
    private var path: String { NorthRoad.path }

    @Test func `a changed order of stops keeps where the vehicle is and what was measured and predicted`() throws {
        var (world, now) = NorthRoad.underWay()
        let before = try #require(try run(world).trip)
        let offset_m = try #require(before.progress?.offset_m)
        #expect(offset_m > 1300 && before.meter != TravelMeter() && before.logs.allSatisfy { $0.count > 0 })
        world.route("R1", "V1", ["O1", "O3", "O2"], "\"version\":2,\(path)", received: now)
        world.flush()
        var after = try #require(try run(world).trip)
        #expect(try run(world).tripStops.map(\.text) == ["O1", "O3", "O2"])
        #expect(after.progress == before.progress && after.meter == before.meter && after.fix == before.fix)
        #expect(after.logs == [before.logs[0], before.logs[2], before.logs[1]])
        // A further stop, and one that is gone.
        world.order("O4", at: 4500, received: now)
        world.route("R1", "V1", ["O1", "O4", "O2"], "\"version\":3,\(path)", received: now)
        world.flush()
        after = try #require(try run(world).trip)
        #expect(after.progress == before.progress && after.meter == before.meter)
        #expect(after.logs[0] == before.logs[0] && after.logs[2] == before.logs[1] && after.logs[1].count == 0)
        // It goes on from there.
        now = world.drive("V1", from: (now, 1500), to: 2000)
        world.flush()
        #expect(try #require(try run(world).trip?.progress?.offset_m) > offset_m + 300)
    }

    @Test func `a route that changes while a stop is served goes on serving it`() throws {
        var (world, now) = NorthRoad.underWay()
        now = world.drive("V1", from: (now, 1500), to: 3000)
        now = world.stand("V1", at: 3000, from: now, for: 90)
        world.flush()
        let before = try #require(try run(world).trip)
        #expect(before.serving == 0)
        world.route("R1", "V1", ["O2", "O1", "O3"], "\"version\":2,\(path)", received: now)
        world.flush()
        let after = try #require(try run(world).trip)
        #expect(after.serving == 1 && after.servingSince_ms == before.servingSince_ms)
        #expect(after.progress == before.progress)
        // Its service is learned when it ends.
        #expect(try desk(world).learned.service == ServiceTimes())
        now = world.stand("V1", at: 3000, from: now, for: 90)
        world.driver("V1", "delivered", at: now, "\"stop\":\"O1\"")
        _ = world.drive("V1", from: (now, 3000), to: 4000)
        world.flush()
        #expect(try run(world).trip?.serving == nil)
        #expect(try desk(world).learned.service != ServiceTimes())
    }

    @Test func `areas that do not hold any more are let go of, before and after a restart`() throws {
        var world = World()
        for (id, end) in [("old", 100.0), ("new", 1_000_000)] {
            world.send(
                "dispatch/conditions/\(id)",
                """
                {"type":"Feature","geometry":{"type":"Point","coordinates":[\(centre.lon),\(centre.lat)]},\
                "properties":{"radius_m":500,"kind":"traffic","speed_factor":0.5,"to":\(milliseconds(end))}}
                """, received: 1)
        }
        world.flush()
        #expect(try desk(world).conditions.areas.count == 2)
        world.tick(1200)
        world.flush()
        #expect(try desk(world).conditions.areas.map(\.id) == [Array("new".utf8)])
        let snapshot = world.processor.snapshot()
        world.processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: testTimeZone)
        try world.processor.restore(snapshot)
        #expect(try desk(world).conditions.areas.map(\.id) == [Array("new".utf8)])
    }
}
