internal import Glibc
internal import Locks

/// What the bridge to a provider of messages was asked to send, and what became of it: an SQLite file of its own.
///
/// It is what makes sending idempotent: a request is stored before the broker's message is acknowledged, and every
/// attempt before the call is made. A request whose attempt has no known outcome is in the state `posting`, also after a
/// crash: it must be looked for at the provider before it is posted again.
///
/// Calls block for a sync of the disk, from any thread; one at a time is served.
package final class MessageLedger: Sendable {
    private let state: Guarded<MessageLedgerCore?>
    package let path: String

    /// Opens a ledger, or makes one where there is no file. A file of something else is refused and left as it is.
    package init(path: String) throws(StoreError) {
        let core = try MessageLedgerCore(path: path)
        self.path = core.connection.path
        state = Guarded(core)
    }

    /// Stores requests that are not known yet; the others are passed over. One sync of the disk.
    ///
    /// - Returns: how many were new.
    package func add(_ entries: [LedgerEntry]) throws(StoreError) -> Int {
        try withCore { (core) throws(StoreError) in try core.add(entries) }
    }

    /// Stores what has become of a request, and a receipt to be published with it. One sync of the disk. What is final
    /// keeps neither number nor text.
    package func update(_ entry: LedgerEntry, receipt: [UInt8]? = nil) throws(StoreError) {
        try withCore { (core) throws(StoreError) in try core.update(entry, receipt: receipt) }
    }

    /// Requests in one of these states that are due, the most urgent first, then the longest due.
    package func due(_ states: [LedgerEntry.State], now_ms: Int64, limit: Int) throws(StoreError) -> [LedgerEntry] {
        try withCore { (core) throws(StoreError) in try core.due(states, now_ms: now_ms, limit: limit) }
    }

    /// Requests that wait to be posted, and are of no use any more.
    package func expired(now_ms: Int64, limit: Int) throws(StoreError) -> [LedgerEntry] {
        try withCore { (core) throws(StoreError) in try core.expired(now_ms: now_ms, limit: limit) }
    }

    package func entry(_ id: String) throws(StoreError) -> LedgerEntry? {
        try withCore { (core) throws(StoreError) in try core.entry(id) }
    }

    /// Whether a message at the provider belongs to a request already.
    package func isKnown(providerID: String) throws(StoreError) -> Bool {
        try withCore { (core) throws(StoreError) in try core.isKnown(providerID: providerID) }
    }

    /// Requests that are not final.
    package func openCount() throws(StoreError) -> Int {
        try withCore { (core) throws(StoreError) in try core.openCount() }
    }

    /// Receipts that are to be published, in their order.
    package func receipts(after id: Int64, limit: Int) throws(StoreError) -> [LedgerReceipt] {
        try withCore { (core) throws(StoreError) in try core.receipts(after: id, limit: limit) }
    }

    /// Removes receipts that the broker has.
    package func confirm(_ ids: [Int64]) throws(StoreError) {
        try withCore { (core) throws(StoreError) in try core.confirm(ids) }
    }

    /// Forgets what has been final since before a time.
    package func prune(before time_ms: Int64) throws(StoreError) {
        try withCore { (core) throws(StoreError) in try core.prune(before: time_ms) }
    }

    package func close() { state.withLock { $0 = nil } }

    private func withCore<Result: Sendable>(
        _ body: (MessageLedgerCore) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try state.withLock { (core) throws(StoreError) in
            guard let core else { throw StoreError(.misuse, "the file of messages is closed already") }
            return try body(core)
        }
    }
}

/// One request to send a message.
package struct LedgerEntry: Sendable, Equatable {
    package enum State: Int64, Sendable, CaseIterable {
        /// To be posted.
        case queued = 0
        /// An attempt is being made, or was made and nobody knows with what outcome.
        case posting = 1
        /// The provider has it; it is to be asked what becomes of it.
        case accepted = 2
        /// Nothing more is to be done.
        case final = 3
    }

    /// Of the request's event.
    package var id: String
    /// Where its receipts go.
    package var receiptTopic: String
    package var to: String
    package var text: String
    /// 0 is the most urgent.
    package var priority: Int64
    package var expires_ms: Int64
    package var state = State.queued
    /// Posts so far.
    package var attempts: Int64 = 0
    /// When the newest post began; 0 before the first.
    package var posted_ms: Int64 = 0
    /// The newest post was answered, with an error of the server: so it is likely, not sure, that nothing was taken.
    package var isAnswered = false
    /// When something is to be done next.
    package var due_ms: Int64
    /// The provider's name for it; empty before it has one.
    package var providerID = ""
    /// When the provider took it.
    package var accepted_ms: Int64 = 0

    package init(
        id: String, receiptTopic: String, to: String, text: String, priority: Int64, expires_ms: Int64, due_ms: Int64
    ) {
        self.id = id
        self.receiptTopic = receiptTopic
        self.to = to
        self.text = text
        self.priority = priority
        self.expires_ms = expires_ms
        self.due_ms = due_ms
    }
}

/// A receipt on its way to the broker.
package struct LedgerReceipt: Sendable, Equatable {
    package var id: Int64
    package var topic: String
    package var payload: [UInt8]
}
