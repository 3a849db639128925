internal import Glibc

/// What a file is, judged by its first 100 bytes and without SQLite, which might already change a file by opening it.
///
/// The layout is the database header of SQLite's file format, https://www.sqlite.org/fileformat2.html: the magic string
/// at 0, the user version at 60 and the application id at 68, both big-endian.
enum StoreFile: Equatable {
    case absent
    /// No bytes: SQLite makes a new database of it.
    case empty
    case notSQLite
    /// SQLite, with the ids of its header. The write-ahead log may hold newer ones.
    case sqlite(applicationID: Int32, version: Int32)

    static let headerSize = 100

    init(path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT {
                self = .absent
                return
            }
            throw StoreError(systemError: errno, doing: "read", path: path)
        }
        defer { _ = Glibc.close(descriptor) }
        var header = [UInt8](repeating: 0, count: Self.headerSize)
        let count = pread(descriptor, &header, header.count, 0)
        guard count >= 0 else { throw StoreError(systemError: errno, doing: "read", path: path) }
        if count == 0 {
            self = .empty
        } else if count < Self.headerSize || !header.starts(with: Array("SQLite format 3\0".utf8)) {
            self = .notSQLite
        } else {
            func integer(at offset: Int) -> Int32 {
                Int32(bitPattern: header[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) })
            }
            self = .sqlite(applicationID: integer(at: 68), version: integer(at: 60))
        }
    }

    /// The path without symbolic links, so that one store has one lock file whatever it is called by.
    ///
    /// - Throws: `missing` where the directory does not exist.
    static func resolve(_ path: String) throws(StoreError) -> String {
        guard !path.isEmpty, !path.utf8.contains(0), !path.hasSuffix("/") else {
            throw StoreError(.misuse, "\"\(path)\" is no path of a store; name a file")
        }
        if let resolved = realPath(path) { return resolved }
        let (directory, name): (String, Substring) =
            if let slash = path.lastIndex(of: "/") {
                (slash == path.startIndex ? "/" : String(path[..<slash]), path[path.index(after: slash)...])
            } else {
                (".", path[...])
            }
        guard let resolved = realPath(directory) else {
            let systemError = errno
            guard systemError == ENOENT || systemError == ENOTDIR else {
                throw StoreError(systemError: systemError, doing: "reach the directory", path: directory)
            }
            throw StoreError(
                .missing,
                "the directory \(directory) for the store \(path) does not exist; create it, or configure another file")
        }
        return resolved == "/" ? "/" + name : resolved + "/" + name
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Size in bytes, 0 where there is no such file.
    static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Makes a new file's name durable.
    static func synchronizeDirectory(of path: String) {
        guard let slash = path.lastIndex(of: "/") else { return }
        let descriptor = open(
            slash == path.startIndex ? "/" : String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        // Some file systems refuse to sync a directory; SQLite ignores that as well.
        _ = fsync(descriptor)
        _ = Glibc.close(descriptor)
    }
}
