internal import Glibc
internal import Locks

/// The one writer of a store. All calls block, for a sync of the disk or up to the busy timeout: keep them off the
/// cooperative thread pool.
///
/// **One thread.** The thread that first commits, prunes or checkpoints owns the writer; another one is refused with
/// `misuse`. Opening and closing it, and asking it, may be done by any thread.
///
/// **Durability.** `PRAGMA synchronous = FULL` in write-ahead mode: a commit that returned survives the loss of power. A
/// call that throws has stored nothing, with one exception that no database is free of: where the disk failed (`io`) while
/// a commit was synced and the process then dies, the commit may be found to be there.
///
/// **One writer.** Opening takes a kernel lock on a file beside the store (`….lock`), which goes with the process. Readers
/// of any process may be open at the same time, sqlite3 shells among them.
package final class StoreWriter: Sendable {
    /// The path without symbolic links.
    package let path: String
    private let state: Guarded<State>

    private struct State {
        var core: WriterCore?
        var owner: pthread_t?
    }

    /// Opens a store, creates it where there is no file or an empty one, and brings an older version to this one.
    ///
    /// A file that is refused (another program's, a newer version's, a damaged one) is left as it is.
    ///
    /// - Parameter schema: another one than the current only in tests.
    package init(
        path: String, options: StoreOptions = StoreOptions(), schema: Schema = .current
    ) throws(StoreError) {
        let core = try WriterCore(path: path, options: options, schema: schema)
        self.path = core.path
        state = Guarded(State(core: core, owner: nil))
    }

    /// Stores everything of a transaction, or nothing of it. One sync of the disk.
    ///
    /// After an error the writer goes on working; where the error is retriable, the same transaction may be committed again.
    package func commit(_ transaction: Transaction) throws(StoreError) -> CommitResult {
        try withCore { (core) throws(StoreError) in try core.commit(transaction) }
    }

    /// Removes what the limits allow to be removed, in transactions of bounded size, a sync of the disk each.
    ///
    /// The journal keeps starting right after an anchor (`StoreReader.journalStart`), and keeps all rows after the newest
    /// complete snapshot.
    ///
    /// - Parameters:
    ///   - retention: the limits; nil takes those of the options.
    ///   - steps_max: how many transactions this call may take. Where that is not enough, the result says so, and the caller
    ///     may commit before it goes on.
    package func prune(
        now_ms: Int64, retention: Retention? = nil, steps_max: Int = .max
    ) throws(StoreError) -> PruneResult {
        try withCore { (core) throws(StoreError) in
            try core.prune(now_ms: now_ms, retention: retention ?? core.options.retention, steps_max: steps_max)
        }
    }

    /// Copies the write-ahead log into the database file and empties it. It is done by itself as the log grows, on a thread
    /// beside the commits.
    ///
    /// - Returns: whether all of it was copied; false where a reader was in the way for longer than the busy timeout.
    package func checkpoint() throws(StoreError) -> Bool {
        try withCore { (core) throws(StoreError) in try core.checkpointAll() }
    }

    /// The newest journal row ever written, 0 for none; the next one is one more.
    package func lastJournalSequence() throws(StoreError) -> Int64 {
        try withCore(isWriting: false) { (core) throws(StoreError) in core.position.lastSequence }
    }

    /// The settings that are in force, asked of SQLite.
    package func settings() throws(StoreError) -> StoreSettings {
        try withCore(isWriting: false) { (core) throws(StoreError) in try core.connection.settings() }
    }

    /// Ends the writer: empties the write-ahead log where no reader is open, and gives up the ownership. Waits for a call
    /// under way. All that was committed is durable without it. Does nothing the second time.
    package func close() {
        state.withLock { $0.core = nil }
    }

    private func withCore<Result: Sendable>(
        isWriting: Bool = true, _ body: (WriterCore) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.withLock { (state) throws(StoreError) -> Result in
            guard let core = state.core else {
                throw StoreError(.misuse, "the writer of the store \(path) is closed")
            }
            if isWriting {
                let thread = pthread_self()
                guard state.owner == nil || state.owner == thread else {
                    throw StoreError(.misuse, "the writer of the store \(path) belongs to another thread")
                }
                state.owner = thread
            }
            return try body(core)
        }
    }
}
