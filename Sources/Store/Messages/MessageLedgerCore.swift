internal import CSQLite
internal import Glibc

/// The ledger without its lock.
final class MessageLedgerCore {
    /// "FLSB" in ASCII.
    private static let applicationID: Int32 = 0x464C_5342
    private static let version: Int32 = 1

    let connection: Connection

    private static let tables = """
        CREATE TABLE requests (
            id TEXT PRIMARY KEY, receipt_topic TEXT NOT NULL, recipient TEXT NOT NULL, text TEXT NOT NULL,
            priority INTEGER NOT NULL, expires_ms INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
            posted_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, provider_id TEXT NOT NULL,
            accepted_ms INTEGER NOT NULL, is_answered INTEGER NOT NULL) STRICT;
        CREATE INDEX requests_due ON requests (state, priority, due_ms);
        CREATE INDEX requests_expiry ON requests (state, expires_ms);
        CREATE INDEX requests_provider ON requests (provider_id) WHERE provider_id <> '';
        CREATE TABLE receipts (
            id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload TEXT NOT NULL) STRICT;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        """

    private static let columns =
        "id, receipt_topic, recipient, text, priority, expires_ms, state, attempts, posted_ms, due_ms, provider_id, accepted_ms, is_answered"

    init(path: String) throws(StoreError) {
        let path = try StoreFile.resolve(path)
        let isNew: Bool
        switch try StoreFile(path: path) {
        case .absent, .empty: isNew = true
        case .notSQLite: throw Self.refusal(path, "it is not an SQLite file")
        case .sqlite(let applicationID, let version):
            // In the write-ahead log alone stand the ids of a file whose making was interrupted.
            guard applicationID == Self.applicationID || (applicationID == 0 && version == 0) else {
                throw Self.refusal(path, "it is another program's, or the store of the processor")
            }
            isNew = false
        }
        connection = try Connection(path: path, mode: .readWrite(OwnershipLock(storePath: path)))
        try connection.configure(busyTimeout_ms: 5_000)
        try connection.configureWriter(StoreOptions())
        let pages = try connection.integer("PRAGMA page_count") ?? 0
        let version = try connection.integer("PRAGMA user_version") ?? 0
        if version == 0 {
            let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
            guard isNew || pages == 0 || tables == 0 else { throw Self.refusal(path, "it is another program's") }
            try connection.transaction("EXCLUSIVE", doing: "create") { () throws(StoreError) in
                try connection.execute(Self.tables, doing: "create")
            }
            StoreFile.synchronizeDirectory(of: path)
        } else if version != Int64(Self.version) {
            throw StoreError(.newerVersion, "\(path) was written by a newer version of this program; install that one")
        }
    }

    private static func refusal(_ path: String, _ reason: String) -> StoreError {
        StoreError(.notAStore, "\(path) is no file of messages: \(reason); it is left as it is: configure another file")
    }

    // MARK: - Requests

    func add(_ entries: [LedgerEntry]) throws(StoreError) -> Int {
        try connection.transaction("IMMEDIATE", doing: "write to") { () throws(StoreError) in
            let statement = try Statement(
                table: connection,
                "INSERT INTO requests (\(Self.columns)) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13) "
                    + "ON CONFLICT (id) DO NOTHING", doing: "write to")
            var count = 0
            for entry in entries {
                try bind(entry, to: statement)
                try statement.run()
                count += statement.changes
            }
            return count
        }
    }

    func update(_ entry: LedgerEntry, receipt: [UInt8]?) throws(StoreError) {
        var entry = entry
        if entry.state == .final {
            entry.to = ""
            entry.text = ""
        }
        try connection.transaction("IMMEDIATE", doing: "write to") { () throws(StoreError) in
            let statement = try Statement(
                table: connection,
                "UPDATE requests SET receipt_topic = ?2, recipient = ?3, text = ?4, priority = ?5, expires_ms = ?6, "
                    + "state = ?7, attempts = ?8, posted_ms = ?9, due_ms = ?10, provider_id = ?11, accepted_ms = ?12, "
                    + "is_answered = ?13 "
                    + "WHERE id = ?1", doing: "write to")
            try bind(entry, to: statement)
            try statement.run()
            guard let receipt else { return }
            let insert = try Statement(
                table: connection, "INSERT INTO receipts (topic, payload) VALUES (?1, ?2)", doing: "write to")
            try insert.bind(copying: entry.receiptTopic, at: 1)
            try insert.bind(copying: String(decoding: receipt, as: UTF8.self), at: 2)
            try insert.run()
        }
    }

    private func bind(_ entry: LedgerEntry, to statement: Statement) throws(StoreError) {
        try statement.bind(copying: entry.id, at: 1)
        try statement.bind(copying: entry.receiptTopic, at: 2)
        try statement.bind(copying: entry.to, at: 3)
        try statement.bind(copying: entry.text, at: 4)
        try statement.bind(entry.priority, at: 5)
        try statement.bind(entry.expires_ms, at: 6)
        try statement.bind(entry.state.rawValue, at: 7)
        try statement.bind(entry.attempts, at: 8)
        try statement.bind(entry.posted_ms, at: 9)
        try statement.bind(entry.due_ms, at: 10)
        try statement.bind(copying: entry.providerID, at: 11)
        try statement.bind(entry.accepted_ms, at: 12)
        try statement.bind(entry.isAnswered ? 1 : 0, at: 13)
    }

    func due(_ states: [LedgerEntry.State], now_ms: Int64, limit: Int) throws(StoreError) -> [LedgerEntry] {
        let numbers = states.map { "\($0.rawValue)" }.joined(separator: ",")
        let statement = try Statement(
            table: connection,
            "SELECT \(Self.columns) FROM requests WHERE state IN (\(numbers)) AND due_ms <= ?1 "
                + "ORDER BY priority, due_ms, rowid LIMIT ?2", doing: "read")
        try statement.bind(now_ms, at: 1)
        try statement.bind(Int64(limit), at: 2)
        return try read(statement)
    }

    func expired(now_ms: Int64, limit: Int) throws(StoreError) -> [LedgerEntry] {
        let statement = try Statement(
            table: connection,
            "SELECT \(Self.columns) FROM requests WHERE state = 0 AND expires_ms <= ?1 ORDER BY rowid LIMIT ?2",
            doing: "read")
        try statement.bind(now_ms, at: 1)
        try statement.bind(Int64(limit), at: 2)
        return try read(statement)
    }

    func entry(_ id: String) throws(StoreError) -> LedgerEntry? {
        let statement = try Statement(
            table: connection, "SELECT \(Self.columns) FROM requests WHERE id = ?1", doing: "read")
        try statement.bind(copying: id, at: 1)
        return try read(statement).first
    }

    private func read(_ statement: Statement) throws(StoreError) -> [LedgerEntry] {
        var entries: [LedgerEntry] = []
        while try statement.step() {
            var entry = LedgerEntry(
                id: statement.text(0), receiptTopic: statement.text(1), to: statement.text(2), text: statement.text(3),
                priority: statement.integer(4), expires_ms: statement.integer(5), due_ms: statement.integer(9))
            guard let state = LedgerEntry.State(rawValue: statement.integer(6)) else {
                throw StoreError(.corrupt, "\(connection.path) holds a request in a state that there is not")
            }
            entry.state = state
            entry.attempts = statement.integer(7)
            entry.posted_ms = statement.integer(8)
            entry.providerID = statement.text(10)
            entry.accepted_ms = statement.integer(11)
            entry.isAnswered = statement.integer(12) != 0
            entries.append(entry)
        }
        statement.reset()
        return entries
    }

    func isKnown(providerID: String) throws(StoreError) -> Bool {
        let statement = try Statement(
            table: connection, "SELECT 1 FROM requests WHERE provider_id = ?1 AND provider_id <> ''", doing: "read")
        try statement.bind(copying: providerID, at: 1)
        defer { statement.reset() }
        return try statement.step()
    }

    func openCount() throws(StoreError) -> Int {
        Int(try connection.integer("SELECT count(*) FROM requests WHERE state <> 3") ?? 0)
    }

    func prune(before time_ms: Int64) throws(StoreError) {
        let statement = try Statement(
            table: connection, "DELETE FROM requests WHERE state = 3 AND due_ms < ?1", doing: "remove old requests from"
        )
        try statement.bind(time_ms, at: 1)
        try statement.run()
    }

    // MARK: - Receipts

    func receipts(after id: Int64, limit: Int) throws(StoreError) -> [LedgerReceipt] {
        let statement = try Statement(
            table: connection, "SELECT id, topic, payload FROM receipts WHERE id > ?1 ORDER BY id LIMIT ?2",
            doing: "read")
        try statement.bind(id, at: 1)
        try statement.bind(Int64(limit), at: 2)
        var receipts: [LedgerReceipt] = []
        while try statement.step() {
            receipts.append(
                LedgerReceipt(id: statement.integer(0), topic: statement.text(1), payload: statement.bytes(2)))
        }
        statement.reset()
        return receipts
    }

    func confirm(_ ids: [Int64]) throws(StoreError) {
        try connection.transaction("IMMEDIATE", doing: "write to") { () throws(StoreError) in
            let statement = try Statement(
                table: connection, "DELETE FROM receipts WHERE id = ?1", doing: "write to")
            for id in ids {
                try statement.bind(id, at: 1)
                try statement.run()
            }
        }
    }
}
