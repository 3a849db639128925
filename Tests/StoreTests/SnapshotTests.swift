import Store
import Testing

@Suite struct SnapshotTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    @Test func `a snapshot with its parts, taken with a journal row or after it`() throws {
        let writer = try StoreWriter(path: path)
        let reader = try StoreReader(path: path)
        #expect(try reader.newestSnapshot() == nil)
        let parts: [[UInt8]] = [[1, 2], [], [UInt8](repeating: 9, count: 100_000)]
        let result = try writer.commit(
            Transaction(journal: journalEntry(), snapshot: SnapshotToWrite(created_ms: 5, format: 4, parts: parts)))
        let newest = try #require(try reader.newestSnapshot())
        #expect(newest.parts == parts)
        #expect(newest.journal_sequence == 1 && newest.info.created_ms == 5 && newest.info.format == 4)
        #expect(newest.info.id == result.snapshotID)
        #expect(result.isAnchor && newest.info.isAnchor)

        for _ in 2...4 { _ = try writer.commit(Transaction(journal: journalEntry())) }
        let later = try writer.commit(
            Transaction(snapshot: SnapshotToWrite(journal_sequence: 3, created_ms: 6, format: 4, parts: [])))
        #expect(try reader.newestSnapshot()?.journal_sequence == 3)
        #expect(try reader.newestSnapshot()?.parts == [])
        #expect(!later.isAnchor)
        // Back in time it is stored, but not the newest.
        _ = try writer.commit(
            Transaction(snapshot: SnapshotToWrite(journal_sequence: 2, created_ms: 7, format: 4, parts: [])))
        #expect(try reader.newestSnapshot()?.journal_sequence == 3)
        #expect(try reader.snapshots().map(\.journal_sequence) == [1, 2, 3])
        #expect(try reader.snapshot(newest.info.id) == newest)
        #expect(try reader.snapshotPart(0, of: newest.info.id) == [1, 2])
        #expect(try reader.snapshotPart(3, of: newest.info.id) == nil)
        #expect(storeError { _ = try reader.snapshot(99) }?.code == .gap)
        try expectSound(path)
    }

    @Test func `a snapshot before any input`() throws {
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(Transaction(snapshot: SnapshotToWrite(created_ms: 1, format: 1, parts: [[7]])))
        #expect(try StoreReader(path: path).newestSnapshot()?.journal_sequence == 0)
        #expect(try writer.commit(Transaction(journal: journalEntry())).journalSequence == 1)
        try expectSound(path)
    }

    @Test func `a snapshot in pieces is there with its last one`() throws {
        let writer = try StoreWriter(path: path)
        let reader = try StoreReader(path: path)
        for (index, piece) in [SnapshotToWrite.Piece.first, .next, .next, .last].enumerated() {
            #expect(try reader.newestSnapshot() == nil)
            let result = try writer.commit(
                Transaction(
                    journal: journalEntry(),
                    snapshot: SnapshotToWrite(piece: piece, created_ms: 1, format: 1, parts: [[UInt8(index)], [0xff]])))
            #expect(result.snapshotID == 1)
            #expect(result.isAnchor == (piece == .last))
            _ = try writer.prune(now_ms: 1)
        }
        let newest = try #require(try reader.newestSnapshot())
        #expect(newest.journal_sequence == 1)
        #expect(newest.parts == [[0], [0xff], [1], [0xff], [2], [0xff], [3], [0xff]])
        try expectSound(path)
    }

    @Test func `a snapshot that was not finished is never used, and removed`() throws {
        var writer = try StoreWriter(path: path)
        let reader = try StoreReader(path: path)
        func write(_ piece: SnapshotToWrite.Piece, _ parts: [[UInt8]], at sequence: Int64? = nil) throws -> CommitResult
        {
            try writer.commit(
                Transaction(
                    snapshot: SnapshotToWrite(
                        piece: piece, journal_sequence: sequence, created_ms: 1, format: 1, parts: parts)))
        }
        for _ in 1...2 { _ = try writer.commit(Transaction(journal: journalEntry())) }
        // Another one is begun.
        _ = try write(.first, [[1]])
        _ = try write(.first, [[2]])
        #expect(storeError { _ = try write(.next, [[3]], at: 1) }?.code == .misuse)
        _ = try write(.last, [[3]], at: 2)
        #expect(try reader.newestSnapshot()?.parts == [[2], [3]])
        #expect(storeError { _ = try write(.last, [[4]]) }?.code == .misuse)
        // The process ends half way.
        _ = try write(.first, (0..<100).map { [$0] })
        writer.close()
        writer = try StoreWriter(path: path)
        #expect(storeError { _ = try write(.last, []) }?.code == .misuse)
        #expect(try reader.newestSnapshot()?.parts == [[2], [3]])
        let pruned = try writer.prune(now_ms: 1)
        #expect(pruned.snapshots == 2 && pruned.snapshotParts == 101)
        #expect(try reader.snapshots().map(\.id) == [2])
        #expect(try RawDatabase(path)("SELECT count(*) FROM snapshot_parts") == ["2"])
        try expectSound(path)
    }

    @Test func `a piece that fails does not become part of the snapshot`() throws {
        let writer = try StoreWriter(path: path)
        let wrong = OutboxBatch(bytes: [], entries: [.init(topic: 0..<1, payload: 0..<0, created_ms: 0)])
        func piece(_ piece: SnapshotToWrite.Piece, _ byte: UInt8) -> SnapshotToWrite {
            SnapshotToWrite(piece: piece, created_ms: 1, format: 1, parts: [[byte]])
        }
        _ = try writer.commit(Transaction(snapshot: piece(.first, 1)))
        #expect(storeError { _ = try writer.commit(Transaction(outbox: [wrong], snapshot: piece(.next, 2))) } != nil)
        _ = try writer.commit(Transaction(snapshot: piece(.last, 3)))
        #expect(try StoreReader(path: path).newestSnapshot()?.parts == [[1], [3]])
    }

    @Test func `a snapshot of a row that is not there is refused`() throws {
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        for sequence in [-1, 2, .max, .min] as [Int64] {
            let snapshot = SnapshotToWrite(journal_sequence: sequence, created_ms: 1, format: 1, parts: [])
            #expect(storeError { _ = try writer.commit(Transaction(snapshot: snapshot)) }?.code == .misuse)
        }
        #expect(try StoreReader(path: path).snapshots().isEmpty)
    }

    @Test func `anchors stand an eighth of a limit apart`() throws {
        var options = StoreOptions()
        options.retention.journalAge_ms = 800
        options.retention.journalBytes = 8_000
        let writer = try StoreWriter(path: path, options: options)
        func snapshot(after bytes: Int, at time_ms: Int64) throws -> Bool {
            try writer.commit(
                Transaction(
                    journal: journalEntry(bytes), snapshot: SnapshotToWrite(created_ms: time_ms, format: 1, parts: []))
            ).isAnchor
        }
        #expect(try snapshot(after: 1, at: 1_000))
        #expect(try !snapshot(after: 1, at: 1_099))
        #expect(try snapshot(after: 1, at: 1_100))
        #expect(try !snapshot(after: 999, at: 1_100))
        #expect(try snapshot(after: 1, at: 1_100))
        // A clock that was put back makes no anchors until it has caught up, unless by size.
        #expect(try !snapshot(after: 1, at: 5))
    }
}
