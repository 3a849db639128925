extension WriterCore {
    /// Writes a snapshot or a piece of one.
    ///
    /// - Parameters:
    ///   - position: where the journal stands within this transaction.
    ///   - inProgress: the snapshot that pieces are added to; nil afterwards where it is complete.
    func insert(
        _ snapshot: SnapshotToWrite, at position: JournalPosition, inProgress: inout SnapshotInProgress?
    ) throws(StoreError) -> (id: Int64, isAnchor: Bool) {
        var target: SnapshotInProgress
        switch snapshot.piece {
        case .whole, .first:
            target = try begin(snapshot, at: position)
        case .next, .last:
            guard let begun = inProgress,
                snapshot.journal_sequence == nil || snapshot.journal_sequence == begun.journalSequence
            else { throw StoreError(.misuse, "a piece of a snapshot that was not begun") }
            target = begun
        }
        let statement = statements.insertSnapshotPart
        defer { statement.reset() }
        for part in snapshot.parts {
            try statement.bind(target.id, at: 1)
            try statement.bind(target.nextPart, at: 2)
            try withBytes(of: part) { (bytes) throws(StoreError) in
                try statement.bind(blob: bytes, at: 3)
                try statement.run()
            }
            target.nextPart += 1
        }
        switch snapshot.piece {
        case .first, .next:
            inProgress = target
            return (target.id, false)
        case .whole, .last:
            inProgress = nil
            return (target.id, try complete(target, created_ms: snapshot.created_ms))
        }
    }

    private func begin(
        _ snapshot: SnapshotToWrite, at position: JournalPosition
    ) throws(StoreError) -> SnapshotInProgress {
        let sequence = snapshot.journal_sequence ?? position.lastSequence
        let statement = statements.insertSnapshot
        defer { statement.reset() }
        try statement.bind(sequence, at: 1)
        try statement.bind(try cumulativeBytes(at: sequence, position: position), at: 2)
        try statement.bind(snapshot.created_ms, at: 3)
        try statement.bind(snapshot.format, at: 4)
        try statement.run()
        return SnapshotInProgress(id: connection.lastInsertedID, journalSequence: sequence, nextPart: 0)
    }

    /// Marks a snapshot as usable.
    ///
    /// - Returns: whether it is an anchor.
    private func complete(_ snapshot: SnapshotInProgress, created_ms: Int64) throws(StoreError) -> Bool {
        let isAnchor = try shouldBecomeAnchor(snapshot, created_ms: created_ms)
        let statement = statements.completeSnapshot
        defer { statement.reset() }
        try statement.bind(isAnchor ? 1 : 0, at: 1)
        try statement.bind(snapshot.id, at: 2)
        try statement.run()
        return isAnchor
    }

    /// Whether the newest anchor is an eighth of a limit away, or there is none.
    private func shouldBecomeAnchor(_ snapshot: SnapshotInProgress, created_ms: Int64) throws(StoreError) -> Bool {
        let statement = statements.newestAnchor
        defer { statement.reset() }
        guard try statement.step() else { return true }
        let age_ms = created_ms.subtractingReportingOverflow(statement.integer(0)).partialValue
        let anchorBytes = statement.integer(1)
        let bytes =
            try connection.integer(
                "SELECT journal_cumulative_bytes FROM snapshots WHERE id = \(snapshot.id)") ?? anchorBytes
        let retention = options.retention
        return age_ms >= retention.journalAge_ms / Retention.anchorsWithinLimit
            || bytes - anchorBytes >= retention.journalBytes / Retention.anchorsWithinLimit
    }

    /// Bytes of all journal rows ever written up to `sequence`.
    private func cumulativeBytes(at sequence: Int64, position: JournalPosition) throws(StoreError) -> Int64 {
        if sequence == position.lastSequence { return position.cumulativeBytes }
        if sequence == 0 { return 0 }
        let statement = statements.cumulativeBytes
        defer { statement.reset() }
        try statement.bind(sequence, at: 1)
        guard try statement.step() else {
            throw StoreError(
                .misuse,
                "a snapshot after journal row \(sequence), which is not there (the newest is \(position.lastSequence))")
        }
        return statement.integer(0)
    }
}
