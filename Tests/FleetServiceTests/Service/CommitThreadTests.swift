import Foundation
import Store
import Synchronization
import Testing

@testable import FleetService

@Suite final class CommitThreadTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent(
        "commit-\(UUID().uuidString).sqlite"
    ).path

    deinit { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }

    private func makeThread(
        pages_max: Int64? = nil, onError: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) throws -> CommitThread {
        var options = StoreOptions()
        options.pages_max = pages_max
        return CommitThread(try StoreWriter(path: path, options: options), onError: onError)
    }

    private func outbox(_ count: Int, bytes: Int = 10) -> Transaction {
        var batch = OutboxBatch()
        for number in 0..<count {
            batch.append(
                OutboxEntry(
                    topic: Array("t/\(number)".utf8), payload: Array(repeating: 65, count: bytes), contentType: nil,
                    correlation: [], eventID: [], created_ms: 1))
        }
        return Transaction(outbox: [batch])
    }

    private func depth() throws -> Int64 {
        let reader = try StoreReader(path: path)
        defer { reader.close() }
        return try reader.statistics().outbox.count
    }

    @Test func `jobs run in order on one thread, whoever asks`() async throws {
        let commits = try makeThread()
        let seen = Mutex<[Int]>([])
        for number in 0..<100 {
            let result = await commits.perform { (_) throws(StoreError) in
                seen.withLock { $0.append(number) }
                return number
            }
            #expect(try result.get() == number)
        }
        let one = outbox(1)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { _ = await commits.commit(one) } }
        }
        commits.stop()
        #expect(seen.withLock { $0 } == Array(0..<100))
        #expect(try depth() == 200)
    }

    @Test func `confirmations go along with a commit, or alone after a short while`() async throws {
        let commits = try makeThread()
        let result = try await commits.commit(outbox(10)).get()
        let ids = try #require(result.outboxIDs)
        commits.confirm(Array(ids.prefix(4)))
        _ = try await commits.commit(outbox(1)).get()
        #expect(try depth() == 7)
        commits.confirm(Array(ids.dropFirst(4)))
        let begun = Date()
        while try depth() > 1, Date().timeIntervalSince(begun) < 10 { usleep(10_000) }
        #expect(try depth() == 1)
        commits.stop()
    }

    @Test func `confirmations that are waiting at the end are stored`() async throws {
        let commits = try makeThread()
        let ids = try #require(try await commits.commit(outbox(5)).get().outboxIDs)
        commits.confirm(Array(ids))
        commits.stop()
        #expect(try depth() == 0)
    }

    @Test func `after the end nothing is taken any more, and a second end is none`() async throws {
        let commits = try makeThread()
        commits.stop()
        commits.stop()
        commits.confirm([1])
        let result = await commits.commit(outbox(1))
        #expect(throws: StoreError.self) { try result.get() }
        #expect(try depth() == 0)
    }

    @Test func `a failed commit gives its confirmations back`() async throws {
        let commits = try makeThread(pages_max: 60)
        let ids = try #require(try await commits.commit(outbox(20, bytes: 4000)).get().outboxIDs)
        commits.confirm(Array(ids.prefix(1)))
        // Larger than the store may become: fails as a full disk does, whatever is confirmed with it.
        let failed = await commits.commit(outbox(200, bytes: 4000))
        guard case .failure(let error) = failed else { return #expect(Bool(false), "the commit fitted") }
        #expect(error.code == .full && error.isRetriable)
        commits.confirm(Array(ids.dropFirst()))
        commits.stop()
        #expect(try depth() == 0)
    }

    @Test func `what no broker takes becomes a dead letter`() async throws {
        let commits = try makeThread()
        let ids = try #require(try await commits.commit(outbox(2)).get().outboxIDs)
        let first = try #require(Array(ids).first)
        commits.replace(
            first,
            by: DeadLetter(
                received_ms: 1, topic: Array("t/0".utf8), reason: "publish_refused", detail: "x", byteOffset: nil,
                payload: [1], fleet: ""))
        commits.stop()
        let reader = try StoreReader(path: path)
        let statistics = try reader.statistics()
        #expect(statistics.outbox.count == 1 && statistics.deadLetters == 1)
        reader.close()
    }

    /// What ends in a commit runs on the store's thread from its start; what comes too late still runs, one after the other.
    private actor Counter {
        private let commits: CommitThread
        private var count = 0
        private(set) var threads: Set<UInt> = []
        nonisolated var unownedExecutor: UnownedSerialExecutor { commits.asUnownedSerialExecutor() }

        init(_ commits: CommitThread) { self.commits = commits }

        func add(_ transaction: Transaction? = nil) async -> Int {
            threads.insert(UInt(pthread_self()))
            let before = count
            if let transaction { _ = await commits.commit(transaction) }
            threads.insert(UInt(pthread_self()))
            count += 1
            return before
        }

        func increment() { count += 1 }
        var total: Int { count }
    }

    @Test func `an actor runs on the thread, and goes on after its end`() async throws {
        let commits = try makeThread()
        let counter = Counter(commits)
        let one = outbox(1)
        for _ in 0..<50 { _ = await counter.add(one) }
        #expect(await counter.threads.count == 1)
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<2000 {
                group.addTask {
                    if index == 1000 { commits.stop() }
                    await counter.increment()
                }
            }
        }
        #expect(await counter.total == 2050)
        #expect(try depth() == 50)
    }
}
