import Glibc
import Store
import Testing

/// No room: nothing of the commit is stored, the error may be retried, and with room the same commit works.
@Suite struct FullDiskTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func transaction(_ number: Int) -> Transaction {
        Transaction(
            journal: journalEntry(20_000, fill: UInt8(truncatingIfNeeded: number)),
            outbox: [OutboxBatch((0..<4).map { outboxEntry("\(number)-\($0)", payload: 500) })])
    }

    /// Commits until there is no room. Returns the number of the transaction that failed.
    private func fill(_ writer: StoreWriter, from first: Int = 1) throws -> Int {
        for number in first..<first + 10_000 {
            do {
                #expect(try writer.commit(transaction(number)).journalSequence == Int64(number))
            } catch {
                #expect(error.code == .full, "\(error)")
                #expect(error.isRetriable)
                #expect(error.message.contains("make room"))
                #expect(error.message.contains(writer.path))
                return number
            }
        }
        throw Failure("the disk does not fill up")
    }

    /// Exactly the transactions before `next` are there, whole.
    private func expectStored(_ path: String, before next: Int, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let reader = try StoreReader(path: path)
        let statistics = try reader.statistics()
        #expect(statistics.journalRows == Int64(next - 1), sourceLocation: sourceLocation)
        #expect(statistics.outbox.count == Int64(4 * (next - 1)), sourceLocation: sourceLocation)
        for number in 1..<next {
            let row = try #require(try reader.nextJournalRow(after: Int64(number - 1)))
            #expect(row.entry == transaction(number).journal, sourceLocation: sourceLocation)
        }
        let topics = try reader.outbox(after: 0, limit: .max).map { String(decoding: $0.topic, as: UTF8.self) }
        let expected = (1..<next).flatMap { number in (0..<4).map { "fleets/a/events/\(number)-\($0)" } }
        #expect(topics == expected, sourceLocation: sourceLocation)
        try expectSound(path, sourceLocation: sourceLocation)
    }

    @Test func `the configured size is a full disk, and confirmations make room`() throws {
        let path = directory("fleet.sqlite")
        var options = StoreOptions()
        options.pages_max = 100
        let writer = try StoreWriter(path: path, options: options)
        #expect(try writer.settings().pages_max == 100)
        let failed = try fill(writer)
        #expect(failed > 3)
        try expectStored(path, before: failed)
        // The same again fails the same way, and stores nothing either.
        #expect(try fill(writer, from: failed) == failed)
        try expectStored(path, before: failed)

        let confirmed = try StoreReader(path: path).outbox(after: 0, limit: .max).map(\.id)
        #expect(try writer.commit(Transaction(confirmedOutboxIDs: confirmed)).deletedOutboxEntries == confirmed.count)
        var small = transaction(failed)
        small.journal = journalEntry(2_000)
        let result = try writer.commit(small)
        #expect(result.journalSequence == Int64(failed))
        // The ids of what was never stored are not missed, those of what was deleted are not used again.
        #expect(result.outboxIDs?.lowerBound == Int64(confirmed.count + 1))
        try expectSound(path)

        // More room: the configuration was changed and the service restarted.
        writer.close()
        options.pages_max = 1_000
        let roomier = try StoreWriter(path: path, options: options)
        #expect(try roomier.commit(transaction(failed + 1)).journalSequence == Int64(failed + 1))
        try expectSound(path)
    }

    @Test func `a large transaction that spills its pages is undone as well`() throws {
        let path = directory("fleet.sqlite")
        var options = StoreOptions()
        options.pages_max = 12_000
        let writer = try StoreWriter(path: path, options: options)
        _ = try writer.commit(transaction(1))
        // 60 MB: more than the page cache and more than the limit.
        let snapshot = SnapshotToWrite(
            created_ms: 1, format: 1, parts: (0..<60).map { [UInt8](repeating: $0, count: 1_000_000) })
        let error = storeError { _ = try writer.commit(Transaction(journal: journalEntry(), snapshot: snapshot)) }
        #expect(error?.code == .full)
        #expect(try StoreReader(path: path).snapshots().isEmpty)
        _ = try writer.commit(transaction(2))
        try expectStored(path, before: 3)
        #expect(try writer.checkpoint())
        #expect(try StoreReader(path: path).statistics().fileSize_bytes < 1_000_000)
    }

    @Test(.enabled(if: Tmpfs.isPermitted)) func `a full file system`() throws {
        let disk = try Tmpfs(at: directory("disk"), size: "2m")
        let path = disk.path + "/fleet.sqlite"
        let ballast = disk.path + "/ballast"
        let writer = try StoreWriter(path: path)
        let reader = try StoreReader(path: path)
        var next = 1
        for round in 1...3 {
            try fillRest(ballast, leaving: 300_000 * round)
            next = try fill(writer, from: next)
            // Whatever is read now, and a second attempt, finds the same.
            #expect(try reader.statistics().journalRows == Int64(next - 1), "round \(round)")
            #expect(try fill(writer, from: next) == next, "round \(round)")
            #expect(unlink(ballast) == 0)
            #expect(try writer.commit(transaction(next)).journalSequence == Int64(next), "round \(round)")
            next += 1
            try expectStored(path, before: next)
        }
        // A process that dies with the disk full loses nothing.
        try fillRest(ballast, leaving: 0)
        next = try fill(writer, from: next)
        writer.close()
        reader.close()
        #expect(unlink(ballast) == 0)
        let reopened = try StoreWriter(path: path)
        #expect(try reopened.lastJournalSequence() == Int64(next - 1))
        try expectStored(path, before: next)
    }

    @Test(.enabled(if: Tmpfs.isPermitted)) func `a store that cannot be created for lack of room`() throws {
        let disk = try Tmpfs(at: directory("disk"), size: "1m")
        let path = disk.path + "/fleet.sqlite"
        let ballast = disk.path + "/ballast"
        try fillRest(ballast, leaving: 0)
        let error = storeError { _ = try StoreWriter(path: path) }
        #expect(error?.code == .full, "\(String(describing: error))")
        #expect(unlink(ballast) == 0)
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(transaction(1))
        try expectStored(path, before: 2)
    }

    /// Writes a file until there is no room, then cuts it by `bytes`.
    private func fillRest(_ path: String, leaving bytes: Int) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let chunk = [UInt8](repeating: 1, count: 4_096)
        var size = 0
        while case let count = write(descriptor, chunk, chunk.count), count > 0 { size += count }
        try #require(errno == ENOSPC)
        try #require(ftruncate(descriptor, off_t(max(0, size - bytes))) == 0)
    }
}
