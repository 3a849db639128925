import Telemetry
import TestSupport
import Testing
import Wire

@testable import FleetCore

extension FrameTaker {
    mutating func adapters(_ entries: [Adapter], received: Double? = nil) {
        pass(to: received)
        take(Frame(kind: .adapters, received_ms: now_ms, payload: Adapters(entries).json()))
    }

    /// A message on any topic.
    mutating func publish(_ topic: String, _ payload: String, at seconds: Double, retained: Bool = false) {
        sendBytes(Array(topic.utf8), Array(payload.utf8), received: seconds, retained: retained)
    }
}

func adapter(
    _ topic: String, _ format: TelemetryFormat, _ source: Adapter.VehicleSource, fleet: String = "acme",
    devices: [String: String] = [:]
) throws -> Adapter {
    let map = Dictionary(uniqueKeysWithValues: devices.map { (Array($0.key.utf8), Array($0.value.utf8)) })
    return Adapter(pattern: try TopicPattern(topic), format: format, fleet: fleet, source: source, devices: map)
}

func ownTracks(at seconds: Double, _ lat: Double, _ lon: Double, more: String = "") -> String {
    #"{"_type":"location","tst":\#(milliseconds(seconds) / 1000),"lat":\#(lat),"lon":\#(lon),"acc":5\#(more)}"#
}

func flespi(_ ident: String, at seconds: Double, _ lat: Double, _ lon: Double) -> String {
    #"{"ident":"\#(ident)","timestamp":\#(milliseconds(seconds) / 1000),"position.latitude":\#(lat),"position.longitude":\#(lon)}"#
}

@Suite struct `Messages by adapters` {
    private func world(_ entries: Adapter..., shards: Int = 1) -> World {
        var world = World(shards: shards)
        world.adapters(entries)
        return world
    }

    @Test func `a level of the topic names the vehicle`() throws {
        var world = world(try adapter("owntracks/+/+/#", .owntracks, .level(3)))
        world.fence("yard", circle(100))
        world.publish("owntracks/ann/truck-7", ownTracks(at: 1, centre.lat, centre.lon), at: 1)
        let events = world.takeEvents()
        #expect(events.map(\.type) == ["vehicle.online", "geofence.entered"])
        #expect(events.allSatisfy { $0.vehicle == "truck-7" })
        #expect(events[1].time == 1)
        world.publish("owntracks/ann", ownTracks(at: 2, centre.lat, centre.lon), at: 2)
        #expect(world.takeDeadLetters().map { $0["reason"]?.string } == ["topic_other_root"], "a level too few")
    }

    @Test func `the last will puts the vehicle offline, as the native one does`() throws {
        var world = world(try adapter("owntracks/+/+", .owntracks, .level(3)))
        world.publish("owntracks/ann/truck-7", ownTracks(at: 1, centre.lat, centre.lon), at: 1)
        world.publish("owntracks/ann/truck-7", #"{"_type":"lwt","tst":1795132000}"#, at: 60)
        let offline = try #require(world.takeEvents("vehicle.offline").first)
        #expect(offline.reason == "last_will")
        #expect(offline.time == 60, "the will's own time is that of the connection")
        world.publish("owntracks/ann/truck-7", ownTracks(at: 61, centre.lat, centre.lon), at: 61)
        #expect(world.takeEvents().map(\.type) == ["vehicle.online"])
    }

    @Test func `a transition is a position, cards and waypoints are counted`() throws {
        var world = world(try adapter("owntracks/+/+/#", .owntracks, .level(3)))
        world.publish(
            "owntracks/ann/truck-7/event",
            #"{"_type":"transition","event":"enter","tst":\#(milliseconds(1) / 1000),"lat":25,"lon":121.5,"acc":10}"#,
            at: 1)
        world.publish("owntracks/ann/truck-7/info", #"{"_type":"card","name":"Ann"}"#, at: 2)
        world.publish("owntracks/ann/truck-7/waypoints", #"{"_type":"waypoints","waypoints":[]}"#, at: 3)
        world.publish("owntracks/ann/truck-7/info", "", at: 4, retained: true)
        world.flush()
        #expect(world.counters.acceptedFixes == 1)
        #expect(world.counters.otherTypes == 2)
        // Every batch counts anew.
        world.publish("owntracks/ann/truck-7", ownTracks(at: 9, 25, 121.5), at: 9)
        world.flush()
        #expect(world.counters.otherTypes == 2)
        #expect(world.counters.deadLetters == 0)
        #expect(world.counters.messages == 5)
    }

    @Test func `vehicles in the payload are dealt out, each with its own reports in order of time`() throws {
        for shards in [1, 4] {
            var world = world(try adapter("flespi/#", .flespi, .payload), shards: shards)
            world.fence("yard", circle(100))
            let payload = [
                flespi("B", at: 20, centre.lat, centre.lon), flespi("A", at: 30, north(20), centre.lon),
                flespi("B", at: 10, north(500), centre.lon), flespi("A", at: 25, centre.lat, centre.lon),
            ].joined(separator: ",")
            world.publish("flespi/stream", "[\(payload)]", at: 31)
            let lines = world.takeEvents().map { "\($0.vehicle) \($0.line)" }
            #expect(
                lines == [
                    "B online @10.0", "B entered yard @20.0", "A online @25.0", "A entered yard @25.0",
                ], "\(shards) shards")
        }
    }

    @Test func `devices are mapped to vehicles; two may be of one vehicle, others keep their id`() throws {
        let devices = ["352093081234567": "truck-7", "phone-7": "truck-7"]
        var world = world(
            try adapter("flespi", .flespi, .payload, devices: devices),
            try adapter("owntracks/+/+", .owntracks, .level(3), devices: devices))
        world.publish("flespi", flespi("352093081234567", at: 1, 25, 121.5), at: 1)
        world.publish("owntracks/ann/phone-7", ownTracks(at: 2, 25, 121.5), at: 2)
        world.publish("owntracks/ann/phone-8", ownTracks(at: 2, 25, 121.5), at: 2)
        #expect(world.takeEvents().map(\.vehicle) == ["truck-7", "phone-8"])
    }

    @Test func `another vehicle in the payload than in the topic is a dead letter, the others count`() throws {
        var world = world(
            try adapter("flespi/+", .flespi, .level(2), devices: ["2": "truck-2"]),
            try adapter("imei/+", .owntracks, .level(2)))
        world.publish(
            "flespi/truck-2", "[\(flespi("2", at: 1, 25, 121.5)),\(flespi("3", at: 2, 25, 121.5))]", at: 3)
        let letters = world.takeDeadLetters()
        #expect(letters.map { $0["reason"]?.string } == ["identity_mismatch"])
        #expect(letters.first?["detail"]?.string?.contains("'3'") == true)
        world.flush()
        #expect(world.counters.acceptedFixes == 1)
        world.publish("imei/17", ownTracks(at: 4, 25, 121.5, more: #","imei":"17","tid":"zz""#), at: 4)
        world.publish("imei/17", ownTracks(at: 5, 25, 121.5, more: #","imei":"18""#), at: 5)
        #expect(world.takeDeadLetters().map { $0["reason"]?.string } == ["identity_mismatch"])
    }

    @Test func `the native report may name its vehicle, which must be the topic's`() {
        var world = World()
        world.report("truck-7", at: 1, 25, 121.5, more: #","vehicle":"truck-7""#)
        world.report("truck-7", at: 2, 25, 121.5, more: #","vehicle":"truck-8""#)
        let letters = world.takeDeadLetters()
        #expect(letters.map { $0["reason"]?.string } == ["identity_mismatch"])
        #expect(letters.first?["topic"]?.string == "fleets/acme/vehicles/truck-7/telemetry")
        #expect(world.counters.acceptedFixes == 1)
    }

    @Test func `one vehicle for all messages, whatever they say`() throws {
        var world = world(try adapter("v1/devices/me/telemetry", .thingsboard, .fixed("truck-1")))
        world.publish("v1/devices/me/telemetry", #"{"lat":25,"lon":121.5,"deviceName":"gps"}"#, at: 7)
        let events = world.takeEvents()
        #expect(events.map(\.vehicle) == ["truck-1"])
        #expect(events.first?.time == 7, "without a time of its own it is that of its receipt")
    }

    @Test(arguments: [
        (#"{"timestamp":1795132801,"engine.rpm":1}"#, "missing_identity"),
        (#"{"ident":"a/b","timestamp":1795132801,"engine.rpm":1}"#, "invalid_identity"),
        (
            #"{"ident":"\#(String(repeating: "x", count: 129))","timestamp":1795132801,"engine.rpm":1}"#,
            "invalid_identity"
        ),
        (#"{"ident":"A","timestamp":5,"engine.rpm":1}"#, "time_implausible"),
        (#"{"ident":"#, "json_syntax"),
    ])
    func `what cannot be dealt out is a dead letter of the adapter's fleet`(_ payload: String, _ reason: String) throws
    {
        var world = world(try adapter("flespi", .flespi, .payload, fleet: "beta"))
        world.publish("flespi", payload, at: 2)
        let outcomes = world.takeOutcomes().filter { $0.kind == .deadLetter }
        #expect(outcomes.map(\.topic) == ["fleets/beta/dead-letters"])
        #expect(outcomes.first?.json["data"]?["reason"]?.string == reason)
    }

    @Test func `thousands of unusable parts are a handful of dead letters`() throws {
        var world = world(try adapter("flespi", .flespi, .payload))
        let parts = Array(repeating: #"{"timestamp":1795132801,"engine.rpm":1}"#, count: 1000).joined(separator: ",")
        world.publish("flespi", "[\(parts)]", at: 2)
        let letters = world.takeDeadLetters()
        #expect(letters.count == 17)
        #expect(letters.last?["reason"]?.string == "more_problems")
    }

    @Test func `a topic without the level is a dead letter`() throws {
        var world = world(try adapter("trackers/#", .native, .level(2)))
        world.publish("trackers", reportText(at: 1, 25, 121.5), at: 1)
        world.publish("trackers//x", reportText(at: 1, 25, 121.5), at: 1)
        #expect(world.takeDeadLetters().map { $0["reason"]?.string } == ["no_vehicle_in_topic", "no_vehicle_in_topic"])
    }

    @Test func `a change of adapters decides from its place in the log on`() throws {
        var script = Script()
        script.publish("x/1", reportText(at: 1, 25, 121.5), at: 1)
        script.adapters([try adapter("x/+", .native, .level(2))])
        script.publish("x/1", reportText(at: 2, 25, 121.5), at: 2)
        script.adapters([
            try adapter("x/+", .native, .level(2), devices: ["1": "one"]), try adapter("y/+", .native, .level(2)),
        ])
        script.publish("x/1", reportText(at: 3, 25, 121.5), at: 3)
        script.publish("y/1", reportText(at: 3, 25, 121.5), at: 3)
        script.adapters([])
        script.publish("y/1", reportText(at: 4, 25, 121.5), at: 4)
        let outcomes = try outcomes(of: script.frames, shards: 2)
        let letters = outcomes.filter { $0.kind == .deadLetter }.map { $0.json["data"]?["reason"]?.string }
        #expect(letters == ["topic_other_root", "topic_other_root"])
        let events = outcomes.filter { $0.kind == .event }.map { Event($0) }
        #expect(events.map { "\($0.vehicle) \($0.type)" } == ["1 vehicle.online", "one vehicle.online"])
    }

    @Test func `adapters read back as they were written, and others are refused`() throws {
        let adapters = Adapters([
            try adapter("owntracks/+/+/#", .owntracks, .level(3), devices: ["phone \"7\"": "車-7", "b": "c", "a": "c"]),
            try adapter("traccar", .traccar, .payload, fleet: "beta"), try adapter("tb", .thingsboard, .fixed("t-1")),
        ])
        let json = adapters.json()
        #expect(Adapters(json: json.span) == adapters)
        #expect(json == adapters.json(), "the order of the devices is definite")
        for text in [
            "", "[]", "{}", #"{"adapters":[{}]}"#,
            #"{"adapters":[{"topic":"a","format":"telepathy","fleet":"x","devices":{}}]}"#,
            #"{"adapters":[{"topic":"a/#/b","format":"native","fleet":"x","devices":{}}]}"#,
            #"{"adapters":[{"topic":"a","format":"native","fleet":"x","devices":{"d":"a/b"}}]}"#,
        ] {
            #expect(Adapters(json: Array(text.utf8).span) == nil, "\(text)")
        }
    }

    /// Random messages of all formats over a few vehicles, in batches and with restarts wherever chance cuts.
    @Test(arguments: [UInt64(11), 12, 13])
    func `the answer does not depend on shards, batches and restarts`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var script = Script()
        script.adapters([
            try adapter("owntracks/+/+/#", .owntracks, .level(3), devices: ["d1": "v-1"]),
            try adapter("flespi/#", .flespi, .payload, devices: ["1": "v-1"]),
            try adapter("status/+", .status, .level(2)),
            try adapter("tb", .thingsboardGateway, .payload, fleet: "beta"),
        ])
        script.fence("yard", circle(300))
        for second in 1...300 {
            let time = Double(second)
            func vehicle() -> Int { Int(random.next() % 9) }
            func lat() -> Double { north(Double(random.next() % 800) - 400) }
            switch random.next() % 8 {
            case 0: script.publish("owntracks/u/d\(vehicle())", #"{"_type":"lwt"}"#, at: time)
            case 1: script.publish("owntracks/u/d\(vehicle())/info", #"{"_type":"card"}"#, at: time)
            case 2: script.publish("status/v-\(vehicle())", random.next() % 2 == 0 ? "online" : "offline", at: time)
            case 3, 4:
                let parts = (0..<(random.next() % 6)).map { _ in
                    flespi(
                        ["1", "2", "3", "4", "a/b", ""][Int(random.next() % 6)], at: time - Double(random.next() % 9),
                        lat(), centre.lon)
                }
                script.publish("flespi/x", "[\(parts.joined(separator: ","))]", at: time)
            case 5:
                script.publish(
                    "tb", #"{"g-\#(vehicle())":[{"values":{"lat":\#(lat()),"lon":121.5}}],"g-1":[5]}"#, at: time)
            default: script.publish("owntracks/u/d\(vehicle())", ownTracks(at: time, lat(), centre.lon), at: time)
            }
        }
        let frames = script.frames
        let expected = try outcomes(of: frames, shards: 1)
        #expect(expected.filter { $0.kind == .event }.count > 50, "seed \(seed)")
        #expect(expected.contains { $0.kind == .deadLetter }, "seed \(seed)")
        for shards in [2, 5] {
            let other = try outcomes(of: frames, shards: shards, cut: { $0 % 7 == 3 })
            #expect(other == expected, "seed \(seed), \(shards) shards")
        }
        let events = expected.filter { $0.kind == .event }
        let restarted = try outcomes(of: frames, shards: 2, restart: { $0 % 90 == 60 ? 3 : nil })
        #expect(restarted.filter { $0.kind == .event } == events, "seed \(seed): restarts")
    }
}
