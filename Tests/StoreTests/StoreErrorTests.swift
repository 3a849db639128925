import CSQLite
import Glibc
import Store
import Testing

/// How SQLite's result codes, with the system's error behind them, become ours.
@Suite struct StoreErrorTests {
    private static let ioWrite = SQLITE_IOERR | (3 << 8)
    private static let ioSync = SQLITE_IOERR | (4 << 8)
    private static let ioSharedMemorySize = SQLITE_IOERR | (19 << 8)
    private static let ioCorruptFileSystem = SQLITE_IOERR | (33 << 8)
    private static let busyRecovery = SQLITE_BUSY | (1 << 8)
    private static let constraintUnique = SQLITE_CONSTRAINT | (8 << 8)

    @Test(
        arguments: [
            (SQLITE_FULL, 0, .full), (ioWrite, ENOSPC, .full), (ioWrite, EDQUOT, .full), (ioSync, ENOSPC, .full),
            (ioSharedMemorySize, 0, .full), (SQLITE_CANTOPEN, ENOSPC, .full), (ioWrite, EIO, .io), (ioSync, EIO, .io),
            (ioWrite, EFBIG, .full), (ioCorruptFileSystem, 0, .corrupt), (SQLITE_CANTOPEN, EACCES, .notPermitted),
            (SQLITE_CANTOPEN, ENOENT, .missing), (SQLITE_CANTOPEN, EMFILE, .io), (SQLITE_READONLY, 0, .notPermitted),
            (SQLITE_BUSY, 0, .busy), (busyRecovery, 0, .busy), (SQLITE_CORRUPT, 0, .corrupt),
            (SQLITE_NOTADB, 0, .corrupt),
            (SQLITE_NOMEM, 0, .io), (SQLITE_TOOBIG, 0, .misuse), (constraintUnique, 0, .misuse),
            (SQLITE_ERROR, 0, .misuse),
        ] as [(Int32, Int32, StoreError.Code)])
    func `codes`(extended: Int32, systemError: Int32, code: StoreError.Code) {
        let error = StoreError(
            sqlite: extended, systemError: systemError, doing: "write to the store", path: "/data/fleet.sqlite",
            detail: "what SQLite says")
        #expect(error.code == code)
        #expect(error.sqliteCode == extended)
        #expect(error.isRetriable == (code == .full || code == .busy))
        #expect(error.description.hasPrefix("cannot write to the store /data/fleet.sqlite: what SQLite says"))
    }
}
