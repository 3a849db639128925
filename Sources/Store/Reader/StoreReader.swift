internal import Locks

/// Reads a store, in the writer's process or another one, while it is written. All calls block; calls from several threads
/// wait for one another, so give each consumer a reader of its own.
///
/// Each call is one short read transaction and sees one moment: no reader holds the write-ahead log back for longer. For
/// the same reason a long read, such as `nextJournalRow(after:)` over a whole journal, is many calls, between which `prune`
/// may remove rows; that is reported as `gap`.
package final class StoreReader: Sendable {
    /// The path without symbolic links.
    package let path: String
    private let state: Guarded<ReaderCore?>

    /// Opens a store that exists and has this program's schema version.
    ///
    /// - Parameter schema: another one than the current only in tests.
    package init(
        path: String, busyTimeout_ms: Int32 = 5_000, schema: Schema = .current
    ) throws(StoreError) {
        let core = try ReaderCore(path: path, busyTimeout_ms: busyTimeout_ms, schema: schema)
        self.path = core.path
        state = Guarded(core)
    }

    /// Closes the file; waits for a call under way. Does nothing the second time.
    package func close() {
        state.withLock { $0 = nil }
    }

    // MARK: Outbox

    /// The entries after `id` (0: from the first), in order of id.
    ///
    /// - Parameters:
    ///   - limit: at most so many.
    ///   - maxBytes: topic, payload and the other parts of all entries together stay below this; but one entry, however
    ///     large, is always returned where there is one.
    package func outbox(after id: Int64, limit: Int, maxBytes: Int = .max) throws(StoreError) -> [OutboxEntry] {
        try withCore { (core) throws(StoreError) in try core.outbox(after: id, limit: limit, maxBytes: maxBytes) }
    }

    /// How many entries wait, and the oldest one. The time it takes is bounded however many there are.
    package func outboxDepth() throws(StoreError) -> OutboxDepth {
        try withCore { (core) throws(StoreError) in
            try core.readTransaction { () throws(StoreError) in try core.outboxDepth() }
        }
    }

    // MARK: Journal

    /// The row after `sequence`, nil at the end: to go through a journal row by row without holding a read transaction.
    ///
    /// - Throws: `gap` where the row is missing but later ones are there: it was pruned.
    package func nextJournalRow(after sequence: Int64) throws(StoreError) -> JournalRow? {
        try journal(after: sequence, limit: 1).first
    }

    /// The rows after `sequence`, as `outbox(after:limit:maxBytes:)`.
    ///
    /// - Throws: `gap` where a row is missing but later ones are there: it was pruned.
    package func journal(after sequence: Int64, limit: Int, maxBytes: Int = .max) throws(StoreError) -> [JournalRow] {
        try withCore { (core) throws(StoreError) in
            try core.journal(after: sequence, limit: limit, maxBytes: maxBytes)
        }
    }

    /// From where the whole journal can be replayed: `sequence` 0 without a snapshot where it is there from the first row,
    /// else the oldest anchor, whose parts are read by `snapshot(_:)`.
    package func journalStart() throws(StoreError) -> (sequence: Int64, anchor: SnapshotInfo?) {
        try withCore { (core) throws(StoreError) in
            try core.readTransaction { () throws(StoreError) in
                let start = try JournalStart(core.connection)
                return (start.sequence, try start.snapshotID.flatMap { (id) throws(StoreError) in try core.info(id) })
            }
        }
    }

    // MARK: Snapshots

    /// The newest complete snapshot with all parts, nil where there is none: from here the engine recovers.
    package func newestSnapshot() throws(StoreError) -> StoredSnapshot? {
        try withCore { (core) throws(StoreError) in
            try core.readTransaction { () throws(StoreError) in
                guard let info = try core.newestSnapshot() else { return nil }
                return StoredSnapshot(info: info, parts: try core.parts(of: info.id))
            }
        }
    }

    /// All snapshots, incomplete ones too, the oldest first.
    package func snapshots() throws(StoreError) -> [SnapshotInfo] {
        try withCore { (core) throws(StoreError) in try core.snapshots() }
    }

    /// A complete snapshot with all parts.
    ///
    /// - Throws: `gap` where it was pruned.
    package func snapshot(_ id: Int64) throws(StoreError) -> StoredSnapshot {
        try withCore { (core) throws(StoreError) in
            try core.readTransaction { () throws(StoreError) in
                guard let info = try core.info(id), info.isComplete else {
                    throw StoreError(.gap, "the snapshot \(id) of the store \(self.path) was removed")
                }
                return StoredSnapshot(info: info, parts: try core.parts(of: id))
            }
        }
    }

    /// One part of a snapshot, counted from 0; nil after the last one, or where the snapshot was pruned. For snapshots that
    /// are too large to be read at once.
    package func snapshotPart(_ part: Int, of id: Int64) throws(StoreError) -> [UInt8]? {
        try withCore { (core) throws(StoreError) in try core.part(part, of: id) }
    }

    // MARK: The rest

    /// The dead letters after `id` (0: from the first), at most `limit`.
    package func deadLetters(after id: Int64, limit: Int) throws(StoreError) -> [StoredDeadLetter] {
        try withCore { (core) throws(StoreError) in try core.deadLetters(after: id, limit: limit) }
    }

    /// A fact about the store as a whole, nil where it was never written.
    package func meta(_ key: String) throws(StoreError) -> String? {
        try withCore { (core) throws(StoreError) in try core.meta(key) }
    }

    /// What is in the store. The time it takes is bounded however much there is.
    package func statistics() throws(StoreError) -> StoreStatistics {
        try withCore { (core) throws(StoreError) in
            try core.readTransaction { () throws(StoreError) in try core.statistics() }
        }
    }

    /// Reads the whole file and checks its structure: minutes for a large one, and holds the write-ahead log back meanwhile.
    ///
    /// - Returns: what is wrong with it, at most `problems_max` sentences; empty for a sound file.
    package func verify(problems_max: Int = 10) throws(StoreError) -> [String] {
        try withCore { (core) throws(StoreError) in
            let answers = try core.connection.texts("PRAGMA quick_check(\(problems_max))", doing: "check the store")
            return answers == ["ok"] ? [] : answers
        }
    }

    /// Checks what must hold between the tables.
    ///
    /// - Returns: a sentence for each rule that is broken. Linear in the rows, without their contents.
    package func brokenInvariants() throws(StoreError) -> [String] {
        try withCore { (core) throws(StoreError) in
            try core.readTransaction { () throws(StoreError) in try core.brokenInvariants() }
        }
    }

    /// The settings that are in force on this connection, asked of SQLite.
    package func settings() throws(StoreError) -> StoreSettings {
        try withCore { (core) throws(StoreError) in try core.connection.settings() }
    }

    private func withCore<Result: Sendable>(
        _ body: (ReaderCore) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.withLock { (core) throws(StoreError) -> Result in
            guard let core else { throw StoreError(.misuse, "the reader of the store \(path) is closed") }
            return try body(core)
        }
    }
}
