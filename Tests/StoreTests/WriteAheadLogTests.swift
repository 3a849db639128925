import Glibc
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
        // The commit that goes beyond the limit waits for the others: one row of 20,000 bytes and its pages.
        #expect(largest < 1_000_000 + 2 * 20_000)
    }

    @Test func `the log is copied beside the commits, without a call on the writer`() throws {
        let writer = try StoreWriter(path: path, options: options)
        let before = try #require(try readBytes(path).isEmpty ? nil : readBytes(path).count)
        // 45 pages: less than a commit would wait for, more than a step.
        for _ in 0..<9 { _ = try writer.commit(Transaction(journal: journalEntry(16_000))) }
        // What a passive checkpoint writes makes the file longer.
        let deadline = ContinuousClock.now + .seconds(60)
        while try readBytes(path).count < before + 100_000, ContinuousClock.now < deadline { usleep(2_000) }
        #expect(try readBytes(path).count >= before + 100_000)
        #expect(try StoreReader(path: path).statistics().journalRows == 9)
    }

    @Test func `the log starts over while commits go on, and never reaches the size at which they wait`() throws {
        var options = options
        options.walSize_bytes = 1 << 30
        let writer = try StoreWriter(path: path, options: options)
        let reader = try StoreReader(path: path)
        var lengths: [Int] = []
        for _ in 0..<3_000 {
            lengths.append(try writer.commit(Transaction(journal: journalEntry(3_000))).wal_pages)
            // As long as a batch takes to come.
            usleep(100)
        }
        let restarts = zip(lengths, lengths.dropFirst()).count { $1 < $0 }
        #expect(restarts > 0, "the longest was \(lengths.max() ?? 0) pages")
        #expect(try reader.statistics().journalRows == 3_000)
        try expectSound(path)
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
