internal import CSQLite

/// When the write-ahead log is copied into the database.
///
/// SQLite's automatic checkpoint would try with every commit while a reader holds the log back, with a sync of the database
/// each; and it never waits for readers, so that a log under constant reading need not ever start over. Here a checkpoint
/// is tried each time the log has grown by `checkpoint_pages`, and above `walSize_bytes` it waits for the readers.
extension WriterCore {
    /// How long a commit waits for readers when the log is too long.
    private static var restartTimeout_ms: Int32 { 250 }

    /// Called after a commit. A checkpoint that fails changes nothing about the commit, which is durable in the log; the
    /// next commit reports a disk that is full.
    func checkpointIfDue() {
        let pages = connection.walPageCount
        if pages < nextCheckpoint_pages - options.checkpoint_pages { nextCheckpoint_pages = options.checkpoint_pages }
        guard pages >= nextCheckpoint_pages else { return }
        nextCheckpoint_pages = pages + options.checkpoint_pages
        if Int64(pages) * pageSize_bytes > options.walSize_bytes {
            sqlite3_busy_timeout(connection.handle, min(Self.restartTimeout_ms, options.busyTimeout_ms))
            _ = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_RESTART, nil, nil)
            sqlite3_busy_timeout(connection.handle, options.busyTimeout_ms)
        } else {
            _ = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        }
    }

    /// Copies all of the log and cuts its file to nothing, waiting for readers.
    func checkpointAll() throws(StoreError) -> Bool {
        let result = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if result & 0xff == SQLITE_BUSY { return false }
        guard result == SQLITE_OK else {
            throw connection.error(result, "copy the write-ahead log into the store")
        }
        nextCheckpoint_pages = options.checkpoint_pages
        return true
    }
}
