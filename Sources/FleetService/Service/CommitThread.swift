import Foundation
import Locks
import Store

/// The one thread that writes to the store. Commits block for a sync of the disk, so they stay off the cooperative pool;
/// confirmations of the publisher are collected and go along with the next commit, or alone after a short while.
///
/// It is an executor too: what ends in a commit may run here from the start (`Pipeline`), and commit without changing
/// threads.
final class CommitThread: Sendable {
    typealias Job = @Sendable (StoreWriter) -> Void

    private struct State {
        var jobs: [Job] = []
        var confirmed: [Int64] = []
        var piece: Piece?
        /// Nothing new for the store.
        var isStopping = false
        /// The last job was taken: nothing runs here any more.
        var isClosed = false
        var hasEnded = false
    }

    /// A piece of a snapshot that goes along with a commit, and who waits for that.
    private struct Piece {
        var snapshot: SnapshotToWrite
        var finish: @Sendable (Result<CommitResult, StoreError>) -> Void
    }

    /// How long confirmations wait for a commit to go along with.
    private static let confirmationDelay_s = 0.1
    /// How long a piece of a snapshot waits for that.
    private static let pieceDelay_s = 0.01

    private let writer: StoreWriter
    private let state = Guarded(State())
    private let condition = NSCondition()
    /// Runs what comes for the executor after the thread has ended: a question about figures, say.
    private let afterwards = DispatchQueue(label: "store-commit-ended")
    private let onError: @Sendable (StoreError) -> Void

    init(_ writer: StoreWriter, onError: @escaping @Sendable (StoreError) -> Void) {
        self.writer = writer
        self.onError = onError
        let thread = Thread { [self] in run() }
        thread.name = "store-commit"
        thread.start()
    }

    /// Runs a job on the thread and waits for it without blocking a thread of the pool.
    func perform<T: Sendable>(_ body: @escaping @Sendable (StoreWriter) throws(StoreError) -> T) async -> Result<
        T, StoreError
    > {
        await withCheckedContinuation { continuation in
            let isAccepted = enqueue { writer in
                do throws(StoreError) {
                    continuation.resume(returning: .success(try body(writer)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isAccepted {
                continuation.resume(returning: .failure(StoreError(.misuse, "the store is closed already")))
            }
        }
    }

    /// Commits a transaction together with the confirmations that are waiting.
    func commit(_ transaction: Transaction) async -> Result<CommitResult, StoreError> {
        await perform { [self] writer throws(StoreError) in
            try commit(transaction, writer)
        }
    }

    /// Commits a piece of a snapshot along with the next transaction, or alone where none comes. Waits for it: not from the
    /// thread itself, nor from the cooperative pool. One piece at a time.
    func commitAlong(_ snapshot: SnapshotToWrite) -> Result<CommitResult, StoreError> {
        let outcome = Guarded<Result<CommitResult, StoreError>?>(nil)
        let done = DispatchSemaphore(value: 0)
        let piece = Piece(snapshot: snapshot) { result in
            outcome.withLock { $0 = result }
            done.signal()
        }
        condition.lock()
        let isAccepted = state.withLock { state in
            guard !state.isStopping, state.piece == nil else { return false }
            state.piece = piece
            return true
        }
        condition.signal()
        condition.unlock()
        if isAccepted { done.wait() }
        return outcome.withLock { $0 } ?? .failure(StoreError(.misuse, "the store takes no piece of a snapshot now"))
    }

    /// The broker has confirmed these entries of the outbox. From any thread.
    func confirm(_ ids: [Int64]) {
        state.withLock { $0.confirmed += ids }
        condition.lock()
        condition.signal()
        condition.unlock()
    }

    /// Moves an entry of the outbox to the dead letters.
    func replace(_ id: Int64, by letter: DeadLetter) {
        let onError = onError
        _ = enqueue { writer in
            do throws(StoreError) {
                _ = try writer.commit(Transaction(deadLetters: [letter], confirmedOutboxIDs: [id]))
            } catch {
                onError(error)
            }
        }
    }

    /// Finishes what is waiting, closes the store and ends the thread.
    func stop() {
        condition.lock()
        state.withLock { $0.isStopping = true }
        condition.signal()
        while !state.withLock({ $0.hasEnded }) { condition.wait() }
        condition.unlock()
    }

    /// - Parameter isOfStore: needs the store, and so comes too late when that is about to be closed.
    private func enqueue(isOfStore: Bool = true, _ job: @escaping Job) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        let isAccepted = state.withLock { state in
            guard !(isOfStore ? state.isStopping : state.isClosed) else { return false }
            state.jobs.append(job)
            return true
        }
        condition.signal()
        return isAccepted
    }

    /// Commits with what waits to go along. A piece of a snapshot must not be what makes the transaction fail: then it is tried
    /// again without.
    private func commit(_ transaction: Transaction, _ writer: StoreWriter) throws(StoreError) -> CommitResult {
        var transaction = transaction
        let confirmed = takeConfirmed()
        transaction.confirmedOutboxIDs += confirmed
        let piece = transaction.snapshot == nil ? takePiece() : nil
        transaction.snapshot = piece?.snapshot ?? transaction.snapshot
        do throws(StoreError) {
            let result = try writer.commit(transaction)
            piece?.finish(.success(result))
            return result
        } catch {
            guard let piece else {
                giveBack(confirmed)
                throw error
            }
            piece.finish(.failure(error))
        }
        transaction.snapshot = nil
        do throws(StoreError) {
            return try writer.commit(transaction)
        } catch {
            giveBack(confirmed)
            throw error
        }
    }

    private func takePiece() -> Piece? {
        state.withLock { state in
            defer { state.piece = nil }
            return state.piece
        }
    }

    private func takeConfirmed() -> [Int64] {
        state.withLock { state in
            defer { state.confirmed = [] }
            return state.confirmed
        }
    }

    private func giveBack(_ ids: [Int64]) {
        state.withLock { $0.confirmed = ids + $0.confirmed }
    }

    // MARK: - On the thread

    private func run() {
        while true {
            let jobs = waitForWork()
            for job in jobs { job(writer) }
            if jobs.isEmpty { commitLeftovers() }
            let isDone = state.withLock { state in
                state.isClosed = state.isStopping && state.jobs.isEmpty
                return state.isClosed
            }
            if isDone { break }
        }
        takePiece()?.finish(.failure(StoreError(.misuse, "the store is closed already")))
        commitLeftovers()
        writer.close()
        condition.lock()
        state.withLock { $0.hasEnded = true }
        condition.broadcast()
        condition.unlock()
    }

    /// Waits until there are jobs; comes back without any where what goes along has waited long enough, or at the end.
    private func waitForWork() -> [Job] {
        condition.lock()
        defer { condition.unlock() }
        var deadline: Date?
        while true {
            let (jobs, delay_s, isStopping) = state.withLock { state -> ([Job], Double?, Bool) in
                defer { state.jobs = [] }
                let delay_s = state.confirmed.isEmpty ? nil : Self.confirmationDelay_s
                return (state.jobs, state.piece == nil ? delay_s : Self.pieceDelay_s, state.isStopping)
            }
            if !jobs.isEmpty || isStopping { return jobs }
            guard let delay_s else {
                condition.wait()
                continue
            }
            let limit = min(deadline ?? .distantFuture, Date(timeIntervalSinceNow: delay_s))
            deadline = limit
            if !condition.wait(until: limit) { return [] }
        }
    }

    /// Commits what waits to go along, alone. A failure costs nothing but that confirmed messages are published once more
    /// after a restart, and that the snapshot is not written.
    private func commitLeftovers() {
        guard state.withLock({ !$0.confirmed.isEmpty || $0.piece != nil }) else { return }
        do throws(StoreError) {
            _ = try commit(Transaction(), writer)
        } catch {
            onError(error)
            Thread.sleep(forTimeInterval: Self.confirmationDelay_s)
        }
    }
}

extension CommitThread: SerialExecutor, TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let serial = asUnownedSerialExecutor()
        let isAccepted = enqueue(isOfStore: false) { _ in job.runSynchronously(on: serial) }
        if !isAccepted { afterwards.async { job.runSynchronously(on: serial) } }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}
