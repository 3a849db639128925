/// From where the journal can be replayed: the state after `sequence` is known, and all later rows are there.
struct JournalStart {
    /// 0: the beginning, without a snapshot.
    var sequence: Int64
    var cumulativeBytes: Int64
    /// The anchor; nil at the beginning.
    var snapshotID: Int64?

    /// Reads it; the caller sees to it that this is one read transaction.
    init(_ connection: Connection) throws(StoreError) {
        sequence = 0
        cumulativeBytes = 0
        if try connection.integer("SELECT sequence FROM journal WHERE sequence = 1") != nil { return }
        let anchor = try Statement(
            connection,
            """
            SELECT id, journal_sequence, journal_cumulative_bytes FROM snapshots WHERE is_anchor
            ORDER BY journal_sequence, id LIMIT 1
            """, doing: "read the snapshots of the store")
        guard try anchor.step() else { return }
        snapshotID = anchor.integer(0)
        sequence = anchor.integer(1)
        cumulativeBytes = anchor.integer(2)
    }

    /// Whether the first row after the start is older than that.
    func isOlder(than time_ms: Int64, _ connection: Connection) throws(StoreError) -> Bool {
        let received_ms = try connection.integer(
            "SELECT last_received_ms FROM journal WHERE sequence > \(sequence) ORDER BY sequence LIMIT 1")
        return received_ms.map { $0 < time_ms } ?? false
    }
}
