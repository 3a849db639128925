import Store
import TestSupport
import Testing

@Suite struct RetentionTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    /// A day's work in small: a row every 10 ms of `size` bytes, a snapshot with every tenth.
    private func work(_ writer: StoreWriter, rows: ClosedRange<Int64>, size: Int = 100, snapshots: Bool = true) throws {
        for row in rows {
            _ = try writer.commit(
                Transaction(
                    journal: journalEntry(size, at: row * 10),
                    snapshot: snapshots && row % 10 == 0
                        ? SnapshotToWrite(created_ms: row * 10, format: 1, parts: [[UInt8](repeating: 1, count: 50)])
                        : nil))
        }
    }

    private func options(age_ms: Int64 = .max, bytes: Int64 = .max) -> StoreOptions {
        var options = StoreOptions()
        options.retention = Retention(
            journalAge_ms: age_ms, journalBytes: bytes, deadLetterAge_ms: .max, deadLetterCount: .max)
        return options
    }

    @Test func `rows older than the limit go, up to an anchor`() throws {
        let writer = try StoreWriter(path: path, options: options(age_ms: 1_600))
        try work(writer, rows: 1...500)
        let result = try writer.prune(now_ms: 5_000)
        #expect(result.isFinished && !result.needsSnapshot)
        let reader = try StoreReader(path: path)
        let start = try reader.journalStart()
        let statistics = try reader.statistics()
        // Anchors stand 200 ms apart, at rows 10, 30, 50 …: the last one at or before 3,400 ms is at row 330.
        #expect(start.sequence == 330)
        #expect(start.anchor?.journal_sequence == 330 && start.anchor?.isAnchor == true)
        #expect(statistics.firstJournalSequence == 331 && statistics.lastJournalSequence == 500)
        #expect(statistics.journalBytes == 17_000)
        #expect(statistics.snapshots.map(\.journal_sequence) == [330, 350, 370, 390, 410, 430, 450, 470, 490, 500])
        #expect(statistics.snapshots.filter { !$0.isAnchor }.map(\.journal_sequence) == [500])
        #expect(try reader.snapshot(try #require(start.anchor).id).parts.count == 1)
        #expect(storeError { _ = try reader.journal(after: 0, limit: 1) }?.code == .gap)
        #expect(try writer.prune(now_ms: 5_000) == PruneResult())
        try expectSound(path)
    }

    @Test func `a journal above its size is cut to it`() throws {
        let writer = try StoreWriter(path: path, options: options(bytes: 16_000))
        try work(writer, rows: 1...500)
        _ = try writer.prune(now_ms: 5_000)
        let statistics = try StoreReader(path: path).statistics()
        #expect(statistics.journalBytes <= 16_000)
        #expect(statistics.journalBytes > 16_000 - 16_000 / 8 - 1_000)
        try expectSound(path)
    }

    @Test func `below the limits nothing of the journal goes`() throws {
        let writer = try StoreWriter(path: path, options: options(age_ms: 5_000, bytes: 50_000))
        try work(writer, rows: 1...500)
        let result = try writer.prune(now_ms: 5_000)
        #expect(result.journalRows == 0)
        let reader = try StoreReader(path: path)
        #expect(try reader.journalStart().sequence == 0)
        #expect(try reader.statistics().journalRows == 500)
        // Snapshots that are neither anchors nor the newest are of no use.
        #expect(result.snapshots == 50 - (try reader.snapshots().count))
    }

    @Test func `without a snapshot every row stays, and one is asked for`() throws {
        let writer = try StoreWriter(path: path, options: options(age_ms: 100, bytes: 100))
        try work(writer, rows: 1...50, snapshots: false)
        var result = try writer.prune(now_ms: 1_000_000)
        #expect(result.needsSnapshot && result.journalRows == 0)
        // With one at row 50, all before it may go, and the sequence is not forgotten with them.
        _ = try writer.commit(Transaction(snapshot: SnapshotToWrite(created_ms: 600, format: 1, parts: [[1]])))
        result = try writer.prune(now_ms: 1_000_000)
        #expect(result.journalRows == 50 && !result.needsSnapshot)
        #expect(try StoreReader(path: path).statistics().journalRows == 0)
        try expectSound(path)
        writer.close()
        let next = try StoreWriter(path: path, options: options(age_ms: 100, bytes: 100))
        #expect(try next.commit(Transaction(journal: journalEntry())).journalSequence == 51)
        #expect(try StoreReader(path: path).journalStart().sequence == 50)
        try expectSound(path)
    }

    @Test func `limits of zero keep the newest snapshot and what follows it`() throws {
        let writer = try StoreWriter(path: path, options: options(age_ms: 0, bytes: 0))
        try work(writer, rows: 1...97)
        _ = try writer.prune(now_ms: 1_000)
        let reader = try StoreReader(path: path)
        #expect(try reader.snapshots().map(\.journal_sequence) == [90])
        #expect(try reader.journal(after: 90, limit: 100).map(\.sequence) == Array(91...97))
        #expect(try reader.statistics().firstJournalSequence == 91)
        try expectSound(path)
    }

    @Test func `extreme times and limits do no harm`() throws {
        let writer = try StoreWriter(path: path, options: options(age_ms: .max, bytes: .max))
        try work(writer, rows: 1...20)
        for now_ms in [Int64.min, -1, 0, .max] {
            for retention in [
                Retention(journalAge_ms: .max, journalBytes: .max, deadLetterAge_ms: .max, deadLetterCount: .max),
                Retention(journalAge_ms: 0, journalBytes: .max, deadLetterAge_ms: 0, deadLetterCount: 0),
                Retention(journalAge_ms: -1, journalBytes: -1, deadLetterAge_ms: -1, deadLetterCount: -1),
            ] {
                _ = try writer.prune(now_ms: now_ms, retention: retention)
                #expect(try StoreReader(path: path).newestSnapshot()?.journal_sequence == 20)
                try expectSound(path, "now \(now_ms), \(retention)")
            }
        }
    }

    @Test func `dead letters go by age and by number`() throws {
        let writer = try StoreWriter(path: path)
        let letters = (1...2_500).map {
            DeadLetter(received_ms: $0, topic: [], reason: "r", detail: "", payload: [1], fleet: "a")
        }
        _ = try writer.commit(Transaction(deadLetters: letters))
        var retention = Retention()
        retention.deadLetterAge_ms = 1_000
        #expect(try writer.prune(now_ms: 2_101, retention: retention).deadLetters == 1_100)
        let reader = try StoreReader(path: path)
        #expect(try reader.deadLetters(after: 0, limit: 1).first?.letter.received_ms == 1_101)
        retention.deadLetterCount = 10
        #expect(try writer.prune(now_ms: 2_101, retention: retention).deadLetters == 1_390)
        #expect(try reader.deadLetters(after: 0, limit: 100).map(\.id) == Array(2_491...2_500))
        retention.deadLetterCount = 0
        #expect(try writer.prune(now_ms: 2_101, retention: retention).deadLetters == 10)
        #expect(try reader.statistics().deadLetters == 0)
    }

    /// After every single step, and after the process ended there, recovery and replay find what they need.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `pruning may be interrupted after any step`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let options = options(
            age_ms: .random(in: 100...20_000, using: &random), bytes: .random(in: 1_000...100_000, using: &random))
        var writer = try StoreWriter(path: path, options: options)
        var last: Int64 = 0
        var newestSnapshot: Int64 = 0
        for round in 0..<12 {
            let rows = Int64.random(in: 1...400, using: &random)
            for _ in 0..<rows {
                last += 1
                let takesSnapshot = Int.random(in: 0..<25, using: &random) == 0
                if takesSnapshot { newestSnapshot = last }
                _ = try writer.commit(
                    Transaction(
                        journal: journalEntry(.random(in: 0...300, using: &random), at: last * 10),
                        snapshot: takesSnapshot
                            ? SnapshotToWrite(created_ms: last * 10, format: 1, parts: [[1], [2]]) : nil))
            }
            while try !writer.prune(now_ms: last * 10, steps_max: 1).isFinished {
                let context = "seed \(seed), round \(round)"
                try expectSound(path, context)
                let reader = try StoreReader(path: path)
                #expect(try reader.newestSnapshot()?.journal_sequence ?? 0 == newestSnapshot, "\(context)")
                let start = try reader.journalStart()
                #expect(start.sequence <= newestSnapshot, "\(context)")
                #expect(
                    try reader.journal(after: start.sequence, limit: .max).map(\.sequence)
                        == (start.sequence + 1..<last + 1).map { $0 }, "\(context)")
                if let anchor = start.anchor {
                    #expect(try reader.snapshot(anchor.id).parts == [[1], [2]], "\(context)")
                }
                if Int.random(in: 0..<8, using: &random) == 0 {
                    reader.close()
                    writer.close()
                    writer = try StoreWriter(path: path, options: options)
                    #expect(try writer.lastJournalSequence() == last, "\(context)")
                }
            }
        }
    }

    @Test func `the file shrinks after a backlog, and does not grow while work goes on`() throws {
        var options = options(bytes: 1_000_000)
        options.checkpoint_pages = 200
        let writer = try StoreWriter(path: path, options: options)
        let reader = try StoreReader(path: path)
        let backlog = OutboxBatch((0..<1_000).map { outboxEntry("\($0)", payload: 10_000) })
        let ids = try #require(try writer.commit(Transaction(outbox: [backlog])).outboxIDs)
        #expect(try writer.checkpoint())
        let full = try reader.statistics().fileSize_bytes
        #expect(full > 10_000_000)
        _ = try writer.commit(Transaction(confirmedOutboxIDs: Array(ids)))
        let result = try writer.prune(now_ms: 0)
        #expect(result.freedPages > 1_000)
        #expect(try writer.checkpoint())
        let shrunk = try reader.statistics().fileSize_bytes
        #expect(shrunk < full / 2, "\(shrunk) of \(full) bytes")

        var largest: Int64 = 0
        for round in 0..<20 as Range<Int64> {
            try work(writer, rows: round * 50 + 1...round * 50 + 50, size: 10_000)
            _ = try writer.prune(now_ms: round * 500)
            if round == 5 { largest = try reader.statistics().fileSize_bytes }
        }
        #expect(try writer.checkpoint())
        let end = try reader.statistics().fileSize_bytes
        #expect(end <= max(largest, shrunk) + 500_000, "\(end) bytes, \(largest) after a quarter of the work")
    }
}
