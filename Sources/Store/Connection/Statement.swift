internal import CSQLite

/// A prepared statement, compiled once and run many times. Same threading as its connection.
///
/// Bytes are bound without being copied: they must stay where they are until `reset` or `run`, which forget them.
final class Statement {
    let connection: Connection
    private let handle: OpaquePointer
    private let doing: String

    /// - Parameter doing: what the statement does, for error messages, as in "cannot … ".
    init(_ connection: Connection, _ sql: String, doing: String) throws(StoreError) {
        var prepared: OpaquePointer?
        let result = sqlite3_prepare_v3(
            connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard result == SQLITE_OK, let handle = prepared else { throw connection.error(result, doing) }
        self.connection = connection
        self.handle = handle
        self.doing = doing
    }

    /// As above, for a statement that is right for the tables as the migrations made them: where it does not compile, the
    /// file's tables are others.
    convenience init(table connection: Connection, _ sql: String, doing: String) throws(StoreError) {
        do {
            try self.init(connection, sql, doing: doing)
        } catch  where error.code == .misuse {
            throw StoreError(
                .corrupt,
                "the tables of the store \(connection.path) are not those of its version: \(error.message); restore it from a "
                    + "backup", sqliteCode: error.sqliteCode)
        }
    }

    deinit { sqlite3_finalize(handle) }

    // MARK: Parameters, counted from 1

    func bind(_ value: Int64, at index: Int32) throws(StoreError) {
        try check(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ value: Int64?, at index: Int32) throws(StoreError) {
        if let value { try bind(value, at: index) } else { try check(sqlite3_bind_null(handle, index)) }
    }

    /// Binds a blob without copying it. An empty one is a blob of no bytes, not NULL.
    func bind(blob: UnsafeRawBufferPointer, at index: Int32) throws(StoreError) {
        guard let base = blob.baseAddress, !blob.isEmpty else {
            return try check(sqlite3_bind_zeroblob(handle, index, 0))
        }
        // The last argument, nil, is SQLITE_STATIC: SQLite reads the bytes in place and never frees them.
        try check(sqlite3_bind_blob64(handle, index, base, UInt64(blob.count), nil))
    }

    /// Binds a blob without copying it, NULL where it is empty.
    func bind(blobOrNull blob: UnsafeRawBufferPointer, at index: Int32) throws(StoreError) {
        if blob.isEmpty { try check(sqlite3_bind_null(handle, index)) } else { try bind(blob: blob, at: index) }
    }

    /// Binds UTF-8 text without copying it. Bytes that are not UTF-8 are stored as they are.
    func bind(text: UnsafeRawBufferPointer, at index: Int32) throws(StoreError) {
        guard let base = text.baseAddress, !text.isEmpty else {
            return try check(sqlite3_bind_text(handle, index, "", 0, nil))
        }
        try check(
            sqlite3_bind_text64(
                handle, index, base.assumingMemoryBound(to: CChar.self), UInt64(text.count), nil,
                UInt8(SQLITE_UTF8)))
    }

    /// Binds UTF-8 text without copying it, NULL where it is empty.
    func bind(textOrNull text: UnsafeRawBufferPointer, at index: Int32) throws(StoreError) {
        if text.isEmpty { try check(sqlite3_bind_null(handle, index)) } else { try bind(text: text, at: index) }
    }

    /// Binds a copy of a string: for what is rare or short.
    func bind(copying text: String, at index: Int32) throws(StoreError) {
        // SQLITE_TRANSIENT, a cast macro in C: SQLite copies the bytes before the call returns.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        var text = text
        try check(
            text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { bytes in
                    sqlite3_bind_text64(
                        handle, index, bytes.baseAddress, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
                }
            })
    }

    // MARK: Running

    /// Goes to the next row; false at the end. A failed step resets the statement.
    func step() throws(StoreError) -> Bool {
        let result = sqlite3_step(handle)
        switch result {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let error = connection.error(result, doing)
            reset()
            throw error
        }
    }

    /// Runs a statement that returns no rows, and makes it ready for the next run.
    func run() throws(StoreError) {
        while try step() {}
        sqlite3_reset(handle)
    }

    /// Ends the run, and with it the implicit read transaction, and forgets what was bound.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// Rows that the newest INSERT, UPDATE or DELETE of the connection changed.
    var changes: Int { Int(sqlite3_changes64(connection.handle)) }

    // MARK: Columns of the current row, counted from 0

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

    /// Length in bytes of a blob or text.
    func length(_ column: Int32) -> Int { Int(sqlite3_column_bytes(handle, column)) }

    /// A copy of a blob or text; empty for NULL.
    func bytes(_ column: Int32) -> [UInt8] {
        // The pointer first, the length after it: the order that SQLite documents as safe.
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: length(column)))
    }

    private func check(_ result: Int32) throws(StoreError) {
        guard result == SQLITE_OK else { throw connection.error(result, doing) }
    }
}
