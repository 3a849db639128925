import Store
import TestSupport
import Testing
import Wire

@Suite struct CommitTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    @Test func `what is committed is read back as it was`() throws {
        let writer = try StoreWriter(path: path)
        var batch = MessageBatch()
        batch.append(receivedTime_ms: 5, topic: Array("a".utf8), payload: [1, 2, 3])
        batch.append(kind: .tick, receivedTime_ms: 9)
        let entry = try #require(JournalEntry(batch))
        let first = OutboxEntry(
            topic: Array("état".utf8), payload: [0, 255, 0], isRetained: true, contentType: "application/json",
            correlation: [0, 1], eventID: [UInt8](0..<16), created_ms: -1, priority: 255)
        let second = OutboxEntry(topic: [], payload: [], created_ms: .max)
        let letter = DeadLetter(
            received_ms: 77, topic: [0xff, 0, 0x61], reason: "json", detail: "naïve", byteOffset: 0, payload: [],
            fleet: "泰")
        let result = try writer.commit(
            Transaction(
                journal: entry, outbox: [OutboxBatch([first]), OutboxBatch(), OutboxBatch([second])],
                deadLetters: [letter], meta: [("node", "1"), ("node", "2")]))
        #expect(result.journalSequence == 1)
        #expect(result.outboxIDs == 1...2)

        let reader = try StoreReader(path: path)
        let row = try #require(try reader.nextJournalRow(after: 0))
        #expect(row == JournalRow(sequence: 1, entry: entry))
        #expect(row.entry.first_received_ms == 5 && row.entry.last_received_ms == 9 && row.entry.frames == 2)
        #expect(MessageBatch(journalled: row.entry.bytes)?.count == 2)
        var expected = [first, second]
        expected[0].id = 1
        expected[1].id = 2
        #expect(try reader.outbox(after: 0, limit: 10) == expected)
        #expect(try reader.deadLetters(after: 0, limit: 10) == [StoredDeadLetter(id: 1, letter: letter)])
        #expect(try reader.meta("node") == "2")
        #expect(try reader.meta("other") == nil)
        #expect(try reader.nextJournalRow(after: 1) == nil)
        try expectSound(path)
    }

    @Test func `an empty batch is no journal entry, an empty transaction changes nothing`() throws {
        #expect(JournalEntry(MessageBatch()) == nil)
        let writer = try StoreWriter(path: path)
        #expect(try writer.commit(Transaction()).journalSequence == nil)
        #expect(try writer.lastJournalSequence() == 0)
        let statistics = try StoreReader(path: path).statistics()
        #expect(statistics.journalRows == 0 && statistics.outbox.count == 0 && statistics.snapshots.isEmpty)
        #expect(statistics.fileSize_bytes > 0)
    }

    @Test func `entries of a batch may share bytes`() throws {
        let writer = try StoreWriter(path: path)
        let batch = OutboxBatch(
            bytes: Array("topicpayload".utf8),
            entries: [
                .init(topic: 0..<5, payload: 5..<12, created_ms: 1),
                .init(topic: 0..<5, payload: 0..<12, created_ms: 2),
            ])
        _ = try writer.commit(Transaction(outbox: [batch]))
        let entries = try StoreReader(path: path).outbox(after: 0, limit: 9)
        #expect(entries.map { String(decoding: $0.payload, as: UTF8.self) } == ["payload", "topicpayload"])
        #expect(entries.map { String(decoding: $0.topic, as: UTF8.self) } == ["topic", "topic"])
    }

    @Test func `a transaction that fails half way leaves nothing, and the writer works on`() throws {
        let writer = try StoreWriter(path: path)
        let wrong = OutboxBatch(bytes: [1, 2], entries: [.init(topic: 0..<1, payload: 1..<3, created_ms: 0)])
        let letter = DeadLetter(received_ms: 0, topic: [], reason: "", detail: "", payload: [], fleet: "")
        let error = storeError {
            _ = try writer.commit(
                Transaction(
                    journal: journalEntry(), outbox: [OutboxBatch([outboxEntry("a")]), wrong], deadLetters: [letter]))
        }
        #expect(error?.code == .misuse)
        #expect(error?.isRetriable == false)
        let reader = try StoreReader(path: path)
        #expect(try reader.statistics().journalRows == 0)
        #expect(try reader.outboxDepth().count == 0)

        let result = try writer.commit(Transaction(journal: journalEntry(), outbox: [OutboxBatch([outboxEntry("a")])]))
        #expect(result.journalSequence == 1)
        #expect(result.outboxIDs == 1...1)
        #expect(try reader.outboxDepth().count == 1)
        try expectSound(path)
    }

    @Test func `sequences and ids go on after reopening, and are never used twice`() throws {
        var writer = try StoreWriter(path: path)
        _ = try writer.commit(
            Transaction(journal: journalEntry(), outbox: [OutboxBatch([outboxEntry("a"), outboxEntry("b")])]))
        let confirmed = try writer.commit(Transaction(confirmedOutboxIDs: [1, 2, 2, 99, -1, .max]))
        #expect(confirmed.deletedOutboxEntries == 2)
        writer.close()
        writer.close()
        writer = try StoreWriter(path: path)
        #expect(try writer.lastJournalSequence() == 1)
        let result = try writer.commit(Transaction(journal: journalEntry(), outbox: [OutboxBatch([outboxEntry("c")])]))
        #expect(result.journalSequence == 2)
        #expect(result.outboxIDs == 3...3)
        try expectSound(path)
    }

    @Test func `confirmations in any order delete exactly those`() throws {
        var random = SplitMix64(seed: 11)
        let writer = try StoreWriter(path: path)
        let entries = (1...500).map { outboxEntry("\($0)") }
        _ = try writer.commit(Transaction(outbox: [OutboxBatch(entries)]))
        var expected = Set<Int64>(1...500)
        for round in 0..<20 {
            var ids = (0..<40).map { _ in Int64.random(in: -3...520, using: &random) }
            if round % 2 == 0 { ids.sort() }
            let before = expected.count
            expected.subtract(ids)
            let result = try writer.commit(Transaction(confirmedOutboxIDs: ids))
            #expect(result.deletedOutboxEntries == before - expected.count, "seed 11, round \(round)")
        }
        let left = try StoreReader(path: path).outbox(after: 0, limit: 1_000).map(\.id)
        #expect(left == expected.sorted(), "seed 11")
    }

    @Test func `the settings that durability rests on are in force`() throws {
        var options = StoreOptions()
        options.busyTimeout_ms = 1_234
        let writer = try StoreWriter(path: path, options: options)
        let settings = try writer.settings()
        #expect(settings.journalMode == "wal")
        #expect(settings.synchronous == 2)
        #expect(settings.foreignKeys)
        #expect(settings.busyTimeout_ms == 1_234)
        #expect(settings.applicationID == Int64(Schema.applicationID))
        #expect(settings.schemaVersion == Int64(Schema.current.version))
        #expect(settings.autoVacuum == 2)
        let reader = try StoreReader(path: path)
        #expect(try reader.settings().journalMode == "wal")
        #expect(try reader.settings().synchronous == 2)
    }

    @Test func `the schema explains itself in an sqlite3 shell`() throws {
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        let database = try RawDatabase(path)
        let journal = try database("SELECT sql FROM sqlite_schema WHERE name = 'journal'")
        #expect(journal.first?.contains("-- Bytes of this row and of all rows ever written before it") == true)
        #expect(try database("SELECT sequence, frames, cumulative_bytes FROM journal") == ["1|1|64"])
    }
}
