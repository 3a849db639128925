import BrokerHarness
import FleetService
import Foundation
import Glibc
import TestSupport
import Testing

/// Nothing that the broker was told to forget is lost, whatever dies.
@Suite(.serialized) struct CrashTests {
    private static let rules = [
        "rules.offline_after_s=86400", "rules.state_interval_s=5", "store.snapshot_every_messages=8000",
    ]

    private func makeStage(_ fleet: NumberedFleet, storeFolder: String? = nil) throws -> Stage {
        try Stage(features: fleet.fences, settings: Self.rules, storeFolder: storeFolder)
    }

    @Test func `a dozen kills and two restarts of the broker lose and invent nothing`() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["FLEETSTREAM_CRASH_REPORTS"].flatMap(Int.init) ?? 50_000
        let seed = environment["FLEETSTREAM_CRASH_SEED"].flatMap(UInt64.init) ?? .random(in: 0...999_999)
        var random = SplitMix64(seed: seed)
        let fleet = NumberedFleet(seed: seed, count: count)
        let stage = try makeStage(fleet)
        let collector = try Collector(stage.broker)
        let publisher = try NumberedPublisher(fleet, stage.broker)
        let kills = 12
        for kill in 0..<kills {
            publisher.allow(count * (kill + 1) / (kills + 1))
            if kill == 4 || kill == 8 { try stage.broker.restart() }
            usleep(.random(in: 50_000...1_200_000, using: &random))
            stage.service.kill()
            if Bool.random(using: &random) {
                // While it recovers, too.
                try stage.service.launch()
                usleep(.random(in: 20_000...400_000, using: &random))
                stage.service.kill()
            }
            try stage.service.start(waitingForBroker: false)
        }
        publisher.allow(count)
        try publisher.waitUntilConfirmed(count, timeout_s: 60)
        try collector.waitForTheEnd(timeout_s: 120)
        let expected = try fleet.expectedEvents(
            fences: stage.folder.file("Geofences"), in: stage.folder)
        #expect(expected.count > count / 50)
        let comparison = Comparison(collector.messages, expected: expected)
        #expect(comparison.isPerfect, "seed \(seed): \(comparison)")
        #expect(stage.service.stop() == 0, "seed \(seed)")
        #expect(try sqlite(stage.service.store, "SELECT count(*) FROM outbox") == ["0"], "seed \(seed)")
        #expect(try sqlite(stage.service.store, "PRAGMA integrity_check") == ["ok"], "seed \(seed)")
    }

    @Test(arguments: FullDisk.possible) func `a full disk stops everything until there is room`(_ kind: FullDisk) throws
    {
        let seed = UInt64.random(in: 0...999_999)
        let fleet = NumberedFleet(seed: seed, count: 6000)
        let folder = try Folder()
        let disk = try kind.make(in: folder)
        let stage = try makeStage(fleet, storeFolder: disk.path)
        let collector = try Collector(stage.broker)
        let publisher = try NumberedPublisher(fleet, stage.broker)
        publisher.allow(2000)
        try stage.service.wait("the first reports") { stage.service.status?.input.reports ?? 0 >= 2000 }
        try disk.fill(for: stage.service)
        publisher.allow(4000)
        try stage.service.wait("the disk is full") { stage.service.status?.state == "store_full" }
        let full = try #require(stage.service.status)
        #expect(full.reason.contains("make room"), "\(full.reason)")
        let outcome = try run(Programs.fleetstream, ["status", "--socket", stage.service.socket])
        #expect(outcome.status == 1 && outcome.output.contains("store_full"), "\(outcome)")
        // Neither an end nor a kill acknowledges anything, and a start does not depend on room.
        #expect(stage.service.stop() == 0, "\(stage.service.log.suffix(2000))")
        try stage.service.launch()
        try disk.fill(for: stage.service)
        try stage.service.wait("it is full again") { stage.service.status?.state == "store_full" }
        stage.service.kill()
        try stage.service.launch()
        try disk.fill(for: stage.service)
        publisher.allow(6000)
        try stage.service.wait("it is full once more") { stage.service.status?.state == "store_full" }
        try disk.empty(for: stage.service)
        try stage.service.wait("it goes on by itself", for: 30) { stage.service.status?.state == "running" }
        try publisher.waitUntilConfirmed(6000, timeout_s: 30)
        try collector.waitForTheEnd()
        let expected = try fleet.expectedEvents(
            fences: stage.folder.file("Geofences"), in: stage.folder)
        let comparison = Comparison(collector.messages, expected: expected)
        #expect(comparison.isPerfect, "seed \(seed): \(comparison)")
        #expect(stage.service.log.contains("there is room in the store again"))
        #expect(stage.service.stop() == 0)
    }

    @Test func `a process that starts on a full disk ends when it is told to`() throws {
        let folder = try Folder()
        let disk = try FullDisk.fileSizeLimit.make(in: folder)
        let stage = try makeStage(NumberedFleet(seed: 1, count: 1), storeFolder: disk.path)
        #expect(stage.service.stop() == 0)
        // Changed fences are to be committed before anything else.
        try stage.writeFences([Fences.yard])
        try stage.service.launch()
        try disk.fill(for: stage.service)
        try stage.service.wait("something can be seen of it") { stage.service.status != nil }
        #expect(stage.service.stop() == 0)
    }

    @Test func `while only the publisher's way is blocked the outbox grows in the file, and is published in order`()
        throws
    {
        let seed = UInt64.random(in: 0...999_999)
        let fleet = NumberedFleet(seed: seed, count: 15_000)
        let stage = try Stage(features: fleet.fences, settings: Self.rules, isStarted: false)
        let gate = try ConnectionGate(to: stage.broker.port)
        let service = Fleetstream(
            port: gate.port, folder: stage.folder, geofences: stage.folder.file("Geofences"), settings: Self.rules)
        gate.block("fleetstream-publisher")
        try service.start()
        let collector = try Collector(stage.broker)
        let publisher = try NumberedPublisher(fleet, stage.broker)
        publisher.allow(3000)
        try service.wait("the first reports") { service.status?.input.reports ?? 0 >= 3000 }
        let before_bytes = service.residentMemory_bytes
        publisher.allow(15_000)
        try service.wait("all reports", for: 60) { service.status?.input.reports ?? 0 >= 15_000 }
        try service.wait("the status tells") { service.status?.output.outboxDepth ?? 0 > 500 }
        #expect(service.residentMemory_bytes - before_bytes < 64 << 20)
        #expect(collector.messages.isEmpty)
        gate.unblock()
        try service.wait("the outbox is empty", for: 60) { service.status?.output.outboxDepth == 0 }
        try collector.waitForTheEnd()
        let expected = try fleet.expectedEvents(
            fences: stage.folder.file("Geofences"), in: stage.folder)
        let comparison = Comparison(collector.messages, expected: expected)
        #expect(comparison.isPerfect, "seed \(seed): \(comparison)")
        #expect(service.stop() == 0)
    }
}
