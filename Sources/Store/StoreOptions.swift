/// How long and how much a store keeps.
///
/// The journal is cut only at anchors (snapshots that are kept for it), of which there are about eight within the limits:
/// it may exceed them by an eighth and the time between two snapshots.
package struct Retention: Sendable, Equatable {
    /// Journal rows older than this may go. Default: 7 days.
    package var journalAge_ms: Int64 = 7 * 86_400_000
    /// Bytes of journal rows, without SQLite's overhead, above which the oldest may go. Default: 8 GiB.
    package var journalBytes: Int64 = 8 << 30
    /// Dead letters older than this go. Default: 30 days.
    package var deadLetterAge_ms: Int64 = 30 * 86_400_000
    /// Dead letters above this number go, the oldest first. Default: 100,000.
    package var deadLetterCount: Int64 = 100_000

    package init() {}

    package init(journalAge_ms: Int64, journalBytes: Int64, deadLetterAge_ms: Int64, deadLetterCount: Int64) {
        self.journalAge_ms = journalAge_ms
        self.journalBytes = journalBytes
        self.deadLetterAge_ms = deadLetterAge_ms
        self.deadLetterCount = deadLetterCount
    }

    /// Anchors stand at least this part of a limit apart.
    static let anchorsWithinLimit: Int64 = 8
}

/// How a store is opened for writing.
package struct StoreOptions: Sendable, Equatable {
    package var retention = Retention()
    /// How long a call waits for another process that holds a lock.
    package var busyTimeout_ms: Int32 = 5_000
    /// How many pages (4 KiB) the write-ahead log has when it is to start over; it is copied into the database all along. More
    /// is pages copied less often that change again and again, and a longer recovery after a crash. Default: 16 MiB.
    package var checkpoint_pages: Int = 4_096
    /// Size of the write-ahead log above which a commit waits until it is copied and readers have left it, so that it starts
    /// over; a longer file is cut to this. Default: 64 MiB.
    package var walSize_bytes: Int64 = 64 << 20
    /// Largest size of the database file in pages (4 KiB); a commit beyond it is refused as on a full disk. Nil: no limit.
    package var pages_max: Int64?

    package init() {}
}

/// The settings of an open connection, as SQLite reports them.
package struct StoreSettings: Sendable, Equatable {
    /// `wal`.
    package var journalMode: String
    /// 2 is FULL: in write-ahead mode every commit is synced to the disk before it returns.
    package var synchronous: Int64
    package var foreignKeys: Bool
    package var busyTimeout_ms: Int64
    package var applicationID: Int64
    package var schemaVersion: Int64
    /// 2 is INCREMENTAL.
    package var autoVacuum: Int64
    package var pageSize_bytes: Int64
    package var pages_max: Int64
}
