import Store
import Testing

@Suite struct ReaderTests {
    let directory: TemporaryDirectory
    let path: String
    let writer: StoreWriter

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
        writer = try StoreWriter(path: path)
    }

    @Test func `the outbox is read in slices of entries and bytes`() throws {
        let entries = (0..<10).map { outboxEntry("\($0)", payload: 100) }
        _ = try writer.commit(Transaction(outbox: [OutboxBatch(entries)]))
        let reader = try StoreReader(path: path)
        let size = entries[0].topic.count + 100
        #expect(try reader.outbox(after: 0, limit: 3).map(\.id) == [1, 2, 3])
        #expect(try reader.outbox(after: 8, limit: 3).map(\.id) == [9, 10])
        #expect(try reader.outbox(after: 10, limit: 3).isEmpty)
        #expect(try reader.outbox(after: 0, limit: 0).isEmpty)
        #expect(try reader.outbox(after: 0, limit: -1).isEmpty)
        #expect(try reader.outbox(after: 0, limit: 9, maxBytes: 2 * size).map(\.id) == [1, 2])
        #expect(try reader.outbox(after: 0, limit: 9, maxBytes: 2 * size - 1).map(\.id) == [1])
        #expect(try reader.outbox(after: 4, limit: 9, maxBytes: 0).map(\.id) == [5])
    }

    @Test func `the depth is exact for few and bounded for many`() throws {
        let reader = try StoreReader(path: path)
        #expect(try reader.outboxDepth() == OutboxDepth())
        let entries = (0..<12_000).map { outboxEntry("\($0)", payload: 0, at: Int64(100 + $0)) }
        _ = try writer.commit(Transaction(outbox: [OutboxBatch(entries)]))
        var depth = try reader.outboxDepth()
        #expect(depth.count == 12_000 && depth.oldestID == 1 && depth.newestID == 12_000)
        // A gap above the exact count is not seen, below it is.
        _ = try writer.commit(Transaction(confirmedOutboxIDs: [1, 500]))
        depth = try reader.outboxDepth()
        #expect(depth.count == 11_999 && depth.oldestID == 2 && depth.oldestCreated_ms == 101)
        _ = try writer.commit(Transaction(confirmedOutboxIDs: Array(3...11_990)))
        #expect(try reader.outboxDepth().count == 11)
    }

    @Test func `a journal is read row by row and in slices`() throws {
        for index in 1...6 { _ = try writer.commit(Transaction(journal: journalEntry(index * 10, fill: UInt8(index)))) }
        let reader = try StoreReader(path: path)
        var sequence: Int64 = 0
        while let row = try reader.nextJournalRow(after: sequence) {
            #expect(row.entry.bytes == [UInt8](repeating: UInt8(sequence + 1), count: Int(sequence + 1) * 10))
            sequence = row.sequence
        }
        #expect(sequence == 6)
        #expect(try reader.journal(after: 0, limit: 10, maxBytes: 35).map(\.sequence) == [1, 2])
        #expect(try reader.journal(after: 4, limit: 10).map(\.sequence) == [5, 6])
        #expect(try reader.journal(after: 4, limit: 1).map(\.sequence) == [5])
        #expect(try reader.journalStart().sequence == 0)
    }

    @Test func `rows that are gone are an error, not a silent jump`() throws {
        for _ in 1...4 { _ = try writer.commit(Transaction(journal: journalEntry())) }
        let reader = try StoreReader(path: path)
        try RawDatabase(path)("DELETE FROM journal WHERE sequence = 3")
        let error = storeError { _ = try reader.journal(after: 0, limit: 9) }
        #expect(error?.code == .gap)
        #expect(error?.message.contains("row 3") == true)
        #expect(try reader.journal(after: 0, limit: 2).count == 2)
        #expect(try reader.brokenInvariants().count == 1)
    }

    @Test func `statistics describe the store`() throws {
        _ = try writer.commit(
            Transaction(journal: journalEntry(100, at: 5), outbox: [OutboxBatch([outboxEntry("a", at: 6)])]))
        let letter = DeadLetter(received_ms: 7, topic: [], reason: "", detail: "", payload: [], fleet: "")
        _ = try writer.commit(
            Transaction(
                journal: journalEntry(50, at: 8), deadLetters: [letter, letter],
                snapshot: SnapshotToWrite(created_ms: 9, format: 3, parts: [[1]])))
        let reader = try StoreReader(path: path)
        let statistics = try reader.statistics()
        #expect(statistics.journalRows == 2 && statistics.journalBytes == 150)
        #expect(statistics.firstJournalSequence == 1 && statistics.lastJournalSequence == 2)
        #expect(statistics.firstReceived_ms == 5 && statistics.lastReceived_ms == 8)
        #expect(statistics.outbox.count == 1 && statistics.outbox.oldestCreated_ms == 6)
        #expect(statistics.deadLetters == 2)
        #expect(
            statistics.snapshots == [
                SnapshotInfo(id: 1, journal_sequence: 2, created_ms: 9, format: 3, isAnchor: true, isComplete: true)
            ])
        #expect(statistics.walSize_bytes > 0)
        #expect(try writer.checkpoint())
        let after = try reader.statistics()
        #expect(after.walSize_bytes == 0)
        #expect(after.fileSize_bytes >= statistics.fileSize_bytes)
    }

    @Test func `a closed reader or writer says so`() throws {
        let reader = try StoreReader(path: path)
        reader.close()
        reader.close()
        #expect(storeError { _ = try reader.outboxDepth() }?.code == .misuse)
        writer.close()
        #expect(storeError { _ = try writer.commit(Transaction()) }?.code == .misuse)
        #expect(storeError { _ = try writer.prune(now_ms: 0) }?.code == .misuse)
    }

    @Test func `a reader works while nobody writes, and after the writer is gone`() throws {
        _ = try writer.commit(Transaction(journal: journalEntry()))
        let during = try StoreReader(path: path)
        writer.close()
        #expect(try during.statistics().journalRows == 1)
        let after = try StoreReader(path: path)
        #expect(try after.statistics().journalRows == 1)
    }
}
