import Wire

/// The middle of the first `count` values, of an even number the mean of the middle two; O(n²) for the few there are.
///
/// `values` are sorted in place, at the start.
func median<let capacity: Int>(_ values: inout InlineArray<capacity, Int32>, count: Int) -> Double {
    for index in 1..<max(count, 1) {
        let value = values[index]
        var place = index
        while place > 0, values[place - 1] > value {
            values[place] = values[place - 1]
            place -= 1
        }
        values[place] = value
    }
    return (Double(values[(count - 1) / 2]) + Double(values[count / 2])) / 2
}

/// The last few readings of a noisy sensor; their median leaves out what sloshes.
struct RecentReadings<let capacity: Int>: Sendable, BitwiseCopyable {
    private var values = InlineArray<capacity, UInt16>(repeating: 0)
    private var next: UInt8 = 0
    private var count: UInt8 = 0

    init() {}

    mutating func add(_ value: UInt16) {
        values[Int(next)] = value
        next = next + 1 == UInt8(capacity) ? 0 : next + 1
        count = min(count + 1, UInt8(capacity))
    }

    /// Nil until there are as many as it holds.
    var median: Double? {
        guard Int(count) == capacity else { return nil }
        var sorted = InlineArray<capacity, Int32>(repeating: 0)
        for index in 0..<capacity { sorted[index] = Int32(values[index]) }
        return FleetCore.median(&sorted, count: capacity)
    }

    func write(to writer: inout ByteWriter) {
        for index in 0..<capacity { writer.write(values[index]) }
        writer.write(next)
        writer.write(count)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        for index in 0..<capacity { values[index] = try reader.integer() }
        next = try reader.integer(upTo: UInt8(capacity) - 1)
        count = try reader.integer(upTo: UInt8(capacity))
    }
}

/// The last sixteen values of something, and how unlike them another is.
///
/// The score is the modified z-score of Iglewicz and Hoaglin, How to Detect and Handle Outliers (ASQC, 1993): 0.6745 (x
/// − median) / MAD, where MAD is the median of the absolute deviations from the median. Both withstand up to half of
/// the values being outliers, so that every value may go into the history, and a new ordinary is learned after eight.
struct RobustHistory: Sendable, BitwiseCopyable {
    static let capacity = 16
    /// With fewer values there is no score.
    static let least = 8

    struct Score {
        var median: Double
        var z: Double
    }

    private var values = InlineArray<16, Int16>(repeating: 0)
    private var next: UInt8 = 0
    private(set) var count: UInt8 = 0

    init() {}

    mutating func add(_ value: Int16) {
        values[Int(next)] = value
        next = (next + 1) % UInt8(Self.capacity)
        count = min(count + 1, UInt8(Self.capacity))
    }

    /// Nil with fewer than `least` values. A median deviation below `leastDeviation` is taken for that.
    func score(_ value: Int16, leastDeviation: Double) -> Score? {
        let count = Int(count)
        guard count >= Self.least else { return nil }
        var sorted = InlineArray<16, Int32>(repeating: 0)
        for index in 0..<count { sorted[index] = Int32(values[index]) }
        let middle = median(&sorted, count: count)
        // Twice the deviations, for the median may lie half-way between two values.
        for index in 0..<count { sorted[index] = Int32(abs(Double(values[index]) - middle) * 2) }
        let deviation = max(median(&sorted, count: count) / 2, leastDeviation)
        return Score(median: middle, z: 0.6745 * (Double(value) - middle) / deviation)
    }

    func write(to writer: inout ByteWriter) {
        for index in 0..<Self.capacity { writer.write(values[index]) }
        writer.write(next)
        writer.write(count)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        for index in 0..<Self.capacity { values[index] = try reader.integer() }
        next = try reader.integer(upTo: UInt8(Self.capacity) - 1)
        count = try reader.integer(upTo: UInt8(Self.capacity))
    }
}
