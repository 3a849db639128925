import CLoadClients
import Foundation
import Locks
import MQTTTransport

/// A subscriber in C that counts and does nothing else: `load_subscribe`, in a process of its own as the processor is.
///
/// The process is this program again with a command of its own, which `BenchCommand` knows.
struct NullSubscriber {
    /// How it acknowledges.
    enum Style: String {
        case plain
        case batched
    }

    /// What it received.
    struct Outcome {
        var count: Int
        var checksum: UInt64
        var first_ns: Int64
        var last_ns: Int64
        /// Of a processor, for all of it.
        var time_s: Double
    }

    static let command = "null-subscriber"

    private let process: ChildProcess
    private let outputFile: String

    /// Starts it and waits until the broker has accepted its subscription.
    init(port: Int, filter: String, qos: Int, style: Style, expected: Int, folder: BenchFolder) throws(BenchError) {
        outputFile = folder.file("null-subscriber-\(style.rawValue)")
        let arguments = [Self.command, "\(port)", filter, "\(qos)", style.rawValue, "\(expected)"]
        process = try startChild("fleetbench", arguments, outputFile: outputFile)
        let process = process
        let outputFile = outputFile
        try waitUntil("the null subscriber has subscribed", seconds: 20) { () throws(BenchError) in
            let output = textFile(outputFile)
            if process.exitStatus != nil, !output.contains("subscribed") {
                throw BenchError("the null subscriber ended: \(output)")
            }
            return output.contains("subscribed")
        }
    }

    /// Waits until it has everything, or nothing comes any more.
    func outcome() throws(BenchError) -> Outcome {
        guard process.wait(timeout_ms: 600_000) == 0 else {
            process.end(signal: SIGKILL, timeout_ms: 2000)
            throw BenchError("the null subscriber failed: \(textFile(outputFile))")
        }
        let words = textFile(outputFile).split(whereSeparator: \.isWhitespace)
        guard words.count == 6, let count = Int(words[1]), let checksum = UInt64(words[2]),
            let first_ns = Int64(words[3]), let last_ns = Int64(words[4]), let time_s = Double(words[5])
        else { throw BenchError("the null subscriber says: \(words.joined(separator: " "))") }
        return Outcome(count: count, checksum: checksum, first_ns: first_ns, last_ns: last_ns, time_s: time_s)
    }

    /// The process itself. Returns its exit code.
    static func run(_ arguments: [String], print: (String) -> Void) -> Int32 {
        guard arguments.count == 5, let port = Int32(arguments[0]), let qos = Int32(arguments[2]),
            let style = Style(rawValue: arguments[3]), let expected = UInt64(arguments[4])
        else { return 2 }
        var result = load_subscriber_result()
        let error = arguments[1].withCString { filter in
            var subscriber = load_subscriber()
            subscriber.port = port
            subscriber.filter = filter
            subscriber.qos = qos
            subscriber.style = style == .plain ? LOAD_PLAIN : LOAD_BATCHED
            subscriber.expected = expected
            subscriber.expected_marks = .max
            subscriber.idle_ms = 15_000
            subscriber.on_subscribed = { _ in
                Swift.print("subscribed")
                fflush(nil)
            }
            return "null-subscriber".withCString { id in
                subscriber.client_id = id
                return load_subscribe(&subscriber, &result)
            }
        }
        let time_s = processorTime_s(getpid())
        print("\(result.count) \(result.checksum) \(result.first_ns) \(result.last_ns) \(time_s)")
        free(result.arrivals)
        return error == 0 ? 0 : 1
    }
}

/// The same on a thread of this process, with the times at which marked messages came.
final class MarkedSubscriber: Sendable {
    struct Outcome: Sendable {
        var count = 0
        var error: Int32 = 0
        /// Number behind the mark and time, in order.
        var arrivals: [(number: Int, time_ns: Int64)] = []
    }

    private let state = Guarded((isSubscribed: false, outcome: Outcome?.none))
    private let thread = Guarded<WorkerThread?>(nil)

    /// Starts it and waits until the broker has accepted its subscription.
    ///
    /// - Parameters:
    ///   - expected: it ends after so many messages,
    ///   - expectedMarks: or so many with the mark,
    ///   - idle_ms: or when nothing has come for so long.
    ///   - id: two with the same one throw each other out.
    init(
        port: Int, filter: String, mark: String, expected: Int, expectedMarks: Int, idle_ms: Int32 = 8_000,
        id: String = "marked-subscriber"
    ) throws(BenchError) {
        let worker = WorkerThread(name: "subscriber") { [self] in
            let outcome = receive(
                port, filter, mark, expected: expected, marks: expectedMarks, idle_ms: idle_ms, id: id)
            state.withLock { $0.outcome = outcome }
        }
        thread.withLock { $0 = worker }
        try waitUntil("the subscriber has subscribed", seconds: 20) { () throws(BenchError) in
            state.withLock { $0.isSubscribed || $0.outcome != nil }
        }
    }

    /// Waits until it has everything, or nothing comes any more.
    func outcome() throws(BenchError) -> Outcome {
        thread.withLock { $0 }?.join()
        guard let outcome = state.withLock({ $0.outcome }), outcome.error == 0 else {
            throw BenchError("the subscriber failed")
        }
        return outcome
    }

    private func receive(
        _ port: Int, _ filter: String, _ mark: String, expected: Int, marks: Int, idle_ms: Int32, id: String
    ) -> Outcome {
        var result = load_subscriber_result()
        var outcome = Outcome()
        outcome.error = filter.withCString { filter in
            mark.withCString { mark in
                id.withCString { id in
                    var subscriber = load_subscriber(
                        port: Int32(port), client_id: id, filter: filter, qos: 1, style: LOAD_BATCHED,
                        expected: UInt64(expected), idle_ms: idle_ms, mark: mark, expected_marks: marks,
                        on_subscribed: nil, context: nil)
                    // Called on this thread while `load_subscribe` runs, which this method waits for.
                    subscriber.context = Unmanaged.passUnretained(self).toOpaque()
                    subscriber.on_subscribed = { context in
                        guard let context else { return }
                        Unmanaged<MarkedSubscriber>.fromOpaque(context).takeUnretainedValue()
                            .state.withLock { $0.isSubscribed = true }
                    }
                    return load_subscribe(&subscriber, &result)
                }
            }
        }
        outcome.count = Int(result.count)
        outcome.arrivals = (0..<result.arrival_count).compactMap { index in
            result.arrivals.map { (Int($0[index].number), $0[index].time_ns) }
        }
        free(result.arrivals)
        return outcome
    }
}
