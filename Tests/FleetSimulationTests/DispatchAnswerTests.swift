import FleetSimulation
import Foundation
import Testing

/// How vehicles and the gateway for text messages answer a processor.
@Suite struct DispatchAnswerTests {
    private func simulator(_ change: (inout Scenario) -> Void = { _ in }) throws -> FleetSimulator {
        var scenario = Scenario.distributor(seed: 4, orders: 5)
        change(&scenario)
        return FleetSimulator(
            world: try FleetWorld.make(scenario),
            run: .init(scenario: scenario, start_ms: scenario.start_ms, answersCommands: false), vehicleCount: 2)
    }

    /// What is answered within 30 s to messages that are heard 5 s after the start.
    private func answers(
        _ heard: [(topic: String, payload: String)], _ kind: MessageKind, in simulator: FleetSimulator
    ) throws -> [SimulatedMessage] {
        var simulator = simulator
        var sink = CollectingSink()
        try simulator.advance(to: 5_000_000, into: &sink)
        for (topic, payload) in heard { simulator.hear(topic: Array(topic.utf8), payload: Array(payload.utf8)) }
        try simulator.advance(to: 35_000_000, into: &sink)
        return sink.messages.filter { $0.kind == kind }
    }

    @Test func `a command is accepted and done, on the vehicle's topic, and answered alike when it is repeated`() throws
    {
        let simulator = try simulator()
        let vehicle = simulator.vehicles[1].id
        let command = ("fleets/demo/vehicles/\(vehicle)/commands/C-9", #"{"id":"C-9","command":"position"}"#)
        let once = try answers([command], .commandResult, in: simulator)
        #expect(once.map(\.topicText) == [String](repeating: command.0 + "/result", count: 2))
        #expect(once.map(\.vehicle) == [1, 1])
        let statuses = try once.map { try TestObject($0.payload)["status"] }
        #expect(statuses == ["accepted", "done"])
        let twice = try answers([command, command], .commandResult, in: simulator)
        #expect(twice.count == 4)
        #expect(Set(twice.map(\.payload)) == Set(once.map(\.payload)))
    }

    @Test func `shares of silence and refusal, and what nobody can obey`() throws {
        let vehicle = try simulator().vehicles[0].id
        let topic = "fleets/demo/vehicles/\(vehicle)/commands/C-1"
        let silent = try simulator { $0.dispatch?.faults.commandSilentShare = 1 }
        #expect(try answers([(topic, "{\"command\":\"lock\"}")], .commandResult, in: silent).isEmpty)
        let refusing = try simulator { $0.dispatch?.faults.commandRefusedShare = 1 }
        let refusal = try answers([(topic, "{\"command\":\"lock\"}")], .commandResult, in: refusing)
        #expect(try refusal.map { try TestObject($0.payload)["status"] } == ["refused"])
        let hostile = [
            ("fleets/demo/vehicles/nobody/commands/C-1", "{}"), (topic, "not json"), (topic, ""),
            ("fleets/other/vehicles/\(vehicle)/commands/C-1", "{}"), ("fleets/demo/vehicles/\(vehicle)/commands", "{}"),
            ("", "{}"), ("fleets/demo/sms/requests/high", "{\"id\":\"a/b\"}"), ("fleets/demo/sms/requests/high", "[]"),
        ]
        #expect(try answers(hostile, .commandResult, in: simulator()).isEmpty)
        #expect(try answers(hostile, .receipt, in: simulator()).isEmpty)
    }

    @Test func `an immobilisation is refused by a vehicle in use`() throws {
        let simulator = try simulator()
        var driving = simulator
        var sink = CollectingSink()
        var now_us: Int64 = 0
        // Until some vehicle is on the road.
        while now_us < 3_600_000_000, !sink.messages.contains(where: { $0.text.contains("\"rpm\":1") }) {
            now_us += 1_000_000
            try driving.advance(to: now_us, into: &sink)
        }
        let moving = try #require(sink.messages.last { $0.text.contains("\"rpm\":1") }).vehicle
        let id = driving.vehicles[moving].id
        driving.hear(
            topic: Array("fleets/demo/vehicles/\(id)/commands/C-2".utf8),
            payload: Array("{\"command\":\"immobilise\"}".utf8))
        try driving.advance(to: now_us + 30_000_000, into: &sink)
        let result = try #require(sink.messages.last { $0.kind == .commandResult })
        let payload = try TestObject(result.payload)
        #expect(payload["status"] == "refused" && payload["reason"] == "in_use")
    }

    @Test func `a request for a text message has its receipts`() throws {
        let request = ("fleets/demo/sms/requests/high", #"{"id":"00ff","type":"fleetstream.sms.request"}"#)
        let receipts = try answers([request], .receipt, in: simulator())
        #expect(receipts.map(\.topicText) == [String](repeating: "fleets/demo/sms/receipts/00ff", count: 2))
        let payloads = try receipts.map { try TestObject($0.payload) }
        #expect(payloads.map { $0["status"] } == ["sent", "delivered"])
        #expect(payloads.allSatisfy { $0["provider_id"]?.hasPrefix("SM") == true && $0.time_ms("time") != nil })
        let lost = try simulator { $0.dispatch?.faults.smsUndeliveredShare = 1 }
        let undelivered = try #require(try answers([request], .receipt, in: lost).last)
        #expect(try TestObject(undelivered.payload)["code"] == "30005")
    }
}
