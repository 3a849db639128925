import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// Trackers that speak as they do in the field, by a real broker.
@Suite struct AdapterTests {
    private static let adapters = """
        adapters=[{topic:"owntracks/+/+/#",format:"owntracks",fleet:"demo",topic_level:3,devices:{"phone-7":"truck-7"}},\
        {topic:"traccar/positions",format:"traccar",fleet:"demo",from_payload:true},\
        {topic:"gateway/+/telemetry",format:"thingsboard_gateway",fleet:"demo",from_payload:true}]
        """

    private func location(_ report: Report) -> String {
        String(
            format: #"{"_type":"location","tid":"p7","tst":%lld,"lat":%.7f,"lon":%.7f,"acc":5,"vel":36,"batt":80}"#,
            report.time_ms / 1000, report.place.latitude, report.place.longitude)
    }

    private func forwarded(_ report: Report, of device: String) -> String {
        let place = String(
            format: #""latitude":%.7f,"longitude":%.7f"#, report.place.latitude, report.place.longitude)
        let times = "\"deviceTime\":\(report.time_ms),\"fixTime\":\(report.time_ms)"
        return "{\"position\":{\(times),\"valid\":true,\(place),\"speed\":19.4,\"course\":90,\"accuracy\":0},"
            + "\"device\":{\"uniqueId\":\"\(device)\"}}"
    }

    @Test func `OwnTracks phones give the events of their drive, and their last will an offline`() throws {
        let stage = try Stage(settings: [Self.adapters])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#", "fleets/demo/dead-letters"])
        let drive = Report.drive(throughTheYard_m, from: now_ms() - 600_000)
        try stage.broker.publish(
            [#"{"_type":"card","name":"Ann","tid":"p7"}"#], on: "owntracks/ann/phone-7/info", ["-r"])
        try stage.broker.publish(drive.map(location), on: "owntracks/ann/phone-7")
        // A client of the broker that is killed: the will is what the broker says then.
        var phone: Tool? = try Tool(
            "mosquitto_sub",
            [
                "-h", "127.0.0.1", "-p", "\(stage.broker.port)", "-t", "nothing", "-i", "phone", "--will-topic",
                "owntracks/ann/phone-7", "--will-payload", #"{"_type":"lwt","tst":1380738247}"#, "--will-qos", "1",
                "-d",
            ])
        _ = eventually { phone?.output.contains("SUBACK") == true }
        let messages = try watcher.wait(for: "the visit") { !$0.events("exited").isEmpty }
        #expect(messages.events("entered").first?.string("vehicle") == "truck-7")
        let entered = try #require(messages.events("entered").first)
        #expect(time_ms(entered.json["time"]) == drive[2].time_ms / 1000 * 1000)
        #expect(messages.filter(\.isDeadLetter).isEmpty)
        // Kills it.
        phone = nil
        let after = try watcher.wait(for: "offline") { !$0.events("offline").isEmpty }
        #expect(after.events("offline").first?.string("reason") == "last_will")
        #expect(after.events("offline").first?.string("vehicle") == "truck-7")
        try stage.service.wait("the card is counted") { stage.service.status?.input.otherTypes == 1 }
    }

    @Test func `Traccar's one topic for all gives each vehicle its events`() throws {
        let stage = try Stage(settings: [Self.adapters])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#", "fleets/demo/dead-letters"])
        let start_ms = now_ms() - 600_000
        var payloads: [String] = []
        for (east, west) in zip(
            Report.drive(throughTheYard_m, from: start_ms), Report.drive(throughTheYard_m.reversed(), from: start_ms))
        {
            payloads += [forwarded(east, of: "352093081234567"), forwarded(west, of: "352093087654321")]
        }
        payloads.append(
            #"{"event":{"type":"deviceOffline","eventTime":\#(now_ms())},"device":{"uniqueId":"352093081234567"}}"#)
        payloads.append(#"{"position":{"fixTime":5,"latitude":25,"longitude":121},"device":{"uniqueId":"A"}}"#)
        try stage.broker.publish(payloads, on: "traccar/positions")
        let messages = try watcher.wait(for: "two visits, an offline and a dead letter") {
            $0.events("exited").count == 2 && !$0.events("offline").isEmpty && $0.contains(where: \.isDeadLetter)
        }
        for device in ["352093081234567", "352093087654321"] {
            #expect(messages.events("entered", vehicle: device).count == 1)
            #expect(messages.events("exited", vehicle: device).count == 1)
        }
        #expect(messages.events("offline").map { $0.string("vehicle") } == ["352093081234567"])
        let letter = try #require(messages.first { $0.isDeadLetter })
        #expect(letter.string("reason") == "time_implausible" && letter.string("topic") == "traccar/positions")
    }

    @Test func `a journal replays to the same events, whatever adapters are configured now`() throws {
        let stage = try Stage(settings: [Self.adapters])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#"])
        let drive = Report.drive(throughTheYard_m, from: now_ms() - 600_000)
        try stage.broker.publish(drive.map(location), on: "owntracks/ann/phone-7")
        try stage.broker.publish(
            [
                #"{"van-1":[{"ts":\#(drive[3].time_ms),"values":{"lat":25.0478,"lon":121.517}}],"van-2":[{"values":{"rpm":1}}]}"#
            ],
            on: "gateway/g-1/telemetry")
        try watcher.wait(for: "both visits and three vehicles") {
            $0.events("entered").count == 2 && $0.events("exited").count == 1 && $0.events("online").count == 3
        }
        // After a crash the adapters come from the journal, and nothing is decided twice.
        stage.service.kill()
        try stage.service.start()
        #expect(stage.service.stop() == 0)
        let replay = try run(
            Programs.fleetstream, ["replay", "--journal", stage.service.store], workingFolder: stage.folder.path)
        #expect(replay.status == 0, "\(replay)")
        #expect(replay.messages.eventIDs == watcher.messages.eventIDs)
        let without = try run(
            Programs.fleetstream, ["replay", "--journal", stage.service.store, "--set", "adapters=[]"],
            workingFolder: stage.folder.path)
        #expect(without.messages.events("entered").isEmpty && without.messages.contains(where: \.isDeadLetter))
    }

    @Test func `a capture with other topics is replayed by the configured adapters`() throws {
        let drive = Report.drive(throughTheYard_m, from: 1_795_132_800_000)
        let folder = try Folder()
        try folder.write(Fences.collection([Fences.yard]), to: "yard.geojson")
        let capture = drive.map {
            #"{"tst":\#(Double($0.time_ms) / 1000),"topic":"owntracks/ann/phone-7","payload":\#(location($0))}"#
        }.joined(separator: "\n")
        let arguments = ["replay", "--geofences", folder.file("yard.geojson"), "--set", Self.adapters]
        let all = try run(Programs.fleetstream, arguments, input: capture, workingFolder: folder.path)
        #expect(all.messages.events("entered").map { $0.string("vehicle") } == ["truck-7"], "\(all)")
        let fleet = try run(
            Programs.fleetstream, arguments + ["--fleet", "demo"], input: capture, workingFolder: folder.path)
        #expect(fleet.messages.eventIDs == all.messages.eventIDs)
        let other = try run(
            Programs.fleetstream, arguments + ["--fleet", "beta"], input: capture, workingFolder: folder.path)
        #expect(other.messages.isEmpty)
    }

    @Test func `the simulator's fleet speaks OwnTracks, and nothing of it is lost`() throws {
        let folder = try Folder()
        let simulated = try run(
            Programs.fleetsim, ["--print", "--quiet", "--format", "owntracks", "--duration", "300", "--vehicles", "5"])
        #expect(simulated.status == 0 && simulated.output.contains(#""topic":"owntracks/demo/"#), "\(simulated.errors)")
        let replay = try run(
            Programs.fleetstream, ["replay", "--geofences", Programs.geofences, "--set", Self.adapters],
            input: simulated.output, workingFolder: folder.path)
        #expect(replay.errors.contains("dead letters  0\n"), "\(replay.errors)")
        #expect(!replay.errors.contains(": 0 fixes taken"), "\(replay.errors)")
        #expect(!replay.messages.events("online").isEmpty)
    }
}
