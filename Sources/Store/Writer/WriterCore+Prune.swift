/// Removing what is no longer needed, in steps: each is one transaction and touches a bounded number of rows.
///
/// The journal is cut from one anchor to the next. First the old start is given up (an anchor loses its mark; sequence 1 is
/// deleted), from then on the next anchor is the start and the rows before it are remains, removed from the front. So
/// whenever the process dies, `journalStart` is a state from which every later row is there.
extension WriterCore {
    private enum Limits {
        static let journalRows = 256
        /// Bytes of the rows after the first.
        static let journalBytes = 1 << 20
        static let snapshotParts = 16
        static let deadLetters = 1_000
        static let vacuumPages = 128
        /// Free pages below this are kept for reuse.
        static let freePages_min: Int64 = 1_024
    }

    private enum Step: CaseIterable {
        case snapshots, journal, deadLetters, vacuum
    }

    func prune(now_ms: Int64, retention: Retention, steps_max: Int) throws(StoreError) -> PruneResult {
        var result = PruneResult()
        // Giving up an anchor makes a snapshot superfluous, so the round is repeated until nothing is left to do. Every
        // step that counts as one removes something, which bounds the loop.
        var changed = true
        while changed {
            changed = false
            for step in Step.allCases {
                while true {
                    guard result.steps < steps_max else {
                        result.isFinished = false
                        return result
                    }
                    guard try run(step, now_ms: now_ms, retention: retention, &result) else { break }
                    result.steps += 1
                    changed = true
                    checkpointIfDue()
                }
            }
        }
        return result
    }

    /// One step in a transaction of its own.
    ///
    /// - Returns: whether it changed something.
    private func run(
        _ step: Step, now_ms: Int64, retention: Retention, _ result: inout PruneResult
    ) throws(StoreError) -> Bool {
        var counted = result
        let changed = try connection.transaction("IMMEDIATE", doing: "prune the store") { () throws(StoreError) in
            switch step {
            case .snapshots: try pruneSnapshots(&counted)
            case .journal: try pruneJournal(now_ms: now_ms, retention: retention, &counted)
            case .deadLetters: try pruneDeadLetters(now_ms: now_ms, retention: retention, &counted)
            case .vacuum: try vacuum(&counted)
            }
        }
        result = counted
        return changed
    }

    /// Removes parts of one snapshot that is neither the newest complete one, nor an anchor, nor being written.
    private func pruneSnapshots(_ result: inout PruneResult) throws(StoreError) -> Bool {
        guard
            let id = try connection.integer(
                """
                SELECT id FROM snapshots WHERE NOT is_anchor AND id <> \(snapshotInProgress?.id ?? 0) AND id NOT IN (
                    SELECT id FROM snapshots WHERE complete ORDER BY journal_sequence DESC, id DESC LIMIT 1
                ) ORDER BY id LIMIT 1
                """)
        else { return false }
        let parts = try delete(
            """
            DELETE FROM snapshot_parts WHERE rowid IN (
                SELECT rowid FROM snapshot_parts WHERE snapshot_id = \(id) LIMIT \(Limits.snapshotParts))
            """)
        result.snapshotParts += parts
        // Without its first parts it must not be taken for whole.
        if parts < Limits.snapshotParts {
            result.snapshots += try delete("DELETE FROM snapshots WHERE id = \(id)")
        } else {
            try connection.execute("UPDATE snapshots SET complete = 0 WHERE id = \(id)", doing: "prune the store")
        }
        return true
    }

    private func pruneJournal(
        now_ms: Int64, retention: Retention, _ result: inout PruneResult
    ) throws(StoreError) -> Bool {
        result.needsSnapshot = false
        let start = try JournalStart(connection)
        let remains = try deleteJournalRows(through: start.sequence)
        result.journalRows += remains
        if remains > 0 { return true }

        let next = try Statement(
            connection,
            """
            SELECT journal_sequence, created_ms FROM snapshots
            WHERE is_anchor AND journal_sequence > \(start.sequence) ORDER BY journal_sequence LIMIT 1
            """, doing: "prune the store")
        let isTooLarge = position.cumulativeBytes - start.cumulativeBytes > retention.journalBytes
        let oldest_ms = now_ms.subtractingReportingOverflow(retention.journalAge_ms).partialValue
        guard try next.step() else {
            let isTooOld = try start.isOlder(than: oldest_ms, connection)
            result.needsSnapshot = isTooLarge || isTooOld
            return false
        }
        // The last row before the next anchor came before the anchor was taken.
        let nextSequence = next.integer(0)
        let isTooOld = next.integer(1) <= oldest_ms
        next.reset()
        guard isTooLarge || isTooOld else { return false }
        try connection.execute(
            "UPDATE snapshots SET is_anchor = 0 WHERE is_anchor AND journal_sequence < \(nextSequence)",
            doing: "prune the store")
        result.journalRows += try deleteJournalRows(through: nextSequence)
        return true
    }

    private func deleteJournalRows(through sequence: Int64) throws(StoreError) -> Int {
        try delete(
            """
            DELETE FROM journal WHERE sequence IN (
                SELECT sequence FROM (
                    SELECT sequence, cumulative_bytes FROM journal WHERE sequence <= \(sequence)
                    ORDER BY sequence LIMIT \(Limits.journalRows)
                ) WHERE cumulative_bytes <= \(Limits.journalBytes) + (
                    SELECT cumulative_bytes FROM journal ORDER BY sequence LIMIT 1))
            """)
    }

    private func pruneDeadLetters(
        now_ms: Int64, retention: Retention, _ result: inout PruneResult
    ) throws(StoreError) -> Bool {
        // They are in order of id, and so nearly of age; a clock that was put back delays, it does not lose.
        let oldest_ms = now_ms.subtractingReportingOverflow(retention.deadLetterAge_ms).partialValue
        let deleted = try delete(
            """
            DELETE FROM dead_letters WHERE id IN (
                SELECT id FROM (SELECT id, received_ms FROM dead_letters ORDER BY id LIMIT \(Limits.deadLetters))
                WHERE received_ms < \(oldest_ms)
                    OR id <= (SELECT max(id) FROM dead_letters) - \(max(0, retention.deadLetterCount)))
            """)
        result.deadLetters += deleted
        return deleted > 0
    }

    /// Gives back pages where a quarter of the file is free: less is soon used again, and moving pages costs writes.
    private func vacuum(_ result: inout PruneResult) throws(StoreError) -> Bool {
        let free = try connection.integer("PRAGMA freelist_count") ?? 0
        let pages = try connection.integer("PRAGMA page_count") ?? 0
        guard free > max(Limits.freePages_min, pages / 4) else { return false }
        try connection.execute("PRAGMA incremental_vacuum(\(Limits.vacuumPages))", doing: "shrink the store")
        let freed = free - (try connection.integer("PRAGMA freelist_count") ?? 0)
        result.freedPages += Int(freed)
        return freed > 0
    }

    private func delete(_ sql: String) throws(StoreError) -> Int {
        let statement = try Statement(connection, sql, doing: "prune the store")
        try statement.run()
        return statement.changes
    }
}
