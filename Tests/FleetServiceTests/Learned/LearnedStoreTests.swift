import FleetCore
import Forecast
import Foundation
import Store
import Testing
import Wire

@testable import FleetService

@Suite final class LearnedStoreTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "learned-\(UUID().uuidString).sqlite"
    )
    .path

    deinit { for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) } }

    private static let time_ms: Int64 = 1_795_000_000_000

    private func makeProcessor() -> Processor {
        Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: TimeZones.rules(named:))
    }

    private func learned() -> [UInt8] {
        var values = LearnedValues()
        for number in 0..<20 {
            values.observeService(
                ServiceTask(customer: [UInt8(ascii: "C")], kind: Array("household".utf8), quantity: Double(number % 3)),
                took_s: 100 + Double(number))
        }
        return values.json()
    }

    /// A store in which a fleet has an order, and a snapshot where one is asked for.
    private func fill(snapshot: Bool) throws {
        var processor = makeProcessor()
        var batch = MessageBatch()
        batch.append(
            receivedTime_ms: Self.time_ms, topic: Array("fleets/acme/dispatch/orders/O1".utf8),
            payload: Array(#"{"place":{"lat":25,"lon":121}}"#.utf8))
        _ = processor.apply(batch)
        let writer = try StoreWriter(path: path)
        defer { writer.close() }
        var transaction = Transaction(journal: JournalEntry(batch))
        if snapshot {
            transaction.snapshot = SnapshotToWrite(created_ms: 5, format: 1, parts: processor.snapshot().parts)
        }
        _ = try writer.commit(transaction)
    }

    private func rows() throws -> [JournalRow] {
        let reader = try StoreReader(path: path)
        defer { reader.close() }
        return try reader.journal(after: 0, limit: 100)
    }

    /// The engine after the whole journal.
    private func replayed() throws -> Processor {
        var processor = makeProcessor()
        for row in try rows() { _ = processor.apply(try #require(MessageBatch(journalled: row.entry.bytes))) }
        return processor
    }

    @Test func `what is exported and imported is what the fleet goes by after a restart`() throws {
        try fill(snapshot: false)
        let json = learned()
        try LearnedStore.replace(json, fleet: "acme", inStore: path, topicRoot: "fleets", now_ms: Self.time_ms + 99_999)
        let processor = try replayed()
        #expect(processor.learned.map { $0.values.json() } == [json])
        // No time passed with it.
        #expect(try rows().map(\.entry.last_received_ms) == [Self.time_ms, Self.time_ms])
        // It is read again from the next snapshot, as exported.
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(
            Transaction(snapshot: SnapshotToWrite(created_ms: 7, format: 1, parts: processor.snapshot().parts)))
        let reading = try LearnedStore.read(path, topicRoot: "fleets")
        writer.close()
        #expect(reading.created_ms == 7 && reading.fleets.map(\.fleet) == ["acme"])
        #expect(reading.fleets.first?.values.json() == json)
        let table = try #require(reading.fleets.first?.values.table())
        #expect(table.first?.contains("1 customers") == true && table.contains { $0.contains("household") })
    }

    @Test func `another fleet begins with it, also one that nobody named yet`() throws {
        try fill(snapshot: true)
        try LearnedStore.replace(learned(), fleet: "other", inStore: path, topicRoot: "fleets", now_ms: 1)
        #expect(try replayed().learned.map { $0.values.json() } == [LearnedValues().json(), learned()])
    }

    @Test func `a store that is empty but for its tables takes it at the present time`() throws {
        try StoreWriter(path: path).close()
        try LearnedStore.replace(learned(), fleet: "acme", inStore: path, topicRoot: "fleets", now_ms: 77)
        #expect(try rows().map(\.entry.first_received_ms) == [77])
        #expect(try replayed().learned.map { $0.values.json() } == [learned()])
    }

    @Test(arguments: ["", "{", "{\"format\":\"fleetstream-learned\",\"version\":1,\"fleat\":{}}", "null"])
    func `a broken file is refused before anything is written`(_ text: String) throws {
        try fill(snapshot: true)
        let before = try rows()
        #expect {
            try LearnedStore.replace(
                Array(text.utf8), fleet: "acme", inStore: self.path, topicRoot: "fleets", now_ms: 1)
        } throws: {
            ($0 as? ServiceError)?.exitCode == .failure && "\($0)".contains("learned values cannot be read at byte")
        }
        #expect(try rows() == before)
    }

    @Test func `a store that a process has, none, and one without a snapshot are errors with their reason`() throws {
        #expect { try LearnedStore.read(self.path, topicRoot: "fleets") } throws: {
            ($0 as? ServiceError)?.exitCode == .inputOutput
        }
        #expect {
            try LearnedStore.replace(self.learned(), fleet: "a", inStore: self.path, topicRoot: "fleets", now_ms: 1)
        } throws: { ($0 as? ServiceError)?.exitCode == .inputOutput }
        #expect(!FileManager.default.fileExists(atPath: path))
        try fill(snapshot: false)
        #expect { try LearnedStore.read(self.path, topicRoot: "fleets") } throws: {
            ($0 as? ServiceError)?.exitCode == .failure && "\($0)".contains("no snapshot yet")
        }
        let writer = try StoreWriter(path: path)
        #expect {
            try LearnedStore.replace(self.learned(), fleet: "acme", inStore: self.path, topicRoot: "fleets", now_ms: 1)
        } throws: { ($0 as? ServiceError)?.exitCode == .unavailable && "\($0)".contains("in use by another writer") }
        writer.close()
        #expect(try rows().count == 1)
    }
}
