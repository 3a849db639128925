import FleetSimulation
import Foundation
import Testing

extension Scenario {
    /// A small distributor: a quarter of Taipei, faults and dispatchers' work of every sort, and a short lead time.
    static func distributor(seed: UInt64, orders: Int = 40) -> Scenario {
        var scenario = Scenario.small(seed: seed)
        scenario.fleet.truckShare = 0.6
        scenario.fleet.vanShare = 0.2
        scenario.places.customers = 90
        var dispatch = Scenario.Dispatch()
        dispatch.orders = orders
        dispatch.lead_s = 600
        dispatch.departureSpread_s = 300
        dispatch.work.emergencies = 3
        dispatch.work.cancellations = 4
        dispatch.work.windowChanges = 3
        dispatch.work.resequenced = 3
        dispatch.work.moved = 3
        dispatch.work.immobilisations = 2
        dispatch.faults.failedShare = 0.15
        dispatch.faults.refusedShare = 0.05
        dispatch.faults.partialShare = 0.2
        dispatch.faults.rescheduleShare = 1
        dispatch.faults.arrivedForgottenShare = 0.1
        dispatch.faults.arrivedLateShare = 0.1
        dispatch.faults.proofMissingShare = 0.05
        dispatch.faults.proofFarShare = 0.1
        dispatch.faults.outOfOrderShare = 0.1
        dispatch.faults.incidentShare = 0.02
        dispatch.faults.cashDiscrepancyShare = 0.3
        dispatch.faults.appLossesPerHour = 2
        scenario.dispatch = dispatch
        return scenario
    }
}

/// One line of JSON with what it is asked for.
struct TestObject {
    let members: [String: Any]

    init(_ bytes: some Sequence<UInt8>) throws {
        members = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    init(_ members: [String: Any]) {
        self.members = members
    }

    subscript(name: String) -> String? { members[name] as? String }
    func number(_ name: String) -> Double? { (members[name] as? NSNumber)?.doubleValue }
    func whole(_ name: String) -> Int? { members[name] as? Int }
    func flag(_ name: String) -> Bool? { members[name] as? Bool }
    func object(_ name: String) -> TestObject? { (members[name] as? [String: Any]).map(TestObject.init) }
    func list(_ name: String) -> [TestObject]? { (members[name] as? [[String: Any]])?.map(TestObject.init) }

    /// A time as milliseconds since 1970; nil where it is missing or not RFC 3339.
    func time_ms(_ name: String) -> Int64? {
        guard let text = self[name] else { return nil }
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return (try? Date(text, strategy: style)).map { Int64(($0.timeIntervalSince1970 * 1_000).rounded()) }
    }

    /// Quantities by product of a list of items.
    func quantities(_ name: String) -> [String: Int] {
        var sums: [String: Int] = [:]
        for item in list(name) ?? [] { sums[item["product"] ?? "", default: 0] += item.whole("quantity") ?? 0 }
        return sums
    }
}

/// A whole play: what was sent, and the truth.
struct PlayedDay {
    var messages: [SimulatedMessage]
    var truth: [TestObject]
    var truthBytes: [UInt8]
    var simulator: FleetSimulator
    var scenario: Scenario

    init(_ scenario: Scenario, vehicles: Int, days: Int = 1) throws {
        var simulator = FleetSimulator(
            world: try FleetWorld.make(scenario),
            run: .init(scenario: scenario, start_ms: scenario.start_ms, days: days), vehicleCount: vehicles)
        var sink = CollectingSink()
        try simulator.begin(into: &sink)
        var bytes: [UInt8] = []
        var now_us: Int64 = 0
        while now_us < simulator.playEnd_us ?? .max {
            now_us += 60_000_000
            try simulator.advance(to: now_us, into: &sink)
            bytes += simulator.takeTruth()
        }
        try simulator.finish(into: &sink)
        messages = sink.messages
        truthBytes = bytes
        truth = try bytes.split(separator: UInt8(ascii: "\n")).map { try TestObject($0) }
        self.simulator = simulator
        self.scenario = scenario
    }

    /// Messages of a kind with their payloads.
    func all(_ kind: MessageKind) throws -> [(message: SimulatedMessage, payload: TestObject)] {
        try messages.filter { $0.kind == kind && !$0.payload.isEmpty }.map { ($0, try TestObject($0.payload)) }
    }

    func truth(_ kind: String) -> [TestObject] { truth.filter { $0["truth"] == kind } }
}

extension SimulatedMessage {
    /// The topic's last level.
    var lastLevel: String { topicText.split(separator: "/").last.map(String.init) ?? "" }
}
