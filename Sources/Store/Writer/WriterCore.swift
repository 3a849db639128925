/// What `StoreWriter` guards: connection with ownership, statements, position. Not thread-safe.
final class WriterCore {
    let path: String
    let options: StoreOptions
    let connection: Connection
    let statements: WriterStatements
    let pageSize_bytes: Int64
    /// As committed; changed only after a COMMIT succeeded.
    var position: JournalPosition
    /// The snapshot whose last piece is still to come; changed only after a COMMIT succeeded.
    var snapshotInProgress: SnapshotInProgress?
    let checkpointer: Checkpointer
    /// Length of the write-ahead log after the newest commit.
    var lastPages = 0
    var log = LogProgress()

    /// Where the journal ends.
    struct JournalPosition {
        var lastSequence: Int64
        var cumulativeBytes: Int64
    }

    struct SnapshotInProgress {
        var id: Int64
        var journalSequence: Int64
        var nextPart: Int64
    }

    init(path: String, options: StoreOptions, schema: Schema) throws(StoreError) {
        let path = try StoreFile.resolve(path)
        let mayBeNew = try schema.checkHeader(of: path)
        let connection = try Connection(path: path, mode: .readWrite(try OwnershipLock(storePath: path)))
        connection.setCheckpointOnClose(false)
        try connection.configure(busyTimeout_ms: options.busyTimeout_ms)
        try Self.prepareFile(connection, schema: schema, mayBeNew: mayBeNew)
        try connection.configureWriter(options)
        pageSize_bytes = try connection.integer("PRAGMA page_size") ?? 4_096
        statements = try WriterStatements(connection)
        position = try Self.readPosition(connection)
        self.path = path
        self.options = options
        self.connection = connection
        checkpointer = try Checkpointer(path: path, busyTimeout_ms: options.busyTimeout_ms)
        connection.setCheckpointOnClose(true)
    }

    /// The properties go after this: the last connection to close, which empties the log, is the writer's.
    deinit { checkpointer.end() }

    /// Creates, checks or migrates the tables.
    private static func prepareFile(
        _ connection: Connection, schema: Schema, mayBeNew: Bool
    ) throws(StoreError) {
        let version: Int32
        if let ids = try Schema.readIDs(connection) {
            try schema.check(applicationID: ids.applicationID, version: ids.version, path: connection.path)
            version = ids.version
        } else {
            guard mayBeNew else {
                throw StoreError(
                    .corrupt, "the store \(connection.path) has lost its contents; restore it from a backup")
            }
            // Takes effect only before the first table. Lets the file give back room, which otherwise it never does.
            try connection.execute("PRAGMA auto_vacuum = INCREMENTAL", doing: "create the store")
            version = 0
        }
        try schema.migrate(connection, from: version)
        if version == 0 { StoreFile.synchronizeDirectory(of: connection.path) }
        try Schema.checkTables(connection)
    }

    /// Reads the right edge of each table, which finds gross damage at once.
    private static func readPosition(_ connection: Connection) throws(StoreError) -> JournalPosition {
        _ = try connection.integer("PRAGMA freelist_count")
        _ = try connection.integer("SELECT max(id) FROM outbox")
        _ = try connection.integer("SELECT max(id) FROM dead_letters")
        _ = try connection.integer("SELECT max(snapshot_id) FROM snapshot_parts")
        // After all rows of the journal are pruned, the newest snapshot knows where it stood.
        let newest = try Statement(
            connection,
            """
            SELECT sequence, cumulative_bytes FROM (
                SELECT * FROM (SELECT sequence, cumulative_bytes FROM journal ORDER BY sequence DESC LIMIT 1)
                UNION ALL
                SELECT journal_sequence, journal_cumulative_bytes FROM snapshots
            ) ORDER BY sequence DESC LIMIT 1
            """, doing: "read the journal of")
        guard try newest.step() else { return JournalPosition(lastSequence: 0, cumulativeBytes: 0) }
        return JournalPosition(lastSequence: newest.integer(0), cumulativeBytes: newest.integer(1))
    }
}

/// The statements of a writer, each compiled once.
struct WriterStatements {
    let insertJournal: Statement
    let insertOutbox: Statement
    let deleteOutbox: Statement
    let insertDeadLetter: Statement
    let insertMeta: Statement
    let insertSnapshot: Statement
    let insertSnapshotPart: Statement
    let completeSnapshot: Statement
    let cumulativeBytes: Statement
    let newestAnchor: Statement

    init(_ connection: Connection) throws(StoreError) {
        func prepare(_ sql: String) throws(StoreError) -> Statement {
            try Statement(table: connection, sql, doing: "write to the store")
        }
        insertJournal = try prepare(
            """
            INSERT INTO journal (sequence, first_received_ms, last_received_ms, frames, cumulative_bytes, bytes)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        insertOutbox = try prepare(
            """
            INSERT INTO outbox (topic, payload, retain, content_type, correlation, event_id, created_ms, priority)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
        deleteOutbox = try prepare("DELETE FROM outbox WHERE id BETWEEN ? AND ?")
        insertDeadLetter = try prepare(
            """
            INSERT INTO dead_letters (received_ms, fleet, topic, reason, detail, byte_offset, payload)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        insertMeta = try prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
        insertSnapshot = try prepare(
            """
            INSERT INTO snapshots (journal_sequence, journal_cumulative_bytes, created_ms, format, complete, is_anchor)
            VALUES (?, ?, ?, ?, 0, 0)
            """)
        insertSnapshotPart = try prepare("INSERT INTO snapshot_parts (snapshot_id, part, bytes) VALUES (?, ?, ?)")
        completeSnapshot = try prepare("UPDATE snapshots SET complete = 1, is_anchor = ? WHERE id = ?")
        cumulativeBytes = try prepare("SELECT cumulative_bytes FROM journal WHERE sequence = ?")
        newestAnchor = try prepare(
            """
            SELECT created_ms, journal_cumulative_bytes FROM snapshots WHERE is_anchor
            ORDER BY journal_sequence DESC, id DESC LIMIT 1
            """)
    }
}
