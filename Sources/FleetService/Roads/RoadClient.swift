package import FleetCore
import Foundation
import FoundationNetworking
import Locks
package import Wire

/// An answer on its way into the engine: topic and payload of a frame of the kind `FrameKind.roadAnswer`.
package struct RoadArrival: Sendable, Equatable {
    package var topic: [UInt8]
    package var payload: [UInt8]
}

/// Asks the road router, and collects what it says until somebody takes it into the journal.
///
/// From any thread. Nothing here waits: requests run on Foundation's own threads, what they bring is read on a queue of
/// this object. What is decided is decided by ``RoadMachine``.
package final class RoadClient: Sendable {
    private struct State: Sendable {
        var machine: RoadMachine
        var arrivals: [RoadArrival] = []
        /// When a call of `wake` is ordered for, by the steady clock.
        var wake_ms: Int64?
        var isStopped = false
    }

    private let options: RoadOptions
    private let transport: RoadTransport
    private let state: Guarded<State>
    private let timer = DispatchQueue(label: "fleetstream.roads.timer", qos: .utility)
    private let onArrival: @Sendable () -> Void

    /// `onArrival` is called whenever there is something to take, on the thread that brought it, which may be that of `ask`.
    package init(_ options: RoadOptions, onArrival: @escaping @Sendable () -> Void = {}) {
        self.options = options
        self.onArrival = onArrival
        transport = RoadTransport(
            timeout_ms: options.timeout_ms, body_bytes_max: options.response_bytes_max,
            concurrency: options.concurrency)
        state = Guarded(State(machine: RoadMachine(options)))
    }

    deinit { transport.stop() }

    /// Asks; each question gets exactly one answer under its topic, unless `stop` comes first.
    package func ask(_ questions: [RoadQuestion]) {
        let now = Self.now
        step { machine in
            var actions: [RoadMachine.Action] = []
            for question in questions { actions += machine.ask(question, at: now) }
            return actions
        }
    }

    /// What has come since the last call, in the order in which it came.
    package func takeArrivals() -> [RoadArrival] {
        state.withLock { state in
            defer { state.arrivals = [] }
            return state.arrivals
        }
    }

    /// Puts what has come into a batch, so that it is in the journal with it.
    package func drain(into batch: inout MessageBatch, receivedTime_ms: Int64) {
        for arrival in takeArrivals() {
            batch.append(
                kind: .roadAnswer, receivedTime_ms: receivedTime_ms, topic: arrival.topic, payload: arrival.payload)
        }
    }

    /// The figures of this moment.
    package var statistics: RoadStatistics {
        let now = Self.now
        return state.withLock { $0.machine.statistics(at: now) }
    }

    /// Ends requests under way. Nobody is answered any more; a call of `onArrival` that has begun elsewhere may still end.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            state.arrivals = []
        }
        transport.stop()
    }

    // MARK: - Between machine and wire

    private static var now: RoadMachine.Moment {
        RoadMachine.Moment(
            steady_ms: Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000),
            utc_ms: Int64(Date().timeIntervalSince1970 * 1000))
    }

    /// Takes one step of the machine, and does what it says.
    private func step(_ body: @Sendable (inout RoadMachine) -> [RoadMachine.Action]) {
        let (actions, wake_ms) = state.withLock { state -> ([RoadMachine.Action], Int64?) in
            guard !state.isStopped else { return ([], nil) }
            let actions = body(&state.machine)
            for case .reply(let topic, let payload) in actions {
                state.arrivals.append(RoadArrival(topic: topic, payload: payload))
            }
            guard let next_ms = state.machine.nextWake_ms, next_ms < state.wake_ms ?? .max else {
                return (actions, nil)
            }
            state.wake_ms = next_ms
            return (actions, next_ms)
        }
        var hasArrivals = false
        for action in actions {
            switch action {
            case .send(let job, let points): send(job, points)
            case .reply: hasArrivals = true
            }
        }
        if let wake_ms { order(wake_ms) }
        if hasArrivals { onArrival() }
    }

    private func send(_ job: Int, _ points: [RoadPoint]) {
        guard let request = RoadRequest.make(options, points) else {
            return finished(job, .no(RoadFailure(.refused, "\(options.url) is no URL")))
        }
        let (kind, count) = (options.kind, points.count)
        transport.send(request) { [weak self] transfer in
            let outcome = transfer.outcome(kind, points: count, utc_ms: Self.now.utc_ms)
            self?.finished(job, outcome)
        }
    }

    private func finished(_ job: Int, _ outcome: RoadMachine.Outcome) {
        let now = Self.now
        step { $0.finished(job, outcome, at: now) }
    }

    /// Has the machine woken at a time of the steady clock. An earlier order that is still out does no harm.
    private func order(_ wake_ms: Int64) {
        let delay_ms = max(0, wake_ms - Self.now.steady_ms) + 1
        timer.asyncAfter(deadline: .now() + .milliseconds(Int(delay_ms))) { [weak self] in
            guard let self else { return }
            state.withLock { state in
                if state.wake_ms == wake_ms { state.wake_ms = nil }
            }
            let now = Self.now
            step { $0.wake(at: now) }
        }
    }
}

extension RoadTransfer {
    /// What it means.
    func outcome(_ kind: RoadAnswer.Source, points: Int, utc_ms: Int64) -> RoadMachine.Outcome {
        switch self {
        case .response(let response): response.outcome(kind, points: points, utc_ms: utc_ms)
        case .timedOut: .fault(RoadFailure(.timeout, "the router did not answer in time"))
        case .tooLarge: .fault(RoadFailure(.invalid, "the answer is larger than response_kib allows"))
        case .unreachable(let words): .fault(RoadFailure(.refused, words))
        }
    }
}
