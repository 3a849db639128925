import Foundation
import Store
import Testing

@testable import FleetService

@Suite struct `The bridge's ledger` {
    private let folder: ConfigurationFolder
    private var path: String { folder.path + "/ledger.sqlite" }

    init() throws { folder = try ConfigurationFolder() }

    private static func entry(_ id: String, priority: Int64 = 2, due_ms: Int64 = 0) -> LedgerEntry {
        LedgerEntry(
            id: id, receiptTopic: "r/\(id)", to: "+886912345678", text: "您好", priority: priority, expires_ms: 1000,
            due_ms: due_ms)
    }

    @Test func `a request is stored once, and what has become of it stays`() throws {
        do {
            let ledger = try MessageLedger(path: path)
            #expect(try ledger.add([Self.entry("a"), Self.entry("b"), Self.entry("a")]) == 2)
            var entry = try #require(try ledger.entry("a"))
            entry.state = .posting
            entry.attempts = 1
            entry.isAnswered = true
            try ledger.update(entry)
            #expect(try ledger.add([Self.entry("a")]) == 0)
            #expect(throws: StoreError.self) { try MessageLedger(path: path) }
            ledger.close()
            #expect(throws: StoreError.self) { try ledger.entry("a") }
        }
        let ledger = try MessageLedger(path: path)
        let entry = try #require(try ledger.entry("a"))
        #expect(entry.state == .posting && entry.attempts == 1 && entry.isAnswered && entry.text == "您好")
        #expect(try ledger.openCount() == 2 && ledger.entry("c") == nil)
    }

    @Test func `what is due comes by priority, then by time`() throws {
        let ledger = try MessageLedger(path: path)
        _ = try ledger.add([
            Self.entry("late", due_ms: 50), Self.entry("old", due_ms: 1), Self.entry("urgent", priority: 0, due_ms: 9),
            Self.entry("future", due_ms: 101),
        ])
        #expect(try ledger.due([.queued], now_ms: 100, limit: 9).map(\.id) == ["urgent", "old", "late"])
        #expect(try ledger.due([.queued], now_ms: 100, limit: 1).map(\.id) == ["urgent"])
        #expect(try ledger.due([.posting, .accepted], now_ms: 100, limit: 9).isEmpty)
        #expect(try ledger.expired(now_ms: 999, limit: 9).isEmpty && ledger.expired(now_ms: 1000, limit: 9).count == 4)
    }

    @Test func `what is final keeps neither number nor text, and goes in the end`() throws {
        let ledger = try MessageLedger(path: path)
        var entry = Self.entry("a", due_ms: 5)
        _ = try ledger.add([entry])
        entry.state = .final
        entry.providerID = "SM1"
        try ledger.update(entry, receipt: Array("{}".utf8))
        let stored = try #require(try ledger.entry("a"))
        #expect(stored.to == "" && stored.text == "" && stored.state == .final)
        #expect(
            try ledger.isKnown(providerID: "SM1") && !ledger.isKnown(providerID: "")
                && !ledger.isKnown(providerID: "SM2"))
        let receipts = try ledger.receipts(after: 0, limit: 9)
        #expect(receipts.map(\.topic) == ["r/a"] && receipts[0].payload == Array("{}".utf8))
        try ledger.confirm([receipts[0].id])
        #expect(try ledger.receipts(after: 0, limit: 9).isEmpty)
        try ledger.prune(before: 5)
        #expect(try ledger.entry("a") != nil)
        try ledger.prune(before: 6)
        #expect(try ledger.entry("a") == nil)
    }

    @Test func `files of others are refused and left as they are`() throws {
        for text in ["no database", String(repeating: "x", count: 5000)] {
            try folder.write(text, to: "ledger.sqlite")
            #expect(throws: StoreError.self) { try MessageLedger(path: path) }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
        let store = folder.path + "/store.sqlite"
        let writer = try StoreWriter(path: store)
        writer.close()
        #expect(throws: StoreError.self) { try MessageLedger(path: store) }
        #expect(throws: StoreError.self) { try MessageLedger(path: "/nonexistent/x.sqlite") }
    }
}
