internal import CSQLite

extension Connection {
    /// What every connection gets, before it reads anything.
    func configure(busyTimeout_ms: Int32) throws(StoreError) {
        sqlite3_busy_timeout(handle, busyTimeout_ms)
        try execute(
            """
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            PRAGMA foreign_keys = ON;
            PRAGMA temp_store = MEMORY;
            """, doing: "open the store")
    }

    /// What a writer gets: the write-ahead log, synced with every commit. Checks that SQLite agreed.
    func configureWriter(_ options: StoreOptions) throws(StoreError) {
        let mode = try texts("PRAGMA journal_mode = WAL", doing: "switch to write-ahead mode the store")
        guard mode == ["wal"] else {
            throw StoreError(
                .io,
                "the file system of \(path) does not allow SQLite's write-ahead log (it needs shared memory, which network "
                    + "file systems lack); put the store on a local disk")
        }
        // secure_delete: Debian's SQLite overwrites what is deleted, which doubles the writing; FAST does so only where it
        // costs nothing.
        try execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA journal_size_limit = \(options.walSize_bytes);
            PRAGMA cache_size = -16000;
            PRAGMA secure_delete = FAST;
            PRAGMA max_page_count = \(options.pages_max ?? 1_073_741_823);
            """, doing: "configure the store")
        let settings = try settings()
        guard settings.synchronous == 2, settings.foreignKeys else {
            throw StoreError(.io, "SQLite does not accept synchronous = FULL for the store \(path)")
        }
    }

    func settings() throws(StoreError) -> StoreSettings {
        func pragma(_ name: String) throws(StoreError) -> Int64 { try integer("PRAGMA \(name)") ?? 0 }
        return StoreSettings(
            journalMode: try texts("PRAGMA journal_mode").first ?? "",
            synchronous: try pragma("synchronous"),
            foreignKeys: try pragma("foreign_keys") == 1,
            busyTimeout_ms: try pragma("busy_timeout"),
            applicationID: try pragma("application_id"),
            schemaVersion: try pragma("user_version"),
            autoVacuum: try pragma("auto_vacuum"),
            pageSize_bytes: try pragma("page_size"),
            pages_max: try pragma("max_page_count"))
    }
}
