import Glibc
import MQTTTransport

/// A run against a broker: the simulated clock follows the wall clock, and messages go out over real connections.
package struct BrokerRun {
    /// How long the end waits for acknowledgements.
    static let drainTimeout_s = 10.0
    static let progressInterval_s = 5.0
    /// The run looks at the clock this often: so late may a message be.
    static let tick_s = 0.005
    /// A run that has fallen behind (a broker that was away) catches up in steps of this much wall time.
    static let step_s = 0.02

    /// What a run did.
    package struct Result: Sendable {
        package var counts: RunCounts
        package var delivery: DeliveryCounts
        package var wall_s: Double
        /// Every message was acknowledged.
        package var isComplete: Bool {
            delivery.acknowledged == delivery.sent && delivery.failed == 0 && delivery.unsent == 0
        }
    }

    private let prepared: PreparedRun
    private let options: CommandOptions

    package init(_ prepared: PreparedRun) {
        self.prepared = prepared
        options = prepared.options
    }

    /// Runs until the duration is over or `shouldStop` says so, and sees everything acknowledged as far as that can be had.
    package func run(until shouldStop: () -> Bool) throws(SimulationError) -> Result {
        let connections =
            switch options.connections {
            case .perVehicle: prepared.scenario.vehicles + 2
            case .shared(let count): count + 2
            }
        try Self.checkDescriptors(connections: connections)
        var truth = try TruthFile(path: options.truthFile)
        defer { truth.close() }
        var simulator = prepared.makeSimulator(start_ms: Self.start_ms(options, now_ms: WallClock.now_ms()))
        var sink = try BrokerSink(options: options, simulator: simulator)
        defer { sink.close() }
        try sink.waitForConnections(unless: shouldStop)
        let listener = try prepared.scenario.dispatch.map { _ throws(SimulationError) in
            try ProcessorListener(options: options)
        }
        defer { listener?.close() }
        let started_s = WallClock.steady_s()
        try drive(&simulator, into: &sink, hearing: listener, truth: &truth, until: shouldStop)
        sink.drain(timeout_s: Self.drainTimeout_s)
        return Result(
            counts: simulator.counts, delivery: sink.delivery, wall_s: WallClock.steady_s() - started_s)
    }

    /// Fails where this process may not open enough descriptors for so many connections, which take three each.
    package static func checkDescriptors(connections: Int) throws(SimulationError) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        let needed = connections * 3 + 100
        guard UInt64(needed) > UInt64(limit.rlim_max) else { return }
        throw .broker(
            "\(connections) connections need \(needed) file descriptors, and the limit is \(limit.rlim_max): "
                + "raise it (ulimit -n) or share connections (--connections 16)")
    }

    /// The simulated time at which a run starts: now, or so much earlier that a sped-up one ends now.
    package static func start_ms(_ options: CommandOptions, now_ms: Int64) -> Int64 {
        guard options.speedup > 1, let duration_s = options.duration_s else { return now_ms }
        return now_ms - Int64(duration_s * (options.speedup - 1) * 1_000)
    }

    private func drive(
        _ simulator: inout FleetSimulator, into sink: inout BrokerSink, hearing listener: ProcessorListener?,
        truth: inout TruthFile, until shouldStop: () -> Bool
    ) throws(SimulationError) {
        try simulator.begin(into: &sink)
        let started_s = WallClock.steady_s()
        let duration_s = options.duration_s ?? .infinity
        var reached_s = 0.0
        var nextProgress_s = Self.progressInterval_s
        while !shouldStop(), reached_s < duration_s {
            let elapsed_s = WallClock.steady_s() - started_s
            sink.pump()
            for (topic, payload) in listener?.take() ?? [] { simulator.hear(topic: topic, payload: payload) }
            while reached_s < min(elapsed_s, duration_s), sink.hasRoom, !shouldStop() {
                reached_s = min(elapsed_s, duration_s, reached_s + Self.step_s)
                try simulator.advance(to: Int64(reached_s * options.speedup * 1e6), into: &sink)
            }
            try truth.append(simulator.takeTruth())
            if elapsed_s >= nextProgress_s {
                nextProgress_s += Self.progressInterval_s
                reportProgress(elapsed_s: elapsed_s, simulator: simulator, sink: sink)
            }
            if reached_s < duration_s { usleep(UInt32(Self.tick_s * 1e6)) }
        }
        try simulator.finish(into: &sink)
    }

    private func reportProgress(elapsed_s: Double, simulator: FleetSimulator, sink: BrokerSink) {
        guard !options.isQuiet else { return }
        let delivery = sink.delivery
        SimulationCommand.report(
            "\(Int(elapsed_s)) s: \(sink.connected) of \(sink.connectionCount) connected, \(delivery.sent) sent, "
                + "\(delivery.acknowledged) acknowledged, \(delivery.failed) failed, "
                + "\(delivery.reconnects) reconnects, \(simulator.counts.buffered) reports buffered")
    }
}
