import Wire

/// What a provider takes: a token bucket that is filled by the time of the log.
///
/// In any sixty seconds at most `rate_per_min` are taken, bursts included: the bucket holds `burst` and is filled with
/// `rate_per_min - burst` a minute. Reckoned in whole numbers, so that it is the same everywhere.
struct SendingBudget: Sendable, Equatable {
    /// A token in the units of the bucket: what flows in within a millisecond is then a whole number.
    private static let token: Int64 = 60_000

    private var level: Int64
    private var filled_ms: Int64?

    init(_ rules: MessageRules) { level = Int64(rules.burst) * Self.token }

    /// Takes what has flowed in until now. A time before the last one changes nothing.
    mutating func fill(_ rules: MessageRules, now_ms: Int64) {
        let capacity = Int64(rules.burst) * Self.token
        let elapsed_ms = max(0, now_ms &- (filled_ms ?? now_ms))
        let inflow = Int64(rules.rate_per_min - rules.burst)
        // Above this the bucket is full whatever was in it; the product stays small.
        let enough_ms = capacity / max(1, inflow) + 1
        level = min(capacity, level + min(elapsed_ms, enough_ms) * inflow)
        filled_ms = max(filled_ms ?? now_ms, now_ms)
    }

    var hasToken: Bool { level >= Self.token }

    mutating func take() { level -= Self.token }

    func write(to writer: inout ByteWriter) {
        writer.write(level)
        writer.write(optional: filled_ms) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        level = try reader.integer()
        guard level >= 0, level <= Int64(MessageRules.Limits.rate_per_min.upperBound) * Self.token else {
            throw SnapshotError(reason: "a budget of messages is out of range")
        }
        filled_ms = try reader.optional { (reader) throws(SnapshotError) in try reader.time_ms() }
    }
}
