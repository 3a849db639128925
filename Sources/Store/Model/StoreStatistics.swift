/// What is in a store, of one moment.
package struct StoreStatistics: Sendable, Equatable {
    package var journalRows: Int64 = 0
    /// Nil for an empty journal.
    package var firstJournalSequence: Int64?
    package var lastJournalSequence: Int64?
    /// Bytes of the rows, without SQLite's overhead.
    package var journalBytes: Int64 = 0
    package var firstReceived_ms: Int64?
    package var lastReceived_ms: Int64?
    package var outbox = OutboxDepth()
    /// Exact up to `OutboxDepth.exactCount_max`, else an upper bound.
    package var deadLetters: Int64 = 0
    /// All snapshots, the oldest first.
    package var snapshots: [SnapshotInfo] = []
    package var fileSize_bytes: Int64 = 0
    package var walSize_bytes: Int64 = 0
    /// Room within the file that is used before it grows.
    package var freeSpace_bytes: Int64 = 0
}

/// What waits to be published.
package struct OutboxDepth: Sendable, Equatable {
    /// Up to this many rows are counted; above, the count is the span of their ids, which is exact but for gaps.
    package static let exactCount_max: Int64 = 10_000

    /// Exact up to `exactCount_max`, else an upper bound.
    package var count: Int64 = 0
    /// The oldest entry; nil for an empty outbox.
    package var oldestID: Int64?
    package var newestID: Int64?
    package var oldestCreated_ms: Int64?

    package init() {}
}
