import CMosquitto
import Glibc

/// What happens on a connection, told to whoever owns it, on the thread that called `read` or `write`.
protocol ConnectionOwner: AnyObject {
    /// The broker accepted us.
    func connectionOpened(sessionPresent: Bool)
    /// A message arrived. The pointers are valid during the call. Its acknowledgement is queued at the latest when the
    /// call returns, and leaves with the next `write`.
    func received(_ message: ReceivedMessage)
    /// A published message is acknowledged (QoS 1) or written (QoS 0). `reason`: the MQTT 5 reason code, 0 for success.
    func confirmed(packetID: UInt16, reason: Int32)
    /// The answer to a subscription: the granted QoS, or a reason code from 0x80.
    func subscriptionAnswered(packetID: UInt16, granted: Int32, reason: String?)
}

extension ConnectionOwner {
    func connectionOpened(sessionPresent: Bool) {}
    func received(_ message: ReceivedMessage) {}
    func confirmed(packetID: UInt16, reason: Int32) {}
    func subscriptionAnswered(packetID: UInt16, granted: Int32, reason: String?) {}
}

/// A message in libmosquitto's memory.
struct ReceivedMessage {
    let topic: UnsafeRawBufferPointer
    var payload: UnsafeRawBufferPointer
    let packetID: UInt16
    let qos: UInt8
    let isRetained: Bool
    /// Null where there are none.
    let properties: OpaquePointer?
}

/// One network connection to a broker: a `struct mosquitto` and what we know about it.
///
/// Confined to one thread, which drives it: `read` when the socket is readable, `write` when the owner wants queued
/// packets to leave, `keepAlive` every turn. Nothing is written outside `write`, and that is what holds
/// acknowledgements back. A connection serves once: after an error it is thrown away with everything that was queued.
final class Connection {
    enum Phase {
        case idle
        case opening
        case open
        case closed
    }

    let options: MQTTOptions
    private(set) var phase = Phase.idle
    /// What the broker said of itself when it accepted us.
    private(set) var facts = fs_broker_facts()

    private unowned(unsafe) let owner: any ConnectionOwner
    /// The library's object; only this class's own files touch it.
    let handle: OpaquePointer
    /// Set by callbacks: why the connection ends.
    private var refusal: MQTTError?
    private var disconnectReason: (code: Int32, text: String?)?
    /// What the library logged as errors while connecting: where TLS failures are explained.
    private var libraryComplaint: String?
    /// Counts callbacks: `read` uses it to tell progress from silence.
    private var callbackCount = 0 {
        didSet { direct.noteCallback() }
    }
    private var direct = DirectReader()
    /// The TCP connection stands.
    private(set) var isKnownWritable = false
    /// The topic with a terminating zero, reused.
    private var topicScratch: [CChar] = []

    private static let libraryReady: Bool = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.rawValue

    /// Prepares a connection; `open` starts it. `owner` must live longer.
    ///
    /// - Throws: `.invalidOptions` with what is wrong.
    init(options: MQTTOptions, sendMaximum: UInt16 = 65_535, owner: any ConnectionOwner) throws(MQTTError) {
        _ = Self.libraryReady
        try Self.check(options)
        self.options = options
        self.owner = owner
        let isClean = options.cleanStart || options.clientID.isEmpty
        guard let handle = mosquitto_new(options.clientID.isEmpty ? nil : options.clientID, isClean, nil) else {
            throw MQTTError(.invalidOptions, "libmosquitto refuses the client id", isRetriable: false)
        }
        self.handle = handle
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_threaded_set(handle, true)
        let version = options.protocolVersion == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        mosquitto_int_option(handle, MOSQ_OPT_PROTOCOL_VERSION, Int32(version))
        mosquitto_int_option(handle, MOSQ_OPT_RECEIVE_MAXIMUM, Int32(options.receiveMaximum))
        mosquitto_int_option(handle, MOSQ_OPT_SEND_MAXIMUM, Int32(sendMaximum))
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        try configure()
        setCallbacks(of: handle)
    }

    deinit { mosquitto_destroy(handle) }

    /// The socket, negative where there is none.
    var socket: Int32 { mosquitto_socket(handle) }

    var isVersion5: Bool { options.protocolVersion == .v5 }

    /// Whether packets are queued (or TLS has something of its own to send).
    var wantsWrite: Bool { direct.hasAcknowledgements || mosquitto_want_write(handle) }

    /// Starts connecting. Without TLS this does not wait. With TLS it waits for the TCP connection, so the caller has
    /// tried before that the address answers, and nothing but a name will do: the certificate is checked against it.
    ///
    /// - Parameters:
    ///   - bindAddress: in place of the one in the options.
    ///   - maximumPacket_bytes: larger packets are not to be sent to us (MQTT 5), 0 is no limit.
    func open(host: String, bindAddress: String? = nil, maximumPacket_bytes: Int = 0) throws(MQTTError) {
        var errorNumber: Int32 = 0
        let result = fs_connect(
            handle, host, Int32(options.port), Int32(options.keepAlive_s), bindAddress ?? options.bindAddress,
            isVersion5, options.tls != nil, options.sessionExpiry_s, UInt32(clamping: maximumPacket_bytes), &errorNumber
        )
        phase = .opening
        if result != MOSQ_ERR_SUCCESS.rawValue && result != MOSQ_ERR_CONN_PENDING.rawValue {
            throw failure(result, errorNumber)
        }
        isKnownWritable = options.tls != nil
    }

    /// Reads one packet, or what has arrived of it.
    ///
    /// - Returns: false where nothing more is there now.
    func read() throws(MQTTError) -> Bool {
        let before = callbackCount
        var wouldBlock = false
        var errorNumber: Int32 = 0
        let result = fs_loop_read(handle, &wouldBlock, &errorNumber)
        if result != MOSQ_ERR_SUCCESS.rawValue || socket < 0 { throw failure(result, errorNumber) }
        return !(wouldBlock && callbackCount == before)
    }

    /// Reads the messages that have arrived, while `wantsMore`, and where something else comes first, that. For owners that
    /// read until nothing more is there before they wait for the socket.
    ///
    /// - Returns: false where nothing more is there now.
    func readMessages(while wantsMore: () -> Bool) throws(MQTTError) -> Bool {
        guard options.tls == nil, phase == .open, socket >= 0 else { return try read() }
        let owner = owner
        switch direct.read(
            socket, isVersion5: isVersion5, wantsMore: wantsMore, handle: { owner.received($0) })
        {
        case .progress: return true
        case .drained: return false
        case .library: return try read()
        }
    }

    /// Writes what is queued, as far as the socket takes it: acknowledgements, subscriptions, published messages.
    func write() throws(MQTTError) {
        if direct.isSending { try sendAcknowledgements() }
        guard !direct.isSending else { return }
        try writeLibrary()
        // A packet of the library's may be half written.
        if !mosquitto_want_write(handle) { try sendAcknowledgements() }
    }

    private func sendAcknowledgements() throws(MQTTError) {
        guard direct.hasAcknowledgements, socket >= 0 else { return }
        if !direct.sendAcknowledgements(socket) { throw failure(MOSQ_ERR_ERRNO.rawValue, errno) }
    }

    private func writeLibrary() throws(MQTTError) {
        guard mosquitto_want_write(handle) else { return }
        var errorNumber: Int32 = 0
        let result = fs_loop_write_corked(handle, &errorNumber)
        if result != MOSQ_ERR_SUCCESS.rawValue || (socket < 0 && phase != .closed) {
            throw failure(result, errorNumber)
        }
    }

    /// Notes that the socket was seen writable: the TCP connection stands.
    func noteWritable() { isKnownWritable = true }

    /// Queues a ping when it is time, and notices a broker that no longer answers. Read first: an answer that waits
    /// unread counts as missing.
    func keepAlive() throws(MQTTError) {
        let result = mosquitto_loop_misc(handle)
        if result != MOSQ_ERR_SUCCESS.rawValue || socket < 0 { throw failure(result, 0) }
    }

    /// Queues a subscription and returns its packet id. `retainedOnlyIfNew` (MQTT 5): the broker sends retained
    /// messages only where the subscription did not exist yet.
    func subscribe(_ filter: String, qos: UInt8, retainedOnlyIfNew: Bool) throws(MQTTError) -> UInt16 {
        var packetID: Int32 = 0
        let subscriptionOptions =
            isVersion5 && retainedOnlyIfNew ? Int32(MQTT_SUB_OPT_SEND_RETAIN_NEW.rawValue) : 0
        let result = mosquitto_subscribe_v5(handle, &packetID, filter, Int32(qos), subscriptionOptions, nil)
        switch result {
        case MOSQ_ERR_SUCCESS.rawValue:
            return UInt16(truncatingIfNeeded: packetID)
        case MOSQ_ERR_INVAL.rawValue, MOSQ_ERR_MALFORMED_UTF8.rawValue:
            throw MQTTError(
                .invalidOptions, "\"\(filter)\" is not a valid topic filter",
                advice: "+ stands for a whole level, # only at the end", isRetriable: false)
        default:
            throw failure(result, 0)
        }
    }

    enum PublishOutcome {
        case queued(packetID: UInt16)
        /// This message can never be published as it is.
        case refused(MQTTError)
        case notConnected
    }

    /// Queues a message.
    func publish(
        topic: [UInt8], payload: [UInt8], qos: UInt8, isRetained: Bool, contentType: String? = nil,
        correlation: [UInt8] = [], expiry_s: UInt32? = nil
    ) -> PublishOutcome {
        guard !topic.isEmpty, topic.count <= 65_535, !topic.contains(0) else {
            return .refused(
                MQTTError(.publishRejected, "the topic is empty, too long or holds a zero byte", isRetriable: false))
        }
        guard correlation.count <= 65_535 else {
            return .refused(
                MQTTError(.publishRejected, "the correlation data is longer than 65,535 bytes", isRetriable: false))
        }
        topicScratch.removeAll(keepingCapacity: true)
        for byte in topic { topicScratch.append(CChar(bitPattern: byte)) }
        topicScratch.append(0)
        var packetID: Int32 = 0
        let result = payload.withUnsafeBytes { payload in
            correlation.withUnsafeBytes { correlation in
                fs_publish(
                    handle, &packetID, topicScratch, payload.baseAddress, Int32(clamping: payload.count), Int32(qos),
                    isRetained, isVersion5, contentType, correlation.baseAddress, UInt16(correlation.count),
                    expiry_s != nil, expiry_s ?? 0)
            }
        }
        switch result {
        case MOSQ_ERR_SUCCESS.rawValue:
            return .queued(packetID: UInt16(truncatingIfNeeded: packetID))
        case MOSQ_ERR_NO_CONN.rawValue, MOSQ_ERR_CONN_LOST.rawValue:
            return .notConnected
        default:
            return .refused(ConnectionFailure.publish(result, topic: topic, payloadLength: payload.count))
        }
    }

    /// Says goodbye to the broker and closes: no last will. Everything queued leaves first, acknowledgements too, so
    /// this is only for when all that was received is handled.
    ///
    /// Waits until the broker has closed its side, that is, until it has read everything. Without that, a client that
    /// comes back at once with the same id overtakes its own acknowledgements: the broker drops the old connection with
    /// what it has not read of it. The library closes its socket itself; a second descriptor keeps the connection alive
    /// so long.
    ///
    /// - Returns: false where there was no connection, or the time ran out.
    @discardableResult
    func closeGracefully(within timeout_ms: Int) -> Bool {
        guard phase == .open, socket >= 0 else {
            phase = .closed
            return false
        }
        let deadline = monotonicTime_ms() + Int64(timeout_ms)
        while direct.hasAcknowledgements {
            do throws(MQTTError) { try write() } catch { return false }
            guard direct.hasAcknowledgements else { break }
            guard Self.wait(for: socket, events: Int16(POLLOUT), until: deadline) else { return false }
        }
        phase = .closed
        let second = dup(socket)
        mosquitto_disconnect_v5(handle, 0, nil)
        while socket >= 0 {
            var errorNumber: Int32 = 0
            if fs_loop_write_corked(handle, &errorNumber) != MOSQ_ERR_SUCCESS.rawValue { break }
            guard socket >= 0, Self.wait(for: socket, events: Int16(POLLOUT), until: deadline) else { break }
        }
        guard second >= 0 else { return socket < 0 }
        defer { close(second) }
        guard socket < 0 else { return false }
        shutdown(second, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 65_536)
        while Self.wait(for: second, events: Int16(POLLIN), until: deadline) {
            if recv(second, &rest, rest.count, Int32(MSG_DONTWAIT)) <= 0 { return true }
        }
        return false
    }

    private static func wait(for descriptor: Int32, events: Int16, until deadline_ms: Int64) -> Bool {
        let left = deadline_ms - monotonicTime_ms()
        guard left > 0 else { return false }
        var entry = pollfd(fd: descriptor, events: events, revents: 0)
        return poll(&entry, 1, Int32(clamping: left)) > 0
    }

    /// The error that explains a failed call, and the end of this connection.
    private func failure(_ result: Int32, _ errorNumber: Int32) -> MQTTError {
        let wasOpening = phase == .opening
        phase = .closed
        if let refusal { return refusal }
        if let reason = disconnectReason, reason.code >= 0x80 {
            return ConnectionFailure.disconnected(reason.code, text: reason.text, clientID: options.clientID)
        }
        return ConnectionFailure.network(
            result == MOSQ_ERR_SUCCESS.rawValue ? disconnectReason?.code ?? result : result, errorNumber,
            options: options, wasOpening: wasOpening, complaint: libraryComplaint)
    }
}

// MARK: Called by the callbacks

extension Connection {
    /// CONNACK.
    func handleConnect(reason: Int32, flags: Int32, properties: OpaquePointer?) {
        callbackCount += 1
        guard reason == 0 else {
            refusal = ConnectionFailure.refused(
                reason, isVersion5: isVersion5, text: Self.reasonString(properties), options: options)
            return
        }
        facts = fs_broker_facts_read(properties)
        phase = .open
        // The library formats every debug line for a callback that is set: two a message.
        mosquitto_log_callback_set(handle, nil)
        owner.connectionOpened(sessionPresent: flags & 1 != 0)
    }

    func handleDisconnect(reason: Int32, properties: OpaquePointer?) {
        callbackCount += 1
        disconnectReason = (reason, Self.reasonString(properties))
    }

    func handleMessage(_ message: ReceivedMessage) {
        callbackCount += 1
        owner.received(message)
    }

    func handlePublished(packetID: UInt16, reason: Int32) {
        callbackCount += 1
        owner.confirmed(packetID: packetID, reason: reason)
    }

    func handleSubscribed(packetID: UInt16, granted: Int32, properties: OpaquePointer?) {
        callbackCount += 1
        owner.subscriptionAnswered(packetID: packetID, granted: granted, reason: Self.reasonString(properties))
    }

    func handleComplaint(_ text: String) {
        // The reason comes first, what follows from it later.
        if libraryComplaint == nil { libraryComplaint = text } else { libraryComplaint? += "; " + text }
    }

    private static func reasonString(_ properties: OpaquePointer?) -> String? {
        guard let text = fs_reason_string(properties) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }
}
