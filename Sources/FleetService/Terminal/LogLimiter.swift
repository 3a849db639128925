import Locks

/// Lets one message a second and key through, and counts the others.
final class LogLimiter: Sendable {
    static let interval_ms: Int64 = 1000
    /// More keys at a time than this share one: keys are few by design, and a mistake must not cost memory.
    static let keys_max = 1024

    private struct Entry {
        var written_ms: Int64
        var suppressed: Int
    }

    private let entries = Guarded<[String: Entry]>([:])

    /// How many were held back since the last that was let through; nil if this one is to be held back. A clock that goes
    /// back lets through.
    func admit(_ key: String, at time_ms: Int64) -> Int? {
        entries.withLock { entries in
            var key = key
            if entries[key] == nil, entries.count >= Self.keys_max {
                entries = entries.filter { time_ms - $0.value.written_ms < Self.interval_ms || $0.value.suppressed > 0 }
                if entries.count >= Self.keys_max { key = "" }
            }
            if let entry = entries[key], (0..<Self.interval_ms).contains(time_ms - entry.written_ms) {
                entries[key]?.suppressed += 1
                return nil
            }
            let suppressed = entries[key]?.suppressed ?? 0
            entries[key] = Entry(written_ms: time_ms, suppressed: 0)
            return suppressed
        }
    }
}
