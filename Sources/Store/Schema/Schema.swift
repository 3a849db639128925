/// One step of the schema: what brings a store from the version before to `version`.
package struct Migration: Sendable {
    package var version: Int32
    /// One or several statements, run in one transaction together with the change of the version.
    package var sql: String

    package init(version: Int32, sql: String) {
        self.version = version
        self.sql = sql
    }
}

/// The tables of a store and how they came to be: version n is the first n migrations, applied in order.
///
/// A released migration is never edited. The version stands in `PRAGMA user_version`, and in `PRAGMA application_id` the
/// mark that the file is ours.
package struct Schema: Sendable {
    /// "FLST" in ASCII.
    package static let applicationID: Int32 = 0x464C_5354

    package var migrations: [Migration]

    /// The version that this program reads and writes.
    package var version: Int32 { migrations.last?.version ?? 0 }

    /// - Precondition: versions count up from 1.
    package init(migrations: [Migration]) {
        for (index, migration) in migrations.enumerated() where migration.version != Int32(index + 1) {
            fatalError("migration \(index + 1) of the store's schema carries version \(migration.version)")
        }
        self.migrations = migrations
    }

    package static let current = Schema(migrations: [version1])

    /// The tables that the statements of this module use.
    static let tables = ["dead_letters", "journal", "meta", "outbox", "snapshot_parts", "snapshots"]
}
