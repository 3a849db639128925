import Locks
import Synchronization

/// The publisher's thread: everything in here runs on it.
final class PublisherLoop: ConnectionOwner {
    /// While both have something to send, one retained value goes out for so many messages of the outbox.
    private static let outboxShare = 8
    private static let longestWait_ms = 1_000
    private static let goodbye_ms = 500
    /// The source is asked again at least so often: a forgotten `wake` delays, but loses nothing.
    private static let safetyPoll_ms: Int64 = 5_000

    private enum Flight {
        case outbox(id: Int64, sentTime_ns: Int64)
        case latest(LatestLane.Entry, sequence: UInt64)
    }

    private let options: MQTTOptions
    private let window: Int
    private let source: any OutgoingSource
    private let onStateChange: @Sendable (MQTTConnectionState) -> Void
    private let shared: PublisherShared
    private var backOff: BackOffTimer
    private var generator = SystemRandomNumberGenerator()

    private var outbox = OutboxWindow()
    /// Taken from the source and not sent yet, from `readyHead` on.
    private var ready: [OutgoingMessage] = []
    private var readyHead = 0
    private var sourceHasMore = true
    private var lastPull_ms: Int64 = 0
    /// What is on its way, by packet id.
    private var flights: [UInt16: Flight] = [:]
    private var latestUnconfirmed = 0
    private var latestSequence: UInt64 = 0

    private var newlyConfirmed: [Int64] = []
    private var newlyRejected: [(id: Int64, reason: MQTTError)] = []
    private var delta = MQTTPublisherStatistics()
    private var hadConnection = false

    init(
        options: MQTTOptions, window: Int, source: any OutgoingSource,
        onStateChange: @escaping @Sendable (MQTTConnectionState) -> Void, shared: PublisherShared
    ) {
        self.options = options
        self.window = window
        self.source = source
        self.onStateChange = onStateChange
        self.shared = shared
        backOff = BackOffTimer(options.backOff)
    }

    /// The retained values have a window of their own, so that they can neither fill the outbox's nor be shut out by
    /// it.
    private var latestWindow: Int { min(8_192, max(16, window / 4)) }

    func run() {
        var attempt = 0
        while !shared.isOverdue {
            var failure: MQTTError?
            let start_ms = monotonicTime_ms()
            do throws(MQTTError) {
                try connectAndServe(attempt: attempt)
            } catch {
                failure = error
            }
            settle()
            loseFlights()
            publishStatistics { $0.isConnected = false }
            onStateChange(.disconnected(failure))
            attempt += 1
            guard let failure else { return }
            backOff.noteConnectionEnded(after_ms: monotonicTime_ms() - start_ms)
            wait(backOff.next_ms(after: failure, using: &generator))
        }
    }

    private func wait(_ duration_ms: Int) {
        let deadline = monotonicTime_ms() + Int64(duration_ms)
        while !shared.isOverdue {
            let left = deadline - monotonicTime_ms()
            guard left > 0 else { return }
            _ = shared.wakeUp.wait(
                socket: -1, forWriting: false, timeout_ms: shared.timeToWait_ms(atMost: Int(left)))
        }
    }

    /// One connection. Returns where the publisher is to end, throws where it is to try again.
    private func connectAndServe(attempt: Int) throws(MQTTError) {
        onStateChange(.connecting)
        let established: Connection?
        do throws(MQTTError) {
            established = try Connection.establish(
                options: options, attempt: attempt, maximumPacket_bytes: 0, owner: self, wakeUp: shared.wakeUp,
                isCancelled: { shared.isOverdue })
        } catch {
            delta.failedAttempts += 1
            throw error
        }
        guard let connection = established else { return }
        publishStatistics {
            $0.isConnected = true
            if hadConnection { $0.reconnects += 1 }
        }
        hadConnection = true
        onStateChange(.connected(sessionPresent: false))
        sourceHasMore = true
        try serve(connection)
    }

    private func serve(_ connection: Connection) throws(MQTTError) {
        while true {
            if shared.isOverdue || shared.isStopping && isEverythingConfirmed() {
                shared.isFlushed.store(isEverythingConfirmed(), ordering: .releasing)
                connection.closeGracefully(within: Self.goodbye_ms)
                return
            }
            while try connection.read() {}
            settle()
            try send(on: connection)
            settle()
            try connection.write()
            try connection.keepAlive()
            publishStatistics { _ in }
            let canSend = outbox.unconfirmed < window && (readyHead < ready.count || sourceMayHaveMore())
            guard !canSend || connection.wantsWrite else { continue }
            _ = shared.wakeUp.wait(
                socket: connection.socket, forWriting: connection.wantsWrite,
                timeout_ms: shared.timeToWait_ms(atMost: Self.longestWait_ms))
        }
    }

    private func isEverythingConfirmed() -> Bool {
        flights.isEmpty && readyHead == ready.count && !sourceMayHaveMore() && shared.latest.withLock { $0.isEmpty }
    }

    // MARK: Sending

    /// Whether asking the source makes sense; takes note of `wake`.
    private func sourceMayHaveMore() -> Bool {
        if shared.hasMore.exchange(false, ordering: .acquiringAndReleasing) { sourceHasMore = true }
        return sourceHasMore || monotonicTime_ms() - lastPull_ms > Self.safetyPoll_ms
    }

    /// Fills both windows, the outbox first, but with room for the retained values in between.
    private func send(on connection: Connection) throws(MQTTError) {
        var isOutboxOpen = true
        var isLatestOpen = true
        while isOutboxOpen || isLatestOpen {
            var share = 0
            while isOutboxOpen && share < Self.outboxShare {
                isOutboxOpen = try sendNextOfOutbox(on: connection)
                share += 1
            }
            if isLatestOpen {
                isLatestOpen = try sendLatest(on: connection, limit: isOutboxOpen ? 1 : 256)
            }
        }
    }

    /// Sends one message of the outbox. Returns false where there is none, or no room.
    private func sendNextOfOutbox(on connection: Connection) throws(MQTTError) -> Bool {
        guard outbox.unconfirmed < window else { return false }
        if readyHead == ready.count {
            guard sourceMayHaveMore() else { return false }
            pull()
            guard readyHead < ready.count else { return false }
        }
        let message = ready[readyHead]
        guard outbox.shouldSend(message.id) else {
            readyHead += 1
            return true
        }
        let outcome = connection.publish(
            topic: message.topic, payload: message.payload, qos: 1, isRetained: message.isRetained,
            contentType: message.contentType, correlation: message.correlation, expiry_s: message.expiry_s)
        readyHead += 1
        outbox.noteSent(message.id)
        switch outcome {
        case .queued(let packetID):
            flights[packetID] = .outbox(id: message.id, sentTime_ns: monotonicTime_ns())
            delta.published += 1
        case .refused(let error):
            newlyRejected.append((message.id, error))
        case .notConnected:
            throw MQTTError(.connectionLost, "the connection to \(options.host):\(options.port) is lost")
        }
        return true
    }

    private func pull() {
        let limit = window - outbox.unconfirmed
        ready = source.next(after: outbox.cursor, limit: limit)
        readyHead = 0
        lastPull_ms = monotonicTime_ms()
        sourceHasMore = ready.count >= limit
    }

    /// Sends retained values. Returns false where none wait, or there is no room.
    private func sendLatest(on connection: Connection, limit: Int) throws(MQTTError) -> Bool {
        let room = min(limit, latestWindow - latestUnconfirmed)
        guard room > 0 else { return false }
        let entries = shared.latest.withLock { $0.take(room) }
        for (index, entry) in entries.enumerated() {
            switch connection.publish(topic: entry.topic, payload: entry.payload, qos: 1, isRetained: true) {
            case .queued(let packetID):
                latestSequence += 1
                latestUnconfirmed += 1
                flights[packetID] = .latest(entry, sequence: latestSequence)
                delta.latestPublished += 1
            case .refused:
                delta.latestRejected += 1
            case .notConnected:
                shared.latest.withLock { lane in
                    for entry in entries[index...] { lane.putBack(entry) }
                }
                throw MQTTError(.connectionLost, "the connection to \(options.host):\(options.port) is lost")
            }
        }
        return entries.count == room
    }

    // MARK: What became of it

    func confirmed(packetID: UInt16, reason: Int32) {
        guard let flight = flights.removeValue(forKey: packetID) else { return }
        let isRefused = reason >= 0x80
        switch flight {
        case .outbox(let id, let sentTime_ns):
            if isRefused {
                newlyRejected.append((id, ConnectionFailure.rejected(reason)))
            } else {
                newlyConfirmed.append(id)
                delta.lastRoundTrip_us = (monotonicTime_ns() - sentTime_ns) / 1_000
            }
        case .latest:
            latestUnconfirmed -= 1
            if isRefused { delta.latestRejected += 1 } else { delta.latestConfirmed += 1 }
        }
    }

    /// Tells the owner, once a turn, and moves the window.
    private func settle() {
        if !newlyConfirmed.isEmpty {
            for id in newlyConfirmed { outbox.settle(id) }
            delta.confirmed += UInt64(newlyConfirmed.count)
            source.confirmed(newlyConfirmed)
            newlyConfirmed.removeAll(keepingCapacity: true)
        }
        for (id, reason) in newlyRejected {
            outbox.settle(id)
            delta.rejected += 1
            source.rejected(id, reason: reason)
        }
        newlyRejected.removeAll(keepingCapacity: true)
    }

    /// The connection is gone: what was on its way will be sent again.
    private func loseFlights() {
        var lost: [(LatestLane.Entry, sequence: UInt64)] = []
        for case .latest(let entry, let sequence) in flights.values { lost.append((entry, sequence)) }
        // Newest first: an older value of the same topic is then recognised as such.
        lost.sort { $0.sequence > $1.sequence }
        shared.latest.withLock { lane in
            for (entry, _) in lost { lane.putBack(entry) }
        }
        flights.removeAll(keepingCapacity: true)
        latestUnconfirmed = 0
        outbox.rewind()
        ready.removeAll()
        readyHead = 0
        sourceHasMore = true
    }

    private func publishStatistics(_ change: (inout MQTTPublisherStatistics) -> Void) {
        shared.statistics.withLock { statistics in
            statistics.published += delta.published
            statistics.confirmed += delta.confirmed
            statistics.rejected += delta.rejected
            statistics.latestPublished += delta.latestPublished
            statistics.latestConfirmed += delta.latestConfirmed
            statistics.latestRejected += delta.latestRejected
            statistics.failedAttempts += delta.failedAttempts
            statistics.unconfirmed = flights.count
            if delta.lastRoundTrip_us > 0 { statistics.lastRoundTrip_us = delta.lastRoundTrip_us }
            change(&statistics)
        }
        delta = MQTTPublisherStatistics()
    }
}
