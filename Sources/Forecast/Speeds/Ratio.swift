import Wire

/// A sum of what was measured over a sum of what was expected of it, forgetting slowly: once the expected sum has reached a
/// limit, both shrink as more comes in, so that the newest always has its weight.
struct Ratio: Sendable, Equatable {
    var measured: Float = 0
    var expected: Float = 0

    /// Both must be finite and above 0; anything else is passed over.
    mutating func observe(measured m: Double, expected e: Double, limit: Double) {
        guard m > 0, e > 0, m.isFinite, e.isFinite else { return }
        let sum = Double(expected) + e
        let keep = sum > limit ? max(0, limit - e) / max(Double(expected), 1e-9) : 1
        let scale = min(1, keep)
        measured = Float(Double(measured) * scale + min(m, 1e9))
        expected = Float(Double(expected) * scale + min(e, 1e9))
    }

    /// The ratio drawn towards a prior that weighs as much as `weight` of the expected sum.
    @inline(__always)
    func shrunk(to prior: Double, weight: Double) -> Double {
        (Double(measured) + weight * prior) / (Double(expected) + weight)
    }

    /// Whether both can be reckoned with.
    var isValid: Bool {
        measured.isFinite && expected.isFinite && measured >= 0 && expected >= 0 && measured <= 2e9 && expected <= 2e9
    }
}

extension ByteWriter {
    mutating func write(_ ratio: Ratio) {
        write(ratio.measured)
        write(ratio.expected)
    }
}

extension ByteReader {
    mutating func ratio() throws(SnapshotError) -> Ratio {
        let ratio = Ratio(measured: try float(), expected: try float())
        guard ratio.isValid else { throw SnapshotError(reason: "a learned ratio is out of range") }
        return ratio
    }

    mutating func ratios(_ count: Int) throws(SnapshotError) -> [Ratio] {
        var ratios: [Ratio] = []
        for _ in 0..<count { ratios.append(try ratio()) }
        return ratios
    }

    /// A number in a range; anything else is an error.
    mutating func double(in range: ClosedRange<Double>) throws(SnapshotError) -> Double {
        let value = try double()
        guard range.contains(value) else { throw SnapshotError(reason: "a number is out of range") }
        return value
    }
}
