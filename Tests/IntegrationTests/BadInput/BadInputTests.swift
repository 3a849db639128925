import BrokerHarness
import FleetService
import Foundation
import Testing

/// Whatever is published, the stream goes on, and what could not be used is told with its reason.
@Suite struct BadInputTests {
    private static let telemetry = "fleets/demo/vehicles/T-1/telemetry"

    /// Publishes bytes as they are.
    private func publish(_ data: Data, on topic: String, _ stage: Stage) throws {
        let file = try stage.folder.write(data, to: "payload-\(UUID().uuidString)")
        try stage.broker.pub(["-q", "1", "-t", topic, data.isEmpty ? "-n" : "-f"] + (data.isEmpty ? [] : [file]))
    }

    @Test func `payloads of every bad kind are dead letters with a reason, and the stream goes on`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/+/dead-letters", "fleets/+/events/#"])
        let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        let many = "[" + Array(repeating: #"{"time":1}"#, count: 5000).joined(separator: ",") + "]"
        let payloads: [(Data, String)] = [
            (Data(#"{"time":1795000000000,"lat":25,"lon""#.utf8), "json_syntax"), (Data(), "empty_payload"),
            (Data(#"{"time":1795000000000,"lat":1e400,"lon":121}"#.utf8), ""),
            (Data(#"{"time":1795000000000,"lat":NaN,"lon":121}"#.utf8), "json_syntax"),
            (Data(#"{"time":1795000000000,"lat":"25","lon":121}"#.utf8), "wrong_type"),
            (Data(#"{"time":1795000000000,"lat":91,"lon":121}"#.utf8), ""),
            (Data(#"{"time":1795000000000,"lat":25,"lon":181}"#.utf8), ""),
            (Data(#"{"lat":25,"lon":121}"#.utf8), ""), (Data(deep.utf8), ""),
            (Data(#"{"time":"2026-02-30T00:00:00Z","lat":25,"lon":121}"#.utf8), ""),
            (Data([0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x31, 0x7D]), "invalid_utf8"),
            (Data(repeating: 0x20, count: 70_000), "payload_too_large"),
            (Data(many.utf8.prefix(50_000)), "json_syntax"), (Data("null".utf8), "root_not_object_or_array"),
        ]
        for (payload, _) in payloads { try publish(payload, on: Self.telemetry, stage) }
        try stage.broker.publish(["perhaps"], on: "fleets/demo/vehicles/T-1/status")
        try stage.broker.publish(["7"], on: "fleets/demo/dispatch/vehicles/T-1")
        try stage.broker.publish([#"{"type":"Feature"}"#], on: "fleets/demo/dispatch/geofences/f")
        try stage.broker.publish(Report.drive([0, 10], from: now_ms() - 60_000), of: "T-1")
        let messages = try watcher.wait(for: "the visit behind all of it") { !$0.events("entered").isEmpty }
        let letters = messages.filter { $0.isDeadLetter }
        #expect(letters.count == payloads.count + 3)
        let reasons = letters.map { $0.string("reason") ?? "" }
        for (index, (payload, wanted)) in payloads.enumerated() where index < reasons.count {
            #expect(
                !reasons[index].isEmpty && (wanted.isEmpty || reasons[index] == wanted),
                "\(payload.prefix(60)): \(reasons)")
            #expect(letters[index].number("payload_bytes") == Double(payload.count))
        }
        #expect(letters.allSatisfy { $0.json["specversion"] as? String == "1.0" && $0.id.count == 32 })
        #expect(Set(letters.map(\.id)).count == letters.count)
        let rows = try sqlite(stage.service.store, "SELECT reason FROM dead_letters ORDER BY id")
        #expect(rows == reasons)
        #expect(stage.service.status?.input.deadLetters == Int64(letters.count))
        try stage.service.wait("one vehicle is known") { stage.service.status?.vehicles.total == 1 }
    }

    @Test func `an array of nothing but nonsense makes few dead letters, and one report in it counts`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/+/dead-letters", "fleets/+/events/#"])
        let nonsense = Array(repeating: #"{"time":1}"#, count: 5000).joined(separator: ",")
        let good = Report(place: Place(), time_ms: now_ms() - 1000).json
        try publish(Data("[\(nonsense),\(good)]".utf8), on: Self.telemetry, stage)
        try stage.broker.publish(["offline"], on: "fleets/demo/vehicles/T-1/status")
        let messages = try watcher.wait(for: "the end") { !$0.events("offline").isEmpty }
        #expect(messages.events("entered").count == 1)
        // One message must not become thousands.
        #expect((1...32).contains(messages.count { $0.isDeadLetter }))
    }

    @Test func `positions that cannot be are rejected with a reason`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/+/dead-letters", "fleets/+/events/#"])
        let place = Place()
        func report(_ time: String, _ latitude: Double, _ longitude: Double) -> String {
            #"{"time":\#(time),"lat":\#(latitude),"lon":\#(longitude)}"#
        }
        let now = now_ms()
        try stage.broker.publish(
            [
                report("\(now - 60_000)", place.latitude, place.longitude),
                report("\"1970-01-01T00:00:01Z\"", place.latitude, place.longitude),
                report("\"2099-01-01T00:00:00Z\"", place.latitude, place.longitude),
                report("\(now - 50_000)", 0, 0), report("\(now - 40_000)", 35.6, 139.7),
                report("\(now - 30_000)", place.latitude, place.longitude),
            ], on: Self.telemetry)
        try stage.broker.publish(["offline"], on: "fleets/demo/vehicles/T-1/status")
        let messages = try watcher.wait(for: "the end") { !$0.events("offline").isEmpty }
        let reasons = messages.events("position_rejected").map { $0.string("reason") ?? "" }
        let letters = messages.filter { $0.isDeadLetter }.map { $0.string("reason") ?? "" }
        #expect(reasons.count + letters.count == 4, "\(reasons) \(letters)")
        #expect(Set(reasons).isSuperset(of: ["future_time", "null_island", "teleport"]), "\(reasons) \(letters)")
        try stage.service.wait("it is where it was") { stage.service.status?.vehicles.insideGeofences == 1 }
    }

    @Test func `strange topics cost nothing`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/+/dead-letters", "fleets/+/events/#"])
        let report = Report(place: Place(), time_ms: now_ms() - 1000).json
        for topic in [
            "fleets//vehicles/T-1/telemetry", "fleets/demo/vehicles//telemetry", "fleets/demo/vehicles/T-1/telemetry/",
            "fleets/demo/vehicles/a/b/telemetry",
            "fleets/demo/vehicles/\(String(repeating: "x", count: 3000))/telemetry",
            "fleets/_/vehicles/T-1/telemetry", "/fleets/demo/vehicles/T-1/telemetry", "fleets",
            "fleets/demo/vehicles/T 1\u{1}\u{7F}/telemetry",
        ] {
            try? stage.broker.pub(["-q", "1", "-t", topic, "-m", report])
        }
        try stage.broker.publish(Report.drive([0, 10], from: now_ms() - 60_000), of: "T-1")
        let messages = try watcher.wait(for: "an ordinary visit") { !$0.events("entered", vehicle: "T-1").isEmpty }
        let letters = messages.filter { $0.isDeadLetter }
        #expect(letters.contains { $0.string("topic") == "fleets/demo/vehicles//telemetry" }, "\(letters)")
        #expect(letters.contains { $0.string("topic") == "fleets//vehicles/T-1/telemetry" }, "\(letters)")
        #expect(stage.service.exitStatus == nil)
    }

    @Test func `strangers are dead letters where only registered vehicles may come`() throws {
        let stage = try Stage(settings: ["rules.registered_only=true"])
        let watcher = try Watcher(stage.broker, ["fleets/+/dead-letters", "fleets/+/events/#"])
        try stage.broker.publish([#"{"group":"gas-truck"}"#], on: "fleets/demo/dispatch/vehicles/T-1")
        for vehicle in ["T-2", "T-1"] {
            try stage.broker.publish(Report.drive([0, 10], from: now_ms() - 60_000), of: vehicle)
        }
        let messages = try watcher.wait(for: "the registered vehicle") { !$0.events("entered", vehicle: "T-1").isEmpty }
        let letters = messages.filter { $0.isDeadLetter }
        #expect(letters.map { $0.string("reason") } == ["unregistered_vehicle", "unregistered_vehicle"])
        #expect(messages.filter(\.isEvent).allSatisfy { $0.string("vehicle") == "T-1" })
    }
}
