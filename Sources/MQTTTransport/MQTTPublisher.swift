import Locks
import Synchronization

/// A message that waits to be published.
package struct OutgoingMessage: Sendable, Equatable {
    /// Its place in the order, and its name towards the owner. Greater than zero, strictly increasing.
    package var id: Int64
    package var topic: [UInt8]
    package var payload: [UInt8]
    package var isRetained: Bool
    /// MQTT 5 content type, such as `application/cloudevents+json`.
    package var contentType: String?
    /// MQTT 5 correlation data, empty for none.
    package var correlation: [UInt8]
    /// MQTT 5: the broker drops it if it could not deliver it for so long.
    package var expiry_s: UInt32?

    package init(
        id: Int64, topic: [UInt8], payload: [UInt8], isRetained: Bool = false, contentType: String? = nil,
        correlation: [UInt8] = [], expiry_s: UInt32? = nil
    ) {
        self.id = id
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.contentType = contentType
        self.correlation = correlation
        self.expiry_s = expiry_s
    }
}

/// Where a publisher gets its messages from, and tells what became of them. All of it is called on the publisher's
/// thread and may block: publishing waits meanwhile.
package protocol OutgoingSource: Sendable {
    /// The messages with greater ids than `id`, in increasing order, at most `limit`. Fewer than `limit` means that
    /// there are no more until the publisher is woken. After a reconnect it is asked again from an earlier id; ids that
    /// were confirmed or rejected meanwhile may be offered again or not, but once left out they stay out.
    func next(after id: Int64, limit: Int) -> [OutgoingMessage]
    /// The broker has these, in no particular order: they need not be kept any longer.
    func confirmed(_ ids: [Int64])
    /// This one will not be tried again by this publisher: it is not valid, or the broker refuses it. Whoever keeps it
    /// must decide (`reason.isRetriable` tells whether it may pass another time).
    func rejected(_ id: Int64, reason: MQTTError)
}

/// What a publisher has done since it started.
package struct MQTTPublisherStatistics: Sendable, Equatable {
    /// Messages of the source that were sent, repetitions included.
    package var published: UInt64 = 0
    package var confirmed: UInt64 = 0
    package var rejected: UInt64 = 0
    /// Messages of `publishLatest` that were sent, and confirmed.
    package var latestPublished: UInt64 = 0
    package var latestConfirmed: UInt64 = 0
    package var latestRejected: UInt64 = 0
    /// Messages of `publishLatest` that a newer one of the same topic made needless.
    package var latestReplaced: UInt64 = 0
    package var reconnects: UInt64 = 0
    package var failedAttempts: UInt64 = 0
    /// Sent and not confirmed now, both kinds.
    package var unconfirmed = 0
    /// From sending to confirmation of the newest confirmed message, in microseconds.
    package var lastRoundTrip_us: Int64 = 0
    package var isConnected = false
    package init() {}
}

/// Publishes an outbox in order, at QoS 1, over a connection and a thread of its own; and beside it the newest values
/// of retained topics.
///
/// The outbox stays the owner's: the publisher pulls from it (`OutgoingSource`), keeps at most `window` messages
/// unconfirmed, and remembers nothing else, so a broker that is away for an hour costs no memory. After a disconnect
/// whatever libmosquitto had queued is thrown away and publishing begins again at the first message that is not
/// confirmed. On one topic, messages therefore arrive in the order of their ids, and only those that were never
/// confirmed can arrive twice.
///
/// The connection begins with an empty session every time: nothing is kept for it at the broker.
package final class MQTTPublisher: Sendable {
    private let options: MQTTOptions
    private let window: Int
    private let source: any OutgoingSource
    private let onStateChange: @Sendable (MQTTConnectionState) -> Void
    private let shared = PublisherShared()
    private let thread = Guarded<WorkerThread?>(nil)

    /// - Parameters:
    ///   - options: `cleanStart` and `sessionExpiry_s` are overridden. The client id must differ from the receiver's.
    ///   - window: 1 … 50,000: packet ids are 16 bits wide.
    package init(
        options: MQTTOptions, window: Int = 1_000, source: any OutgoingSource,
        onStateChange: @escaping @Sendable (MQTTConnectionState) -> Void = { _ in }
    ) {
        var options = options
        options.cleanStart = true
        options.sessionExpiry_s = 0
        self.options = options
        self.window = min(max(window, 1), 50_000)
        self.source = source
        self.onStateChange = onStateChange
    }

    /// Starts the thread. Later calls do nothing.
    ///
    /// - Throws: `.invalidOptions` for what no broker could mend.
    package func start() throws(MQTTError) {
        final class NoOwner: ConnectionOwner {}
        let owner = NoOwner()
        _ = try Connection(options: options, owner: owner)
        thread.withLock { thread in
            guard thread == nil else { return }
            thread = WorkerThread(name: "mqtt-publish") { [options, window, source, onStateChange, shared] in
                PublisherLoop(
                    options: options, window: window, source: source, onStateChange: onStateChange, shared: shared
                ).run()
            }
        }
    }

    /// Says that the source has more. From any thread, cheap enough to call after every commit.
    package func wake() {
        shared.hasMore.store(true, ordering: .releasing)
        shared.wakeUp.signal()
    }

    /// Publishes a retained message of which only the newest value matters: a value that could not be sent before the
    /// next one comes is dropped. Memory is bounded by the number of topics. Lower priority than the outbox, but never
    /// starved. An empty payload deletes the retained message. From any thread.
    package func publishLatest(topic: [UInt8], payload: [UInt8]) {
        let wasEmpty = shared.latest.withLock { $0.put(topic: topic, payload: payload) }
        if wasEmpty { shared.wakeUp.signal() }
    }

    /// Publishes what is outstanding, at most for `timeout_ms`, then disconnects in good order and ends the thread.
    ///
    /// - Returns: whether everything was confirmed. What was not stays with the source.
    @discardableResult
    package func flush(timeout_ms: Int) -> Bool {
        shared.stop(at: monotonicTime_ms() + Int64(timeout_ms))
        guard let thread = thread.withLock({ $0 }), !thread.isCurrent else { return false }
        thread.join()
        return shared.isFlushed.load(ordering: .acquiring)
    }

    /// The same without waiting for anything.
    package func stop() {
        flush(timeout_ms: 0)
    }

    /// From any thread.
    package var statistics: MQTTPublisherStatistics {
        var statistics = shared.statistics.withLock { $0 }
        statistics.latestReplaced = shared.latest.withLock { $0.replaced }
        return statistics
    }
}

/// What the publisher's thread shares with others.
final class PublisherShared: Sendable {
    let statistics = Guarded(MQTTPublisherStatistics())
    let latest = Guarded(LatestLane())
    let wakeUp = WakeUp()
    let hasMore = Atomic(true)
    let isFlushed = Atomic(false)
    /// Monotonic time at which to leave although something is outstanding; `Int64.max` while nobody wants us to.
    private let stopTime_ms = Atomic(Int64.max)

    func stop(at time_ms: Int64) {
        stopTime_ms.min(time_ms, ordering: .acquiringAndReleasing)
        wakeUp.signal()
    }

    var isStopping: Bool { stopTime_ms.load(ordering: .acquiring) != .max }
    var isOverdue: Bool { isStopping && monotonicTime_ms() >= stopTime_ms.load(ordering: .acquiring) }

    /// How long a wait may last, in milliseconds.
    func timeToWait_ms(atMost longest_ms: Int) -> Int {
        let stop = stopTime_ms.load(ordering: .acquiring)
        guard stop != .max else { return longest_ms }
        return min(longest_ms, max(0, Int(clamping: stop - monotonicTime_ms())))
    }
}
