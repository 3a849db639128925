import Wire

/// How much slower or faster each segment is than the fleet's mean at that time of day.
///
/// A segment has a factor over all times, and one for each part of the day on top of it; both are drawn towards what is known
/// without them. 104 bytes and its key a segment, ``limit`` segments.
struct SegmentSpeeds: Sendable, Equatable {
    static let defaultLimit = 50_000
    /// Seconds of expected driving that priors weigh as much as: a segment is passed in half a minute.
    private static let weight_s = 45.0
    private static let partWeight_s = 150.0
    private static let limit_s = 3000.0
    private static let partLimit_s = 2000.0
    private static let stride = TimeSlots.partCount + 1

    private(set) var index: BoundedIndex<SegmentKey>
    /// For each segment its ratio over all times, then one for each part.
    private var ratios: [Ratio] = []

    init(limit: Int = defaultLimit) { index = BoundedIndex(limit: limit) }

    var count: Int { index.count }

    /// The factor on the fleet's pace over all times.
    /// - Parameter prior: what a router says, or 1.
    func factor(place: Int?, prior: Double = 1) -> Double {
        guard let place else { return prior }
        return min(20, max(0.05, ratios[place * Self.stride].shrunk(to: prior, weight: Self.weight_s)))
    }

    /// What the part of the day adds to it.
    func partFactor(place: Int?, part: Int) -> Double {
        guard let place else { return 1 }
        return min(8, max(0.125, ratios[place * Self.stride + 1 + part].shrunk(to: 1, weight: Self.partWeight_s)))
    }

    /// The stored ratios of a segment, for an export.
    func ratios(at place: Int) -> ArraySlice<Ratio> {
        ratios[(place * Self.stride)..<((place + 1) * Self.stride)]
    }

    /// - Parameter expected_s: what the fleet's mean pace would have taken.
    mutating func observe(_ key: SegmentKey, part: Int, time_s: Double, expected_s: Double) {
        guard (0..<TimeSlots.partCount).contains(part), time_s > 0, expected_s > 0 else { return }
        let place = open(key)
        // A single passage says no more than a factor of eight: the rest is a pause.
        let time_s = min(max(time_s, expected_s / 8), expected_s * 8)
        let before = factor(place: place)
        ratios[place * Self.stride].observe(measured: time_s, expected: expected_s, limit: Self.limit_s)
        ratios[place * Self.stride + 1 + part].observe(
            measured: time_s, expected: expected_s * before, limit: Self.partLimit_s)
    }

    /// Puts stored values in place, for an import.
    mutating func set(_ key: SegmentKey, _ values: [Ratio]) {
        guard values.count == Self.stride else { return }
        let place = open(key)
        ratios.replaceSubrange((place * Self.stride)..<((place + 1) * Self.stride), with: values)
    }

    private mutating func open(_ key: SegmentKey) -> Int {
        switch index.claim(key) {
        case .known(let place): return place
        case .appended(let place):
            ratios.append(contentsOf: repeatElement(Ratio(), count: Self.stride))
            return place
        case .replaced(let place):
            for i in 0..<Self.stride { ratios[place * Self.stride + i] = Ratio() }
            return place
        }
    }

    func checkInvariants() {
        index.checkInvariants()
        precondition(ratios.count == index.count * Self.stride && ratios.allSatisfy(\.isValid))
    }

    func write(to writer: inout ByteWriter) {
        index.write(to: &writer) { $0.write($1.raw) }
        for place in 0..<count {
            // Most parts of most segments were never seen: a bit for each says which were.
            let values = ratios(at: place)
            var seen: UInt16 = 0
            for (i, value) in values.enumerated() where value != Ratio() { seen |= 1 << UInt16(i) }
            writer.write(seen)
            for value in values where value != Ratio() { writer.write(value) }
        }
    }

    init(from reader: inout ByteReader, limit: Int = defaultLimit) throws(SnapshotError) {
        index = try BoundedIndex(from: &reader, limit: limit) { reader throws(SnapshotError) in
            guard let key = SegmentKey(raw: try reader.integer()) else {
                throw SnapshotError(reason: "a segment is nowhere")
            }
            return key
        }
        for _ in 0..<count {
            let seen: UInt16 = try reader.integer()
            guard seen >> UInt16(Self.stride) == 0 else { throw SnapshotError(reason: "a segment has too many parts") }
            for i in 0..<Self.stride { ratios.append(seen >> UInt16(i) & 1 == 1 ? try reader.ratio() : Ratio()) }
        }
    }
}
