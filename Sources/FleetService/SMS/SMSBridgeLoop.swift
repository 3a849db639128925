import FleetCore
import Foundation
import FoundationNetworking
import MQTTTransport
import Store

/// The bridge's own thread: what is due is done, and what calls bring is stored.
///
/// A request's way: queued → posting (stored before the call) → accepted → final. An attempt without a known outcome (no
/// answer, an error of the server, a crash in between) stays in `posting`, and the provider's list is searched for the
/// message before anything is posted again.
struct SMSBridgeLoop {
    /// What a call asks.
    enum Call: Sendable {
        case post
        case find
        case fetch
    }

    struct CallResult: Sendable {
        var entry: LedgerEntry
        var call: Call
        var answer: Result<HTTPAnswer, HTTPFailure>
    }

    /// Behind a call's own time-out, until its outcome counts as unknown.
    static let grace_ms: Int64 = 2_000
    private static let prune_ms: Int64 = 3_600_000

    let bridge: Configuration.SMSBridge
    let ledger: MessageLedger
    let inbox: BridgeInbox
    let http: HTTPClient
    let api: TwilioAPI
    let logger: Logger
    let onReceipt: () -> Void
    let clock_ms: @Sendable () -> Int64

    var inFlight = Set<String>()
    /// No call before this: the provider asked for a pause, or does not answer.
    var pausedUntil_ms: Int64 = 0
    /// No post before this: the rate.
    private var nextPost_ms: Int64 = 0
    private var nextPrune_ms: Int64 = 0
    /// Failures of all calls in a row, for the length of the pause.
    var outages = 0

    init(
        _ bridge: Configuration.SMSBridge, ledger: MessageLedger, inbox: BridgeInbox, http: HTTPClient, api: TwilioAPI,
        logger: Logger, onReceipt: @escaping () -> Void,
        clock_ms: @escaping @Sendable () -> Int64 = Logger.systemClock_ms
    ) {
        self.bridge = bridge
        self.ledger = ledger
        self.inbox = inbox
        self.http = http
        self.api = api
        self.logger = logger
        self.onReceipt = onReceipt
        self.clock_ms = clock_ms
    }

    /// Runs until the inbox says stop and calls have ended, or their time is up.
    mutating func run() {
        var wait_s = 0.0
        while true {
            let results = inbox.take(waiting_s: wait_s)
            do throws(StoreError) {
                for result in results { try handle(result) }
                if inbox.isStopping {
                    if inFlight.isEmpty || inbox.isTimeUp { return }
                    wait_s = 0.05
                    continue
                }
                wait_s = try work()
            } catch {
                // What was to be stored is not: the request stays as it was before, and is looked up when it is due.
                logger.error("\(error.message); sending waits until it works again", once: "ledger")
                if inbox.isStopping, inFlight.isEmpty || inbox.isTimeUp { return }
                wait_s = 0.5
            }
        }
    }

    /// Begins what is due. Returns for how long there is nothing more to do.
    private mutating func work() throws(StoreError) -> Double {
        let now_ms = clock_ms()
        if now_ms >= nextPrune_ms {
            nextPrune_ms = now_ms + Self.prune_ms
            try ledger.prune(before: now_ms - Int64(bridge.keep_days) * 86_400_000)
        }
        try expire(now_ms)
        guard now_ms >= pausedUntil_ms else { return seconds(pausedUntil_ms - now_ms) }
        var wait_ms: Int64 = 1_000
        for entry in try due([.queued], now_ms) {
            // The clock may have been set back.
            if nextPost_ms > now_ms + 60_000 { nextPost_ms = now_ms }
            guard now_ms >= nextPost_ms else {
                wait_ms = min(wait_ms, nextPost_ms - now_ms)
                break
            }
            // Rounded up: rather a little less than the provider takes than more.
            let rate = Int64(bridge.rate_per_min)
            nextPost_ms = max(nextPost_ms, now_ms) + (60_000 + rate - 1) / rate
            try post(entry, now_ms)
        }
        // What posts leave room for; their rate sees to it that they do.
        for entry in try due([.posting, .accepted], now_ms) { try ask(entry, now_ms) }
        return seconds(min(wait_ms, max(10, Int64(bridge.retryInitial_s * 500))))
    }

    private func seconds(_ wait_ms: Int64) -> Double { Double(min(max(wait_ms, 1), 1_000)) / 1000 }

    /// As many as there is room for, without those under way.
    private func due(_ states: [LedgerEntry.State], _ now_ms: Int64) throws(StoreError) -> [LedgerEntry] {
        let free = bridge.inFlight - inFlight.count
        guard free > 0 else { return [] }
        return Array(
            try ledger.due(states, now_ms: now_ms, limit: free + inFlight.count)
                .filter { !inFlight.contains($0.id) }.prefix(free))
    }

    /// Ends what has not been taken in time.
    private mutating func expire(_ now_ms: Int64) throws(StoreError) {
        for entry in try ledger.expired(now_ms: now_ms, limit: 1_000) where !inFlight.contains(entry.id) {
            if entry.to.isEmpty {
                try finish(entry, .failed, code: "invalid_request", reason: "the request cannot be used")
            } else {
                try finish(entry, .failed, code: "expired", reason: "it could not be sent in time")
            }
        }
    }

    // MARK: - Calls

    private mutating func post(_ entry: LedgerEntry, _ now_ms: Int64) throws(StoreError) {
        guard let request = api.post(entry, now_ms: now_ms) else { return }
        var entry = entry
        entry.state = .posting
        entry.attempts += 1
        entry.posted_ms = now_ms
        entry.isAnswered = false
        entry.due_ms = now_ms + Int64(bridge.timeout_s * 1000) + Self.grace_ms
        // Before the call: whatever happens from here on, it is known that there may be a message.
        try ledger.update(entry)
        begin(entry, .post, request)
    }

    /// Asks for what has become of a request: by its name at the provider, or else in the list.
    private mutating func ask(_ entry: LedgerEntry, _ now_ms: Int64) throws(StoreError) {
        if entry.state == .posting {
            if let request = api.find(entry) { begin(entry, .find, request) }
        } else if entry.accepted_ms + Int64(bridge.receiptTimeout_s) * 1000 <= now_ms {
            // Whoever asked for the message waits no longer either.
            var entry = entry
            entry.state = .final
            entry.due_ms = now_ms
            try ledger.update(entry)
            logger.warning("a message has no final status", once: "status", ["request": .string(entry.id)])
        } else if let request = api.fetch(entry) {
            begin(entry, .fetch, request)
        }
    }

    private mutating func begin(_ entry: LedgerEntry, _ call: Call, _ request: URLRequest) {
        inFlight.insert(entry.id)
        let inbox = inbox
        http.send(request) { inbox.put(CallResult(entry: entry, call: call, answer: $0)) }
    }

    // MARK: - Waiting

    /// Twice as long for each attempt, between half of it and all of it by chance; never shorter than the provider asks.
    func delay_ms(_ attempt: Int64, _ after_s: Double?) -> Int64 {
        let step = min(max(attempt - 1, 0), 20)
        let whole_s = min(bridge.retryInitial_s * Double(1 << step), bridge.retryMax_s)
        return Int64(max(whole_s * Double.random(in: 0.5...1), after_s ?? 0) * 1000)
    }

    /// Lets all calls wait.
    mutating func pause(_ now_ms: Int64, _ after_s: Double?) {
        outages += 1
        let wait_ms = after_s.map { Int64($0 * 1000) } ?? delay_ms(Int64(outages), nil)
        pausedUntil_ms = max(min(pausedUntil_ms, now_ms + 86_400_000), now_ms + wait_ms)
    }
}
