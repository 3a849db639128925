internal import Locks

/// The database files that this process has open through SQLite, by path.
///
/// SQLite guards a database with POSIX locks, and POSIX drops *all* locks of a process on a file as soon as the process
/// closes *any* descriptor of it (https://www.sqlite.org/howtocorrupt.html, 2.2). Reading the header of a file that is
/// open here would take the locks from under SQLite, and another process that closes the database could then delete a
/// write-ahead log in use. So a header is read only while no connection is open, and none is opened meanwhile.
enum OpenFiles {
    private static let connections = Guarded<[String: Int]>([:])

    /// Counts a connection to `path` that is about to be opened.
    static func insert(_ path: String) {
        connections.withLock { $0[path, default: 0] += 1 }
    }

    /// Takes back `insert`, after the connection is closed.
    static func remove(_ path: String) {
        connections.withLock { connections in
            guard let count = connections[path] else { fatalError("a connection that was never counted is closed") }
            connections[path] = count == 1 ? nil : count - 1
        }
    }

    /// What the file at `path` is; nil where a connection is open to it, which found it to be a store.
    static func inspect(_ path: String) throws(StoreError) -> StoreFile? {
        try connections.withLock { (connections) throws(StoreError) -> StoreFile? in
            connections[path] == nil ? try StoreFile(path: path) : nil
        }
    }
}
