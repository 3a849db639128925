/// Everything that becomes durable together.
package struct Transaction: Sendable {
    /// The input; nil where there is none, as when only confirmations are stored.
    package var journal: JournalEntry?
    /// What is to be published, batch after batch in this order. A batch a shard saves merging them.
    package var outbox: [OutboxBatch]
    package var deadLetters: [DeadLetter]
    /// Entries that the broker has confirmed, to be deleted. Fastest when ascending; ids that are not there are ignored.
    package var confirmedOutboxIDs: [Int64]
    package var snapshot: SnapshotToWrite?
    /// Facts about the store as a whole, written over those of the same key.
    package var meta: [(key: String, value: String)]

    package init(
        journal: JournalEntry? = nil, outbox: [OutboxBatch] = [], deadLetters: [DeadLetter] = [],
        confirmedOutboxIDs: [Int64] = [], snapshot: SnapshotToWrite? = nil, meta: [(key: String, value: String)] = []
    ) {
        self.journal = journal
        self.outbox = outbox
        self.deadLetters = deadLetters
        self.confirmedOutboxIDs = confirmedOutboxIDs
        self.snapshot = snapshot
        self.meta = meta
    }
}

/// What a commit did.
package struct CommitResult: Sendable, Equatable {
    /// The journal row; nil where the transaction had none.
    package var journalSequence: Int64?
    /// Ids of the entries in the order given, consecutive; nil where there were none.
    package var outboxIDs: ClosedRange<Int64>?
    /// How many confirmed entries were there and are deleted.
    package var deletedOutboxEntries = 0
    /// The snapshot that was written or added to.
    package var snapshotID: Int64?
    /// Whether that snapshot is now complete and kept as an anchor.
    package var isAnchor = false
    /// Length of the write-ahead log after the commit, in pages.
    package var wal_pages = 0
}
