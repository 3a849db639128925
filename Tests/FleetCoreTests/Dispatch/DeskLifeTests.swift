import Testing
import Wire

@testable import FleetCore

/// The life of deliveries as fixes and drivers' words tell it.
@Suite struct `Deliveries at the desk` {
    /// Orders at every so many metres, and a route that serves them.
    private func world(_ places: [Double], _ more: String = "", depot: Bool = true) -> World {
        var world = World()
        for (index, place) in places.enumerated() { world.order("O\(index + 1)", at: place, more, received: 0) }
        let names = places.indices.map { "O\($0 + 1)" }
        if depot {
            world.route("R1", "V1", names, received: 1)
        } else {
            let stops = names.map { "{\"order\":\"\($0)\"}" }.joined(separator: ",")
            world.send("dispatch/routes/R1", "{\"vehicle\":\"V1\",\"stops\":[\(stops)]}", received: 1)
        }
        return world
    }

    private func lines(_ world: inout World) -> [String] { dispatchLines(world.takeOutcomes()) }

    @Test func `by fixes alone`() {
        var world = world([1000, 3000])
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 1000)
        now = world.stand("V1", at: 1000, from: now, for: 120)
        now = world.drive("V1", from: (now, 1000), to: 2500)
        world.tick(now + 300)
        #expect(
            lines(&world) == [
                "delivery.assigned O1 @1", "delivery.assigned O2 @1", "delivery.en_route O1 @100",
                "route.departed_depot R1 @100", "delivery.en_route O2 @100", "delivery.approaching O1 @100",
                "delivery.arrived O1 @180", "delivery.approaching O2 @200", "delivery.service_started O1 @240",
                "delivery.departed O1 @310", "delivery.proof_missing O1 @430",
            ])
    }

    @Test func `by words alone`() {
        var world = world([1000], "\"cod\":{\"amount\":500,\"currency\":\"TWD\"}")
        world.driver("V1", "arrived", at: 100, "\"stop\":\"O1\"")
        world.driver(
            "V1", "delivered", at: 200,
            "\"order\":\"O1\",\"driver\":\"D1\",\"cod\":{\"amount\":400,\"currency\":\"TWD\"}")
        world.driver("V1", "departed", at: 230, "\"stop\":\"O1\"")
        #expect(
            lines(&world) == [
                "delivery.assigned O1 @1", "delivery.arrived O1 @100", "delivery.delivered O1 @200",
                "delivery.disputed O1 no_visit @200", "finance.cod_collected O1 @200", "route.completed R1 @200",
                "delivery.departed O1 @230", "route.completed R1 @200",
            ])
    }

    @Test func `a proof from far away is accepted and disputed`() {
        var world = world([1000])
        world.driver("V1", "delivered", at: 200, "\"stop\":\"O1\",\"lat\":\(north(1800)),\"lon\":\(centre.lon)")
        let events = world.takeEvents("delivery")
        #expect(
            events.map(\.dispatchLine) == [
                "delivery.assigned O1 @1", "delivery.delivered O1 @200", "delivery.disputed O1 proof_far_away @200",
            ])
        #expect(events.last?.number("distance_m") == 800)
    }

    @Test func `without a depot the vehicle sets out when it drives`() {
        var world = world([2000, 4000], depot: false)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        #expect(lines(&world) == ["delivery.assigned O1 @1", "delivery.assigned O2 @1"])
        now = world.drive("V1", from: (now, 0), to: 2000)
        #expect(
            lines(&world) == ["delivery.en_route O1 @80", "delivery.en_route O2 @80", "delivery.approaching O1 @80"])
        // A stop that comes onto the route meanwhile is on its way with the next fix.
        world.order("O3", at: 5000, received: now)
        world.send(
            "dispatch/routes/R1",
            "{\"vehicle\":\"V1\",\"stops\":[{\"order\":\"O1\"},{\"order\":\"O2\"},{\"order\":\"O3\"}]}", received: now)
        now = world.drive("V1", from: (now + 10, 2000), to: 2400)
        #expect(lines(&world) == ["delivery.assigned O3 @280", "delivery.en_route O3 @290"])
    }

    @Test func `without a depot a drive long before the planned start is another errand`() {
        var world = World()
        world.order("O1", at: 5000, received: 0)
        world.send(
            "dispatch/routes/R1",
            "{\"vehicle\":\"V1\",\"planned_start\":\(milliseconds(7200)),\"stops\":[{\"order\":\"O1\"}]}", received: 1)
        _ = world.drive("V1", from: (20, 0), to: 2000)
        #expect(lines(&world) == ["delivery.assigned O1 @1"])
        // Slow and near is standing; further away it has set out.
        for (seconds, metres) in [(5400.0, 2000.0), (5410, 2010), (5420, 2230)] {
            world.report("V1", at: seconds, north(metres), centre.lon, accuracy: 5, more: ",\"speed_kmh\":3")
        }
        #expect(lines(&world) == ["delivery.en_route O1 @5420", "delivery.approaching O1 @5420"])
    }

    @Test func `two stops at one place are told apart`() {
        var world = world([1000, 1000])
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 1000)
        now = world.stand("V1", at: 1000, from: now, for: 120)
        world.driver("V1", "delivered", at: now, "\"stop\":\"O1\"")
        now = world.stand("V1", at: 1000, from: now, for: 60)
        world.driver("V1", "failed", at: now, "\"stop\":\"O2\",\"reason\":\"customer_absent\"")
        now = world.drive("V1", from: (now, 1000), to: 2000)
        #expect(
            lines(&world) == [
                "delivery.assigned O1 @1", "delivery.assigned O2 @1", "delivery.en_route O1 @100",
                "route.departed_depot R1 @100", "delivery.en_route O2 @100", "delivery.approaching O1 @100",
                "delivery.arrived O1 @180", "delivery.approaching O2 @200", "delivery.service_started O1 @240",
                "delivery.delivered O1 @300", "delivery.arrived O2 @300", "delivery.failed O2 customer_absent @360",
                "delivery.reschedule_requested O2 customer_absent @360", "route.completed R1 @360",
                "delivery.departed O1 @370", "route.completed R1 @360", "delivery.departed O2 @370",
                "route.completed R1 @360",
            ])
    }

    @Test func `out of sequence, refused, partial, and an outcome after the cancellation`() {
        var world = world([1000, 2000, 3000])
        world.driver("V1", "refused", at: 100, "\"stop\":\"O2\",\"reason\":\"damaged\"")
        world.driver("V1", "delivered", at: 200, "\"stop\":\"O1\",\"items\":[{\"product\":\"LPG-20\",\"quantity\":1}]")
        world.order("O3", at: 3000, "\"status\":\"cancelled\",\"reason\":\"moved away\"", received: 250)
        world.driver("V1", "delivered", at: 300, "\"stop\":\"O3\"")
        #expect(
            lines(&world) == [
                "delivery.assigned O1 @1", "delivery.assigned O2 @1", "delivery.assigned O3 @1",
                "delivery.refused O2 damaged @100", "delivery.disputed O2 no_visit @100",
                "route.out_of_sequence O2 @100", "delivery.partially_delivered O1 @200",
                "delivery.disputed O1 no_visit @200", "delivery.cancelled O3 moved away @250",
                "route.completed R1 @250", "delivery.disputed O3 after_cancellation @300",
            ])
    }

    @Test func `goods are loaded and empties come back, and a shift without a driver is refused`() {
        var world = world([1000])
        world.driver("V1", "loaded", at: 50, "\"route\":\"R1\",\"items\":[{\"product\":\"LPG-20\",\"quantity\":2}]")
        world.driver("V1", "returned", at: 900, "\"items\":[{\"product\":\"EMPTY-20\",\"quantity\":2}]")
        #expect(
            lines(&world) == [
                "delivery.assigned O1 @1", "cargo.loaded R1 @50", "delivery.loaded O1 @50", "cargo.returned R1 @900",
            ])
        world.driver("V9", "shift_started", at: 1000)
        #expect(world.takeDeadLetters().map { $0["reason"]?.string } == ["missing_driver"])
    }
}
