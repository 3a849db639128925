import Testing
import Wire

@testable import FleetCore
@testable import Forecast

/// A break that dispatch planned between two stops, and what is expected of the stop after it.
@Suite struct `A planned break` {
    /// A vehicle that drives to O1; then half an hour of rest is planned, then O2.
    private func underWay() -> (World, now: Double) {
        var world = World()
        for (order, metres) in [("O1", 3000.0), ("O2", 6000)] { world.order(order, at: metres, received: 1) }
        world.send(
            "dispatch/routes/R1",
            """
            {"vehicle":"V1","depot":{"lat":\(centre.lat),"lon":\(centre.lon),"radius_m":100},"stops":[{"order":"O1"},\
            {"stop":"B1","kind":"break","service_s":1800},{"order":"O2"}]}
            """, received: 3)
        var now = world.stand("V1", at: 0, from: 10, for: 60)
        now = world.drive("V1", from: (now, 0), to: 2000)
        world.flush()
        return (world, now)
    }

    /// Seconds from the newest forecast to the median that it gives for a stop.
    private func ahead_s(_ world: World, _ stop: String) throws -> Double {
        let desk = try NorthRoad.desk(world)
        let outlook = try #require(desk.deliveries[DispatchID(stop)]?.outlook)
        return Double(try #require(outlook.p50_ms) - outlook.made_ms) / 1000
    }

    /// On to the first stop, which is served.
    private func served(_ world: inout World, _ now: Double) -> Double {
        var now = world.drive("V1", from: (now, 2000), to: 3000)
        now = world.stand("V1", at: 3000, from: now, for: 120)
        world.driver("V1", "delivered", at: now, "\"stop\":\"O1\"")
        return now
    }

    @Test func `it counts once: while it is to come, and while it lasts`() throws {
        var (world, now) = underWay()
        #expect(try ahead_s(world, "O1") < 600 && (1800...3600).contains(ahead_s(world, "O2")))
        now = served(&world, now)
        now = world.drive("V1", from: (now, 3000), to: 3400)
        world.driver("V1", "break_started", at: now)
        now = world.stand("V1", at: 3400, from: now, for: 10)
        world.flush()
        #expect(try (1800...2700).contains(ahead_s(world, "O2")))
        now = world.stand("V1", at: 3400, from: now, for: 900)
        world.flush()
        #expect(try (900...1800).contains(ahead_s(world, "O2")))
        world.driver("V1", "break_ended", at: now)
        _ = world.drive("V1", from: (now, 3400), to: 3600)
        world.flush()
        #expect(try ahead_s(world, "O2") < 900)
    }

    @Test func `a break of which the driver tells nothing is over when a stop behind it is reached`() throws {
        var (world, now) = underWay()
        world.order("O3", at: 9000, received: now)
        world.send(
            "dispatch/routes/R1",
            """
            {"vehicle":"V1","depot":{"lat":\(centre.lat),"lon":\(centre.lon),"radius_m":100},"stops":[{"order":"O1"},\
            {"stop":"B1","kind":"break","service_s":1800},{"order":"O2"},{"order":"O3"}]}
            """, received: now)
        now = served(&world, now)
        now = world.drive("V1", from: (now, 3000), to: 5000)
        world.flush()
        #expect(try ahead_s(world, "O3") > 1800)
        now = world.drive("V1", from: (now, 5000), to: 6000)
        now = world.stand("V1", at: 6000, from: now, for: 60)
        world.flush()
        #expect(try ahead_s(world, "O3") < 1500)
    }

    @Test func `a changed route does not bring it back`() throws {
        var (world, now) = underWay()
        now = served(&world, now)
        world.driver("V1", "break_started", at: now)
        world.driver("V1", "break_ended", at: now + 1)
        world.order("O3", at: 9000, received: now + 2)
        world.send(
            "dispatch/routes/R1",
            """
            {"vehicle":"V1","depot":{"lat":\(centre.lat),"lon":\(centre.lon),"radius_m":100},"stops":[{"order":"O1"},\
            {"stop":"B1","kind":"break","service_s":1800},{"order":"O3"},{"order":"O2"}]}
            """, received: now + 3)
        _ = world.drive("V1", from: (now + 5, 3000), to: 3300)
        world.flush()
        #expect(try ahead_s(world, "O3") < 1500)
    }
}
