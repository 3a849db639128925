internal import CSQLite
internal import Glibc

extension StoreError {
    /// The error for a failed call of SQLite.
    ///
    /// - Parameters:
    ///   - extended: the extended result code.
    ///   - systemError: `sqlite3_system_errno`, which tells a full disk behind SQLite's general I/O errors.
    ///   - doing: what was tried, as in "cannot … ".
    package init(sqlite extended: Int32, systemError: Int32, doing: String, path: String, detail: String) {
        let code = Self.classify(extended, systemError: systemError)
        var message = "cannot \(doing) \(path): \(detail) (SQLite error \(extended)"
        if systemError != 0, [SQLITE_IOERR, SQLITE_CANTOPEN].contains(extended & 0xff) {
            message += ", \(String(cString: strerror(systemError)))"
        }
        message += ")"
        if let advice = Self.advice(for: code) { message += "; " + advice }
        self.init(code, message, sqliteCode: extended)
    }

    private static func classify(_ extended: Int32, systemError: Int32) -> Code {
        switch extended & 0xff {
        case SQLITE_FULL: .full
        case SQLITE_IOERR: classifyInputOutput(extended, systemError: systemError)
        case SQLITE_CANTOPEN: classify(systemError: systemError)
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .notPermitted
        case SQLITE_NOMEM, SQLITE_PROTOCOL, SQLITE_NOLFS, SQLITE_INTERRUPT: .io
        default: .misuse
        }
    }

    private static func classifyInputOutput(_ extended: Int32, systemError: Int32) -> Code {
        switch extended >> 8 {
        // SQLITE_IOERR_SHMSIZE: no room to grow the shared index of the write-ahead log. Its errno is not kept.
        case 19: .full
        // SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_CORRUPTFS
        case 2, 33: .corrupt
        default: classify(systemError: systemError)
        }
    }

    /// The code for an error of the operating system.
    static func classify(systemError: Int32) -> Code {
        switch systemError {
        case ENOSPC, EDQUOT, EFBIG: .full
        case EACCES, EPERM, EROFS: .notPermitted
        case ENOENT, ENOTDIR: .missing
        default: .io
        }
    }

    private static func advice(for code: Code) -> String? {
        switch code {
        case .full:
            "nothing of this was stored; make room on the disk, in the quota or within the configured size, and it works again"
        case .busy: "another program, perhaps an sqlite3 shell, holds a lock on it; end its transaction"
        case .corrupt: "the file is left as it is; restore it from a backup, or move it away to start anew"
        case .notPermitted: "give this user the right to write the file and its directory"
        default: nil
        }
    }
}
