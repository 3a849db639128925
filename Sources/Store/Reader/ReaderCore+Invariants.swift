/// What must hold in a sound store beyond SQLite's own structure.
extension ReaderCore {
    /// A sentence for each rule that is broken. Reads all rows but no payloads: linear.
    func brokenInvariants() throws(StoreError) -> [String] {
        var broken: [String] = []
        func expectNone(_ rule: String, _ query: String) throws(StoreError) {
            let count = try connection.integer("SELECT count(*) FROM (\(query))", doing: "check the store") ?? 0
            if count > 0 { broken.append("\(rule): \(count) rows") }
        }
        try expectNone(
            "a journal row follows the one before without a gap, and adds its size",
            """
            SELECT 1 FROM journal AS later JOIN journal AS earlier ON earlier.sequence = (
                SELECT max(sequence) FROM journal WHERE sequence < later.sequence)
            WHERE later.sequence <> earlier.sequence + 1
                OR later.cumulative_bytes <> earlier.cumulative_bytes + length(later.bytes)
            """)
        try expectNone(
            "a snapshot stands at a row that was written, with that row's size",
            """
            SELECT 1 FROM snapshots JOIN journal ON sequence = journal_sequence
            WHERE journal_cumulative_bytes <> cumulative_bytes
            UNION ALL
            SELECT 1 FROM snapshots WHERE journal_sequence < 0
                OR (journal_sequence = 0) <> (journal_cumulative_bytes = 0)
            """)
        try expectNone("an anchor is complete", "SELECT 1 FROM snapshots WHERE is_anchor AND NOT complete")
        try expectNone(
            "a complete snapshot has its parts from 0 without a gap",
            """
            SELECT 1 FROM snapshots JOIN snapshot_parts ON snapshot_id = id WHERE complete
            GROUP BY id HAVING min(part) <> 0 OR max(part) <> count(*) - 1
            """)
        try expectNone("every part belongs to a snapshot", "SELECT 1 FROM pragma_foreign_key_check")
        try checkStart(&broken)
        return broken
    }

    /// From `journalStart` and from the newest snapshot every row is there.
    private func checkStart(_ broken: inout [String]) throws(StoreError) {
        let start = try JournalStart(connection)
        let newest = try newestSnapshot()?.journal_sequence
        if let newest, newest < start.sequence {
            broken.append("the newest snapshot stands before the journal's start")
        }
        let last = try connection.integer("SELECT max(sequence) FROM journal") ?? start.sequence
        guard last > start.sequence else { return }
        let first = try connection.integer("SELECT min(sequence) FROM journal") ?? 0
        if first > start.sequence + 1 {
            broken.append("the journal starts at row \(first), but can be replayed only from \(start.sequence)")
        }
    }
}
