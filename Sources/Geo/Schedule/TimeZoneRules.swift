/// The offsets of a time zone from UTC: what a schedule needs to know, supplied from outside because this module reads no files.
package struct TimeZoneRules: Sendable, Equatable {
    /// When the offset changes, milliseconds since 1970 UTC, ascending.
    package let transitions_ms: [Int64]
    /// Offsets in seconds east of UTC: the first before all transitions, and one from each transition on.
    package let offsets_s: [Int32]

    /// The same offset for ever.
    package init(fixedOffset_s: Int32) {
        transitions_ms = []
        offsets_s = [fixedOffset_s]
    }

    /// nil unless the transitions ascend, there is one offset more than transitions, and every offset is within a day.
    package init?(transitions_ms: [Int64], offsets_s: [Int32]) {
        guard offsets_s.count == transitions_ms.count + 1,
            zip(transitions_ms, transitions_ms.dropFirst()).allSatisfy({ $0 < $1 }),
            offsets_s.allSatisfy({ abs($0) < 86_400 })
        else { return nil }
        self.transitions_ms = transitions_ms
        self.offsets_s = offsets_s
    }

    /// From "Z", "UTC", or an offset as in RFC 3339: "+08:00", "-03:30" (up to ±14:00); nil for anything else.
    package init?(fixedOffset name: String) {
        if name == "Z" || name == "UTC" {
            self.init(fixedOffset_s: 0)
            return
        }
        let bytes = Array(name.utf8)
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-")
        else { return nil }
        let digits = [bytes[1], bytes[2], bytes[4], bytes[5]].map { Int32($0) - Int32(UInt8(ascii: "0")) }
        guard digits.allSatisfy({ 0...9 ~= $0 }) else { return nil }
        let hours = digits[0] * 10 + digits[1]
        let minutes = digits[2] * 10 + digits[3]
        guard minutes < 60, hours * 60 + minutes <= 14 * 60 else { return nil }
        let seconds = (hours * 60 + minutes) * 60
        self.init(fixedOffset_s: bytes[0] == UInt8(ascii: "-") ? -seconds : seconds)
    }

    /// Seconds east of UTC at a time. O(log transitions).
    package func offset_s(at time_ms: Int64) -> Int32 {
        offsets_s[transitionCount(upTo: time_ms)]
    }

    /// How many transitions are at or before the time.
    func transitionCount(upTo time_ms: Int64) -> Int {
        var low = 0
        var high = transitions_ms.count
        while low < high {
            let middle = (low + high) / 2
            if transitions_ms[middle] <= time_ms { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
