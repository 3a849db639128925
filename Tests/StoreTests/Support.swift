import CSQLite
import Foundation
import Glibc
import Store
import Testing

/// A directory of its own for a test, removed with its contents at the end.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/fleetstream-store-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failure("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(cString: made)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file or directory in it.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Contents of all files by name.
    func contents() throws -> [String: [UInt8]] {
        guard let directory = opendir(path) else { throw Failure("opendir \(path)") }
        defer { closedir(directory) }
        var contents: [String: [UInt8]] = [:]
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { contents[name] = try readBytes(self(name)) }
        }
        return contents
    }
}

struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

func readBytes(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw Failure("open \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return bytes }
        bytes += chunk[..<count]
    }
}

func writeBytes(_ bytes: [UInt8], to path: String, at offset: Int = 0) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o644)
    guard descriptor >= 0 else { throw Failure("open \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    guard pwrite(descriptor, bytes, bytes.count, off_t(offset)) == bytes.count else { throw Failure("write \(path)") }
}

/// SQLite without the store: another program that looks at, or meddles with, the file.
final class RawDatabase {
    private var handle: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open(path, &handle) == SQLITE_OK else { throw Failure("cannot open \(path)") }
    }

    deinit { sqlite3_close(handle) }

    /// Runs statements; all rows, columns as text joined by `|`.
    @discardableResult
    func callAsFunction(_ sql: String) throws -> [String] {
        final class Rows { var rows: [String] = [] }
        let rows = Rows()
        let result = sqlite3_exec(
            handle, sql,
            { context, count, values, _ in
                let row = (0..<Int(count)).map { values?[$0].map { String(cString: $0) } ?? "NULL" }
                Unmanaged<Rows>.fromOpaque(context!).takeUnretainedValue().rows.append(row.joined(separator: "|"))
                return 0
            }, Unmanaged.passUnretained(rows).toOpaque(), nil)
        guard result == SQLITE_OK else { throw Failure("\(sql): \(String(cString: sqlite3_errmsg(handle)))") }
        return rows.rows
    }
}

/// A journal entry of `size` bytes that no decoder has to understand.
func journalEntry(_ size: Int = 64, fill: UInt8 = 7, at time_ms: Int64 = 1_000) -> JournalEntry {
    JournalEntry(
        bytes: [UInt8](repeating: fill, count: size), frames: 1, first_received_ms: time_ms, last_received_ms: time_ms)
}

func outboxEntry(_ text: String, payload size: Int = 16, at time_ms: Int64 = 1_000) -> OutboxEntry {
    OutboxEntry(
        topic: Array("fleets/a/events/\(text)".utf8), payload: [UInt8](repeating: 0x61, count: size),
        created_ms: time_ms)
}

/// The error that `body` throws.
func storeError(_ body: () throws -> Void) -> StoreError? {
    do {
        try body()
        return nil
    } catch {
        return error as? StoreError
    }
}

/// Fails the test where SQLite or the store's own rules find the file unsound.
func expectSound(_ path: String, _ context: String = "", sourceLocation: SourceLocation = #_sourceLocation) throws {
    let reader = try StoreReader(path: path)
    defer { reader.close() }
    let broken = try reader.brokenInvariants() + reader.verify()
    #expect(broken == [], "\(context)", sourceLocation: sourceLocation)
}
