import BrokerHarness
import FleetService
import Foundation
import Testing

/// What dispatch says and asks: geofences, queries; and what becomes of messages that cannot be used.
@Suite struct DispatchTests {
    @Test func `a published geofence is entered, and deleting it ends the visit`() throws {
        let stage = try Stage(features: [])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/geofence/#"])
        let topic = "fleets/demo/dispatch/geofences/site-7"
        try stage.broker.publish([Fences.square("site-7", at: Place())], on: topic, ["-r"])
        let drive = Report.drive([-600, -300, 0, 20, 40], from: now_ms() - 600_000)
        try stage.broker.publish(drive, of: "T-1")
        try watcher.wait(for: "entered") { !$0.events("entered").isEmpty }
        try stage.broker.pub(["-t", topic, "-r", "-n", "-q", "1"])
        let messages = try watcher.wait(for: "exited") { !$0.events("exited").isEmpty }
        let exited = try #require(messages.events("exited").first)
        #expect(exited.string("reason") == "fence_removed")
        #expect(exited.string("geofence") == "site-7")
        #expect(time_ms(exited.json["time"]) == drive[4].time_ms)
        try stage.service.wait("no geofence is left") { stage.service.status?.geofences == 0 }
    }

    @Test func `a query is answered on its response topic with its correlation data`() throws {
        let stage = try Stage()
        for (vehicle, east_m) in [("near", 300.0), ("far", 2000), ("inside", 20)] {
            try stage.broker.publish(Report.drive([east_m], from: now_ms() - 5000), of: vehicle)
        }
        try stage.service.wait("three vehicles are known") { stage.service.status?.vehicles.total == 3 }
        func ask(_ query: String) throws -> Received {
            let outcome = try run(
                "mosquitto_rr",
                [
                    "-h", "127.0.0.1", "-p", "\(stage.broker.port)", "-V", "5", "-q", "1", "-W", "10", "-t",
                    "fleets/demo/dispatch/queries/q-1", "-e", "answers/desk-4", "-m", query, "-D", "publish",
                    "correlation-data", "ticket 17", "-F", "%j",
                ])
            return try #require(outcome.messages.first, "\(outcome)")
        }
        func vehicles(_ answer: Received) -> [String] {
            (answer.json["vehicles"] as? [[String: Any]] ?? []).compactMap { $0["vehicle"] as? String }
        }
        let origin = Place()
        let nearest = try ask(#"{"nearest":{"lat":\#(origin.latitude),"lon":\#(origin.longitude),"k":2}}"#)
        #expect(nearest.topic == "answers/desk-4")
        #expect(nearest.properties["correlation-data"] as? String == "ticket 17", "\(nearest)")
        #expect(nearest.json["query"] as? String == "q-1")
        #expect(vehicles(nearest) == ["inside", "near"])
        let fence = try ask(#"{"geofence":"yard"}"#)
        #expect(vehicles(fence) == ["inside"])
        let none = try ask(#"{"within":{"lat":0,"lon":0,"radius_m":1000},"filter":{"online":true}}"#)
        #expect(vehicles(none) == [] && none.json["error"] == nil)
        let wrong = try ask(#"{"nearest":{"lat":91,"lon":0}}"#)
        #expect((wrong.json["error"] as? [String: Any])?["reason"] as? String == "invalid_query", "\(wrong)")
    }

    @Test func `without a response topic the answer is on the query's own result topic`() throws {
        let stage = try Stage()
        try stage.broker.publish(Report.drive([20], from: now_ms() - 5000), of: "T-1")
        let watcher = try Watcher(stage.broker, ["fleets/demo/dispatch/#"])
        let origin = Place()
        try stage.broker.publish(
            [#"{"within":{"lat":\#(origin.latitude),"lon":\#(origin.longitude),"radius_m":100}}"#],
            on: "fleets/demo/dispatch/queries/q-2")
        let messages = try watcher.wait(for: "the answer") { $0.contains { $0.topic.hasSuffix("/result") } }
        let answer = try #require(messages.first { $0.topic.hasSuffix("/result") })
        #expect(answer.topic == "fleets/demo/dispatch/queries/q-2/result")
        #expect((answer.json["vehicles"] as? [[String: Any]])?.first?["vehicle"] as? String == "T-1", "\(answer)")
    }

    @Test func `what cannot be used is a dead letter on the topic and in the table`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/+/dead-letters", "fleets/+/events/#"])
        let topic = "fleets/demo/vehicles/T-1/telemetry"
        try stage.broker.publish([#"{"time":1,"lat":"#], on: topic)
        try stage.broker.publish(Report.drive([20], from: now_ms() - 5000), of: "T-1")
        let messages = try watcher.wait(for: "the report behind the dead letter") { !$0.events("entered").isEmpty }
        let letter = try #require(messages.first { $0.isDeadLetter })
        #expect(letter.topic == "fleets/demo/dead-letters")
        #expect(letter.string("topic") == topic)
        #expect(letter.string("payload") == #"{"time":1,"lat":"#)
        let offset = try #require(letter.number("offset"))
        let rows = try sqlite(
            stage.service.store, "SELECT fleet, topic, payload, byte_offset FROM dead_letters")
        #expect(rows == [#"demo|\#(topic)|{"time":1,"lat":|\#(Int(offset))"#])
        #expect(try sqlite(stage.service.store, "SELECT count(*) FROM journal").first != "0")
    }
}
