import Locks
import Synchronization
package import Wire

/// A topic filter and the highest QoS (0 or 1) to receive its messages with.
package typealias MQTTSubscription = (filter: String, qos: UInt8)

/// When the receiver hands a batch over. Every limit is reached by at most one message too many.
package struct BatchLimits: Sendable, Equatable {
    package var maxMessages: Int
    package var maxBytes: Int
    /// With nothing arriving, the handler is called with an empty batch this often, so that the owner can journal a
    /// tick. Not while disconnected: silence means nothing then.
    package var idleTick_ms: Int
    /// A larger payload is acknowledged, counted and dropped; with MQTT 5 the broker is also told not to send it.
    package var maxPayload_bytes: Int

    /// What is left of a payload above `maxPayload_bytes`: one byte more than any decoder takes, so that the message becomes a
    /// dead letter instead of vanishing.
    package static let cutTo_bytes = 65_537

    package init(
        maxMessages: Int = 4_096, maxBytes: Int = 1 << 20, idleTick_ms: Int = 1_000, maxPayload_bytes: Int = 16 << 20
    ) {
        self.maxMessages = maxMessages
        self.maxBytes = maxBytes
        self.idleTick_ms = idleTick_ms
        self.maxPayload_bytes = maxPayload_bytes
    }
}

/// What became of a batch.
package enum HandlerVerdict: Sendable, Equatable {
    /// It is durable, with all that follows from it: acknowledge it.
    case committed
    /// It is not. Leave at once without acknowledging anything; the broker keeps it for the next connection.
    case stop
}

/// What a receiver has done since it started.
package struct MQTTReceiverStatistics: Sendable, Equatable {
    /// Messages handed to the handler (in discard mode: received).
    package var messages: UInt64 = 0
    /// Topic and payload bytes of those messages.
    package var bytes: UInt64 = 0
    /// Batches that were committed, empty ones not counted.
    package var batches: UInt64 = 0
    /// Messages that the broker sent again although they were committed.
    package var redeliveriesDropped: UInt64 = 0
    /// Messages above `BatchLimits.maxPayload_bytes`, of which only the beginning was handed on.
    package var oversizedCut: UInt64 = 0
    /// Connections after the first.
    package var reconnects: UInt64 = 0
    /// Attempts that ended without a connection.
    package var failedAttempts: UInt64 = 0
    package var isConnected = false
    package init() {}
}

/// Receives messages with at-least-once delivery that survives a crash of this process: **a message is acknowledged
/// only after the handler has said that it is durable**.
///
/// One thread owns the connection and its socket. It reads what has arrived into a batch, calls the handler, which
/// blocks until the batch is committed, and only then writes; libmosquitto's acknowledgements wait in its queue until
/// that write. Nothing else is ever written while a batch is in hand. A handler must answer within 1.5 keep-alive
/// intervals or the broker will hang up; that costs a reconnect, but no message.
///
/// After every connect the next batch begins with a frame of kind `.resumed`. Messages that come again after a
/// reconnect although they were committed are dropped (see `RedeliveryFilter`).
package final class MQTTReceiver: Sendable {
    package typealias Handler = @Sendable (inout MessageBatch) -> HandlerVerdict
    package typealias StateChange = @Sendable (MQTTConnectionState) -> Void

    private let configuration: ReceiverConfiguration
    private let shared = ReceiverShared()
    private let thread = Guarded<WorkerThread?>(nil)

    /// - Parameters:
    ///   - clock: milliseconds since 1970; every frame carries its answer.
    ///   - handler: called on the receiver's thread. The batch is empty for an idle tick. It may be changed, and is
    ///     emptied after the call.
    ///   - onStateChange: called on the receiver's thread.
    package init(
        options: MQTTOptions, subscriptions: [MQTTSubscription], limits: BatchLimits = BatchLimits(),
        clock: @escaping @Sendable () -> Int64, handler: @escaping Handler,
        onStateChange: @escaping StateChange = { _ in }
    ) {
        configuration = ReceiverConfiguration(
            options: options, subscriptions: subscriptions, limits: limits, clock: clock, handler: handler,
            onStateChange: onStateChange)
    }

    /// A null consumer, for benchmarks: messages are counted, acknowledged and forgotten. The wire sees what it would
    /// see of a real consumer that commits in no time.
    package init(
        discarding options: MQTTOptions, subscriptions: [MQTTSubscription], limits: BatchLimits = BatchLimits(),
        onStateChange: @escaping StateChange = { _ in }
    ) {
        configuration = ReceiverConfiguration(
            options: options, subscriptions: subscriptions, limits: limits, clock: { 0 }, handler: nil,
            onStateChange: onStateChange)
    }

    /// Tells the redelivery filter what an earlier process committed; from the oldest to the newest, before `start`.
    /// The last 65,535 messages of the journal are enough.
    package func seed(from batch: MessageBatch) {
        shared.filter.withLock { $0.seed(from: batch) }
    }

    /// The same for one message, with `RedeliveryFilter.hash`.
    package func seedCommitted(packetID: UInt16, hash: UInt64) {
        shared.filter.withLock { $0.seed(packetID: packetID, hash: hash) }
    }

    /// Starts the thread, which connects, and reconnects for ever. Later calls do nothing.
    ///
    /// - Throws: `.invalidOptions` for what no broker could mend.
    package func start() throws(MQTTError) {
        try ReceiverLoop.check(configuration)
        thread.withLock { thread in
            guard thread == nil else { return }
            thread = WorkerThread(name: "mqtt-receive") { [configuration, shared] in
                ReceiverLoop(configuration, shared).run()
            }
        }
    }

    /// Asks the thread to leave and returns at once.
    package func requestStop() {
        shared.requestStop()
    }

    /// Leaves in good order and waits for it: the batch in hand is finished and acknowledged, what was not handled
    /// stays with the broker, the session is kept. Takes as long as the handler does, and well under a second
    /// otherwise, also while the broker is away. From the handler itself, answer `.stop` instead.
    package func stop() {
        shared.requestStop()
        guard let thread = thread.withLock({ $0 }), !thread.isCurrent else { return }
        thread.join()
    }

    /// From any thread.
    package var statistics: MQTTReceiverStatistics {
        shared.statistics.withLock { $0 }
    }
}

/// What the receiver's thread is told once.
struct ReceiverConfiguration: Sendable {
    let options: MQTTOptions
    let subscriptions: [MQTTSubscription]
    let limits: BatchLimits
    let clock: @Sendable () -> Int64
    /// Nil in discard mode.
    let handler: MQTTReceiver.Handler?
    let onStateChange: MQTTReceiver.StateChange
}

/// What the receiver's thread shares with others.
final class ReceiverShared: Sendable {
    let statistics = Guarded(MQTTReceiverStatistics())
    /// Before `start`, the seeds; the thread takes it over.
    let filter = Guarded(RedeliveryFilter())
    let wakeUp = WakeUp()
    private let stopRequested = Atomic(false)

    func requestStop() {
        stopRequested.store(true, ordering: .releasing)
        wakeUp.signal()
    }

    var isStopRequested: Bool { stopRequested.load(ordering: .acquiring) }
}
