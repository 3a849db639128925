import Foundation
import Store
import Synchronization
import Testing

@Suite struct ConcurrencyTests {
    /// Every row has one outbox entry, so a reader that sees one moment counts as many of these as of those.
    @Test func `readers on other threads see whole commits while rows are written and pruned`() throws {
        let directory = try TemporaryDirectory()
        let path = directory("fleet.sqlite")
        var options = StoreOptions()
        options.checkpoint_pages = 40
        options.retention.journalBytes = 40_000
        let writer = try StoreWriter(path: path, options: options)
        let isDone = Atomic<Bool>(false)
        let moments = Atomic<Int>(0)
        let problems = Mutex<[String]>([])
        let shared = try StoreReader(path: path)
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            do {
                if index == 0 {
                    defer { isDone.store(true, ordering: .releasing) }
                    for number in 1...600 as ClosedRange<Int64> {
                        _ = try writer.commit(
                            Transaction(
                                journal: journalEntry(1_000, at: number),
                                outbox: [OutboxBatch([outboxEntry("\(number)", at: number)])],
                                snapshot: number % 20 == 0
                                    ? SnapshotToWrite(created_ms: number, format: 1, parts: [[1], [2]]) : nil))
                        if number % 50 == 0 { _ = try writer.prune(now_ms: number) }
                    }
                } else {
                    // Two threads share a reader, one has its own.
                    let reader = index == 1 ? try StoreReader(path: path) : shared
                    while !isDone.load(ordering: .acquiring) {
                        let statistics = try reader.statistics()
                        if statistics.outbox.count != statistics.lastJournalSequence ?? 0 {
                            problems.withLock { $0.append("\(statistics)") }
                        }
                        if let snapshot = try reader.newestSnapshot(), snapshot.parts != [[1], [2]] {
                            problems.withLock { $0.append("\(snapshot)") }
                        }
                        moments.add(1, ordering: .relaxed)
                    }
                }
            } catch {
                problems.withLock { $0.append("\(error)") }
            }
        }
        #expect(problems.withLock { $0 } == [])
        #expect(moments.load(ordering: .relaxed) > 0)
        try expectSound(path)
    }
}
