internal import CSQLite

/// When the write-ahead log is copied into the database.
///
/// SQLite's automatic checkpoint would run on the thread that commits: all batches would wait until some thousand pages are
/// copied and synced. Here the `Checkpointer` copies each time the log has grown by a step. When the log is long enough to
/// start over and all but a rest is copied, the rest is copied here, between two commits. Should the checkpointer not keep
/// up, or readers hold the log back, a commit waits above `walSize_bytes`: the log's size is bounded.
extension WriterCore {
    /// How long a commit waits for readers and for the checkpointer when the log is too long.
    private static var restartTimeout_ms: Int32 { 250 }

    /// Growth of the log after which the checkpointer is asked, and the largest rest that is copied between two commits.
    private var step_pages: Int { max(1, min(256, options.checkpoint_pages / 4)) }

    /// Called after a commit. A checkpoint that fails changes nothing about the commit, which is durable in the log; the
    /// next commit reports a disk that is full.
    func checkpointIfDue() {
        let pages = connection.walPageCount
        if pages < lastPages { log = LogProgress() }  // it has started over
        lastPages = pages
        if Int64(pages) * pageSize_bytes > options.walSize_bytes {
            guard pages >= log.nextWait_pages else { return }
            log.nextWait_pages = pages + options.checkpoint_pages
            checkpointer.waitUntilIdle()
            sqlite3_busy_timeout(connection.handle, min(Self.restartTimeout_ms, options.busyTimeout_ms))
            _ = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_RESTART, nil, nil)
            sqlite3_busy_timeout(connection.handle, options.busyTimeout_ms)
        } else if pages >= options.checkpoint_pages, pages - log.ended_pages >= step_pages,
            let copied_pages = checkpointer.copied_pages, pages - copied_pages <= step_pages
        {
            log.ended_pages = pages
            _ = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        } else if pages - log.asked_pages >= step_pages {
            log.asked_pages = pages
            checkpointer.ask()
        }
    }

    /// Copies all of the log and cuts its file to nothing, waiting for readers.
    func checkpointAll() throws(StoreError) -> Bool {
        checkpointer.waitUntilIdle()
        let result = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if result & 0xff == SQLITE_BUSY { return false }
        guard result == SQLITE_OK else {
            throw connection.error(result, "copy the write-ahead log into the store")
        }
        return true
    }

    /// What was done about the log since it last started over; lengths in pages.
    struct LogProgress {
        /// Its length when the checkpointer was last asked.
        var asked_pages = 0
        /// Its length when its rest was last copied here.
        var ended_pages = 0
        /// The length at which the next commit waits.
        var nextWait_pages = 0
    }
}
