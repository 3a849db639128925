import Wire

/// What one shard, or all of them together, count of a fleet at one moment. Counts are added and times compared, so that
/// the sum does not depend on how vehicles are spread over shards.
package struct FleetSurvey: Sendable {
    /// When the counting was done: receive time.
    var time_ms = Int64.min
    /// Vehicles whose positions are expected, and come.
    var fresh: Int64 = 0
    /// Vehicles whose positions stay away, which nobody was told yet.
    var candidates: Int64 = 0
    /// Vehicles whose positions stay away, as part of what the fleet as a whole suffers.
    var suppressed: Int64 = 0
    /// When any vehicle was last heard.
    var heard_ms = Int64.min
    /// Ages of the last positions, of the vehicles that sent one lately.
    var ages = AgeHistogram()

    /// Vehicles whose positions ought to come.
    var expected: Int64 { fresh + candidates + suppressed }

    static func += (total: inout FleetSurvey, part: FleetSurvey) {
        total.time_ms = max(total.time_ms, part.time_ms)
        total.fresh += part.fresh
        total.candidates += part.candidates
        total.suppressed += part.suppressed
        total.heard_ms = max(total.heard_ms, part.heard_ms)
        total.ages += part.ages
    }
}

/// How many ages lie in which range. Ranges grow with the age: eight to a doubling, so that a median is at most an eighth
/// below the true one (as in HdrHistogram). Ages up to 1 s are one range.
package struct AgeHistogram: Sendable {
    /// In place, so that counting allocates nothing.
    private var counts = InlineArray<256, Int32>(repeating: 0)
    /// Units of 1/8 s, so that whole eighths begin at 1 s.
    private static let unit_ms: Int64 = 125

    /// The range of an age; what is negative, from a clock that runs ahead, counts as no age at all.
    static func range(ofAge_ms age_ms: Int64) -> UInt8 {
        let units = min(max(age_ms, 0) / unit_ms, Int64(Int32.max))
        guard units >= 8 else { return 0 }
        let exponent = 63 - units.leadingZeroBitCount
        return UInt8((exponent - 3) * 8 + Int(units >> Int64(exponent - 3)) - 7)
    }

    /// The least age of a range, ms.
    static func leastAge_ms(ofRange range: Int) -> Int64 {
        guard range > 0 else { return 0 }
        let octave = (range - 1) / 8
        return Int64(8 + (range - 1) % 8) << Int64(octave) * unit_ms
    }

    mutating func add(range: UInt8) {
        var counts = counts.mutableSpan
        counts[Int(range)] += 1
    }

    var count: Int64 {
        let counts = counts.span
        var sum: Int64 = 0
        for range in 0..<counts.count { sum += Int64(counts[range]) }
        return sum
    }

    /// The range of the median, by its least age; nil where there are none.
    var median_ms: Int64? {
        let half = (count + 1) / 2
        guard half > 0 else { return nil }
        let counts = counts.span
        var sum: Int64 = 0
        for range in 0..<counts.count {
            sum += Int64(counts[range])
            if sum >= half { return Self.leastAge_ms(ofRange: range) }
        }
        return nil
    }

    func write(to writer: inout ByteWriter) {
        for range in counts.indices { writer.write(counts[range]) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        for range in counts.indices {
            counts[range] = try reader.integer()
            guard counts[range] >= 0 else { throw SnapshotError(reason: "a count of a histogram is below zero") }
        }
    }

    init() {}

    static func += (total: inout AgeHistogram, part: AgeHistogram) {
        for range in total.counts.indices {
            let (sum, isTooLarge) = total.counts[range].addingReportingOverflow(part.counts[range])
            total.counts[range] = isTooLarge ? .max : sum
        }
    }
}

/// What the fleet as a whole suffers, as the shards are told with the next survey.
package struct FleetVerdict: Sendable, Equatable {
    /// Losses of single vehicles are not told now.
    var isSuppressing = false
    /// Silence before this moment proves nothing: the feed was away.
    var silenceFrom_ms = Int64.min
}
