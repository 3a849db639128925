extension WriterCore {
    func commit(_ transaction: Transaction) throws(StoreError) -> CommitResult {
        var result = CommitResult()
        var position = position
        var inProgress = snapshotInProgress
        try connection.transaction("IMMEDIATE", doing: "write to the store") { () throws(StoreError) in
            if let entry = transaction.journal {
                result.journalSequence = try insert(entry, after: &position)
            }
            for batch in transaction.outbox where !batch.isEmpty {
                let ids = try insert(batch)
                result.outboxIDs = (result.outboxIDs?.lowerBound ?? ids.lowerBound)...ids.upperBound
            }
            for letter in transaction.deadLetters { try insert(letter) }
            for (key, value) in transaction.meta {
                try statements.insertMeta.bind(copying: key, at: 1)
                try statements.insertMeta.bind(copying: value, at: 2)
                try statements.insertMeta.run()
            }
            result.deletedOutboxEntries = try deleteOutbox(transaction.confirmedOutboxIDs)
            if let snapshot = transaction.snapshot {
                let written = try insert(snapshot, at: position, inProgress: &inProgress)
                result.snapshotID = written.id
                result.isAnchor = written.isAnchor
            }
        }
        self.position = position
        snapshotInProgress = inProgress
        result.wal_pages = connection.walPageCount
        checkpointIfDue()
        return result
    }

    /// Writes the journal row that follows `position`, and moves it there.
    private func insert(_ entry: JournalEntry, after position: inout JournalPosition) throws(StoreError) -> Int64 {
        let sequence = position.lastSequence + 1
        let cumulativeBytes = position.cumulativeBytes + Int64(entry.bytes.count)
        let statement = statements.insertJournal
        defer { statement.reset() }
        try statement.bind(sequence, at: 1)
        try statement.bind(entry.first_received_ms, at: 2)
        try statement.bind(entry.last_received_ms, at: 3)
        try statement.bind(Int64(entry.frames), at: 4)
        try statement.bind(cumulativeBytes, at: 5)
        try withBytes(of: entry.bytes) { (bytes) throws(StoreError) in
            try statement.bind(blob: bytes, at: 6)
            try statement.run()
        }
        position = JournalPosition(lastSequence: sequence, cumulativeBytes: cumulativeBytes)
        return sequence
    }

    /// Writes the entries of a batch that has some.
    private func insert(_ batch: OutboxBatch) throws(StoreError) -> ClosedRange<Int64> {
        let statement = statements.insertOutbox
        defer { statement.reset() }
        return try withBytes(of: batch.bytes) { (bytes) throws(StoreError) -> ClosedRange<Int64> in
            func part(_ range: Range<Int32>) throws(StoreError) -> UnsafeRawBufferPointer {
                guard range.lowerBound >= 0, Int(range.upperBound) <= bytes.count else {
                    throw StoreError(.misuse, "an outbox entry lies outside its batch's \(bytes.count) bytes: \(range)")
                }
                return UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)])
            }
            var first: Int64?
            for entry in batch.entries {
                try statement.bind(text: part(entry.topic), at: 1)
                try statement.bind(blob: part(entry.payload), at: 2)
                try statement.bind(entry.isRetained ? 1 : 0, at: 3)
                try statement.bind(textOrNull: part(entry.contentType), at: 4)
                try statement.bind(blobOrNull: part(entry.correlation), at: 5)
                try statement.bind(blobOrNull: part(entry.eventID), at: 6)
                try statement.bind(entry.created_ms, at: 7)
                try statement.bind(Int64(entry.priority), at: 8)
                try statement.run()
                if first == nil { first = connection.lastInsertedID }
            }
            // Within a transaction of the only writer, AUTOINCREMENT counts without a gap.
            let last = connection.lastInsertedID
            return (first ?? last)...last
        }
    }

    private func insert(_ letter: DeadLetter) throws(StoreError) {
        let statement = statements.insertDeadLetter
        defer { statement.reset() }
        try statement.bind(letter.received_ms, at: 1)
        try statement.bind(copying: letter.fleet, at: 2)
        try statement.bind(copying: letter.reason, at: 4)
        try statement.bind(copying: letter.detail, at: 5)
        try statement.bind(letter.byteOffset.map(Int64.init), at: 6)
        try withBytes(of: letter.topic) { (topic) throws(StoreError) in
            try statement.bind(text: topic, at: 3)
            try withBytes(of: letter.payload) { (payload) throws(StoreError) in
                try statement.bind(blob: payload, at: 7)
                try statement.run()
            }
        }
    }

    /// Deletes entries, a statement for each run of consecutive ids.
    ///
    /// - Returns: how many were there.
    private func deleteOutbox(_ ids: [Int64]) throws(StoreError) -> Int {
        let statement = statements.deleteOutbox
        defer { statement.reset() }
        var deleted = 0
        var index = 0
        while index < ids.count {
            let first = ids[index]
            var last = first
            index += 1
            while index < ids.count, last < .max, ids[index] == last + 1 {
                last += 1
                index += 1
            }
            try statement.bind(first, at: 1)
            try statement.bind(last, at: 2)
            try statement.run()
            deleted += statement.changes
        }
        return deleted
    }
}

/// `withUnsafeBytes` with a typed error.
func withBytes<Result>(
    of array: [UInt8], _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result
) throws(StoreError) -> Result {
    try array.withUnsafeBufferPointer { (buffer) throws(StoreError) -> Result in
        try body(UnsafeRawBufferPointer(buffer))
    }
}
