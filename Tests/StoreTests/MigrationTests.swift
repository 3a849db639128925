import Store
import Testing

@Suite struct MigrationTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    private static let next = Schema.current.version + 1

    /// What a later release might look like.
    private static let later = Schema(
        migrations: Schema.current.migrations + [
            Migration(
                version: next,
                sql: "ALTER TABLE outbox ADD COLUMN expires_ms INTEGER; INSERT INTO meta VALUES ('migrated', 'yes')"),
            Migration(version: next + 1, sql: "CREATE INDEX by_topic ON outbox (topic)"),
        ])

    @Test func `an older store is brought up to date, with its contents`() throws {
        let old = try StoreWriter(path: path)
        _ = try old.commit(Transaction(journal: journalEntry(), outbox: [OutboxBatch([outboxEntry("a")])]))
        old.close()
        let new = try StoreWriter(path: path, schema: Self.later)
        #expect(try new.settings().schemaVersion == Int64(Self.next + 1))
        #expect(try new.settings().journalMode == "wal")
        _ = try new.commit(Transaction(outbox: [OutboxBatch([outboxEntry("b")])]))
        new.close()
        let database = try RawDatabase(path)
        #expect(try database("SELECT id, expires_ms FROM outbox") == ["1|NULL", "2|NULL"])
        #expect(try database("SELECT value FROM meta") == ["yes"])
        // And this program refuses it now.
        #expect(storeError { _ = try StoreWriter(path: path) }?.code == .newerVersion)
        #expect(storeError { _ = try StoreReader(path: path) }?.code == .newerVersion)
    }

    @Test func `a new store goes through all migrations`() throws {
        let writer = try StoreWriter(path: path, schema: Self.later)
        #expect(try writer.settings().schemaVersion == Int64(Self.next + 1))
        #expect(try writer.settings().applicationID == Int64(Schema.applicationID))
        writer.close()
        let again = try StoreWriter(path: path, schema: Self.later)
        #expect(try RawDatabase(path)("SELECT count(*) FROM meta") == ["1"])
        again.close()
    }

    @Test func `a migration that fails changes nothing`() throws {
        let old = try StoreWriter(path: path)
        _ = try old.commit(Transaction(journal: journalEntry()))
        old.close()
        let broken = Schema(
            migrations: Schema.current.migrations + [
                Migration(
                    version: Self.next, sql: "CREATE TABLE extra (a) STRICT; DELETE FROM journal; DROP TABLE absent")
            ])
        let error = storeError { _ = try StoreWriter(path: path, schema: broken) }
        #expect(error?.message.contains("schema version \(Self.next)") == true, "\(String(describing: error))")
        let writer = try StoreWriter(path: path)
        #expect(try writer.lastJournalSequence() == 1)
        #expect(try RawDatabase(path)("SELECT count(*) FROM sqlite_schema WHERE name = 'extra'") == ["0"])
        try expectSound(path)
    }

    @Test func `a reader does not migrate`() throws {
        let writer = try StoreWriter(path: path)
        writer.close()
        let older = storeError { _ = try StoreReader(path: path, schema: Self.later) }
        #expect(older?.code == .olderVersion)
        #expect(older?.message.contains("converts it") == true)
        #expect(try StoreReader(path: path).statistics().journalRows == 0)
    }
}
