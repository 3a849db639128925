import CMosquitto
import Glibc
import Locks
import Wire

/// The receiver's thread: everything in here runs on it.
final class ReceiverLoop: ConnectionOwner {
    /// A refused subscription is asked for again this often.
    private static let resubscribe_ms: Int64 = 30_000
    /// The longest wait in `poll`: the library counts keep-alive in seconds.
    private static let longestWait_ms = 1_000
    /// How long the goodbye may take.
    private static let goodbye_ms = 500

    private let configuration: ReceiverConfiguration
    private let shared: ReceiverShared
    private var filter: RedeliveryFilter
    private var batch: MessageBatch
    private var backOff: BackOffTimer
    private var generator = SystemRandomNumberGenerator()

    private var isFirstConnection = true
    private var isSessionPresent = false
    private var handlerStopped = false
    private var lastHandlerCall_ms: Int64 = 0
    /// Counted since the statistics were last published.
    private var delta = MQTTReceiverStatistics()
    /// Messages received since the last write, in discard mode.
    private var discarded = 0

    /// Subscriptions asked for and not answered yet, by packet id.
    private var asked: [UInt16: MQTTSubscription] = [:]
    private var refused: [MQTTSubscription] = []
    private var resubscribeTime_ms = Int64.max

    init(_ configuration: ReceiverConfiguration, _ shared: ReceiverShared) {
        self.configuration = configuration
        self.shared = shared
        filter = shared.filter.withLock { $0 }
        shared.filter.withLock { $0 = RedeliveryFilter() }
        let limits = configuration.limits
        batch = MessageBatch(
            reservingBytes: configuration.handler == nil ? 0 : limits.maxBytes + limits.maxBytes / 4,
            frames: configuration.handler == nil ? 0 : limits.maxMessages + 1)
        backOff = BackOffTimer(configuration.options.backOff)
    }

    /// Throws what would make every attempt fail.
    static func check(_ configuration: ReceiverConfiguration) throws(MQTTError) {
        final class NoOwner: ConnectionOwner {}
        let owner = NoOwner()
        _ = try Connection(options: configuration.options, owner: owner)
        for (filter, qos) in configuration.subscriptions {
            guard qos <= 1 else {
                throw MQTTError(
                    .invalidOptions, "the subscription \"\(filter)\" asks for QoS \(qos)",
                    advice: "use QoS 1: at QoS 2 messages are lost in a crash", isRetriable: false)
            }
            if filter.isEmpty || filter.utf8.contains(0)
                || mosquitto_sub_topic_check(filter) != MOSQ_ERR_SUCCESS.rawValue
            {
                throw MQTTError(.invalidOptions, "\"\(filter)\" is not a valid topic filter", isRetriable: false)
            }
        }
    }

    func run() {
        var attempt = 0
        while !shared.isStopRequested && !handlerStopped {
            var failure: MQTTError?
            let start_ms = monotonicTime_ms()
            do throws(MQTTError) {
                try connectAndServe(attempt: attempt)
            } catch {
                failure = error
            }
            publishStatistics { $0.isConnected = false }
            configuration.onStateChange(.disconnected(failure))
            attempt += 1
            guard let failure, !handlerStopped else { break }
            backOff.noteConnectionEnded(after_ms: monotonicTime_ms() - start_ms)
            wait(backOff.next_ms(after: failure, using: &generator))
        }
    }

    private func wait(_ duration_ms: Int) {
        let deadline = monotonicTime_ms() + Int64(duration_ms)
        while !shared.isStopRequested {
            let left = deadline - monotonicTime_ms()
            guard left > 0 else { return }
            _ = shared.wakeUp.wait(socket: -1, forWriting: false, timeout_ms: Int(left))
        }
    }

    /// One connection, from the first packet to its end. Returns where the receiver is to stop, throws where it is to
    /// try again.
    private func connectAndServe(attempt: Int) throws(MQTTError) {
        configuration.onStateChange(.connecting)
        let established: Connection?
        do throws(MQTTError) {
            established = try Connection.establish(
                options: configuration.options, attempt: attempt,
                maximumPacket_bytes: configuration.limits.maxPayload_bytes + 262_144, owner: self,
                wakeUp: shared.wakeUp, isCancelled: { shared.isStopRequested })
        } catch {
            publishStatistics { $0.failedAttempts += 1 }
            throw error
        }
        guard let connection = established else { return }
        configuration.onStateChange(.connected(sessionPresent: isSessionPresent))
        publishStatistics {
            $0.isConnected = true
            if !isFirstConnection { $0.reconnects += 1 }
        }
        let mustSubscribe = isFirstConnection || !isSessionPresent || !refused.isEmpty || !asked.isEmpty
        asked.removeAll()
        refused.removeAll()
        resubscribeTime_ms = .max
        isFirstConnection = false
        if mustSubscribe {
            try subscribe(to: configuration.subscriptions, on: connection)
        } else {
            configuration.onStateChange(.subscribed)
        }
        try serve(connection)
    }

    /// The loop while connected.
    private func serve(_ connection: Connection) throws(MQTTError) {
        lastHandlerCall_ms = monotonicTime_ms()
        while true {
            if shared.isStopRequested {
                connection.closeGracefully(within: Self.goodbye_ms)
                return
            }
            var failure: MQTTError?
            var isDrained = false
            do throws(MQTTError) {
                isDrained = try !fill(from: connection)
            } catch {
                failure = error
            }
            // Also what came before a failure: committed now, it is recognised when it comes again.
            guard handOver() else { return }
            if let failure { throw failure }
            // Nothing that is not committed is in hand: the acknowledgements may leave.
            try connection.write()
            try connection.keepAlive()
            if monotonicTime_ms() >= resubscribeTime_ms {
                resubscribeTime_ms = .max
                let again = refused
                refused.removeAll()
                try subscribe(to: again, on: connection)
            }
            if isDrained {
                _ = shared.wakeUp.wait(
                    socket: connection.socket, forWriting: connection.wantsWrite, timeout_ms: timeToWait_ms())
            }
        }
    }

    private var hasRoom: Bool {
        let limits = configuration.limits
        return batch.count < limits.maxMessages && batch.bytes.count < limits.maxBytes
            && discarded < limits.maxMessages
    }

    /// Reads until nothing more is there or the batch is full. Returns whether more may be there.
    private func fill(from connection: Connection) throws(MQTTError) -> Bool {
        while hasRoom {
            guard try connection.readMessages(while: { hasRoom }) else { return false }
        }
        return true
    }

    /// Calls the handler where there is something for it, or time has passed. Returns false where it said `.stop`.
    private func handOver() -> Bool {
        discarded = 0
        guard let handler = configuration.handler else {
            publishStatistics { _ in }
            return true
        }
        if batch.isEmpty {
            if monotonicTime_ms() - lastHandlerCall_ms < Int64(configuration.limits.idleTick_ms) {
                publishStatistics { _ in }
                return true
            }
        } else {
            delta.batches += 1
        }
        let verdict = handler(&batch)
        lastHandlerCall_ms = monotonicTime_ms()
        batch.removeAll()
        guard verdict == .committed else {
            handlerStopped = true
            return false
        }
        filter.commit()
        publishStatistics { _ in }
        return true
    }

    private func timeToWait_ms() -> Int {
        guard configuration.handler != nil else { return Self.longestWait_ms }
        let untilTick = lastHandlerCall_ms + Int64(configuration.limits.idleTick_ms) - monotonicTime_ms()
        return min(Self.longestWait_ms, max(0, Int(untilTick)))
    }

    private func publishStatistics(_ change: (inout MQTTReceiverStatistics) -> Void) {
        shared.statistics.withLock { statistics in
            statistics.messages += delta.messages
            statistics.bytes += delta.bytes
            statistics.batches += delta.batches
            statistics.redeliveriesDropped += delta.redeliveriesDropped
            statistics.oversizedCut += delta.oversizedCut
            change(&statistics)
        }
        delta = MQTTReceiverStatistics()
    }

    // MARK: Subscriptions

    private func subscribe(to subscriptions: [MQTTSubscription], on connection: Connection) throws(MQTTError) {
        for subscription in subscriptions {
            let packetID = try connection.subscribe(
                subscription.filter, qos: subscription.qos, retainedOnlyIfNew: isSessionPresent)
            asked[packetID] = subscription
        }
        if asked.isEmpty && refused.isEmpty { configuration.onStateChange(.subscribed) }
    }

    func subscriptionAnswered(packetID: UInt16, granted: Int32, reason: String?) {
        guard let subscription = asked.removeValue(forKey: packetID) else { return }
        if granted >= 0x80 || granted < Int32(subscription.qos) {
            let why =
                granted < 0x80
                ? "the broker grants only QoS \(granted)"
                : "the broker refuses it" + (granted > 0x80 ? ": \(ConnectionFailure.name(ofReason: granted))" : "")
            let error = MQTTError(
                .subscriptionRefused,
                "subscription \"\(subscription.filter)\": \(why)\(reason.map { ", \($0)" } ?? "")",
                advice: "check the broker's access rules for this client")
            refused.append(subscription)
            resubscribeTime_ms = monotonicTime_ms() + Self.resubscribe_ms
            configuration.onStateChange(.subscriptionRefused(filter: subscription.filter, error: error))
        }
        if asked.isEmpty && refused.isEmpty { configuration.onStateChange(.subscribed) }
    }

    // MARK: Messages

    func connectionOpened(sessionPresent: Bool) {
        isSessionPresent = sessionPresent
        guard configuration.handler != nil else { return }
        filter.connectionOpened(sessionPresent: sessionPresent)
        batch.append(kind: .resumed, receivedTime_ms: configuration.clock())
    }

    func received(_ message: ReceivedMessage) {
        guard configuration.handler != nil else {
            discarded += 1
            count(message)
            return
        }
        var message = message
        if message.payload.count > configuration.limits.maxPayload_bytes {
            delta.oversizedCut += 1
            message.payload = UnsafeRawBufferPointer(rebasing: message.payload.prefix(BatchLimits.cutTo_bytes))
        }
        if message.packetID != 0 {
            let hash = RedeliveryFilter.hash(topic: message.topic, payload: message.payload)
            if filter.isRedelivery(packetID: message.packetID, hash: hash) {
                delta.redeliveriesDropped += 1
                return
            }
        }
        count(message)
        guard let properties = message.properties else {
            batch.append(
                kind: .message, receivedTime_ms: configuration.clock(), topic: message.topic, payload: message.payload,
                packetID: message.packetID, qos: message.qos, isRetained: message.isRetained)
            return
        }
        append(message, properties)
    }

    /// A message with MQTT 5 properties: the two that answer a request are copied out by the library and freed here.
    private func append(_ message: ReceivedMessage, _ properties: OpaquePointer) {
        var response: UnsafeMutablePointer<CChar>?
        var correlation: UnsafeMutableRawPointer?
        var correlationLength: UInt16 = 0
        fs_request_properties(properties, &response, &correlation, &correlationLength)
        batch.append(
            kind: .message, receivedTime_ms: configuration.clock(), topic: message.topic, payload: message.payload,
            responseTopic: UnsafeRawBufferPointer(start: response, count: response.map { strlen($0) } ?? 0),
            correlation: UnsafeRawBufferPointer(start: correlation, count: Int(correlationLength)),
            packetID: message.packetID, qos: message.qos, isRetained: message.isRetained)
        free(response)
        free(correlation)
    }

    private func count(_ message: ReceivedMessage) {
        delta.messages += 1
        delta.bytes += UInt64(message.topic.count + message.payload.count)
    }
}
