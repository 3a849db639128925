/// One client of a pool, on the pool's thread. Its connection object is made anew for every connection of the network,
/// and what was not acknowledged is published again on the next one.
final class PoolClient: ConnectionOwner {
    enum State {
        /// Waiting for its turn or for its back-off to pass.
        case waiting(until_ms: Int64)
        case connecting(deadline_ms: Int64)
        case connected
        /// Told to stay away.
        case offline
        /// Its options cannot work.
        case broken
    }

    let number: Int
    let options: MQTTOptions
    var state = State.waiting(until_ms: 0)
    var connection: Connection?
    /// The socket that epoll knows, and what for.
    var registered: (socket: Int32, forWriting: Bool)?
    var backOff: BackOffTimer
    var connectedTime_ms: Int64 = 0
    var attempts = 0
    /// Has something to send or to look after in this turn.
    var isDirty = false

    /// Not handed to the connection yet.
    private var queued: [PoolMessage] = []
    /// Handed over at QoS 1 and not acknowledged, in order of sending.
    private var sent: [(packetID: UInt16, message: PoolMessage)] = []
    /// QoS 0 messages that the library has and has not written.
    private var unwritten = 0

    // What happened since the loop last asked.
    var delivered = 0
    var acknowledged = 0
    var failed = 0
    var hasOpened = false
    var wasConnected = false

    init(number: Int, options: MQTTOptions) {
        self.number = number
        self.options = options
        backOff = BackOffTimer(options.backOff)
    }

    var isConnected: Bool { if case .connected = state { true } else { false } }

    func enqueue(_ message: PoolMessage) {
        if case .broken = state {
            failed += 1
        } else if message.qos == 0 && !isConnected {
            failed += 1
        } else {
            queued.append(message)
        }
    }

    /// Hands over what is queued.
    func send() {
        guard isConnected, let connection, !queued.isEmpty else { return }
        var handedOver = 0
        loop: for message in queued {
            switch connection.publish(
                topic: message.topic, payload: message.payload, qos: message.qos, isRetained: message.isRetained)
            {
            case .queued(let packetID):
                if message.qos > 0 { sent.append((packetID, message)) } else { unwritten += 1 }
            case .refused:
                failed += 1
            case .notConnected:
                break loop
            }
            handedOver += 1
        }
        queued.removeFirst(handedOver)
    }

    /// The connection is gone: what was not acknowledged is sent again, before what came later.
    func loseConnection() {
        connection = nil
        registered = nil
        queued.insert(contentsOf: sent.map(\.message), at: 0)
        sent.removeAll()
        if case .broken = state {
            failed += queued.count
            queued.removeAll()
        }
        let before = queued.count
        queued.removeAll { $0.qos == 0 }
        failed += before - queued.count + unwritten
        unwritten = 0
    }

    func connectionOpened(sessionPresent: Bool) {
        hasOpened = true
    }

    func confirmed(packetID: UInt16, reason: Int32) {
        guard let index = sent.firstIndex(where: { $0.packetID == packetID }) else {
            if unwritten > 0 {
                unwritten -= 1
                delivered += 1
            }
            return
        }
        sent.remove(at: index)
        if reason >= 0x80 {
            failed += 1
        } else {
            delivered += 1
            acknowledged += 1
        }
    }
}
