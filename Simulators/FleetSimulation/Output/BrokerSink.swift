import Glibc
import MQTTTransport

/// Sends messages to a broker: over a connection for each vehicle, or over shared ones; master data over one of its own.
///
/// A message that its connection does not take yet waits here, in order; the run goes on only while few do.
struct BrokerSink: MessageSink {
    /// Messages that one connection may have under way.
    static let unfinishedMax = 1_000
    /// Messages that may wait here before the run has to, and those that may be under way on all connections together.
    static let waitingMax = 10_000
    static let unfinishedTotalMax = 100_000
    static let connectsPerSecond = 1_000
    /// After reconnects, trackers say again that they are online, at most this often.
    static let announcementInterval_s = 2.0

    private let pool: MQTTClientPool
    private let qos: UInt8
    private let isPerVehicle: Bool
    private let vehicleConnections: Int
    private var waiting: [(connection: Int, message: SimulatedMessage)] = []
    private var isBlocked: [Bool]
    /// Vehicles whose connection is cut on purpose.
    private var isCut: [Bool]
    private var onlineTopics: [[UInt8]] = []
    /// Reconnects that were expected, because connections were cut on purpose, or are announced already.
    private var expectedReconnects: UInt64 = 0
    private var nextAnnouncement_s = 0.0

    init(options: CommandOptions, simulator: FleetSimulator) throws(SimulationError) {
        let base = try Self.transportOptions(options)
        qos = options.qos
        isPerVehicle = options.connections == .perVehicle
        pool = MQTTClientPool(
            limits: ClientPoolLimits(
                maxUnfinishedPerConnection: Self.unfinishedMax, connectsPerSecond: Self.connectsPerSecond))
        // Client ids are this process's own, so that two simulators at one broker do not throw each other out.
        let prefix = "fleetsim-\(getpid())"
        switch options.connections {
        case .perVehicle:
            vehicleConnections = simulator.vehicles.count
            for index in simulator.vehicles.indices {
                let will = simulator.lastWill(of: index)
                onlineTopics.append(will.topic)
                pool.add(
                    clientID: "\(prefix)-\(simulator.vehicles[index].id)", options: base,
                    lastWill: .init(
                        topic: String(decoding: will.topic, as: UTF8.self), payload: will.payload, qos: 1, retain: true)
                )
            }
        case .shared(let count):
            vehicleConnections = count
            for number in 0..<count { pool.add(clientID: "\(prefix)-shared-\(number)", options: base) }
        }
        pool.add(clientID: "\(prefix)-dispatch", options: base)
        isBlocked = [Bool](repeating: false, count: vehicleConnections + 1)
        isCut = [Bool](repeating: false, count: simulator.vehicles.count)
    }

    static func transportOptions(_ options: CommandOptions) throws(SimulationError) -> MQTTOptions {
        var password: String?
        if let file = options.passwordFile {
            let bytes = try ScenarioLibrary.read(file)
            let text = String(decoding: bytes, as: UTF8.self)
            password = String(text.prefix { $0 != "\n" && $0 != "\r\n" })
        }
        let tls = options.caFile.map {
            MQTTOptions.TLS(caFile: $0, certificateFile: options.certificateFile, keyFile: options.keyFile)
        }
        return MQTTOptions(
            host: options.host, port: Int(options.port ?? (tls == nil ? 1_883 : 8_883)), clientID: "fleetsim",
            cleanStart: true, sessionExpiry_s: 0, keepAlive_s: 60, username: options.user, password: password,
            tls: tls)
    }

    // MARK: Sending

    mutating func send(_ message: SimulatedMessage) throws(SimulationError) {
        let connection = connection(of: message)
        if isPerVehicle, qos > 0, message.kind == .lastWill || message.kind == .status {
            guard cutOrMend(message) else { return }
        }
        if !waiting.isEmpty || !publish(message, on: connection) { waiting.append((connection, message)) }
    }

    private func connection(of message: SimulatedMessage) -> Int {
        message.kind.isFromDispatch ? vehicleConnections : message.vehicle % vehicleConnections
    }

    /// The last will is the broker's to publish when the connection breaks, so it is broken; the next status mends it.
    /// Gives whether the message itself is to be sent. (At QoS 0 connections stay, or what follows would be lost.)
    private mutating func cutOrMend(_ message: SimulatedMessage) -> Bool {
        if message.kind == .lastWill {
            isCut[message.vehicle] = true
            pool.goOffline(message.vehicle, graceful: false)
            return false
        }
        if isCut[message.vehicle] {
            isCut[message.vehicle] = false
            expectedReconnects += 1
            pool.goOnline(message.vehicle)
        }
        return true
    }

    private func publish(_ message: SimulatedMessage, on connection: Int) -> Bool {
        pool.publish(
            connection, topic: message.topic, payload: message.payload, qos: qos, isRetained: message.isRetained)
    }

    /// Hands over what waits, as far as connections take it now; each connection keeps its order.
    mutating func pump() {
        announceAgain()
        guard !waiting.isEmpty else { return }
        for index in isBlocked.indices { isBlocked[index] = false }
        var rest: [(connection: Int, message: SimulatedMessage)] = []
        for entry in waiting {
            if isBlocked[entry.connection] || !publish(entry.message, on: entry.connection) {
                isBlocked[entry.connection] = true
                rest.append(entry)
            }
        }
        waiting = rest
    }

    /// A broker that lost a tracker's connection has published its last will: after reconnects, all that are there say so.
    private mutating func announceAgain() {
        guard isPerVehicle, WallClock.steady_s() >= nextAnnouncement_s else { return }
        nextAnnouncement_s = WallClock.steady_s() + Self.announcementInterval_s
        let reconnects = pool.counters.reconnects
        guard reconnects > expectedReconnects else { return }
        expectedReconnects = reconnects
        let payload = SimulatedVehicle.Emission.status(isOnline: true).payload
        for index in onlineTopics.indices where !isCut[index] {
            // Where the connection has too much to do, its reports say as much.
            _ = pool.publish(index, topic: onlineTopics[index], payload: payload, qos: qos, isRetained: true)
        }
    }

    /// Whether the run may go on making messages.
    var hasRoom: Bool {
        waiting.count < Self.waitingMax && pool.counters.unfinished < UInt64(Self.unfinishedTotalMax)
    }

    // MARK: Begin and end

    var connectionCount: Int { vehicleConnections + 1 }
    var connected: Int { pool.counters.connected }

    /// Waits until all connections stand. Fails where the broker cannot be reached or refuses us, or the user gives up.
    func waitForConnections(unless shouldStop: () -> Bool) throws(SimulationError) {
        let timeout_s = 15 + 2 * Double(connectionCount) / Double(Self.connectsPerSecond)
        let end_s = WallClock.steady_s() + timeout_s
        while !pool.waitUntilConnected(connectionCount, timeout_ms: 100) {
            let counters = pool.counters
            let reason = counters.lastError.map { ": \($0)" } ?? ""
            if let error = counters.lastError, !error.isRetriable {
                throw .broker("the broker cannot be used\(reason)")
            }
            guard WallClock.steady_s() < end_s, !shouldStop() else {
                throw .broker("only \(counters.connected) of \(connectionCount) connections stand\(reason)")
            }
        }
    }

    /// Waits until everything is acknowledged, or the time is over.
    mutating func drain(timeout_s: Double) {
        let end_s = WallClock.steady_s() + timeout_s
        while WallClock.steady_s() < end_s {
            pump()
            if waiting.isEmpty, pool.drain(timeout_ms: 50) { return }
            if !waiting.isEmpty { usleep(2_000) }
        }
    }

    func close() {
        pool.close()
    }

    var delivery: DeliveryCounts {
        let counters = pool.counters
        var counts = DeliveryCounts()
        counts.sent = Int(counters.accepted)
        counts.acknowledged = Int(qos > 0 ? counters.acknowledged : counters.delivered)
        counts.failed = Int(counters.failed)
        counts.unsent = waiting.count
        counts.reconnects = Int(counters.reconnects)
        return counts
    }
}
