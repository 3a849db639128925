import Glibc
import Store
import Testing

/// Files that are refused, and left as they are.
@Suite struct RefusalTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    /// Opens for writing and for reading, expects both to be refused, and every file in the directory to be untouched.
    private func expectRefused(
        _ code: StoreError.Code, _ word: String, ignoring ignored: Set<String> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try directory.contents()
        for open in [{ _ = try StoreWriter(path: path) }, { _ = try StoreReader(path: path) }] as [() throws -> Void] {
            let error = storeError(open)
            #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
            #expect(error?.message.contains(path) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
            #expect(error?.isRetriable == false, sourceLocation: sourceLocation)
        }
        let kept = { (contents: [String: [UInt8]]) in contents.filter { !ignored.contains($0.key) } }
        #expect(kept(try directory.contents()) == kept(before), sourceLocation: sourceLocation)
    }

    private func makeStore(rows: Int = 3) throws {
        let writer = try StoreWriter(path: path)
        for _ in 0..<rows {
            _ = try writer.commit(
                Transaction(journal: journalEntry(20_000), outbox: [OutboxBatch([outboxEntry("a", payload: 3_000)])]))
        }
        writer.close()
        #expect(unlink(path + ".lock") == 0)
    }

    @Test(arguments: [
        Array("notes of a meeting\n".utf8), [0], [UInt8](repeating: 0, count: 5_000),
        Array("SQLite format 3\0".utf8), Array("SQLite format 2\0".utf8) + [UInt8](repeating: 1, count: 4_080),
    ])
    func `a file that is not SQLite`(bytes: [UInt8]) throws {
        try writeBytes(bytes, to: path)
        try expectRefused(.notAStore, "no store")
    }

    @Test func `another program's SQLite file`() throws {
        try RawDatabase(path)("CREATE TABLE t (a); INSERT INTO t VALUES (1); PRAGMA application_id = 99")
        try expectRefused(.notAStore, "application_id 99")
    }

    @Test func `another program's SQLite file with a write-ahead log`() throws {
        let other = try RawDatabase(path)
        try other("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        try expectRefused(.notAStore, "another program's")
        #expect(try other("SELECT a FROM t") == ["1"])
    }

    @Test func `a newer version`() throws {
        try makeStore()
        try RawDatabase(path)("PRAGMA user_version = 99")
        try expectRefused(.newerVersion, "schema 99")
    }

    @Test func `a newer version that stands in the write-ahead log only`() throws {
        try makeStore()
        let newer = try RawDatabase(path)
        try newer("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 99")
        #expect(try readBytes(path)[63] == 1)
        try expectRefused(.newerVersion, "schema 99", ignoring: ["fleet.sqlite-shm", "fleet.sqlite.lock"])
    }

    @Test func `no version at all`() throws {
        try makeStore()
        try RawDatabase(path)("PRAGMA user_version = 0")
        try expectRefused(.corrupt, "no version")
    }

    @Test func `a table is missing`() throws {
        try makeStore()
        try RawDatabase(path)("DROP TABLE dead_letters")
        try expectRefused(.corrupt, "dead_letters", ignoring: Self.companions)
    }

    @Test func `a column is missing`() throws {
        try makeStore()
        try RawDatabase(path)("ALTER TABLE outbox DROP COLUMN payload")
        try expectRefused(.corrupt, "payload", ignoring: Self.companions)
    }

    @Test func `a damaged schema`() throws {
        try makeStore()
        try writeBytes([UInt8](repeating: 0xa5, count: 3_900), to: path, at: 100)
        try expectRefused(.corrupt, "backup", ignoring: Self.companions)
    }

    @Test func `a file that was cut off`() throws {
        try makeStore()
        #expect(truncate(path, 8_192) == 0)
        try expectRefused(.corrupt, "backup", ignoring: Self.companions)
    }

    @Test func `damage within a table is found when it is read`() throws {
        try makeStore(rows: 200)
        let page = 4_096
        let root = try RawDatabase(path)("SELECT rootpage FROM sqlite_schema WHERE name = 'journal'")
        let offset = (Int(root[0])! - 1) * page
        try writeBytes([UInt8](repeating: 0xff, count: 64), to: path, at: offset)
        let error = storeError {
            let writer = try StoreWriter(path: path)
            _ = try writer.commit(Transaction(journal: journalEntry()))
        }
        #expect(error?.code == .corrupt, "\(String(describing: error))")
        #expect(storeError { _ = try StoreReader(path: path).journal(after: 0, limit: 1_000) }?.code == .corrupt)
        #expect(try StoreReader(path: path).verify().isEmpty == false)
    }

    @Test func `an empty file becomes a store`() throws {
        try writeBytes([], to: path)
        #expect(storeError { _ = try StoreReader(path: path) }?.code == .missing)
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        try expectSound(path)
    }

    @Test func `no directory`() throws {
        for open in [{ _ = try StoreWriter(path: $0) }, { _ = try StoreReader(path: $0) }] as [(String) throws -> Void]
        {
            let error = storeError { try open(directory("absent/deeper/fleet.sqlite")) }
            #expect(error?.code == .missing)
            #expect(error?.message.contains("\(directory("absent/deeper")) for the store") == true)
            #expect(error?.message.contains("does not exist; create it") == true)
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test func `no file to read`() throws {
        #expect(storeError { _ = try StoreReader(path: path) }?.code == .missing)
        #expect(try directory.contents().isEmpty)
    }

    @Test(arguments: ["", "/tmp/", "a\0b"])
    func `no path of a file`(path: String) {
        #expect(storeError { _ = try StoreWriter(path: path) }?.code == .misuse)
        #expect(storeError { _ = try StoreReader(path: path) }?.code == .misuse)
    }

    @Test func `a directory instead of a file`() throws {
        #expect(storeError { _ = try StoreWriter(path: directory.path) }?.code == .io)
        #expect(storeError { _ = try StoreReader(path: directory.path) }?.code == .io)
    }

    @Test(.enabled(if: geteuid() != 0 || Tmpfs.isPermitted))
    func `a directory that may not be written`() throws {
        // Root writes where it likes, but not on a file system that is mounted read-only.
        let mount = geteuid() == 0 ? try Tmpfs(at: directory("disk"), size: "1m") : nil
        if mount == nil { try #require(mkdir(directory("disk"), 0o755) == 0) }
        let inside = directory("disk/fleet.sqlite")
        if let mount { try mount.makeReadOnly() } else { try #require(chmod(directory("disk"), 0o555) == 0) }
        let error = storeError { _ = try StoreWriter(path: inside) }
        #expect(error?.code == .notPermitted)
        #expect(error?.message.contains(inside) == true)
        #expect(error?.message.contains("right to write") == true)
        if mount == nil { chmod(directory("disk"), 0o755) }
    }

    /// Files that SQLite makes beside a database of ours by looking into it, and our lock.
    private static let companions: Set<String> = ["fleet.sqlite-shm", "fleet.sqlite-wal", "fleet.sqlite.lock"]
}
