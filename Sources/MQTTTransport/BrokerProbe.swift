import CMosquitto

/// What a probe found out about a broker.
package struct BrokerProbeResult: Sendable, Equatable {
    package var published = 0
    package var received = 0
    /// Acknowledged by the broker, and not delivered although the session was kept.
    package var missing = 0
    /// What the broker said of itself (MQTT 5).
    package var receiveMaximum = 65_535
    package var maximumQoS = 2
    package var isRetainAvailable = true
    /// The session expiry that the broker imposes instead of the one asked for; nil where it accepted ours, or
    /// (mosquitto 2.0.11 with `persistent_client_expiration`) shortens it without saying so.
    package var imposedSessionExpiry_s: UInt32?
    /// 0 is no limit.
    package var maximumPacket_bytes = 0
    /// `$SYS/broker/version`, where it may be read.
    package var version: String?

    package init() {}
    package var losesMessages: Bool { missing > 0 }
}

/// Measures whether a broker keeps QoS 1 messages for a subscriber that does not keep up: a session subscribes and then
/// reads nothing, another client publishes, and the session reads on and counts.
///
/// mosquitto's defaults keep 1,000 messages and drop the rest without a word. The subscriber allows only a few messages
/// on their way, so that it is the broker's queue that fills.
package struct BrokerProbe: Sendable {
    package enum Stage: Sendable, Equatable {
        case connecting
        case publishing
        case receiving
        case cleaningUp
    }

    private let options: MQTTOptions
    private let count: Int
    private let timeout_ms: Int

    /// As small as the protocol's use allows: what is on its way is not in the queue.
    private static let receiveMaximum: UInt16 = 20
    /// Messages of the publisher without acknowledgement.
    private static let window = 500
    /// With nothing arriving for so long, the rest is lost.
    private static let silence_ms: Int64 = 2_000
    private static let factsTimeout_ms: Int64 = 3_000
    private static let versionWait_ms: Int64 = 500

    /// - Parameters:
    ///   - options: how to reach the broker; client id, session settings and last will are replaced.
    ///   - count: messages; more than what the broker's queue is expected to hold.
    ///   - timeout_ms: bounds the whole.
    package init(options: MQTTOptions, count: Int = 5_000, timeout_ms: Int = 60_000) {
        self.options = options
        self.count = count
        self.timeout_ms = timeout_ms
    }

    /// Blocks until it is done. `progress` is called with the stage and how many messages it has dealt with.
    ///
    /// - Throws: what keeps it from measuring: no connection, no right to use the topic `fleetstream-check/…`, no time.
    package func run(
        progress: (_ stage: Stage, _ done: Int) -> Void = { _, _ in }
    ) throws(MQTTError) -> BrokerProbeResult {
        let deadline = monotonicTime_ms() + Int64(timeout_ms)
        var generator = SystemRandomNumberGenerator()
        let name = "fleetstream-check-" + String(generator.next(), radix: 36)
        let topic = Array("fleetstream-check/\(name.dropFirst(18))/n".utf8)
        var result = BrokerProbeResult()
        progress(.connecting, 0)
        var subscriberOptions = probeOptions(clientID: name, isClean: true)
        subscriberOptions.receiveMaximum = Self.receiveMaximum
        subscriberOptions.sessionExpiry_s = 600
        let subscriber = ProbeEnd(topicFilter: String(decoding: topic, as: UTF8.self))
        try subscriber.connect(subscriberOptions, deadline)
        defer {
            progress(.cleaningUp, 0)
            subscriber.leave()
            cleanUp(clientID: name)
        }
        try subscriber.subscribe(until: deadline)
        readFacts(clientID: name + "-v", into: &result)

        let publisher = ProbeEnd(topicFilter: "")
        var publisherOptions = probeOptions(clientID: name + "-p", isClean: true)
        publisherOptions.sessionExpiry_s = 0
        try publisher.connect(publisherOptions, deadline)
        try publish(on: publisher, topic: topic, deadline) { progress(.publishing, $0) }
        publisher.leave()
        result.published = count

        // Only now the subscriber reads on.
        var newest_ms = monotonicTime_ms()
        while subscriber.receivedCount < count, monotonicTime_ms() - newest_ms < Self.silence_ms {
            let before = subscriber.receivedCount
            try subscriber.turn(timeout_ms: 50)
            if subscriber.receivedCount > before {
                newest_ms = monotonicTime_ms()
                progress(.receiving, subscriber.receivedCount)
            }
            try checkTime(deadline)
        }
        result.received = subscriber.receivedCount
        result.missing = count - subscriber.receivedCount
        return result
    }

    private func probeOptions(clientID: String, isClean: Bool) -> MQTTOptions {
        var options = options
        options.clientID = clientID
        options.cleanStart = isClean
        options.lastWill = nil
        // The subscriber is silent while the messages are published.
        options.keepAlive_s = 300
        return options
    }

    private func publish(
        on publisher: ProbeEnd, topic: [UInt8], _ deadline: Int64, progress: (Int) -> Void
    ) throws(MQTTError) {
        var sent = 0
        while publisher.confirmedCount < count {
            while sent < count, sent - publisher.confirmedCount < Self.window {
                let payload = Array("\(sent)".utf8) + Array(repeating: 0x2E, count: 100)
                try publisher.publish(topic: topic, payload: payload)
                sent += 1
            }
            try publisher.turn(timeout_ms: 50)
            if let refusal = publisher.refusal { throw refusal }
            progress(publisher.confirmedCount)
            try checkTime(deadline)
        }
    }

    private func checkTime(_ deadline: Int64) throws(MQTTError) {
        guard monotonicTime_ms() < deadline else {
            throw MQTTError(.timedOut, "the broker did not finish the probe within \(timeout_ms) ms")
        }
    }

    /// What the broker says of itself to a client that asks for the session expiry of the options, and its version.
    private func readFacts(clientID: String, into result: inout BrokerProbeResult) {
        let end = ProbeEnd(topicFilter: "$SYS/broker/version")
        defer {
            end.leave()
            cleanUp(clientID: clientID)
        }
        let deadline = monotonicTime_ms() + Self.factsTimeout_ms
        do throws(MQTTError) {
            try end.connect(probeOptions(clientID: clientID, isClean: true), deadline)
            if let connection = end.connection, connection.isVersion5 {
                let facts = connection.facts
                result.receiveMaximum = Int(facts.receive_maximum)
                result.maximumQoS = Int(facts.maximum_qos)
                result.isRetainAvailable = facts.retain_available != 0
                result.imposedSessionExpiry_s = facts.has_session_expiry ? facts.session_expiry_s : nil
                result.maximumPacket_bytes = Int(facts.maximum_packet_size)
            }
            try end.subscribe(until: deadline)
            let versionDeadline = min(deadline, monotonicTime_ms() + Self.versionWait_ms)
            while end.lastPayload == nil, monotonicTime_ms() < versionDeadline { try end.turn(timeout_ms: 20) }
        } catch {
            // Not every broker has the topic or lets everybody read it; the probe does not depend on it.
        }
        result.version = end.lastPayload.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Connects once more with an empty session that ends with the connection.
    private func cleanUp(clientID: String) {
        var options = probeOptions(clientID: clientID, isClean: true)
        options.sessionExpiry_s = 0
        let end = ProbeEnd(topicFilter: "")
        // Where it fails, the session expires by itself within ten minutes.
        try? end.connect(options, monotonicTime_ms() + 5_000)
        end.leave()
    }
}

/// One of the probe's connections, on the caller's thread.
private final class ProbeEnd: ConnectionOwner {
    private let topicFilter: String
    private let wakeUp = WakeUp()
    private(set) var connection: Connection?
    private(set) var receivedCount = 0
    private(set) var confirmedCount = 0
    private(set) var lastPayload: [UInt8]?
    private(set) var refusal: MQTTError?
    private var granted: Int32?
    private var seen: Set<[UInt8]> = []

    init(topicFilter: String) {
        self.topicFilter = topicFilter
    }

    func connect(_ options: MQTTOptions, _ deadline: Int64) throws(MQTTError) {
        var options = options
        options.connectTimeout_ms = max(1, min(options.connectTimeout_ms, Int(deadline - monotonicTime_ms())))
        connection = try Connection.establish(
            options: options, attempt: 0, maximumPacket_bytes: 0, owner: self, wakeUp: wakeUp, isCancelled: { false })
    }

    func subscribe(until deadline: Int64) throws(MQTTError) {
        _ = try connection?.subscribe(topicFilter, qos: 1, retainedOnlyIfNew: false)
        while granted == nil {
            try turn(timeout_ms: 20)
            guard monotonicTime_ms() < deadline else {
                throw MQTTError(.timedOut, "the broker did not answer a subscription in time")
            }
        }
        if let granted, granted >= 0x80 {
            throw MQTTError(
                .subscriptionRefused, "the broker does not let this user subscribe to \(topicFilter)",
                isRetriable: false)
        }
    }

    func publish(topic: [UInt8], payload: [UInt8]) throws(MQTTError) {
        switch connection?.publish(topic: topic, payload: payload, qos: 1, isRetained: false) {
        case .queued: break
        case .refused(let error): throw error
        case .notConnected, nil: throw MQTTError(.connectionLost, "the connection was lost during the probe")
        }
    }

    /// Writes, waits at most for `timeout_ms`, reads what is there, and acknowledges it.
    func turn(timeout_ms: Int) throws(MQTTError) {
        guard let connection else { return }
        try connection.write()
        _ = wakeUp.wait(socket: connection.socket, forWriting: connection.wantsWrite, timeout_ms: timeout_ms)
        while try connection.read() {}
        try connection.write()
        try connection.keepAlive()
    }

    func leave() {
        connection?.closeGracefully(within: 500)
        connection = nil
    }

    func received(_ message: ReceivedMessage) {
        let payload = Array(message.payload)
        // A broker may deliver a QoS 1 message twice.
        if seen.insert(payload).inserted { receivedCount += 1 }
        lastPayload = payload
    }

    func confirmed(packetID: UInt16, reason: Int32) {
        confirmedCount += 1
        if reason >= 0x80 { refusal = ConnectionFailure.rejected(reason) }
    }

    func subscriptionAnswered(packetID: UInt16, granted: Int32, reason: String?) {
        self.granted = granted
    }
}
