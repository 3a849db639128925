/// What `StoreReader` guards: connection and statements. Not thread-safe.
final class ReaderCore {
    let path: String
    let connection: Connection
    private let statements: ReaderStatements

    init(path: String, busyTimeout_ms: Int32, schema: Schema) throws(StoreError) {
        let path = try StoreFile.resolve(path)
        if try schema.checkHeader(of: path) {
            throw StoreError(.missing, "there is no store \(path) yet; start the service once, or name another file")
        }
        connection = try Connection(path: path, mode: .readOnly)
        connection.setCheckpointOnClose(false)
        try connection.configure(busyTimeout_ms: busyTimeout_ms)
        guard let ids = try Schema.readIDs(connection) else {
            throw StoreError(.missing, "there is no store \(path) yet; start the service once, or name another file")
        }
        try schema.check(applicationID: ids.applicationID, version: ids.version, path: path)
        guard ids.version == schema.version else {
            throw StoreError(
                .olderVersion,
                "the store \(path) was written by an older version of this program (schema \(ids.version), this one reads "
                    + "\(schema.version)); start this version's service once, which converts it")
        }
        try Schema.checkTables(connection)
        statements = try ReaderStatements(connection)
        self.path = path
    }

    /// Several statements that see the same moment.
    func readTransaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try connection.transaction("DEFERRED", doing: "read the store", body)
    }

    // MARK: Outbox

    func outbox(after id: Int64, limit: Int, maxBytes: Int) throws(StoreError) -> [OutboxEntry] {
        let statement = statements.outbox
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(Int64(max(0, limit)), at: 2)
        var entries: [OutboxEntry] = []
        var bytes = 0
        while try statement.step() {
            // Lengths before contents: an entry that is left for the next call is not copied.
            for column in [1, 2, 4, 5, 6] as [Int32] { bytes += statement.length(column) }
            if bytes > maxBytes, !entries.isEmpty { break }
            entries.append(
                OutboxEntry(
                    id: statement.integer(0), topic: statement.bytes(1), payload: statement.bytes(2),
                    isRetained: statement.integer(3) != 0,
                    contentType: statement.isNull(4) ? nil : statement.text(4), correlation: statement.bytes(5),
                    eventID: statement.bytes(6), created_ms: statement.integer(7),
                    priority: UInt8(truncatingIfNeeded: statement.integer(8))))
        }
        return entries
    }

    func outboxDepth() throws(StoreError) -> OutboxDepth {
        var depth = OutboxDepth()
        let oldest = statements.oldestOutbox
        defer { oldest.reset() }
        guard try oldest.step() else { return depth }
        depth.oldestID = oldest.integer(0)
        depth.oldestCreated_ms = oldest.integer(1)
        depth.newestID = try connection.integer("SELECT max(id) FROM outbox")
        depth.count = try boundedCount(of: "outbox")
        return depth
    }

    /// Exact up to `OutboxDepth.exactCount_max`, else the span of ids: counting reads every page of the table.
    private func boundedCount(of table: String) throws(StoreError) -> Int64 {
        let limit = OutboxDepth.exactCount_max
        let count = try connection.integer("SELECT count(*) FROM (SELECT 1 FROM \(table) LIMIT \(limit + 1))") ?? 0
        if count <= limit { return count }
        return try connection.integer("SELECT (SELECT max(id) FROM \(table)) - (SELECT min(id) FROM \(table)) + 1") ?? 0
    }

    // MARK: Journal

    func journal(after sequence: Int64, limit: Int, maxBytes: Int) throws(StoreError) -> [JournalRow] {
        let statement = statements.journal
        defer { statement.reset() }
        try statement.bind(sequence, at: 1)
        try statement.bind(Int64(max(0, limit)), at: 2)
        var rows: [JournalRow] = []
        var bytes = 0
        var expected = sequence
        while try statement.step() {
            bytes += statement.length(4)
            if bytes > maxBytes, !rows.isEmpty { break }
            expected += 1
            let found = statement.integer(0)
            guard found == expected else {
                throw StoreError(
                    .gap,
                    "the journal of the store \(path) has no row \(expected), the next one is \(found): rows before it were "
                        + "removed; start from its oldest anchor")
            }
            rows.append(
                JournalRow(
                    sequence: found,
                    entry: JournalEntry(
                        bytes: statement.bytes(4), frames: Int(statement.integer(3)),
                        first_received_ms: statement.integer(1), last_received_ms: statement.integer(2))))
        }
        return rows
    }

    // MARK: Snapshots

    func snapshots() throws(StoreError) -> [SnapshotInfo] {
        try infos("ORDER BY journal_sequence, id")
    }

    func newestSnapshot() throws(StoreError) -> SnapshotInfo? {
        try infos("WHERE complete ORDER BY journal_sequence DESC, id DESC LIMIT 1").first
    }

    func info(_ id: Int64) throws(StoreError) -> SnapshotInfo? {
        try infos("WHERE id = \(id)").first
    }

    private func infos(_ selection: String) throws(StoreError) -> [SnapshotInfo] {
        let statement = try Statement(
            connection,
            "SELECT id, journal_sequence, created_ms, format, is_anchor, complete FROM snapshots " + selection,
            doing: "read the snapshots of the store")
        var infos: [SnapshotInfo] = []
        while try statement.step() {
            infos.append(
                SnapshotInfo(
                    id: statement.integer(0), journal_sequence: statement.integer(1),
                    created_ms: statement.integer(2), format: statement.integer(3),
                    isAnchor: statement.integer(4) != 0, isComplete: statement.integer(5) != 0))
        }
        return infos
    }

    func parts(of id: Int64) throws(StoreError) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        while let bytes = try part(parts.count, of: id) { parts.append(bytes) }
        return parts
    }

    func part(_ part: Int, of id: Int64) throws(StoreError) -> [UInt8]? {
        let statement = statements.snapshotPart
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(Int64(part), at: 2)
        return try statement.step() ? statement.bytes(0) : nil
    }

    // MARK: The rest

    func deadLetters(after id: Int64, limit: Int) throws(StoreError) -> [StoredDeadLetter] {
        let statement = statements.deadLetters
        defer { statement.reset() }
        try statement.bind(id, at: 1)
        try statement.bind(Int64(max(0, limit)), at: 2)
        var letters: [StoredDeadLetter] = []
        while try statement.step() {
            letters.append(
                StoredDeadLetter(
                    id: statement.integer(0),
                    letter: DeadLetter(
                        received_ms: statement.integer(1), topic: statement.bytes(3), reason: statement.text(4),
                        detail: statement.text(5),
                        byteOffset: statement.isNull(6) ? nil : Int(statement.integer(6)),
                        payload: statement.bytes(7), fleet: statement.text(2))))
        }
        return letters
    }

    func meta(_ key: String) throws(StoreError) -> String? {
        let statement = statements.meta
        defer { statement.reset() }
        try statement.bind(copying: key, at: 1)
        return try statement.step() ? statement.text(0) : nil
    }

    func statistics() throws(StoreError) -> StoreStatistics {
        var statistics = StoreStatistics()
        let ends = statements.journalEnds
        defer { ends.reset() }
        if try ends.step() {
            let (first, last) = (ends.integer(0), ends.integer(1))
            statistics.firstJournalSequence = first
            statistics.lastJournalSequence = last
            statistics.journalRows = last - first + 1
            statistics.journalBytes = ends.integer(2)
            statistics.firstReceived_ms = ends.integer(3)
            statistics.lastReceived_ms = ends.integer(4)
        }
        statistics.outbox = try outboxDepth()
        statistics.deadLetters = try boundedCount(of: "dead_letters")
        statistics.snapshots = try snapshots()
        let pageSize = try connection.integer("PRAGMA page_size") ?? 0
        statistics.freeSpace_bytes = (try connection.integer("PRAGMA freelist_count") ?? 0) * pageSize
        statistics.fileSize_bytes = StoreFile.size(path)
        statistics.walSize_bytes = StoreFile.size(path + "-wal")
        return statistics
    }
}

/// The statements of a reader that are run again and again, each compiled once.
struct ReaderStatements {
    let outbox: Statement
    let oldestOutbox: Statement
    let journal: Statement
    let journalEnds: Statement
    let snapshotPart: Statement
    let deadLetters: Statement
    let meta: Statement

    init(_ connection: Connection) throws(StoreError) {
        func prepare(_ sql: String) throws(StoreError) -> Statement {
            try Statement(table: connection, sql, doing: "read the store")
        }
        outbox = try prepare(
            """
            SELECT id, topic, payload, retain, content_type, correlation, event_id, created_ms, priority FROM outbox
            WHERE id > ? ORDER BY id LIMIT ?
            """)
        oldestOutbox = try prepare("SELECT id, created_ms FROM outbox ORDER BY id LIMIT 1")
        journal = try prepare(
            """
            SELECT sequence, first_received_ms, last_received_ms, frames, bytes FROM journal
            WHERE sequence > ? ORDER BY sequence LIMIT ?
            """)
        journalEnds = try prepare(
            """
            SELECT first.sequence, last.sequence,
                last.cumulative_bytes - first.cumulative_bytes + length(first.bytes),
                first.first_received_ms, last.last_received_ms
            FROM journal AS first, journal AS last
            WHERE first.sequence = (SELECT min(sequence) FROM journal)
                AND last.sequence = (SELECT max(sequence) FROM journal)
            """)
        snapshotPart = try prepare("SELECT bytes FROM snapshot_parts WHERE snapshot_id = ? AND part = ?")
        deadLetters = try prepare(
            """
            SELECT id, received_ms, fleet, topic, reason, detail, byte_offset, payload FROM dead_letters
            WHERE id > ? ORDER BY id LIMIT ?
            """)
        meta = try prepare("SELECT value FROM meta WHERE key = ?")
    }
}
