import Testing
import Wire

@testable import FleetCore

/// What the road router is asked, and what its answers do.
@Suite struct `Ways over the ground` {
    private func questions(_ world: inout World) -> [String] {
        world.takeOutcomes().filter { $0.kind == .roadQuestion }.map(\.topic)
    }

    private func world() -> World {
        var world = World()
        world.order("O1", at: 2000, received: 0)
        world.route("R1", "V1", ["O1", "O2"], "\"version\":1", received: 1)
        return world
    }

    @Test func `a route is asked for when its places are known, and again when they change`() {
        var world = world()
        #expect(questions(&world) == ["acme/R1#1"])
        // The second order comes later, and again without a change of its place.
        world.order("O2", at: 4000, received: 2)
        #expect(questions(&world) == ["acme/R1#2"])
        world.order("O2", at: 4000, "\"service_s\":60", received: 3)
        world.route("R1", "V1", ["O1", "O2"], "\"version\":2", received: 4)
        #expect(questions(&world) == [])
        world.route("R1", "V1", ["O2", "O1"], "\"version\":3", received: 5)
        #expect(questions(&world) == ["acme/R1#3"])
    }

    @Test func `a question without an answer is asked three times in all`() {
        var world = world()
        world.order("O2", at: 4000, received: 1)
        _ = questions(&world)
        var asked: [Int] = []
        for second in stride(from: 10, to: 1000, by: 10) {
            world.tick(Double(second))
            asked += questions(&world).map { _ in second }
        }
        #expect(asked == [70, 130])
    }

    @Test func `a failure is asked again, where there is no way is not`() {
        for (reason, expected) in [("timeout", ["acme/R1#3"]), ("no_route", [])] {
            var world = world()
            world.order("O2", at: 4000, received: 1)
            _ = questions(&world)
            world.roadAnswer("acme/R1#2", "{\"error\":\"\(reason)\"}", received: 2)
            world.tick(100)
            #expect(questions(&world) == expected)
        }
    }

    @Test func `the answer is the path, and who leaves it has another one asked for`() {
        var world = world()
        world.order("O2", at: 4000, received: 1)
        // An answer to an earlier question, to none, and one that is no answer.
        world.roadAnswer("acme/R1#1", roadNorth(4000), received: 2)
        world.roadAnswer("acme/R7#1", roadNorth(4000))
        world.roadAnswer("nobody", roadNorth(4000))
        world.roadAnswer("acme/R1#2", "{}")
        world.flush()
        #expect(world.processor.desks.desks.first??.roads[DispatchID("R1")]?.path == nil)
        world.roadAnswer("acme/R1#2", roadNorth(4000))
        _ = world.takeOutcomes()
        #expect(world.processor.desks.desks.first??.roads[DispatchID("R1")]?.path != nil)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 1000)
        #expect(questions(&world) == [])
        // Then it goes east.
        for step in 1...30 {
            let east = centre.lon + Double(step) * 100 * metre / 0.906
            world.report(
                "V1", at: now + Double(step) * 10, north(1000), east, accuracy: 5,
                more: ",\"speed_kmh\":36,\"heading_deg\":90")
        }
        let told = world.takeOutcomes()
        #expect(told.filter { $0.topic.hasSuffix("route/deviated") }.count == 1)
        // Not before five minutes after the last question; nobody answers.
        let asked = told.filter { $0.kind == .roadQuestion }
        #expect(asked.map(\.topic) == ["acme/R1#3", "acme/R1#4", "acme/R1#5"])
        #expect(asked.first?.recorded_ms ?? 0 >= milliseconds(301))
        world.tick(now + 1000)
        #expect(questions(&world) == [])
    }
}
