import Wire

/// A histogram of relative errors from -1 to +3 in steps of 0.04, that forgets what lies some thousand errors back.
struct ErrorHistogram: Sendable, Equatable {
    static let binCount = 100
    private static let least = -1.0
    private static let width = 0.04
    /// The weight of all errors together never exceeds it: older ones fade.
    private static let limit: Float = 1500
    /// Errors that the prior weighs as much as.
    private static let priorWeight = 25.0
    static let priorMedian = 0.0
    static let priorNinety = 0.4

    var bins = [Float](repeating: 0, count: binCount)
    private(set) var sum: Float = 0

    mutating func observe(_ error: Double) {
        guard error.isFinite else { return }
        if sum >= Self.limit {
            let keep = 1 - 1 / Self.limit
            for i in bins.indices { bins[i] *= keep }
            sum *= keep
        }
        let place = (min(3, max(-1, error)) - Self.least) / Self.width
        bins[min(Self.binCount - 1, Int(place))] += 1
        sum += 1
    }

    /// The quantile, interpolated within its bin and drawn towards a prior.
    func quantile(_ share: Double, prior: Double) -> Double {
        guard sum > 0 else { return prior }
        var rest = Double(sum) * share
        var found = Self.least + Self.width * Double(Self.binCount)
        for (i, bin) in bins.enumerated() {
            if Double(bin) >= rest, bin > 0 {
                found = Self.least + Self.width * (Double(i) + rest / Double(bin))
                break
            }
            rest -= Double(bin)
        }
        return (found * Double(sum) + prior * Self.priorWeight) / (Double(sum) + Self.priorWeight)
    }

    init() {}

    /// From stored bins; see ``isValid``.
    init(bins: [Float]) {
        self.bins = bins
        sum = bins.reduce(0, +)
    }

    var isValid: Bool {
        bins.count == Self.binCount && bins.allSatisfy { $0 >= 0 && $0 <= Self.limit + 1 } && sum <= 2 * Self.limit
    }

    func write(to writer: inout ByteWriter) {
        writer.write(sum)
        let seen = bins.indices.filter { bins[$0] != 0 }
        writer.write(UInt8(seen.count))
        for i in seen {
            writer.write(UInt8(i))
            writer.write(bins[i])
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let sum = try reader.float()
        let count: UInt8 = try reader.integer()
        for _ in 0..<count {
            let i: UInt8 = try reader.integer()
            guard Int(i) < Self.binCount else { throw SnapshotError(reason: "a histogram has too many bins") }
            bins[Int(i)] = try reader.float()
        }
        self.sum = sum
        guard isValid, sum >= 0 else { throw SnapshotError(reason: "a histogram of errors is out of range") }
    }
}
