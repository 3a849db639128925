internal import CSQLite
internal import Glibc

/// One SQLite connection. Not thread-safe: its owner sees to it that one thread at a time uses it.
final class Connection {
    let path: String
    let handle: OpaquePointer
    /// Length of the write-ahead log in pages after the newest commit of this connection; written by SQLite's hook, on
    /// the thread that commits.
    private let walPages: UnsafeMutablePointer<Int32>
    /// A writer's right to write. Properties outlive the body of `deinit`: it is given up after the file is closed.
    private let ownership: OwnershipLock?

    enum Mode {
        /// Reads and writes, creates the file where there is none.
        case readWrite(OwnershipLock)
        case readOnly
        /// Beside a writer of this process that has the right to write: copies the log, and writes nothing of its own.
        case checkpoints
    }

    init(path: String, mode: Mode) throws(StoreError) {
        var flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
        switch mode {
        case .readWrite(let lock):
            flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            ownership = lock
        case .readOnly:
            flags |= SQLITE_OPEN_READONLY
            ownership = nil
        case .checkpoints:
            flags |= SQLITE_OPEN_READWRITE
            ownership = nil
        }
        OpenFiles.insert(path)
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, flags, nil)
        guard result == SQLITE_OK, let handle = opened else {
            let systemError = opened.map(sqlite3_system_errno) ?? 0
            sqlite3_close_v2(opened)
            OpenFiles.remove(path)
            throw StoreError(
                sqlite: result, systemError: systemError, doing: "open", path: path,
                detail: String(cString: sqlite3_errstr(result)))
        }
        self.path = path
        self.handle = handle
        walPages = .allocate(capacity: 1)
        walPages.initialize(to: 0)
        // The hook replaces SQLite's own automatic checkpoint.
        sqlite3_wal_hook(handle, rememberWALPages, walPages)
    }

    deinit {
        // Statements hold their connection, so none is left and this closes the file at once.
        sqlite3_close_v2(handle)
        OpenFiles.remove(path)
        walPages.deallocate()
    }

    /// Length of the write-ahead log in pages after the newest commit of this connection.
    var walPageCount: Int { Int(walPages.pointee) }

    /// The id of the row that was inserted last.
    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Whether a transaction is open.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// The error of the newest failed call on this connection.
    func error(_ result: Int32, _ doing: String) -> StoreError {
        // What a failed commit met, SQLite does not keep; the thread's own errno still tells it.
        let current = errno
        let kept = sqlite3_system_errno(handle)
        return StoreError(
            sqlite: result, systemError: kept != 0 ? kept : current, doing: doing, path: path,
            detail: String(cString: sqlite3_errmsg(handle)))
    }

    /// Runs one or several statements, whose rows are dropped.
    func execute(_ sql: String, doing: String) throws(StoreError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw error(result, doing) }
    }

    /// The first column of the first row; nil where there is no row or it is NULL.
    func integer(_ sql: String, doing: String = "read") throws(StoreError) -> Int64? {
        let statement = try Statement(self, sql, doing: doing)
        guard try statement.step(), !statement.isNull(0) else { return nil }
        return statement.integer(0)
    }

    /// The first column of every row, as text.
    func texts(_ sql: String, doing: String = "read") throws(StoreError) -> [String] {
        let statement = try Statement(self, sql, doing: doing)
        var texts: [String] = []
        while try statement.step() { texts.append(statement.text(0)) }
        return texts
    }

    /// Runs `body` within a transaction, undoing all of it where it throws.
    ///
    /// - Parameter kind: `DEFERRED` for reading, `IMMEDIATE` for writing.
    func transaction<Result>(
        _ kind: String, doing: String, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        if isInTransaction { rollback() }
        try execute("BEGIN \(kind)", doing: doing)
        do {
            let result = try body()
            try execute("COMMIT", doing: doing)
            return result
        } catch {
            rollback()
            throw error
        }
    }

    /// Undoes the open transaction, if SQLite has not done so itself (it does for some errors, a full disk among them).
    ///
    /// A ROLLBACK that fails has ended the transaction all the same; the error before it is the one to report.
    private func rollback() {
        if isInTransaction { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }
    }

    /// See `csqlite_set_checkpoint_on_close`.
    func setCheckpointOnClose(_ enabled: Bool) {
        _ = csqlite_set_checkpoint_on_close(handle, enabled ? 1 : 0)
    }
}

/// SQLite's write-ahead log hook: runs on the committing thread, within the call that commits. `context` is the
/// connection's `walPages`, which lives as long as the connection.
private func rememberWALPages(
    context: UnsafeMutableRawPointer?, handle: OpaquePointer?, database: UnsafePointer<CChar>?, pages: Int32
) -> Int32 {
    context?.assumingMemoryBound(to: Int32.self).pointee = pages
    return SQLITE_OK
}
