import Store
import Testing

@Suite struct WriteAheadLogTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    private var options: StoreOptions {
        var options = StoreOptions()
        options.checkpoint_pages = 50
        options.walSize_bytes = 1_000_000
        return options
    }

    @Test func `the log stays bounded while readers come and go`() throws {
        let writer = try StoreWriter(path: path, options: options)
        let readers = try (0..<3).map { _ in try StoreReader(path: path) }
        var largest: Int64 = 0
        for number in 0..<400 {
            _ = try writer.commit(Transaction(journal: journalEntry(20_000)))
            let statistics = try readers[number % 3].statistics()
            #expect(statistics.journalRows == Int64(number + 1))
            largest = max(largest, statistics.walSize_bytes)
        }
        #expect(largest < 1_000_000)
    }

    @Test func `a reader that stays makes the log grow, and commits go on; afterwards it is cut`() throws {
        let writer = try StoreWriter(path: path, options: options)
        let reader = try StoreReader(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        let shell = try RawDatabase(path)
        #expect(try shell("BEGIN; SELECT count(*) FROM journal") == ["1"])
        for _ in 0..<100 { _ = try writer.commit(Transaction(journal: journalEntry(20_000))) }
        #expect(try reader.statistics().walSize_bytes > 2_000_000)
        #expect(try reader.statistics().journalRows == 101)
        #expect(try shell("SELECT count(*) FROM journal") == ["1"])
        try shell("COMMIT")
        for _ in 0..<40 { _ = try writer.commit(Transaction(journal: journalEntry(20_000))) }
        #expect(try reader.statistics().walSize_bytes <= 1_000_000)
        try expectSound(path)
    }

    @Test func `a checkpoint says whether it could finish`() throws {
        var options = options
        options.busyTimeout_ms = 20
        let writer = try StoreWriter(path: path, options: options)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        let shell = try RawDatabase(path)
        #expect(try shell("BEGIN; SELECT count(*) FROM journal") == ["1"])
        _ = try writer.commit(Transaction(journal: journalEntry()))
        #expect(try !writer.checkpoint())
        try shell("COMMIT")
        #expect(try writer.checkpoint())
        #expect(try StoreReader(path: path).statistics().walSize_bytes == 0)
    }

    @Test func `what was committed is in the log alone, without a clean end`() throws {
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry(), outbox: [OutboxBatch([outboxEntry("a")])]))
        // The files as a power cut would leave them: copied while the writer is open.
        for suffix in ["", "-wal"] {
            try writeBytes(try readBytes(path + suffix), to: directory("copy.sqlite" + suffix))
        }
        let copy = try StoreWriter(path: directory("copy.sqlite"))
        #expect(try copy.lastJournalSequence() == 1)
        #expect(try StoreReader(path: directory("copy.sqlite")).outboxDepth().count == 1)
        // A log cut off within its last transaction: the transaction before is what there is.
        _ = try writer.commit(Transaction(journal: journalEntry(50_000)))
        let log = try readBytes(path + "-wal")
        for cut in [1, 4_096, 30_000] {
            let torn = directory("torn\(cut).sqlite")
            try writeBytes(try readBytes(path), to: torn)
            try writeBytes(Array(log.dropLast(cut)), to: torn + "-wal")
            let recovered = try StoreWriter(path: torn)
            #expect(try recovered.lastJournalSequence() == 1, "cut by \(cut)")
            #expect(try recovered.commit(Transaction(journal: journalEntry())).journalSequence == 2)
            try expectSound(torn)
        }
        writer.close()
    }
}
