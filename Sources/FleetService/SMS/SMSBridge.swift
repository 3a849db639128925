import FleetCore
import Foundation
import Locks
import MQTTTransport
import Store
import Wire

/// The gateway bridge: takes requests from the broker, posts them to a provider, and publishes receipts.
///
/// Three threads, and between them the ledger on the disk: the receiver stores requests and only then acknowledges them;
/// the bridge's own thread (`SMSBridgeLoop`) calls the provider; the publisher sends receipts.
final class SMSBridge: Sendable {
    /// How long a stop waits for calls that are under way; their outcomes are looked up after the next start.
    static let stop_s = 3.0
    /// For a request that names no expiry.
    static let expiry_ms: Int64 = 86_400_000

    private let configuration: Configuration
    private let logger: Logger
    private let ledger: MessageLedger
    private let inbox = BridgeInbox()
    private let receiver: MQTTReceiver
    private let publisher: MQTTPublisher
    private let http: HTTPClient
    private let api: TwilioAPI
    private let thread = Guarded<WorkerThread?>(nil)

    /// Opens the ledger; nothing is received before `start`.
    ///
    /// - Parameter onFailure: called where it cannot go on, with what to tell; it must then be stopped.
    init(
        _ configuration: Configuration, token: Secret, logger: Logger,
        onFailure: @escaping @Sendable (String) -> Void
    ) throws(StoreError) {
        self.configuration = configuration
        self.logger = logger
        let bridge = configuration.smsBridge
        let ledger = try MessageLedger(path: bridge.store)
        self.ledger = ledger
        api = TwilioAPI(bridge, token: token)
        http = HTTPClient(timeout_s: bridge.timeout_s, connections: bridge.inFlight)
        let inbox = inbox
        publisher = MQTTPublisher(
            options: configuration.bridgePublisherOptions, source: ReceiptSource(ledger: ledger, logger: logger),
            onStateChange: { logger.debug("publisher", ["state": "\($0)"]) })
        let publisher = publisher
        receiver = MQTTReceiver(
            options: configuration.bridgeReceiverOptions, subscriptions: configuration.bridgeSubscriptions,
            clock: Logger.systemClock_ms,
            handler: { batch in
                let verdict = Self.store(batch, in: ledger, inbox: inbox, logger: logger, onFailure: onFailure)
                if verdict == .committed, !batch.isEmpty {
                    inbox.wake()
                    publisher.wake()
                }
                return verdict
            },
            onStateChange: { logger.info("broker", ["state": "\($0)"]) })
    }

    /// Connects and begins. Throws for options that no broker could mend.
    func start() throws(MQTTError) {
        try publisher.start()
        let loop = (configuration.smsBridge, ledger, inbox, http, api, logger, publisher)
        thread.withLock { thread in
            thread = WorkerThread(name: "sms-bridge") {
                var run = SMSBridgeLoop(
                    loop.0, ledger: loop.1, inbox: loop.2, http: loop.3, api: loop.4, logger: loop.5,
                    onReceipt: { loop.6.wake() })
                run.run()
            }
        }
        try receiver.start()
    }

    /// Receives no more, waits a moment for calls under way, publishes what receipts there are, and closes the ledger.
    func stop() {
        inbox.stop(within_s: Self.stop_s)
        receiver.stop()
        thread.withLock { $0 }?.join()
        http.close()
        publisher.flush(timeout_ms: 2_000)
        ledger.close()
    }

    // MARK: - Receiving

    /// Stores the requests of a batch, on the receiver's thread. What is none is told in the log, and where it has an id
    /// also by a receipt. Waits for as long as the disk is full.
    private static func store(
        _ batch: MessageBatch, in ledger: MessageLedger, inbox: BridgeInbox, logger: Logger,
        onFailure: @Sendable (String) -> Void
    ) -> HandlerVerdict {
        var entries: [LedgerEntry] = []
        var refused: [LedgerEntry] = []
        for index in 0..<batch.count {
            let header = batch.header(at: index)
            guard header.kind == .message else { continue }
            guard let (prefix, priority) = MessageRequest.place(Array(batch.bytes[header.topic])) else { continue }
            let received_ms = header.receivedTime_ms
            func entry(_ id: String, to: String = "", text: String = "", expires_ms: Int64 = 0) -> LedgerEntry {
                LedgerEntry(
                    id: id, receiptTopic: MessageRequest.receiptTopic(prefix, id), to: to, text: text,
                    priority: priority, expires_ms: expires_ms, due_ms: received_ms)
            }
            do throws(MessageRequest.Fault) {
                let request = try MessageRequest(json: batch.bytes.span.extracting(header.payload))
                entries.append(
                    entry(
                        request.id, to: request.to, text: request.text,
                        expires_ms: request.expires_ms ?? received_ms + expiry_ms))
            } catch {
                logger.error("a request cannot be used: \(error.detail)", once: "request")
                // An expired one without a number: the loop ends it with a receipt.
                if let id = error.id { refused.append(entry(id)) }
            }
        }
        while true {
            do throws(StoreError) {
                if !entries.isEmpty || !refused.isEmpty { _ = try ledger.add(entries + refused) }
                return .committed
            } catch {
                logger.error("\(error.message); requests wait at the broker until it works again", once: "ledger")
                if !error.isRetriable, !inbox.isStopping { onFailure(error.message) }
                if !error.isRetriable || inbox.isStopping { return .stop }
                Thread.sleep(forTimeInterval: 0.5)
            }
        }
    }
}

/// What the bridge's thread is told by others.
final class BridgeInbox: Sendable {
    private struct State {
        var results: [SMSBridgeLoop.CallResult] = []
        var isWoken = false
        /// When a stop ends at the latest; nil while there is none.
        var stopsBy: Date?
    }

    private let state = Guarded(State())
    private let condition = NSCondition()

    func put(_ result: SMSBridgeLoop.CallResult) {
        change { $0.results.append(result) }
    }

    func wake() { change { $0.isWoken = true } }

    func stop(within_s: Double) { change { $0.stopsBy = $0.stopsBy ?? Date(timeIntervalSinceNow: within_s) } }

    var isStopping: Bool { state.withLock { $0.stopsBy != nil } }
    var isTimeUp: Bool { state.withLock { $0.stopsBy.map { $0 < Date() } ?? false } }

    private func change(_ body: (inout State) -> Void) {
        condition.lock()
        state.withLock { body(&$0) }
        condition.signal()
        condition.unlock()
    }

    /// Waits for results, for being woken, or for so long.
    func take(waiting_s: Double) -> [SMSBridgeLoop.CallResult] {
        let end = Date(timeIntervalSinceNow: waiting_s)
        condition.lock()
        defer { condition.unlock() }
        while state.withLock({ $0.results.isEmpty && !$0.isWoken }) {
            if !condition.wait(until: end) { break }
        }
        return state.withLock { state in
            defer {
                state.results = []
                state.isWoken = false
            }
            return state.results
        }
    }
}

/// Receipts as the publisher pulls them from the ledger.
struct ReceiptSource: OutgoingSource {
    let ledger: MessageLedger
    let logger: Logger

    func next(after id: Int64, limit: Int) -> [OutgoingMessage] {
        do throws(StoreError) {
            return try ledger.receipts(after: id, limit: limit).map {
                OutgoingMessage(
                    id: $0.id, topic: Array($0.topic.utf8), payload: $0.payload, contentType: "application/json")
            }
        } catch {
            logger.error("receipts cannot be read: \(error.message)", once: "receipts")
            return []
        }
    }

    func confirmed(_ ids: [Int64]) {
        do throws(StoreError) { try ledger.confirm(ids) } catch {
            logger.error("receipts will be published again: \(error.message)", once: "receipts")
        }
    }

    func rejected(_ id: Int64, reason: MQTTError) {
        logger.error("the broker refuses receipt \(id): \(reason)", once: "rejected")
        if !reason.isRetriable { confirmed([id]) }
    }
}
