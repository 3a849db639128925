/// The engine's whole state, or a piece of it where it is too large for one transaction.
///
/// A snapshot is usable, and replaces the one before, in the transaction that writes its last piece. One that is never
/// finished, because of a crash or because another one was begun, is removed by `prune`.
package struct SnapshotToWrite: Sendable {
    package enum Piece: Sendable {
        /// All parts.
        case whole
        /// The first parts; more follow.
        case first
        /// More parts.
        case next
        /// The last parts (there may be none).
        case last
    }

    package var piece: Piece
    /// The journal row after which the state was taken; the same in every piece. Nil in the first piece: after the row of
    /// this transaction, or the newest one where it has none. Nil in others: that of the first.
    package var journal_sequence: Int64?
    package var created_ms: Int64
    /// Version of the parts' encoding.
    package var format: Int64
    /// In order. At most 1,000,000,000 bytes each; a part is what is read back at once.
    package var parts: [[UInt8]]

    package init(
        piece: Piece = .whole, journal_sequence: Int64? = nil, created_ms: Int64, format: Int64, parts: [[UInt8]]
    ) {
        self.piece = piece
        self.journal_sequence = journal_sequence
        self.created_ms = created_ms
        self.format = format
        self.parts = parts
    }
}

/// A snapshot in the store, without its parts.
package struct SnapshotInfo: Sendable, Equatable {
    package var id: Int64
    /// The newest journal row that the state includes, 0 for none: replay goes on after it.
    package var journal_sequence: Int64
    package var created_ms: Int64
    package var format: Int64
    /// Kept for the journal.
    package var isAnchor: Bool
    package var isComplete: Bool

    package init(
        id: Int64, journal_sequence: Int64, created_ms: Int64, format: Int64, isAnchor: Bool, isComplete: Bool
    ) {
        self.id = id
        self.journal_sequence = journal_sequence
        self.created_ms = created_ms
        self.format = format
        self.isAnchor = isAnchor
        self.isComplete = isComplete
    }
}

/// A snapshot as it is read back.
package struct StoredSnapshot: Sendable, Equatable {
    package var info: SnapshotInfo
    package var parts: [[UInt8]]

    /// The newest journal row that the state includes, 0 for none: replay goes on after it.
    package var journal_sequence: Int64 { info.journal_sequence }
}
