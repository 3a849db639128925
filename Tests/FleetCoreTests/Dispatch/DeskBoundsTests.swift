import Testing
import Wire

@testable import FleetCore

/// What is forgotten, and what waits no longer.
@Suite struct `Bounds of the desk` {
    private let hour = 3600.0

    private func theDesk(_ world: World) -> Desk? { world.processor.desks.desks.first ?? nil }

    @Test(arguments: [false, true]) func `an ended delivery is forgotten with its route, also after a restart`(
        _ isRestarted: Bool
    ) throws {
        var world = World()
        world.customer("C1", received: 0)
        world.order("O1", at: 1000, customer: "C1", received: 0)
        world.order("O2", at: 2000, received: 0)
        world.send(
            "dispatch/routes/R1",
            #"{"vehicle":"V1","stops":[{"order":"O1"},{"stop":"B1","kind":"break"},{"order":"O2"}]}"#, received: 1)
        world.driver("V1", "delivered", at: 100, "\"stop\":\"O1\"")
        world.tick(110)
        _ = world.takeOutcomes()
        // The second one nobody ever ends.
        world.tick(47 * hour)
        #expect(world.takeOutcomes().filter { $0.kind == .state && $0.payload.isEmpty }.isEmpty)
        if isRestarted {
            let snapshot = world.processor.snapshot()
            world.processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: testTimeZone)
            try world.processor.restore(snapshot)
        }
        world.tick(49 * hour)
        let cleared = world.takeOutcomes().filter { $0.kind == .state && $0.payload.isEmpty }
        #expect(cleared.map(\.topic) == ["fleets/acme/state/stops/O1", "fleets/acme/state/stops/O2"])
        world.tick(50 * hour)
        world.tick(99 * hour)
        world.flush()
        let desk = try #require(theDesk(world))
        #expect(desk.deliveries.isEmpty && desk.routes.isEmpty && desk.records.orders.count == 0)
        #expect(
            desk.records.routes.count == 0 && desk.roads.isEmpty && desk.runs.values.allSatisfy { $0.stops.isEmpty })
    }

    @Test func `an order without a route waits for one`() throws {
        var world = World()
        world.order("O1", at: 1000, received: 0)
        world.tick(200 * hour)
        world.route("R1", "V1", ["O1"], received: 201 * hour)
        #expect(dispatchLines(world.takeOutcomes()) == ["delivery.assigned O1 @\(Int(201 * hour))"])
    }

    @Test func `a condition that is over is forgotten`() throws {
        var world = World()
        world.tick(0)
        world.send(
            "dispatch/conditions/K1", circle(100, "\"speed_factor\":0.5,\"to\":\(milliseconds(500))"), received: 1)
        world.send("dispatch/conditions/K2", circle(100, "\"speed_factor\":0.5"), received: 2)
        world.tick(700)
        world.tick(1400)
        world.flush()
        let desk = try #require(theDesk(world))
        #expect(desk.records.conditions.ids.map(\.text) == ["K2"])
    }

    @Test func `a word before its order waits, and not longer because others come`() {
        var world = World()
        world.driver("V1", "delivered", at: 10, "\"order\":\"O1\"")
        world.driver("V1", "delivered", at: 10, "\"order\":\"O2\"")
        world.order("O1", at: 1000, received: 20)
        #expect(dispatchLines(world.takeOutcomes()) == [])
        // An order that comes again and again is on no route yet.
        for second in stride(from: 100.0, through: 500, by: 100) { world.order("O1", at: second, received: second) }
        world.route("R1", "V1", ["O1"], received: 550)
        #expect(dispatchLines(world.takeOutcomes()).contains { $0.hasPrefix("delivery.assigned O1") })
        world.tick(611)
        let letters = world.takeDeadLetters()
        #expect(letters.map { $0["reason"]?.string } == ["unknown_reference"])
        #expect(letters.first?["detail"]?.string?.contains("O2") == true)
    }
}
