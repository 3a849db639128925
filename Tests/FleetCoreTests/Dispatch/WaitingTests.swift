import Testing
import Wire

@testable import FleetCore

/// What is told of, and does not come.
@Suite struct `What dispatch waits for` {
    private func details(_ world: inout World) -> [String] {
        world.takeDeadLetters().map { letter in
            "\(letter["reason"]?.string ?? ""): \(letter["detail"]?.string ?? "")"
        }
    }

    @Test func `an order waits for its customer, and is a dead letter when none comes`() {
        var world = World()
        world.order("O1", at: 1000, customer: "C1", received: 0)
        world.order("O2", at: 1000, customer: "C2", received: 0)
        world.customer("C2", received: 10)
        world.tick(599)
        #expect(details(&world) == [])
        world.tick(600)
        #expect(details(&world) == ["unknown_reference: the customer 'C1' of the order 'O1' is not known"])
        world.tick(6000)
        #expect(details(&world) == [])
    }

    @Test(arguments: [["O1"], ["O1", "O2"]])
    func `a stop that is left without the driver's word is told, the last of a route too`(_ orders: [String]) {
        var world = World()
        for (index, order) in orders.enumerated() { world.order(order, at: Double(index + 1) * 1000, received: 0) }
        world.route("R1", "V1", orders, received: 1)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        for index in orders.indices {
            now = world.drive("V1", from: (now, Double(index) * 1000), to: Double(index + 1) * 1000)
            now = world.stand("V1", at: Double(index + 1) * 1000, from: now, for: 60)
        }
        now = world.drive("V1", from: (now, Double(orders.count) * 1000), to: Double(orders.count) * 1000 + 500)
        world.tick(now + 119)
        world.tick(now + 400)
        let missing = world.takeEvents("delivery.proof_missing")
        #expect(missing.map { $0.data["stop"]?.string } == orders)
    }

    @Test func `a stop that goes to another vehicle is approached, and forecast, anew`() {
        var world = World()
        world.order("O1", at: 2000, received: 0)
        world.route("R1", "V1", ["O1"], received: 1)
        world.route("R2", "V2", [], received: 1)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 500)
        now = world.stand("V2", at: 0, from: now, for: 60)
        world.route("R2", "V2", ["O1"], received: now)
        now = world.stand("V2", at: 0, from: now, for: 60)
        now = world.drive("V2", from: (now, 0), to: 500)
        let events = world.takeEvents()
        let near = events.filter { $0.type == "delivery.approaching" }
        #expect(near.map(\.vehicle) == ["V1", "V2"])
        let first = events.filter { $0.type == "eta.updated" && $0.reason == "first" }
        #expect(first.map(\.vehicle) == ["V1", "V2"])
    }

    @Test func `a vehicle that nothing but a command names is looked at before it is immobilised`() {
        var world = World()
        var rules = CommandRules()
        rules.immobilisers = ["ops"]
        world.take(Frame(kind: .commands, received_ms: world.now_ms, payload: rules.json()))
        world.send(
            "dispatch/commands/c1",
            #"{"vehicle":"V9","command":"immobilise","reason":"stolen","requested_by":"ops"}"#, received: 0)
        _ = world.stand("V9", at: 0, from: 1, for: 40)
        #expect(world.takeEvents("command.").map(\.type) == ["command.held", "command.sent"])
    }
}
