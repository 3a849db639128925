/// Chooses how long to wait before the next attempt to connect.
///
/// "Full jitter" after Brooker, "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
struct BackOffTimer {
    /// A connection that lasted at least this long counts as a success; a shorter one continues the row of failures, so
    /// that a broker which accepts and at once drops us is not hammered.
    static let stableConnection_ms: Int64 = 5_000
    /// Even the luckiest draw waits this long.
    static let minimum_ms = 10

    private let settings: MQTTOptions.BackOff
    private var failures = 0

    init(_ settings: MQTTOptions.BackOff) {
        self.settings = settings
    }

    mutating func noteConnectionEnded(after_ms duration: Int64) {
        if duration >= Self.stableConnection_ms { failures = 0 }
    }

    /// The wait in milliseconds after one more failure. What only an administrator can mend (`isRetriable` is false)
    /// waits the longer half of the longest time at once.
    mutating func next_ms(after error: MQTTError?, using generator: inout some RandomNumberGenerator) -> Int {
        let ceiling = max(settings.max_ms, Self.minimum_ms)
        if let error, !error.isRetriable {
            return Int.random(in: (ceiling + 1) / 2...ceiling, using: &generator)
        }
        let doubled = settings.initial_ms << min(failures, 20)
        failures += 1
        return Int.random(in: Self.minimum_ms...max(Self.minimum_ms, min(ceiling, doubled)), using: &generator)
    }
}
