import Foundation
import Store
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    /// What the threads share.
    private final class Observations: Sendable {
        let isDone = Atomic<Bool>(false)
        let problems = Mutex<[String]>([])
    }

    /// Every row has one outbox entry, so a reader that sees one moment counts as many of these as of those.
    @Test func `readers on other threads see whole commits while rows are written and pruned`() throws {
        let directory = try TemporaryDirectory()
        let path = directory("fleet.sqlite")
        var options = StoreOptions()
        options.checkpoint_pages = 40
        options.retention.journalBytes = 40_000
        let writer = try StoreWriter(path: path, options: options)
        let observations = Observations()
        let (started, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        // Two threads share a reader, one has its own.
        let shared = try StoreReader(path: path)
        let readers = [shared, shared, try StoreReader(path: path)]
        for reader in readers {
            Thread.detachNewThread {
                started.signal()
                Self.observe(reader, observations)
                ended.signal()
            }
        }
        for _ in readers { started.wait() }
        defer {
            observations.isDone.store(true, ordering: .releasing)
            for _ in readers { ended.wait() }
            #expect(observations.problems.withLock { $0 } == [])
        }
        for number in 1...600 as ClosedRange<Int64> {
            _ = try writer.commit(
                Transaction(
                    journal: journalEntry(1_000, at: number),
                    outbox: [OutboxBatch([outboxEntry("\(number)", at: number)])],
                    snapshot: number % 20 == 0
                        ? SnapshotToWrite(created_ms: number, format: 1, parts: [[1], [2]]) : nil))
            if number % 50 == 0 { _ = try writer.prune(now_ms: number) }
        }
        try expectSound(path)
    }

    private static func observe(_ reader: StoreReader, _ observations: Observations) {
        while !observations.isDone.load(ordering: .acquiring) {
            do {
                let statistics = try reader.statistics()
                if statistics.outbox.count != statistics.lastJournalSequence ?? 0 {
                    observations.problems.withLock { $0.append("\(statistics)") }
                }
                if let snapshot = try reader.newestSnapshot(), snapshot.parts != [[1], [2]] {
                    observations.problems.withLock { $0.append("\(snapshot)") }
                }
            } catch {
                return observations.problems.withLock { $0.append("\(error)") }
            }
        }
    }
}
