import BrokerHarness
import FleetService
import Foundation
import Testing

/// Store-and-forward: twenty minutes without a network, then each tracker's 120 reports at once, newest or oldest first,
/// beside live ones. What a consumer holds in the end is what it would hold had every report come in its time.
@Suite struct TunnelTests {
    private static let window = "rules.reorder_window_s=3600"

    @Test func `a tunnel leaves the events that the sorted reports give`() throws {
        let stage = try Stage(settings: [Self.window])
        try stage.writeFences(Self.fences)
        stage.service.send(SIGHUP)
        let events = try Watcher(stage.broker, ["fleets/+/events/#"])
        let reports = try stage.broker.startSub(["-t", "fleets/#", "-q", "1", "-F", "%j"])
        try stage.service.wait("the capture has begun") {
            try stage.broker.pub(["-t", "fleets/probe", "-m", "{}"])
            return reports.output.contains("fleets/probe")
        }
        // Half an hour in ten seconds: five minutes, twenty in the tunnel, and five after it.
        let simulator = try run(
            Programs.fleetsim,
            [
                "--scenario", "tunnel", "--vehicles", "12", "--duration", "10", "--speedup", "180", "--port",
                "\(stage.broker.port)", "--quiet",
            ])
        #expect(simulator.status == 0, "\(simulator.errors)")
        try stage.broker.publish(["{}"], on: "fleets/last/vehicles/last/status")
        try stage.service.wait("the last message") {
            reports.output.contains("fleets/last/dead-letters") && stage.service.status?.output.outboxDepth == 0
        }
        let live = Final(events.messages)
        let captured = Received.lines(reports.output).filter { $0.topic.hasSuffix("/telemetry") }
        let longest = captured.map { $0.payload.components(separatedBy: #""lat""#).count - 1 }.max() ?? 0
        #expect((100...120).contains(longest), "the longest array has \(longest) reports")
        let file = try stage.folder.write(Self.sorted(captured), to: "sorted.jsonl")
        let replay = try run(
            Programs.fleetstream,
            ["replay", "--geofences", stage.folder.file("Geofences"), "--set", Self.window, file])
        #expect(replay.status == 0, "\(replay.errors)")
        let sorted = Final(replay.messages)
        #expect(live.faults == [])
        #expect(sorted.corrections == 0, "sorted reports correct nothing")
        #expect(live.corrections > 0, "nothing was late")
        #expect(sorted.lines.contains { $0.contains("geofence.entered") })
        #expect(sorted.lines.contains { $0.contains("vehicle.trip_started") })
        let missing = sorted.lines.subtracting(live.lines).sorted()
        let extra = live.lines.subtracting(sorted.lines).sorted()
        #expect(missing.isEmpty && extra.isEmpty, "missing \(missing.prefix(3)), too many \(extra.prefix(3))")
    }

    /// Squares of 600 m all over the city in which the fleet drives.
    private static let fences: [String] = (0..<49).map { number in
        let place = Place(east_m: Double(number % 7 - 3) * 1500, north_m: Double(number / 7 - 3) * 1500)
        return Fences.square("f-\(number)", at: place, half_m: 300, properties: #""dwell_seconds":60"#)
    }

    /// Every report of a capture in a message of its own, in the order of their times, received when they were measured.
    private static func sorted(_ captured: [Received]) -> String {
        // Times of one form and zone are in the order of their texts.
        var lines: [(time: String, line: String)] = []
        for message in captured {
            let json = try? JSONSerialization.jsonObject(with: Data(message.payload.utf8))
            for report in json as? [[String: Any]] ?? (json as? [String: Any]).map({ [$0] }) ?? [] {
                guard let time = report["time"] as? String,
                    let data = try? JSONSerialization.data(withJSONObject: report)
                else { continue }
                let payload = String(decoding: data, as: UTF8.self)
                lines.append(
                    (time, #"{"tst":"\#(time)","topic":"\#(message.topic)","qos":1,"retain":0,"payload":\#(payload)}"#)
                )
            }
        }
        return lines.sorted { $0.time < $1.time }.map(\.line).joined(separator: "\n") + "\n"
    }

    /// What a consumer holds in the end that drops what was corrected, and what was taken back.
    private struct Final {
        private(set) var lines: Set<String> = []
        private(set) var corrections = 0
        private(set) var faults: [String] = []

        /// What follows from when messages came, and not from what they say.
        private static let ofArrival: Set<String> = [
            "online", "offline", "position_stale", "position_recovered", "clock_skewed", "gps_outage", "gps_restored",
            "source_lagging", "source_recovered",
        ]

        init(_ messages: [Received]) {
            var held: [String: Received] = [:]
            var seen: Set<String> = []
            for event in messages where event.isEvent && !Self.ofArrival.contains(event.name) {
                guard seen.insert(event.id).inserted else {
                    faults.append("an id came twice: \(event.payload)")
                    continue
                }
                if let id = event.json["corrects"] as? String {
                    corrections += 1
                    if held.removeValue(forKey: id) == nil { faults.append("corrects nothing: \(event.payload)") }
                }
                held[event.id] = event
            }
            lines = Set(
                held.values.filter { $0.name != "retracted" }.map { event in
                    let data = try? JSONSerialization.data(withJSONObject: event.data, options: [.sortedKeys])
                    let type = (event.json["type"] as? String ?? "").replacing("fleetstream.", with: "")
                    return "\(type) \(event.json["time"] ?? "") \(String(decoding: data ?? Data(), as: UTF8.self))"
                })
        }
    }
}
