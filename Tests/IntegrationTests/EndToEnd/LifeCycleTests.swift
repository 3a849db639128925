import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// Signals, and the ways of connecting.
@Suite struct LifeCycleTests {
    @Test func `SIGHUP takes over what changed in the geofence files`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/geofence/#"])
        try stage.broker.publish(Report.drive([0, 1], from: now_ms() - 300_000), of: "T-1")
        try watcher.wait(for: "entered") { $0.events("entered").count == 1 }
        try stage.writeFences([Fences.square("annex", at: Place(east_m: 2000))])
        stage.service.send(SIGHUP)
        let messages = try watcher.wait(for: "the end of the visit") { !$0.events("exited").isEmpty }
        #expect(messages.events("exited").first?.string("reason") == "fence_removed")
        try stage.broker.publish(Report.drive([2000, 2001], from: now_ms() - 60_000), of: "T-2")
        try watcher.wait(for: "a visit to the new fence") { $0.events("entered", vehicle: "T-2").count == 1 }
        try stage.service.wait("the status tells") { stage.service.status?.geofences == 1 }
    }

    @Test func `SIGHUP keeps the fences of a file that is broken for the moment`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/geofence/#"])
        try stage.broker.publish(Report.drive([0, 1], from: now_ms() - 300_000), of: "T-1")
        try watcher.wait(for: "entered") { $0.events("entered").count == 1 }
        try stage.folder.write(#"{"type":"FeatureCollection","features":[{"type":"#, to: "Geofences/places.geojson")
        stage.service.send(SIGHUP)
        try stage.service.wait("the problem is in the log") { stage.service.log.contains("geofences reloaded") }
        #expect(stage.service.log.contains("places.geojson:1:"))
        try stage.broker.publish(Report.drive([600, 900], from: now_ms() - 60_000), of: "T-1")
        let messages = try watcher.wait(for: "the ordinary end of the visit") { !$0.events("exited").isEmpty }
        #expect(messages.events("exited").first?.data["reason"] == nil)
    }

    @Test func `SIGTERM publishes everything and ends with 0 within five seconds`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#"])
        let start_ms = now_ms() - 3_000_000
        var reports: [Report] = []
        for round in 0..<20 {
            reports += Report.drive([-600, -300, 0, 20, 300, 600], from: start_ms + Int64(round) * 120_000, step_s: 20)
        }
        try stage.broker.publish(reports, of: "T-1")
        try stage.service.wait("all have come") { stage.service.status?.input.reports ?? 0 >= 120 }
        let begun = Date()
        #expect(stage.service.stop() == 0, "\(stage.service.log)")
        #expect(Date().timeIntervalSince(begun) < 5)
        let messages = try watcher.wait(for: "all visits") { $0.events("exited").count == 20 }
        #expect(messages.events("entered").count == 20)
        #expect(try sqlite(stage.service.store, "SELECT count(*) FROM outbox") == ["0"])
        #expect(try sqlite(stage.service.store, "SELECT count(*) >= 1 FROM snapshots") == ["1"])
        #expect(stage.service.status == nil)
        #expect(!FileManager.default.fileExists(atPath: stage.service.socket))
    }

    @Test func `SIGTERM ends a process whose broker is away`() throws {
        let stage = try Stage()
        stage.broker.stop()
        try stage.service.wait("the broker is away") { stage.service.status?.broker.isConnected == false }
        #expect(stage.service.stop() == 0)
    }

    @Test func `MQTT 3.1.1`() throws {
        let stage = try Stage(settings: ["mqtt.protocol=3.1.1"])
        try expectDrive(stage, [])
    }

    @Test func `TLS with a client certificate`() throws {
        let certificates = try Certificates()
        let settings = [
            "mqtt.tls.enabled=true", "mqtt.tls.ca_file=\(certificates.authority)",
            "mqtt.tls.certificate_file=\(certificates.client)", "mqtt.tls.key_file=\(certificates.clientKey)",
        ]
        let stage = try Stage(.tls(certificates, requiresClientCertificate: true), settings: settings)
        try expectDrive(
            stage,
            ["--cafile", certificates.authority, "--cert", certificates.client, "--key", certificates.clientKey])
    }

    @Test func `a broker with another authority's certificate is not trusted`() throws {
        let certificates = try Certificates()
        let settings = ["mqtt.tls.enabled=true", "mqtt.tls.ca_file=\(certificates.otherAuthority)"]
        let stage = try Stage(
            .tls(certificates, requiresClientCertificate: false), settings: settings, isStarted: false)
        try stage.service.start(waitingForBroker: false)
        try stage.service.wait("the status says why") {
            stage.service.status?.broker.lastError.isEmpty == false
        }
        #expect(stage.service.status?.broker.isConnected == false)
    }

    @Test func `user and password`() throws {
        let folder = try Folder()
        let file = try folder.write("gas&water\n", to: "password")
        let settings = ["mqtt.username=fleet", "mqtt.password_file=\(file)"]
        let stage = try Stage(.passwords(["fleet": "gas&water", "desk": "x"]), settings: settings)
        try expectDrive(stage, ["-u", "desk", "-P", "x"])
        #expect(!stage.service.log.contains("gas&water"))
    }

    @Test func `a wrong password is told, and the password is not`() throws {
        let folder = try Folder()
        let file = try folder.write("wrong-secret\n", to: "password")
        let stage = try Stage(
            .passwords(["fleet": "right"]), settings: ["mqtt.username=fleet", "mqtt.password_file=\(file)"],
            isStarted: false)
        try stage.service.start(waitingForBroker: false)
        try stage.service.wait("the status says why") {
            stage.service.status?.broker.lastError.isEmpty == false
        }
        let outcome = try run(Programs.fleetstream, ["status", "--socket", stage.service.socket])
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("AWAY"))
        #expect(!stage.service.log.contains("wrong-secret") && !outcome.output.contains("wrong-secret"))
    }

    /// Drives through the yard with these arguments for `mosquitto_pub` and `mosquitto_sub`, and waits for the visit.
    private func expectDrive(_ stage: Stage, _ arguments: [String]) throws {
        let watcher = try stage.broker.startSub(
            ["-t", "fleets/demo/events/geofence/#", "-q", "1", "-i", "desk", "-c", "-F", "%j"] + arguments)
        try stage.service.wait("the subscription") {
            // A retained message is delivered as soon as the subscription is there.
            try stage.broker.publish(["ready"], on: "fleets/demo/events/geofence/probe", ["-r"] + arguments)
            return watcher.output.contains("probe")
        }
        try stage.broker.publish(
            Report.drive(throughTheYard_m, from: now_ms() - 600_000), of: "T-1", arguments)
        try stage.service.wait("the visit") { Received.lines(watcher.output).events("exited").count == 1 }
        #expect(Received.lines(watcher.output).events("entered").count == 1)
    }
}
