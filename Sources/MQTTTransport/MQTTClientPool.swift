import Glibc
import Locks

/// Limits of a pool of connections.
package struct ClientPoolLimits: Sendable, Equatable {
    /// Messages that one connection may have accepted and not finished. Beyond, `publish` says no.
    package var maxUnfinishedPerConnection: Int
    /// New connections (and reconnects) a second, over all.
    package var connectsPerSecond: Int

    package init(maxUnfinishedPerConnection: Int = 100, connectsPerSecond: Int = 1_000) {
        self.maxUnfinishedPerConnection = maxUnfinishedPerConnection
        self.connectsPerSecond = connectsPerSecond
    }
}

/// What a pool has done.
package struct ClientPoolCounters: Sendable, Equatable {
    /// Messages that `publish` accepted.
    package var accepted: UInt64 = 0
    /// Messages handed to the broker: QoS 0 written, QoS 1 acknowledged.
    package var delivered: UInt64 = 0
    /// Of those, the QoS 1 messages that the broker acknowledged.
    package var acknowledged: UInt64 = 0
    /// Messages that came to nothing: QoS 0 while not connected, refused by the broker or not valid.
    package var failed: UInt64 = 0
    package var connected = 0
    package var connections = 0
    package var reconnects: UInt64 = 0
    package var failedAttempts: UInt64 = 0
    package var lastError: MQTTError?
    package init() {}

    /// Accepted, and neither delivered nor failed.
    package var unfinished: UInt64 { accepted - delivered - failed }
}

/// Very many small MQTT clients on one thread: what a fleet of trackers looks like to a broker. For simulators and
/// tests.
///
/// Every client has a connection, a client id and a last will of its own. Publishing is asynchronous: `publish` puts
/// the message into a queue and returns. **Back-pressure**: it returns false where the client has too much unfinished;
/// the caller decides whether to wait, to drop, or to buffer, as a tracker would.
///
/// A client that loses its connection comes back by itself, and libmosquitto repeats what was not acknowledged. QoS 0
/// messages of a client that is not connected are dropped and counted.
package final class MQTTClientPool: Sendable {
    private let shared: ClientPoolShared
    private let thread: WorkerThread

    /// Starts the thread, and raises this process's descriptor limit as far as it may: a client takes three
    /// descriptors.
    package init(limits: ClientPoolLimits = ClientPoolLimits()) {
        DescriptorLimit.raise()
        let shared = ClientPoolShared(limits)
        self.shared = shared
        thread = WorkerThread(name: "mqtt-clients") { ClientPoolLoop(shared).run() }
    }

    /// Adds a client, which connects as soon as the rate limit lets it. Returns its number, counted from 0.
    ///
    /// - Parameters:
    ///   - options: `clientID` and `lastWill` are replaced by the other parameters.
    @discardableResult
    package func add(clientID: String, options: MQTTOptions, lastWill: MQTTOptions.LastWill? = nil) -> Int {
        var options = options
        options.clientID = clientID
        options.lastWill = lastWill
        let number = shared.state.withLock { state in
            state.unfinished.append(0)
            state.counters.connections += 1
            state.commands.append(.add(options))
            return state.unfinished.count - 1
        }
        shared.wakeUp.signal()
        return number
    }

    /// Publishes on client `connection`, at QoS 0 or 1. False where it has too much unfinished: try again later. From
    /// any thread; never blocks.
    package func publish(
        _ connection: Int, topic: [UInt8], payload: [UInt8], qos: UInt8 = 1, isRetained: Bool = false
    ) -> Bool {
        let outcome = shared.state.withLock { state -> (accepted: Bool, mustWake: Bool) in
            guard state.unfinished.indices.contains(connection), !state.isClosing,
                state.unfinished[connection] < shared.limits.maxUnfinishedPerConnection
            else { return (false, false) }
            state.unfinished[connection] += 1
            state.counters.accepted += 1
            state.commands.append(
                .publish(
                    connection, PoolMessage(topic: topic, payload: payload, qos: min(qos, 1), isRetained: isRetained)))
            return (true, state.commands.count == 1)
        }
        if outcome.mustWake { shared.wakeUp.signal() }
        return outcome.accepted
    }

    /// Cuts a client's connection as a dead spot does (`graceful` false: the broker will publish the last will) or with
    /// a goodbye, and keeps it away until `goOnline`. Messages at QoS 1 are kept meanwhile, within the limit.
    package func goOffline(_ connection: Int, graceful: Bool) {
        shared.state.withLock { $0.commands.append(.offline(connection, graceful: graceful)) }
        shared.wakeUp.signal()
    }

    package func goOnline(_ connection: Int) {
        shared.state.withLock { $0.commands.append(.online(connection)) }
        shared.wakeUp.signal()
    }

    /// From any thread.
    package var counters: ClientPoolCounters { shared.state.withLock { $0.counters } }

    /// Waits until everything accepted is delivered or has failed, at most for `timeout_ms`. Returns whether it is.
    package func drain(timeout_ms: Int) -> Bool {
        let deadline = monotonicTime_ms() + Int64(timeout_ms)
        while counters.unfinished > 0 {
            guard monotonicTime_ms() < deadline else { return false }
            usleep(2_000)
        }
        return true
    }

    /// Waits until so many clients are connected. Returns whether they are.
    package func waitUntilConnected(_ count: Int, timeout_ms: Int) -> Bool {
        let deadline = monotonicTime_ms() + Int64(timeout_ms)
        while counters.connected < count {
            guard monotonicTime_ms() < deadline else { return false }
            usleep(5_000)
        }
        return true
    }

    /// Disconnects every client in good order (no last wills) and ends the thread. What is unfinished is given up;
    /// `drain` first. Must be called.
    package func close() {
        shared.state.withLock { $0.isClosing = true }
        shared.wakeUp.signal()
        thread.join()
    }
}

struct PoolMessage: Sendable {
    let topic: [UInt8]
    let payload: [UInt8]
    let qos: UInt8
    let isRetained: Bool
}

/// What the pool's thread shares with others.
final class ClientPoolShared: Sendable {
    enum Command: Sendable {
        case add(MQTTOptions)
        case publish(Int, PoolMessage)
        case offline(Int, graceful: Bool)
        case online(Int)
    }

    struct State {
        var commands: [Command] = []
        /// By client.
        var unfinished: [Int] = []
        var counters = ClientPoolCounters()
        var isClosing = false
    }

    let limits: ClientPoolLimits
    let state = Guarded(State())
    let wakeUp = WakeUp()

    init(_ limits: ClientPoolLimits) {
        self.limits = limits
    }
}
