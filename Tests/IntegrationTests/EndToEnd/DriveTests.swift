import BrokerHarness
import FleetService
import Foundation
import Testing

@Suite struct DriveTests {
    @Test func `a drive through a yard is entered and exited, and the retained state tells the end`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#"])
        let start_ms = now_ms() - 600_000
        let drive = Report.drive(throughTheYard_m, from: start_ms)
        try stage.broker.publish(drive, of: "T-1")
        let messages = try watcher.wait(for: "exited") { !$0.events("exited").isEmpty }

        let online = try #require(messages.events("online").first)
        #expect(online.topic == "fleets/demo/events/vehicle/online")
        let entered = try #require(messages.events("entered").first)
        #expect(messages.events("entered").count == 1)
        #expect(entered.topic == "fleets/demo/events/geofence/entered")
        #expect(entered.json["specversion"] as? String == "1.0")
        #expect(entered.json["type"] as? String == "fleetstream.geofence.entered")
        #expect(entered.json["source"] as? String == "/fleets/demo")
        #expect(entered.json["subject"] as? String == "vehicles/T-1")
        #expect(entered.id.count == 32)
        #expect(time_ms(entered.json["time"]) == drive[2].time_ms)
        #expect(entered.string("geofence") == "yard")
        #expect(entered.string("geofence_name") == "Yard")
        #expect(entered.string("geofence_kind") == "depot")
        #expect(entered.data["initial"] == nil)
        let position = try #require(entered.data["position"] as? [String: Any])
        #expect(abs((position["lon"] as? Double ?? 0) - drive[2].place.longitude) < 1e-6)

        let exited = try #require(messages.events("exited").first)
        #expect(exited.topic == "fleets/demo/events/geofence/exited")
        #expect(time_ms(exited.json["time"]) == drive[5].time_ms)
        #expect(time_ms(exited.data["entered_time"]) == drive[2].time_ms)
        #expect(exited.number("duration_s") == 90)
        let sequences = messages.map { $0.json["sequence"] as? String ?? "" }
        #expect(sequences == sequences.sorted() && Set(sequences).count == sequences.count)

        // After the fact, from the broker alone.
        var state = Received(topic: "", payload: "")
        let isThere = try eventually {
            let lines = try stage.broker.sub(["-t", "fleets/demo/state/vehicles/T-1", "-C", "1", "-W", "5", "-F", "%j"])
            guard let found = lines.first.flatMap({ Received(line: $0) }) else { return false }
            state = found
            return found.isRetained && time_ms(found.json["time"]) == drive[7].time_ms
        }
        #expect(isThere, "\(state)")
        #expect(state.json["state"] as? String == "online")
        #expect((state.json["geofences"] as? [String]) == [])
    }

    @Test func `a vehicle that begins inside enters initially, and its state names the fence`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker)
        try stage.broker.publish(Report.drive([0, 10], from: now_ms() - 60_000), of: "T-1")
        let messages = try watcher.wait(for: "entered and state") { messages in
            !messages.events("entered").isEmpty
                && messages.contains { $0.topic.contains("/state/") && $0.payload.contains("yard") }
        }
        #expect(messages.events("entered").first?.data["initial"] as? Bool == true)
    }

    @Test func `a passage between two fixes is crossed, and a no-go area is an alarm`() throws {
        let forbidden = Fences.square("tunnel", at: Place(east_m: 0, north_m: 2000), properties: #""kind":"no_go""#)
        let stage = try Stage(features: [Fences.yard, forbidden])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/geofence/#"])
        try stage.broker.publish(Report.drive([-400, 400], from: now_ms() - 60_000), of: "T-1")
        try stage.broker.publish(
            Report.drive([-400, -50, 0, 50], north_m: 2000, from: now_ms() - 300_000), of: "T-2")
        let messages = try watcher.wait(for: "crossed and prohibited_entered") {
            !$0.events("crossed").isEmpty && !$0.events("prohibited_entered").isEmpty
        }
        let crossed = try #require(messages.events("crossed").first)
        #expect(crossed.string("vehicle") == "T-1" && crossed.string("geofence") == "yard")
        #expect(abs((crossed.number("chord_m") ?? 0) - 300) < 3)
        #expect(messages.events("prohibited_entered").first?.string("vehicle") == "T-2")
        #expect(messages.events("entered", vehicle: "T-1").isEmpty)
    }

    @Test func `a last will makes a vehicle offline and its own word online again`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/vehicle/#", "fleets/demo/state/#", "will/probe"])
        let topic = "fleets/demo/vehicles/T-2/status"
        // A tracker whose connection breaks, which is what makes a last will.
        var tracker: Tool? = try stage.broker.startSub([
            "-i", "tracker", "-t", "tracker/probe", "--will-topic", topic, "--will-payload", "offline", "--will-qos",
            "1",
        ])
        try stage.service.wait("the tracker is connected") {
            try stage.broker.pub(["-t", "tracker/probe", "-m", "there"])
            return tracker?.output.contains("there") ?? false
        }
        try stage.broker.publish(["online"], on: topic)
        try watcher.wait(for: "online") { !$0.events("online", vehicle: "T-2").isEmpty }
        withExtendedLifetime(tracker) {}
        tracker = nil
        let messages = try watcher.wait(for: "offline and its state") { messages in
            !messages.events("offline", vehicle: "T-2").isEmpty
                && messages.last { $0.topic.contains("/state/") }?.json["state"] as? String == "offline"
        }
        #expect(messages.events("offline").first?.string("reason") == "last_will")
        try stage.broker.publish([#"{"online":true}"#], on: topic)
        try watcher.wait(for: "online again") { $0.events("online", vehicle: "T-2").count == 2 }
    }

    @Test func `silence makes a vehicle offline`() throws {
        let stage = try Stage(settings: ["rules.offline_after_s=2"])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/vehicle/#"])
        try stage.broker.publish(Report.drive([500], from: now_ms()), of: "T-3")
        let messages = try watcher.wait(for: "offline") { !$0.events("offline").isEmpty }
        #expect(messages.events("offline").first?.string("reason") == "silence")
    }

    @Test func `fleets do not see one another`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker)
        let fence = Fences.square("site", at: Place(east_m: 5000))
        try stage.broker.publish([fence], on: "fleets/north/dispatch/geofences/site", ["-r"])
        for fleet in ["north", "south"] {
            try stage.broker.publish(Report.drive([5000, 5001], from: now_ms() - 60_000), of: "T-1", fleet: fleet)
            try stage.broker.publish(["offline"], on: "fleets/\(fleet)/vehicles/T-1/status")
        }
        let messages = try watcher.wait(for: "both offline") { $0.events("offline").count == 2 }
        #expect(messages.events("entered").map(\.topic) == ["fleets/north/events/geofence/entered"])
    }
}

/// Milliseconds since 1970 of an RFC 3339 text.
func time_ms(_ value: Any?) -> Int64? {
    guard let text = value as? String else { return nil }
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    let date = (try? format.parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
    return date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) }
}
