extension Schema {
    /// Refuses a file that is not ours, judged by its header and without opening it with SQLite.
    ///
    /// - Returns: whether SQLite may be let at it although there is no store yet.
    func checkHeader(of path: String) throws(StoreError) -> Bool {
        switch try OpenFiles.inspect(path) {
        case nil: return false
        case .absent, .empty: return true
        case .notSQLite:
            // A power cut in the moment of creation leaves a file that SQLite mends by the rollback journal beside it.
            if StoreFile.size(path + "-journal") > 0 { return true }
            throw Self.notAStore(path, "it is not an SQLite file")
        case .sqlite(let applicationID, let version):
            try check(applicationID: applicationID, version: version, path: path)
            return false
        }
    }

    /// Refuses ids that are not those of a store that this program can open.
    func check(applicationID: Int32, version: Int32, path: String) throws(StoreError) {
        guard applicationID == Self.applicationID else {
            throw Self.notAStore(path, "it is another program's SQLite file (application_id \(applicationID))")
        }
        guard version >= 1 else {
            throw StoreError(
                .corrupt, "the store \(path) has no version (user_version \(version)); restore it from a backup")
        }
        guard version <= self.version else {
            throw StoreError(
                .newerVersion,
                "the store \(path) was written by a newer version of this program (schema \(version), this one reads up to "
                    + "\(self.version)); it is left as it is: install the newer version, or configure another file")
        }
    }

    private static func notAStore(_ path: String, _ reason: String) -> StoreError {
        StoreError(
            .notAStore, "\(path) is no store of this program: \(reason); it is left as it is: configure another file")
    }

    /// The ids as SQLite sees them, the write-ahead log included; nil for a database without pages.
    static func readIDs(_ connection: Connection) throws(StoreError) -> (applicationID: Int32, version: Int32)? {
        guard let pages = try connection.integer("PRAGMA page_count"), pages > 0 else { return nil }
        let applicationID = try connection.integer("PRAGMA application_id") ?? 0
        let version = try connection.integer("PRAGMA user_version") ?? 0
        return (Int32(truncatingIfNeeded: applicationID), Int32(truncatingIfNeeded: version))
    }

    /// Brings a checked or new database to this version, one transaction a migration.
    ///
    /// - Parameter version: what the database has now; 0 for a new one.
    func migrate(_ connection: Connection, from version: Int32) throws(StoreError) {
        for migration in migrations where migration.version > version {
            let doing = "bring to schema version \(migration.version) the store"
            try connection.transaction("EXCLUSIVE", doing: doing) { () throws(StoreError) in
                try connection.execute(migration.sql, doing: doing)
                try connection.execute(
                    """
                    PRAGMA application_id = \(Self.applicationID);
                    PRAGMA user_version = \(migration.version);
                    """, doing: doing)
            }
        }
    }

    /// Checks that the tables are there. Views and indexes that a user added do no harm.
    static func checkTables(_ connection: Connection) throws(StoreError) {
        let present = Set(try connection.texts("SELECT name FROM sqlite_schema WHERE type = 'table'"))
        for table in tables where !present.contains(table) {
            throw StoreError(
                .corrupt,
                "the store \(connection.path) has no table \(table); it is left as it is: restore it from a backup, or "
                    + "configure another file")
        }
    }
}
