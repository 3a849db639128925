/// What went wrong with a store: a code to decide on, and a message for the person who runs the service.
///
/// The message says what happened, to which file, and what to do about it.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// No room on the disk, in the quota, or in `StoreOptions.pages_max`. Nothing of the call was stored; it works again
        /// when there is room.
        case full
        /// Another process holds the database's write lock for longer than the busy timeout.
        case busy
        /// The file is damaged, or its tables are not those of its version.
        case corrupt
        /// The file was written by a newer version of the program.
        case newerVersion
        /// The file was written by an older version, and a reader does not migrate.
        case olderVersion
        /// The file is no store of ours: not SQLite, or another program's.
        case notAStore
        /// Another writer, of this process or another one, owns the store.
        case locked
        /// The file or its directory does not exist.
        case missing
        /// The file or its directory may not be read or written.
        case notPermitted
        /// Rows that were asked for have been pruned, or were never written.
        case gap
        /// The operating system reported an error that is none of the above.
        case io
        /// The caller broke a rule of the API.
        case misuse
    }

    package var code: Code
    package var message: String
    /// SQLite's extended result code, 0 where the error is not from SQLite.
    package var sqliteCode: Int32

    package init(_ code: Code, _ message: String, sqliteCode: Int32 = 0) {
        self.code = code
        self.message = message
        self.sqliteCode = sqliteCode
    }

    /// Whether the same call can succeed later without anything being changed in the program or its configuration.
    package var isRetriable: Bool { code == .full || code == .busy }

    package var description: String { message }
}
