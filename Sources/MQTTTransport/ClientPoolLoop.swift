import CPlatform
import Glibc
import Locks

/// The pool's thread: everything in here runs on it.
final class ClientPoolLoop {
    /// How often connections that are due are begun, and how often every client is looked after.
    private static let tick_ms: Int64 = 10
    private static let round_ms: Int64 = 1_000
    /// How long all the goodbyes together may take.
    private static let goodbye_ms: Int64 = 5_000
    /// Messages read from one client before the others have their turn.
    private static let readsPerTurn = 256

    private let shared: ClientPoolShared
    private let epoll: Int32
    /// Marks the wake-up among the events; clients are marked with their numbers.
    private static let wakeUpMark = UInt64.max

    private var clients: [PoolClient] = []
    /// Clients whose state is `.waiting`, in no particular order.
    private var waiting: [Int] = []
    /// Clients to be served at the end of this turn, each once.
    private var dirty: [Int] = []
    private var addresses: [String: Result<[String], MQTTError>] = [:]
    private var connectAllowance = 0.0
    private var lastTick_ms: Int64
    private var lastRound_ms: Int64
    private var generator = SystemRandomNumberGenerator()
    private var connected = 0
    private var newReconnects = 0
    private var newFailures = 0
    private var lastError: MQTTError?

    init(_ shared: ClientPoolShared) {
        self.shared = shared
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        if epoll < 0 {
            fatalError("ClientPoolLoop: the system refuses an epoll (\(String(cString: strerror(errno))))")
        }
        lastTick_ms = monotonicTime_ms()
        lastRound_ms = lastTick_ms
        control(EPOLL_CTL_ADD, shared.wakeUp.descriptor, EPOLLIN.rawValue, mark: Self.wakeUpMark)
    }

    deinit { close(epoll) }

    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 1_024)
        while true {
            let (commands, isClosing) = shared.state.withLock { state in
                let commands = state.commands
                state.commands.removeAll(keepingCapacity: true)
                return (commands, state.isClosing)
            }
            for command in commands { apply(command) }
            if isClosing { return closeAll() }
            lookAfter()
            serveDirty()
            let count = epoll_wait(epoll, &events, Int32(events.count), Int32(waiting.isEmpty ? 100 : Self.tick_ms))
            for index in 0..<max(0, Int(count)) {
                let mark = events[index].data.u64
                if mark == Self.wakeUpMark {
                    shared.wakeUp.consume()
                } else {
                    handle(clients[Int(mark)], events[index].events)
                }
            }
            serveDirty()
        }
    }

    // MARK: Commands

    private func apply(_ command: ClientPoolShared.Command) {
        switch command {
        case .add(let options):
            let client = PoolClient(number: clients.count, options: options)
            clients.append(client)
            waiting.append(client.number)
        case .publish(let number, let message):
            clients[number].enqueue(message)
            markDirty(clients[number])
        case .offline(let number, let graceful):
            guard clients.indices.contains(number) else { return }
            let client = clients[number]
            if case .broken = client.state { return }
            if graceful { client.connection?.closeGracefully(within: 100) }
            lose(client, next: .offline)
        case .online(let number):
            guard clients.indices.contains(number), case .offline = clients[number].state else { return }
            clients[number].state = .waiting(until_ms: 0)
            waiting.append(number)
        }
    }

    private func markDirty(_ client: PoolClient) {
        guard !client.isDirty else { return }
        client.isDirty = true
        dirty.append(client.number)
    }

    // MARK: Connecting

    /// What time brings: connections to begin, time-outs, keep-alive.
    private func lookAfter() {
        let now_ms = monotonicTime_ms()
        if now_ms - lastTick_ms >= Self.tick_ms {
            connectAllowance = min(
                Double(shared.limits.connectsPerSecond) / 10 + 1,
                connectAllowance + Double(now_ms - lastTick_ms) * Double(shared.limits.connectsPerSecond) / 1_000)
            lastTick_ms = now_ms
            connectDue(now_ms)
        }
        guard now_ms - lastRound_ms >= Self.round_ms else { return }
        lastRound_ms = now_ms
        for client in clients {
            switch client.state {
            case .connecting(let deadline_ms) where now_ms >= deadline_ms:
                fail(client, MQTTError(.timedOut, "\(client.options.host):\(client.options.port) did not answer"))
            case .connected:
                do throws(MQTTError) {
                    try client.connection?.keepAlive()
                } catch {
                    fail(client, error)
                }
                markDirty(client)
            default: break
            }
        }
    }

    private func connectDue(_ now_ms: Int64) {
        var rest: [Int] = []
        for number in waiting {
            let client = clients[number]
            guard case .waiting(let until_ms) = client.state else { continue }
            if until_ms > now_ms || connectAllowance < 1 {
                rest.append(number)
            } else {
                connectAllowance -= 1
                connect(client, now_ms)
                if case .waiting = client.state { rest.append(number) }
            }
        }
        waiting = rest
    }

    private func connect(_ client: PoolClient, _ now_ms: Int64) {
        client.attempts += 1
        do throws(MQTTError) {
            let connection = try Connection(options: client.options, owner: client)
            client.connection = connection
            client.state = .connecting(deadline_ms: now_ms + Int64(client.options.connectTimeout_ms))
            try connection.open(host: try address(for: client))
            register(client, connection)
        } catch {
            fail(client, error, isInLoopOverWaiting: true)
        }
    }

    /// The numeric address to connect to; looked up once a host. With TLS the name is needed.
    private func address(for client: PoolClient) throws(MQTTError) -> String {
        let host = client.options.host
        guard client.options.tls == nil else { return host }
        if addresses[host] == nil {
            do throws(MQTTError) {
                let found = try HostLookup.addresses(
                    of: host, within: client.options.connectTimeout_ms, wakeUp: shared.wakeUp, isCancelled: { false })
                addresses[host] = .success(found ?? [host])
            } catch {
                throw error
            }
        }
        let found = try addresses[host]?.get() ?? [host]
        return found[client.attempts % found.count]
    }

    private func fail(_ client: PoolClient, _ error: MQTTError, isInLoopOverWaiting: Bool = false) {
        if !client.isConnected { newFailures += 1 }
        lastError = error
        if client.isConnected {
            client.backOff.noteConnectionEnded(after_ms: monotonicTime_ms() - client.connectedTime_ms)
        }
        guard error.code != .invalidOptions else { return lose(client, next: .broken) }
        let wait_ms = client.backOff.next_ms(after: error, using: &generator)
        lose(client, next: .waiting(until_ms: monotonicTime_ms() + Int64(wait_ms)))
        if !isInLoopOverWaiting { waiting.append(client.number) }
    }

    private func lose(_ client: PoolClient, next: PoolClient.State) {
        if client.isConnected { connected -= 1 }
        if let registered = client.registered, client.connection?.socket == registered.socket {
            control(EPOLL_CTL_DEL, registered.socket, 0, mark: 0)
        }
        client.state = next
        client.loseConnection()
        markDirty(client)
    }

    // MARK: Serving

    private func handle(_ client: PoolClient, _ events: UInt32) {
        guard let connection = client.connection else { return }
        let hasFailed = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        markDirty(client)
        do throws(MQTTError) {
            if hasFailed || events & EPOLLOUT.rawValue != 0 {
                connection.noteWritable()
                try connection.write()
            }
            guard connection.isKnownWritable, hasFailed || events & EPOLLIN.rawValue != 0 else { return }
            var reads = 0
            while reads < Self.readsPerTurn, try connection.read() { reads += 1 }
        } catch {
            fail(client, error)
        }
        if client.hasOpened {
            client.hasOpened = false
            if case .connecting = client.state {
                client.state = .connected
                client.connectedTime_ms = monotonicTime_ms()
                connected += 1
                if client.wasConnected { newReconnects += 1 }
                client.wasConnected = true
            }
        }
    }

    /// Sends what clients have, updates what epoll watches, and tells the callers what became of their messages.
    private func serveDirty() {
        var index = 0
        while index < dirty.count {
            let client = clients[dirty[index]]
            index += 1
            guard let connection = client.connection, client.isConnected else { continue }
            client.send()
            do throws(MQTTError) {
                try connection.write()
                register(client, connection)
            } catch {
                // It is marked already, and stays in the list for its counters.
                fail(client, error)
            }
        }
        for number in dirty {
            if let connection = clients[number].connection { register(clients[number], connection) }
        }
        publishCounters()
        for number in dirty { clients[number].isDirty = false }
        dirty.removeAll(keepingCapacity: true)
    }

    private func publishCounters() {
        shared.state.withLock { state in
            for number in dirty {
                let client = clients[number]
                state.unfinished[number] -= client.delivered + client.failed
                state.counters.delivered += UInt64(client.delivered)
                state.counters.acknowledged += UInt64(client.acknowledged)
                state.counters.failed += UInt64(client.failed)
                client.delivered = 0
                client.acknowledged = 0
                client.failed = 0
            }
            state.counters.connected = connected
            state.counters.reconnects += UInt64(newReconnects)
            state.counters.failedAttempts += UInt64(newFailures)
            if let lastError { state.counters.lastError = lastError }
        }
        newReconnects = 0
        newFailures = 0
        lastError = nil
    }

    /// Makes epoll watch the client's socket for what it waits for.
    private func register(_ client: PoolClient, _ connection: Connection) {
        let socket = connection.socket
        guard socket >= 0 else { return }
        let forWriting = connection.wantsWrite
        if let registered = client.registered, registered.socket == socket, registered.forWriting == forWriting {
            return
        }
        let events = EPOLLIN.rawValue | (forWriting ? EPOLLOUT.rawValue : 0)
        control(
            client.registered?.socket == socket ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, events,
            mark: UInt64(client.number))
        client.registered = (socket, forWriting)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32, mark: UInt64) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = mark
        _ = epoll_ctl(epoll, operation, descriptor, &event)
    }

    private func closeAll() {
        let deadline = monotonicTime_ms() + Self.goodbye_ms
        for client in clients {
            let left = deadline - monotonicTime_ms()
            client.connection?.closeGracefully(within: Int(max(0, min(200, left))))
            client.connection = nil
        }
        shared.state.withLock { $0.counters.connected = 0 }
    }
}
