import Glibc
import Store
import TestSupport
import Testing

/// A process killed with -9 in the middle of thousands of commits: each is there whole, or not at all.
@Suite struct CrashTests {
    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `a commit is all or nothing`(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path = directory("fleet.sqlite")
        var acknowledged: Int64 = 0
        var random = SplitMix64(seed: seed)
        for round in 0..<3 {
            let delay_us = UInt32.random(in: 2_000...400_000, using: &random)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, delay_us = delay_us as UInt32] in
                try CrashTests.commitUntilKilled(path, after_us: delay_us)
            }
            acknowledged = try check(path, atLeast: acknowledged, "seed \(seed), round \(round), \(delay_us) µs")
        }
        #expect(acknowledged > 0, "seed \(seed): no commit was made")
    }

    /// Row n of the journal has n % 5 entries in the outbox, two dead letters where n % 7 = 0, and a snapshot where
    /// n % 10 = 0; entries of row n − 3 are confirmed with it. What the caller was told is in a file of its own.
    private static func commitUntilKilled(_ path: String, after_us: UInt32) throws {
        var options = StoreOptions()
        options.checkpoint_pages = 50  // checkpoints among the commits
        let writer = try StoreWriter(path: path, options: options)
        let told = open(path + ".told", O_WRONLY | O_CREAT, 0o644)
        guard told >= 0 else { throw Failure("cannot write \(path).told") }
        var thread = pthread_t()
        let argument = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
        argument.initialize(to: after_us)
        pthread_create(
            &thread, nil,
            { argument in
                usleep(argument!.assumingMemoryBound(to: UInt32.self).pointee)
                kill(getpid(), SIGKILL)
                return nil
            }, argument)
        var ids: [Int64: ClosedRange<Int64>] = [:]
        while true {
            let sequence = try writer.lastJournalSequence() + 1
            let letter = DeadLetter(
                received_ms: sequence, topic: [], reason: "test", detail: "", payload: [], fleet: "a")
            let result = try writer.commit(
                Transaction(
                    journal: journalEntry(10 + Int(sequence % 9) * 2_000, at: sequence),
                    outbox: [OutboxBatch((0..<sequence % 5).map { outboxEntry("\(sequence)-\($0)", at: sequence) })],
                    deadLetters: sequence % 7 == 0 ? [letter, letter] : [],
                    confirmedOutboxIDs: ids.removeValue(forKey: sequence - 3).map(Array.init) ?? [],
                    snapshot: sequence % 10 == 0
                        ? SnapshotToWrite(created_ms: sequence, format: 1, parts: [[1], [2], [3]]) : nil,
                    meta: [("newest", "\(sequence)")]))
            ids[sequence] = result.outboxIDs
            var acknowledged = sequence
            pwrite(told, &acknowledged, 8, 0)
        }
    }

    /// Returns the newest sequence.
    private func check(_ path: String, atLeast before: Int64, _ context: String) throws -> Int64 {
        let told = (try? readBytes(path + ".told")) ?? []
        let acknowledged = told.withUnsafeBytes { $0.count == 8 ? $0.loadUnaligned(as: Int64.self) : 0 }
        let writer = try StoreWriter(path: path)  // recovers, and shows that the lock is free
        let last = try writer.lastJournalSequence()
        writer.close()
        #expect(last >= max(acknowledged, before), "\(context): acknowledged commits are lost")
        try expectSound(path, context)

        let database = try RawDatabase(path)
        #expect(
            try database("SELECT count(*), max(sequence) FROM journal") == ["\(last)|\(last == 0 ? "NULL" : "\(last)")"]
        )
        let counts = try database("SELECT created_ms, count(*) FROM outbox GROUP BY created_ms")
        for line in counts {
            let parts = line.split(separator: "|").compactMap { Int64($0) }
            #expect(parts[0] <= last, "\(context): entries of row \(parts[0]) without the row")
            #expect(parts[1] == parts[0] % 5, "\(context): entries of row \(parts[0])")
        }
        // Entries of the newest three rows cannot be confirmed yet.
        let present = Set(counts.compactMap { Int64($0.prefix { $0 != "|" }) })
        for sequence in max(1, last - 2)..<max(1, last + 1) where sequence % 5 != 0 {
            #expect(present.contains(sequence), "\(context): row \(sequence) without its entries")
        }
        #expect(try database("SELECT count(*) FROM dead_letters") == ["\(last / 7 * 2)"], "\(context)")
        #expect(try database("SELECT count(*) FROM snapshots WHERE complete") == ["\(last / 10)"], "\(context)")
        #expect(try database("SELECT count(*) FROM snapshot_parts") == ["\(last / 10 * 3)"], "\(context)")
        if last > 0 { #expect(try database("SELECT value FROM meta") == ["\(last)"], "\(context)") }
        return last
    }
}
