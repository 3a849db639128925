import Foundation
import Locks
import Store
import Testing
import Wire

@testable import FleetCore
@testable import FleetService

@Suite final class SnapshotWriterTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "snapshots-\(UUID().uuidString).sqlite"
    ).path

    deinit { for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) } }

    private static let time_ms: Int64 = 1_795_000_000_000

    private static func reports(_ round: Int, vehicles: Int = 1_000) -> MessageBatch {
        var batch = MessageBatch()
        for number in 0..<vehicles {
            let time_ms = Self.time_ms + Int64(round) * 1000
            batch.append(
                receivedTime_ms: time_ms, topic: Array("fleets/a/vehicles/T-\(number)/telemetry".utf8),
                payload: Array(#"{"time":\#(time_ms),"lat":25,"lon":121}"#.utf8))
        }
        return batch
    }

    private func makeProcessor() -> Processor {
        Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: { _ in nil })
    }

    private func image(_ processor: Processor, after sequence: Int64) -> SnapshotWriter.Image {
        SnapshotWriter.Image(
            journalSequence: sequence, created_ms: 1, router: processor.router.snapshot(),
            desks: Desks(topicRoot: "fleets", resolveTimeZone: { _ in nil }),
            shards: processor.shards.map { $0.image() })
    }

    /// What was written, and what went wrong with it.
    private final class Ends: Sendable {
        let all = Guarded<[StoreError?]>([])
        private let done = DispatchSemaphore(value: 0)

        func append(_ error: StoreError?) {
            all.withLock { $0.append(error) }
            done.signal()
        }

        func wait() -> Bool { done.wait(timeout: .now() + 60) == .success }
    }

    @Test func `a snapshot is written in pieces beside the batches, as of when it began`() async throws {
        let commits = CommitThread(try StoreWriter(path: path), onError: { _ in })
        let ends = Ends()
        let snapshots = SnapshotWriter(commits, onEnd: ends.append)
        var processor = makeProcessor()
        var batch = Self.reports(0)
        _ = processor.apply(batch)
        let first = try await commits.commit(Transaction(journal: JournalEntry(batch))).get()
        let before = processor.snapshot()
        #expect(snapshots.begin(image(processor, after: try #require(first.journalSequence))))
        #expect(!snapshots.begin(image(processor, after: 1)), "a second one began beside it")
        var withPieces = 0
        for round in 1...40 {
            batch = Self.reports(round, vehicles: 10)
            _ = processor.apply(batch)
            let result = try await commits.commit(Transaction(journal: JournalEntry(batch))).get()
            withPieces += result.snapshotID == nil ? 0 : 1
        }
        #expect(await Self.offPool { ends.wait() })
        #expect(ends.all.withLock { $0.allSatisfy { $0 == nil } })
        #expect(withPieces > 0, "no piece went along with a commit")
        commits.stop()
        let stored = try #require(try StoreReader(path: path).newestSnapshot())
        #expect(stored.journal_sequence == 1 && stored.parts.count > 4)
        var restored = makeProcessor()
        try restored.restore(try Snapshot(parts: stored.parts))
        #expect(restored.snapshot().parts == before.parts)
        #expect(restored.snapshot().parts != processor.snapshot().parts)
    }

    @Test func `a snapshot that is given up leaves the one before in force`() async throws {
        let commits = CommitThread(try StoreWriter(path: path), onError: { _ in })
        let ends = Ends()
        let snapshots = SnapshotWriter(commits, onEnd: ends.append)
        var processor = makeProcessor()
        let batch = Self.reports(0)
        _ = processor.apply(batch)
        let older = SnapshotToWrite(created_ms: 1, format: 1, parts: [[7]])
        _ = try await commits.commit(Transaction(journal: JournalEntry(batch), snapshot: older)).get()
        _ = try await commits.commit(Transaction(journal: JournalEntry(batch))).get()
        #expect(snapshots.begin(image(processor, after: 2)))
        snapshots.cancel()
        #expect(await Self.offPool { ends.wait() })
        #expect(ends.all.withLock { $0.allSatisfy { $0 == nil } })
        #expect(!snapshots.begin(image(processor, after: 2)))
        commits.stop()
        let reader = try StoreReader(path: path)
        #expect(try reader.newestSnapshot()?.parts == [[7]])
        #expect(try reader.brokenInvariants().isEmpty)
    }

    @Test func `a piece for which there is no room does not stop the batch that it goes along with`() async throws {
        var options = StoreOptions()
        options.pages_max = 60
        let commits = CommitThread(try StoreWriter(path: path, options: options), onError: { _ in })
        let failures = await withTaskGroup(of: StoreError?.self) { group in
            group.addTask {
                await Self.offPool {
                    let piece = SnapshotToWrite(
                        created_ms: 1, format: 1, parts: [[UInt8](repeating: 1, count: 1_000_000)])
                    guard case .failure(let error) = commits.commitAlong(piece) else { return nil }
                    return error
                }
            }
            group.addTask {
                for round in 0..<20 {
                    let result = await commits.commit(
                        Transaction(journal: JournalEntry(Self.reports(round, vehicles: 1))))
                    guard case .failure(let error) = result else { continue }
                    return error
                }
                return nil
            }
            var failures: [StoreError] = []
            for await failure in group { if let failure { failures.append(failure) } }
            return failures
        }
        #expect(failures.map(\.code) == [.full])
        commits.stop()
        let reader = try StoreReader(path: path)
        #expect(try reader.statistics().journalRows == 20)
        #expect(try reader.newestSnapshot() == nil)
    }

    @Test func `after the end no piece is taken, and one that waits learns of it`() async throws {
        let commits = CommitThread(try StoreWriter(path: path), onError: { _ in })
        commits.stop()
        let result = await Self.offPool { commits.commitAlong(SnapshotToWrite(created_ms: 1, format: 1, parts: [])) }
        #expect(throws: StoreError.self) { try result.get() }
    }

    private static func offPool<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
