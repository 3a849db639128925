import Testing
import Wire

@testable import FleetCore

/// Who is told what of an ordinary day.
@Suite struct `Messages of the desk` {
    private func requests(_ change: (inout Script) -> Void = { _ in }) throws -> [String] {
        var script = Script()
        script.take(Frame(kind: .messages, received_ms: epoch_ms, payload: MessageRules.sample.json()))
        script.frames += OrdinaryDay().script.frames
        change(&script)
        return try outcomes(of: script.frames, shards: 2).filter { $0.topic.contains("/sms/requests/") }.map {
            "\($0.json["data"]?["kind"]?.string ?? "") \($0.json["data"]?["stop"]?.string ?? "")"
        }
    }

    /// English has no text for `scheduled`: that comes in the first language. The stops are less than ten minutes away when the vehicle sets out.
    @Test func `a customer is told of each step once`() throws {
        let told = try requests()
        for stop in ["O1", "O2"] {
            #expect(
                told.filter { $0.hasSuffix(stop) }.sorted() == [
                    "arrived \(stop)", "arriving \(stop)", "delivered \(stop)", "out_for_delivery \(stop)",
                    "scheduled \(stop)",
                ])
        }
        #expect(told.count == 10)
    }

    @Test(arguments: [#""consent":{"sms":false}"#, #""quiet_hours":{"from":"07:00","to":"23:00"}"#])
    func `nobody is told who does not want it, or not now`(_ wish: String) throws {
        let told = try requests { script in
            // Behind the orders, before the route.
            let index = 5
            var other = Script()
            other.now_ms = script.frames[index].received_ms
            other.send(
                "dispatch/customers/C1",
                "{\"phone\":\"+886912345678\",\"consent\":{\"sms\":true},\"language\":\"en\",\(wish)}")
            script.frames.insert(other.frames[0], at: index)
        }
        #expect(told.filter { $0.hasSuffix("O1") } == [])
        #expect(told.filter { $0.hasSuffix("O2") }.count == 5)
    }

    @Test func `the driver is told of a changed route and of an emergency`() {
        var world = World()
        world.take(Frame(kind: .messages, received_ms: epoch_ms, payload: MessageRules.sample.json()))
        world.send("dispatch/drivers/D1", #"{"phone":"+886987654321","language":"en"}"#, received: 0)
        world.order("O1", at: 1000)
        world.order("E1", at: 2000, #""priority":"emergency""#)
        world.route("R1", "V1", ["O1"], "\"version\":1")
        #expect(world.takeOutcomes().filter { $0.topic.contains("/sms/requests/") }.isEmpty)
        world.route("R1", "V1", ["E1", "O1"], "\"version\":2", received: 10)
        let told = world.takeOutcomes().filter { $0.topic.contains("/sms/requests/") }
        #expect(told.compactMap { $0.json["data"]?["kind"]?.string }.sorted() == ["emergency", "route_changed"])
        #expect(told.contains { $0.topic == "fleets/acme/sms/requests/emergency" })
        #expect(told.allSatisfy { $0.json["data"]?["to"]?.string == "+886987654321" })
        world.route("R1", "V1", ["E1", "O1"], "\"version\":3", received: 20)
        #expect(world.takeOutcomes().filter { $0.topic.contains("/sms/requests/") }.isEmpty)
    }
}
