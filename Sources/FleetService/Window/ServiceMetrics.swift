import FleetCore
import Window
import Wire

/// What is measured for `/metrics` alone. Written by the pipeline's thread, a few times a batch.
struct ServiceMetrics: Sendable {
    /// Bounds from a tenth of a millisecond to a minute.
    private static let bounds_s: [Double] = [
        0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
    ]
    /// Reasons are words of this program; should one ever be made of input, the rest is `other`.
    private static let reasons_max = 64

    /// From the receipt of a batch's first message to its commit.
    var lag_s = Histogram(bounds: Self.bounds_s)
    var commit_s = Histogram(bounds: Self.bounds_s)
    var batch_messages = Histogram(bounds: [1, 4, 16, 64, 256, 1024, 4096, 16_384])
    private(set) var rejections: [String: Int64] = [:]
    private(set) var deadLetters: [String: Int64] = [:]
    private(set) var results = MessageResults()
    /// Requests of messages to people, by what they tell.
    private(set) var messageKinds: [String: Int64] = [:]
    /// Of the last batch.
    private(set) var lastLag_s = 0.0
    private(set) var lastCommitted_s = 0.0
    var shards: [ShardLoad] = []

    mutating func committed(lag_s lag: Double, now_s: Double) {
        let lag = max(0, lag)
        lag_s.observe(lag)
        lastLag_s = lag
        lastCommitted_s = now_s
    }

    /// A commit to the disk took so long.
    mutating func stored(took_s: Double) { commit_s.observe(took_s) }

    mutating func worked(messages: Int, _ output: BatchOutput) {
        batch_messages.observe(Double(messages))
        for note in output.deadLetters { Self.count(note.reason, in: &deadLetters) }
        results.add(output)
        let hasRequests = output.counters.events[Int(EventType.smsRequest.rawValue)] > 0
        guard output.counters.rejectedFixes > 0 || hasRequests else { return }
        output.visit { effect, bytes in
            switch effect.type {
            case .vehiclePositionRejected:
                if let reason = Self.word("reason", in: bytes[effect.payload]) { Self.count(reason, in: &rejections) }
            case .smsRequest:
                if let kind = Self.word("kind", in: bytes[effect.payload]) { Self.count(kind, in: &messageKinds) }
            default: break
            }
        }
    }

    private static func count(_ reason: String, in counts: inout [String: Int64]) {
        let key = counts[reason] != nil || counts.count < reasons_max ? reason : "other"
        counts[key, default: 0] += 1
    }

    /// The text of the last member of that name in an event: a word without escapes. Texts of people that hold the name have
    /// their quotation marks escaped.
    private static func word(_ name: String, in payload: ArraySlice<UInt8>) -> String? {
        let mark = Array("\"\(name)\":\"".utf8)
        guard payload.count > mark.count else { return nil }
        for start in stride(from: payload.endIndex - mark.count, through: payload.startIndex, by: -1)
        where payload[start..<(start + mark.count)].elementsEqual(mark) {
            let text = payload[(start + mark.count)...].prefix { $0 != UInt8(ascii: "\"") }
            return String(decoding: text, as: UTF8.self)
        }
        return nil
    }

    /// How far the service is behind: the lag of the last batch, or the time since then where even the ticks, which come
    /// every second, are not worked through.
    func currentLag_s(now_s: Double) -> Double {
        guard lastCommitted_s > 0 else { return 0 }
        return max(lastLag_s, now_s - lastCommitted_s - 2)
    }
}
