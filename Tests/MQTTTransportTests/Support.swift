import BrokerHarness
import Foundation
import Locks
import MQTTTransport
import Wire

/// A message as a handler saw it.
struct Seen: Equatable {
    var topic: String
    var payload: String
    var packetID: UInt16
    var qos: UInt8
    var isRetained: Bool
    var responseTopic: String
    var correlation: [UInt8]
}

extension MessageBatch {
    var kinds: [FrameKind] { (0..<count).map { header(at: $0).kind } }

    var seen: [Seen] {
        (0..<count).compactMap { index in
            let header = header(at: index)
            guard header.kind == .message else { return nil }
            return Seen(
                topic: String(decoding: bytes[header.topic], as: UTF8.self),
                payload: String(decoding: bytes[header.payload], as: UTF8.self), packetID: header.packetID,
                qos: header.qos, isRetained: header.isRetained,
                responseTopic: String(decoding: bytes[header.responseTopic], as: UTF8.self),
                correlation: Array(bytes[header.correlation]))
        }
    }
}

/// What a test's handler commits to instead of a disk, and the states its connection reported.
final class Ledger: Sendable {
    struct Contents {
        var batches: [MessageBatch] = []
        var emptyCalls = 0
        var states: [MQTTConnectionState] = []
    }

    let contents = Guarded(Contents())

    func commit(_ batch: MessageBatch) {
        contents.withLock { if batch.isEmpty { $0.emptyCalls += 1 } else { $0.batches.append(batch) } }
    }

    func note(_ state: MQTTConnectionState) { contents.withLock { $0.states.append(state) } }

    var batches: [MessageBatch] { contents.withLock { $0.batches } }
    var seen: [Seen] { batches.flatMap(\.seen) }
    var payloads: [String] { seen.map(\.payload) }
    var states: [MQTTConnectionState] { contents.withLock { $0.states } }
    var emptyCalls: Int { contents.withLock { $0.emptyCalls } }

    func has(_ state: MQTTConnectionState) -> Bool { states.contains(state) }

    func isSubscribed(times: Int = 1) -> Bool { states.count { $0 == .subscribed } >= times }

    /// The error of the newest disconnection that had one.
    var lastError: MQTTError? {
        for case .disconnected(let error?) in states.reversed() { return error }
        return nil
    }
}

@Sendable func wallClock_ms() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

extension MQTTReceiver {
    /// A receiver whose handler commits everything to `ledger`.
    convenience init(
        _ options: MQTTOptions, _ subscriptions: [MQTTSubscription], ledger: Ledger, limits: BatchLimits = BatchLimits()
    ) {
        self.init(
            options: options, subscriptions: subscriptions, limits: limits, clock: wallClock_ms,
            handler: { batch in
                ledger.commit(batch)
                return .committed
            }, onStateChange: ledger.note)
    }
}

/// Publishes numbered messages to `topic` with the publisher under test's sibling: mosquitto_pub, a line a message.
func publishNumbers(_ range: Range<Int>, topic: String, to broker: MosquittoBroker, qos: Int = 1) throws {
    let directory = try TemporaryDirectory()
    let file = directory.path + "/lines"
    try Data(range.map { "\($0)\n" }.joined().utf8).write(to: URL(fileURLWithPath: file))
    try Tool.run(
        "sh", ["-c", "mosquitto_pub -h 127.0.0.1 -p \(broker.port) -q \(qos) -t '\(topic)' -l < '\(file)'"])
}
