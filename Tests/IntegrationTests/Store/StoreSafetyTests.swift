import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// The store as whoever runs the program meets it.
@Suite struct StoreSafetyTests {
    @Test func `a file that is no store of this version is refused and left as it is`() throws {
        let stage = try Stage()
        try stage.broker.publish(Report.drive(throughTheYard_m, from: now_ms() - 600_000), of: "T-1")
        try stage.service.wait("the visit") { stage.service.status?.events["geofence.exited"] == 1 }
        #expect(stage.service.stop() == 0)
        let sound = try Data(contentsOf: URL(fileURLWithPath: stage.service.store))
        func refusal(_ data: Data, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
            try data.write(to: URL(fileURLWithPath: stage.service.store))
            let outcome = try run(
                Programs.fleetstream,
                ["run", "--store", stage.service.store, "--set", "mqtt.port=\(stage.broker.port)"], timeout_s: 20)
            #expect(outcome.status == 74, "\(outcome)", sourceLocation: sourceLocation)
            #expect(outcome.errors.contains(stage.service.store), sourceLocation: sourceLocation)
            for word in words {
                #expect(outcome.errors.contains(word), "\(outcome.errors)", sourceLocation: sourceLocation)
            }
            let after = try Data(contentsOf: URL(fileURLWithPath: stage.service.store))
            #expect(after == data, "the file was changed", sourceLocation: sourceLocation)
        }
        // user_version, at byte 60, big-endian.
        var newer = sound
        newer.replaceSubrange(60..<64, with: [0, 0, 0x27, 0x0F])
        try refusal(newer, "newer")
        try refusal(Data("2026-11-20 a log line\n".utf8) + Data(repeating: 65, count: 10_000), "not")
        var corrupt = sound
        for page in stride(from: 4096, to: sound.count, by: 4096) {
            corrupt.replaceSubrange(page..<page + 64, with: Data(repeating: 0xA5, count: 64))
        }
        try refusal(corrupt, "left as it is")
        try refusal(sound.prefix(sound.count / 2 / 4096 * 4096), "left as it is")
        // And the untouched file still works.
        try sound.write(to: URL(fileURLWithPath: stage.service.store))
        try stage.service.start()
        try stage.service.wait("the vehicle is known") { stage.service.status?.vehicles.total == 1 }
    }

    @Test func `a second process on the same store is refused`() throws {
        let stage = try Stage()
        let outcome = try run(
            Programs.fleetstream,
            [
                "run", "--store", stage.service.store, "--socket", stage.folder.file("other.socket"), "--set",
                "mqtt.port=\(stage.broker.port)",
            ], timeout_s: 20)
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("in use by another writer"), "\(outcome.errors)")
        #expect(stage.service.status?.state == "running")
        // On another store, but on the socket of the first.
        let other = try run(
            Programs.fleetstream,
            ["run", "--store", stage.folder.file("b.sqlite"), "--socket", stage.service.socket], timeout_s: 20)
        #expect(other.status == 74 && other.errors.contains("answers on"), "\(other)")
    }

    @Test(arguments: [SIGKILL, SIGTERM]) func `a visit outlives the process, with its time`(_ signal: Int32) throws {
        let stage = try Stage(settings: ["engine.shards=3"])
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/geofence/#"])
        let drive = Report.drive(throughTheYard_m, from: now_ms() - 600_000)
        try stage.broker.publish(Array(drive.prefix(4)), of: "T-1")
        try watcher.wait(for: "entered") { !$0.events("entered").isEmpty }
        if signal == SIGKILL { stage.service.kill() } else { #expect(stage.service.stop() == 0) }
        let snapshots = try sqlite(stage.service.store, "SELECT count(*) FROM snapshots WHERE complete")
        #expect((snapshots == ["0"]) == (signal == SIGKILL))
        // Reports that come meanwhile wait at the broker; the number of shards is another afterwards.
        try stage.broker.publish(Array(drive.dropFirst(4)), of: "T-1")
        try stage.service.start(["--set", "engine.shards=5"])
        let messages = try watcher.wait(for: "exited") { !$0.events("exited").isEmpty }
        let exited = try #require(messages.events("exited").first)
        #expect(time_ms(exited.data["entered_time"]) == drive[2].time_ms)
        #expect(time_ms(exited.json["time"]) == drive[5].time_ms)
        #expect(Set(messages.events("entered").map(\.id)).count == 1)
        try stage.service.wait("the vehicle is known") { stage.service.status?.vehicles.total == 1 }
        if signal == SIGTERM {
            // The snapshot holds it all: nothing is replayed.
            #expect(stage.service.log.contains("recovered messages=0"), "\(stage.service.log)")
        }
    }

    @Test func `published geofences outlive the process, and files that changed meanwhile are taken over`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/geofence/#"])
        // Not retained: only the store can know it afterwards.
        try stage.broker.publish(
            [Fences.square("site", at: Place(east_m: 3000))], on: "fleets/demo/dispatch/geofences/site")
        try stage.broker.publish(Report.drive([0, 10], from: now_ms() - 300_000), of: "T-1")
        try stage.service.wait("both fences") { stage.service.status?.geofences == 2 }
        #expect(stage.service.stop() == 0)
        try stage.writeFences([])
        try stage.service.start()
        let messages = try watcher.wait(for: "the end of the visit") { !$0.events("exited").isEmpty }
        #expect(messages.events("exited").first?.string("reason") == "fence_removed")
        try stage.broker.publish(Report.drive([3000, 3010], from: now_ms() - 300_000), of: "T-2")
        try watcher.wait(for: "a visit of the published fence") { $0.events("entered", vehicle: "T-2").count == 1 }
    }
}
