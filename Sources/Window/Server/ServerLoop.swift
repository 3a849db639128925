import CPlatform
import Glibc

/// The server's thread: everything in here runs on it.
///
/// `@unchecked`: made by one thread and handed to the other before that begins.
final class ServerLoop: @unchecked Sendable {
    private static let listenerMark: UInt64 = 0
    private static let wakeUpMark: UInt64 = 1
    private static let firstSerial: UInt64 = 2
    /// How often the deadlines are looked at while there are connections.
    private static let tick_ms: Int64 = 250
    /// Connections that get a 503 instead of a place, at a time; beyond, they are closed without a word.
    private static let refusalsAtOnce_max = 64
    /// An idle connection gives its place to a new one after so long.
    private static let yieldsAfter_ms: Int64 = 1_000
    private static let accepts_max = 64

    private let listener: ListeningSocket
    unowned let server: WindowServer
    let limits: HTTPLimits
    private let epoll: Int32
    var connections: [UInt64: Connection] = [:]
    private var ofAddress: [PeerAddress: Int] = [:]
    private var refusing = 0
    private var nextSerial = ServerLoop.firstSerial
    /// The system had no descriptors left: nobody is taken in until the next tick.
    private var isPaused = false
    var scratch = [UInt8](repeating: 0, count: 16_384)
    private var lastTick_ms: Int64 = 0
    private var lastFill_ms: Int64 = 0
    var figures = WindowServerFigures()

    init(_ listener: consuming ListeningSocket, _ server: WindowServer) {
        self.listener = listener
        self.server = server
        limits = server.limits
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        if epoll < 0 { fatalError("ServerLoop: the system refuses an epoll (\(String(cString: strerror(errno))))") }
        control(EPOLL_CTL_ADD, self.listener.descriptor, EPOLLIN.rawValue, mark: Self.listenerMark)
        control(EPOLL_CTL_ADD, server.wakeUp.descriptor, EPOLLIN.rawValue, mark: Self.wakeUpMark)
    }

    deinit { Glibc.close(epoll) }

    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while !server.shallStop {
            let isQuiet = connections.isEmpty && !isPaused
            let count = epoll_wait(epoll, &events, Int32(events.count), isQuiet ? -1 : Int32(Self.tick_ms))
            let now_ms = Self.now_ms()
            for index in 0..<max(0, Int(count)) {
                let mark = events[index].data.u64
                switch mark {
                case Self.listenerMark: acceptWaiting(now_ms)
                case Self.wakeUpMark:
                    server.wakeUp.consume()
                    server.content.tick()
                default: if let connection = connections[mark] { handle(connection, events[index].events, now_ms) }
                }
            }
            if now_ms - lastTick_ms >= Self.tick_ms { tick(now_ms) }
            server.publish(figures)
        }
        for connection in connections.values { Glibc.close(connection.descriptor) }
        connections = [:]
        figures.connections = 0
        figures.streams = 0
        server.publish(figures)
    }

    // MARK: - Taking in

    private func acceptWaiting(_ now_ms: Int64) {
        for _ in 0..<Self.accepts_max {
            switch listener.acceptOne() {
            case .none: return
            case .exhausted:
                if !makeRoom(for: nil, now_ms) {
                    isPaused = true
                    control(EPOLL_CTL_MOD, listener.descriptor, 0, mark: Self.listenerMark)
                    return
                }
            case .connection(let descriptor, let peer): take(descriptor, peer, now_ms)
            }
        }
    }

    private func take(_ descriptor: Int32, _ peer: PeerAddress, _ now_ms: Int64) {
        figures.accepted += 1
        var hasPlace = true
        if ofAddress[peer, default: 0] >= limits.connectionsPerAddress_max { hasPlace = makeRoom(for: peer, now_ms) }
        if hasPlace, connections.count - refusing >= limits.connections_max { hasPlace = makeRoom(for: nil, now_ms) }
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var buffer_bytes = limits.sendBuffer_bytes
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, socklen_t(MemoryLayout<Int32>.size))
        let connection = Connection(
            descriptor: descriptor, serial: nextSerial, peer: peer, limits: limits, now_ms: now_ms)
        nextSerial += 1
        guard hasPlace else {
            figures.refusedConnections += 1
            guard refusing < Self.refusalsAtOnce_max else {
                Glibc.close(descriptor)
                return
            }
            refusing += 1
            connection.isRefused = true
            add(connection)
            refuse(connection, HTTPRefusal(.serviceUnavailable, "there are too many connections"), now_ms)
            return
        }
        ofAddress[peer, default: 0] += 1
        add(connection)
    }

    private func add(_ connection: Connection) {
        connections[connection.serial] = connection
        figures.connections = connections.count
        connection.interest = connection.wantedInterest
        control(EPOLL_CTL_ADD, connection.descriptor, connection.interest, mark: connection.serial)
    }

    /// Closes the connection, of an address if one is named, that has been idle for longest; false where there is none.
    private func makeRoom(for peer: PeerAddress?, _ now_ms: Int64) -> Bool {
        let idle = connections.values.filter { connection in
            connection.isIdle && now_ms - connection.since_ms >= Self.yieldsAfter_ms
                && (peer == nil || connection.peer == peer)
        }
        guard let oldest = idle.min(by: { ($0.since_ms, $0.serial) < ($1.since_ms, $1.serial) }) else { return false }
        close(oldest)
        return true
    }

    // MARK: - Time

    private func tick(_ now_ms: Int64) {
        lastTick_ms = now_ms
        if isPaused {
            isPaused = false
            control(EPOLL_CTL_MOD, listener.descriptor, EPOLLIN.rawValue, mark: Self.listenerMark)
        }
        guard !connections.isEmpty else { return }
        server.content.tick()
        let fills = now_ms - lastFill_ms >= limits.streamInterval_ms
        if fills { lastFill_ms = now_ms }
        var streams = 0
        for connection in Array(connections.values) {
            switch connection.overdue(limits, now_ms: now_ms) {
            case .no:
                if connection.isStreaming {
                    streams += 1
                    if fills { feed(connection, now_ms) }
                }
            case .refuse:
                refuse(connection, HTTPRefusal(.requestTimeout, "the request did not come to its end"), now_ms)
            case .close:
                if !connection.output.isEmpty { figures.droppedReaders += 1 }
                close(connection)
            }
        }
        figures.streams = streams
    }

    static func now_ms() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    // MARK: - The system

    func close(_ connection: Connection) {
        guard connections.removeValue(forKey: connection.serial) != nil else { return }
        figures.connections = connections.count
        if connection.isRefused {
            refusing -= 1
        } else {
            let others = ofAddress[connection.peer, default: 1] - 1
            ofAddress[connection.peer] = others > 0 ? others : nil
        }
        // Closing takes it out of the epoll too.
        Glibc.close(connection.descriptor)
    }

    func updateInterest(_ connection: Connection) {
        let wanted = connection.wantedInterest
        guard wanted != connection.interest else { return }
        connection.interest = wanted
        control(EPOLL_CTL_MOD, connection.descriptor, wanted, mark: connection.serial)
    }

    func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, mark: UInt64) {
        var event = epoll_event(events: events, data: epoll_data_t(u64: mark))
        if epoll_ctl(epoll, operation, descriptor, &event) != 0 {
            fatalError("ServerLoop: epoll_ctl: \(String(cString: strerror(errno)))")
        }
    }
}
