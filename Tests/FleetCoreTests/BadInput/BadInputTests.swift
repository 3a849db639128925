import Foundation
import Testing
import Wire

@testable import FleetCore

/// Every kind of input that cannot be used: a dead letter with its reason, and the stream goes on.
@Suite struct `Bad input` {
    /// Sends something bad between two good reports, and gives the dead letters.
    private func letters(_ send: (inout World) -> Void, settings: Settings? = nil) -> [JSONNode] {
        var world = World(shards: 2, settings: settings)
        world.register("GOOD")
        world.fence("f", circle(100))
        world.report("GOOD", at: 0, north(0), centre.lon)
        send(&world)
        world.report("GOOD", at: 60, north(1000), centre.lon)
        let all = world.takeOutcomes()
        let lines = all.filter { $0.kind == .event }.map { Event($0) }.filter { $0.vehicle == "GOOD" }.map(\.line)
        #expect(lines == ["online @0.0", "entered f @0.0", "exited f @60.0"], "the stream did not go on")
        let letters = all.filter { $0.kind == .deadLetter }
        #expect(world.notes.count == letters.count)
        #expect(Int(world.counters.deadLetters) == letters.count)
        for letter in letters {
            let json = letter.json
            #expect(json["type"]?.string == "fleetstream.system.dead_letter")
            #expect(json["data"]?["detail"]?.string?.isEmpty == false)
        }
        return letters.map { $0.json["data"] ?? $0.json }
    }

    @Test(arguments: [
        ("", "empty_payload", 0), ("  ", "empty_payload", 2), ("{", "json_syntax", 1),
        ("{\"time\":1,}", "json_syntax", 10),
        ("hello", "json_syntax", 0), ("7", "root_not_object_or_array", 0), ("\"x\"", "root_not_object_or_array", 0),
        ("null", "root_not_object_or_array", 0), ("[7]", "element_not_object", 1),
        ("{\"time\":1795132800000,\"lat\":NaN,\"lon\":1}", "json_syntax", 28),
        ("{\"time\":1795132800000,\"lat\":1e400,\"lon\":1}", "number_out_of_range", 28),
        ("{\"time\":1795132800000,\"lat\":91,\"lon\":1}", "latitude_out_of_range", 28),
        ("{\"time\":1795132800000,\"lat\":-90.0000001,\"lon\":1}", "latitude_out_of_range", 28),
        ("{\"time\":1795132800000,\"lat\":1,\"lon\":180.5}", "longitude_out_of_range", 36),
        ("{\"time\":1795132800000,\"lat\":\"25\",\"lon\":1}", "wrong_type", 28),
        ("{\"time\":1795132800000,\"lat\":25}", "missing_longitude", 0), ("{\"lat\":25,\"lon\":1}", "missing_time", 0),
        ("{\"time\":1795132800000}", "no_position_or_sensor", 0),
        ("{\"time\":\"yesterday\",\"lat\":1,\"lon\":1}", "invalid_time", 8),
        ("{\"time\":\"1970-01-01T00:00:00Z\",\"lat\":1,\"lon\":1}", "time_implausible", 8),
        ("{\"time\":0,\"lat\":1,\"lon\":1}", "time_implausible", 8),
        ("{\"time\":1795132800,\"lat\":1,\"lon\":1}", "time_in_seconds", 8),
        ("{\"time\":\"2100-01-01T00:00:00Z\",\"lat\":1,\"lon\":1}", "time_implausible", 8),
        ("{\"time\":true,\"lat\":1,\"lon\":1}", "wrong_type", 8),
    ]) func `a report that cannot be used`(_ payload: String, _ reason: String, _ offset: Int) {
        let letters = letters { $0.send("vehicles/BAD/telemetry", payload) }
        #expect(letters.count == 1)
        #expect(letters.first?["reason"]?.string == reason)
        #expect(letters.first?["offset"]?.number == Double(offset))
        #expect(letters.first?["topic"]?.string == "fleets/acme/vehicles/BAD/telemetry")
        #expect(letters.first?["payload"]?.string == payload)
        #expect(letters.first?["payload_bytes"]?.number == Double(payload.utf8.count))
    }

    @Test func `2099 is a time, but not one of now`() {
        var world = World()
        world.send("vehicles/V/telemetry", #"{"time":"2099-12-31T23:59:59Z","lat":1,"lon":1}"#)
        #expect(world.takeLines("vehicle.position_rejected").first?.hasPrefix("position_rejected future_time") == true)
    }

    @Test func `bytes that are not UTF-8 are told in base64`() {
        for bytes: [UInt8] in [
            [0x7B, 0x22, 0xFF, 0x22], Array("{\"a\":\"台".utf8.dropLast()), [0xFF], Array("abcdefgh".utf8) + [0xC3],
        ] {
            let letters = letters { $0.sendBytes(Array("fleets/acme/vehicles/BAD/telemetry".utf8), bytes) }
            #expect(letters.count == 1)
            #expect(letters.first?["payload_base64"]?.string == Data(bytes).base64EncodedString(), "\(bytes)")
            #expect(letters.first?["payload"] == nil)
        }
    }

    @Test func `a long payload is cut, between characters or not`() throws {
        let long = String(repeating: "台", count: 30_000)
        let letter = try #require(letters { $0.send("vehicles/BAD/telemetry", long) }.first)
        #expect(letter["reason"]?.string == "payload_too_large")
        #expect(letter["payload_bytes"]?.number == 90_000)
        #expect(letter["payload"]?.string?.prefix(1365) == long.prefix(1365))
        #expect((letter["payload"]?.string?.utf8.count ?? 0) <= 4096 + 6)
    }

    @Test func `a good report beside bad ones counts`() {
        var world = World()
        world.send(
            "vehicles/V/telemetry", "[\(reportText(at: 0, north(0), centre.lon)),{},7,\(reportText(at: 1, 91, 0))]")
        let all = world.takeOutcomes()
        #expect(
            all.filter { $0.kind == .deadLetter }.map { $0.json["data"]?["reason"]?.string } == [
                "missing_time", "element_not_object", "latitude_out_of_range",
            ])
        #expect(Set(all.filter { $0.kind == .deadLetter }.map(\.id)).count == 3)
        #expect(world.counters.acceptedFixes == 1)
    }

    @Test func `a huge array of nonsense costs no more than a few dead letters`() {
        let letters = letters {
            $0.send("vehicles/BAD/telemetry", "[\(Array(repeating: "1", count: 9000).joined(separator: ","))]")
        }
        #expect(letters.count == 17)
        #expect(letters.last?["reason"]?.string == "more_problems")
        #expect(letters.last?["detail"]?.string == "8984 more reports are refused")
    }

    @Test func `arrays that are too long, too deep, too large`() {
        let many = "[\(Array(repeating: "{}", count: 10_001).joined(separator: ","))]"
        #expect(
            letters { $0.send("vehicles/BAD/telemetry", many) }.map { $0["reason"]?.string } == ["too_many_elements"])
        let deep = String(repeating: "[", count: 5000)
        #expect(letters { $0.send("vehicles/BAD/telemetry", deep) }.map { $0["reason"]?.string } == ["json_nesting"])
        #expect(letters { $0.send("dispatch/vehicles/BAD", deep) }.count == 1)
        #expect(letters { $0.fence("g", deep) }.count == 1)
        #expect(letters { $0.status("BAD", deep) }.count == 1)
    }

    @Test(arguments: [
        "fleets/acme/vehicles//telemetry", "fleets/acme/vehicles/V/telemetry/", "/fleets/acme/vehicles/V/telemetry",
        "fleets//vehicles/V/telemetry", "fleets/acme", "fleets", "", "other/acme/vehicles/V/telemetry",
        "fleets/acme/vehicles/V/a/b/c/d/e/f", "fleets/acme/vehicles/+/telemetry", "fleets/acme/vehicles/#",
        "fleets/acme/trucks/V/telemetry",
        "fleets/acme/vehicles/a\0b/telemetry", "fleets/acme/vehicles/\(String(repeating: "x", count: 129))/telemetry",
        "fleets/\(String(repeating: "x", count: 2000))",
    ]) func `a topic that is not of the grammar`(_ topic: String) {
        let letters = letters { $0.sendBytes(Array(topic.utf8), Array(reportText(at: 0, 25, 121).utf8)) }
        #expect(letters.count == 1)
        #expect(letters.first?["topic"]?.string == topic)
        #expect(letters.first?["reason"]?.string?.isEmpty == false)
    }

    @Test func `what we publish ourselves is passed over`() {
        let letters = letters { world in
            for topic in ["events/geofence/entered", "state/vehicles/V", "dead-letters", "dispatch/queries/q/result"] {
                world.send(topic, "anything")
            }
        }
        #expect(letters.isEmpty)
    }

    @Test func `a retained status that is cleared says nothing, also of the vehicle`() {
        #expect(letters { $0.status("NEW", "") }.isEmpty)
    }

    @Test(arguments: [
        " ", "maybe", "{}", "{\"online\":2}", "{\"online\":true,\"status\":\"offline\"}", "[1]", "{\"status\":7}",
    ])
    func `a status that says nothing`(_ payload: String) {
        #expect(letters { $0.status("GOOD", payload) }.count == 1)
    }

    @Test(arguments: [
        ("[]", "wrong_type"), ("{\"group\":7}", "wrong_type"), ("{", "json_syntax"), ("x", "json_syntax"),
    ])
    func `a record of a vehicle that is none`(_ payload: String, _ reason: String) {
        #expect(letters { $0.send("dispatch/vehicles/BAD", payload) }.map { $0["reason"]?.string } == [reason])
    }

    @Test func `strangers, where vehicles must be registered`() {
        var settings = Settings()
        settings.registeredOnly = true
        let letters = letters(
            { world in
                world.report("STRANGER", at: 0, north(0), centre.lon)
                world.status("STRANGER", "online")
                world.register("STRANGER")
                world.report("STRANGER", at: 0, north(0), centre.lon)
                world.send("dispatch/vehicles/STRANGER", "")
                world.report("STRANGER", at: 1, north(0), centre.lon)
            }, settings: settings)
        #expect(letters.map { $0["reason"]?.string } == Array(repeating: "unregistered_vehicle", count: 3))
        #expect(letters.first?["offset"] == nil)
    }

    @Test func `more vehicles than allowed`() {
        var settings = Settings()
        settings.maxVehicles = 2
        var world = World(settings: settings)
        for vehicle in ["A", "B", "C", "A"] { world.report(vehicle, at: 0, north(0), centre.lon) }
        world.register("D")
        let letters = world.takeDeadLetters()
        #expect(letters.map { $0["reason"]?.string } == ["too_many_vehicles", "too_many_vehicles"])
        #expect(world.processor.census().vehicles == 2)
    }

    @Test func `the same bad message has the same id, whenever it comes`() {
        var world = World()
        for at in [0.0, 50] { world.send("vehicles/V/telemetry", "broken", received: at) }
        world.send("vehicles/W/telemetry", "broken")
        world.send("vehicles/V/telemetry", "broken!")
        let ids = world.takeOutcomes().map(\.id)
        #expect(ids[0] == ids[1])
        #expect(Set(ids).count == 3)
    }

    @Test func `frames of the shell that hold nonsense change nothing`() {
        var world = World()
        world.fileFence("f", circle(100))
        world.fileFence("f", "broken")
        world.take(Frame(kind: .fileGeofence, received_ms: epoch_ms, topic: Array("noslash".utf8), payload: [1, 2]))
        world.take(Frame(kind: .settings, received_ms: epoch_ms, payload: [255]))
        world.take(Frame(kind: .settings, received_ms: epoch_ms))
        world.report("V", at: 1, north(0), centre.lon)
        #expect(world.takeLines() == ["entered f @1.0"])
    }
}
