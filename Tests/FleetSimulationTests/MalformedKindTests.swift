import FleetSimulation
import Foundation
import Testing

@Suite struct MalformedKindTests {
    /// All messages of a run in which every report is followed by one of the given kind.
    private func bad(_ kind: MalformedKind) throws -> [SimulatedMessage] {
        var scenario = Scenario.small(seed: 1)
        scenario.coverage.tunnels = false
        if let index = MalformedKind.allCases.firstIndex(of: kind) { scenario.faults.malformed[index] = 1 }
        let run = try simulate(scenario, vehicles: 2, duration_s: 60)
        let telemetry = run.messages.filter { $0.kind == .telemetry }
        let bad = telemetry.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        #expect(bad.count == run.counts[kind])
        return bad
    }

    private func object(_ message: SimulatedMessage) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(message.payload))) as? [String: Any]
    }

    @Test(arguments: MalformedKind.allCases)
    func `each kind is what it is called`(kind: MalformedKind) throws {
        let messages = try bad(kind)
        #expect(!messages.isEmpty)
        for message in messages {
            let fields = object(message)
            let latitude = fields?["lat"] as? Double
            switch kind {
            case .truncated: #expect(fields == nil && message.text.hasPrefix("{\"time\":"))
            case .invalidUTF8: #expect(String(validating: message.payload, as: UTF8.self) == nil)
            case .empty: #expect(message.payload.isEmpty)
            case .notJSON: #expect(message.text.hasPrefix("$GPRMC"))
            case .latitude91: #expect(latitude == 91)
            case .nullIsland: #expect(latitude == 0 && fields?["lon"] as? Double == 0)
            case .nan: #expect(fields == nil && message.text.contains("NaN"))
            case .overflow: #expect(message.text.contains("1e400"))
            case .future: #expect((fields?["time"] as? String)?.hasPrefix("2099-") == true)
            case .past: #expect((fields?["time"] as? String)?.hasPrefix("1970-") == true)
            case .wrongTypes: #expect(fields?["lat"] is String)
            case .missingLongitude: #expect(latitude != nil && fields?["lon"] == nil)
            case .deepNesting: #expect(message.text.hasPrefix("[[[[") && message.payload.count == 4_000)
            case .oversized: #expect(message.payload.count > 65_536 && fields != nil)
            case .hugeArray: #expect(message.text.hasPrefix("[{},{}"))
            case .badTopic: #expect(message.topicText == "fleets/demo/vehicles//telemetry")
            }
            if message.isJSON {
                #expect((try? JSONSerialization.jsonObject(with: Data(message.payload))) != nil)
            }
        }
    }
}
