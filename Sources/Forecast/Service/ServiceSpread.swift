import Glibc
import Wire

/// How measured service times lie around the expected ones: a histogram of their ratio, in steps of a quarter of an octave.
struct ServiceSpread: Sendable, Equatable {
    /// From 1/16 to 16 of what was expected.
    static let count = 33
    private static let limit: Float = 1000
    /// What is taken before anything is seen: about log-normal with a standard deviation of a factor of 1.6.
    private static let prior: [Float] = (0..<count).map { bin in
        let deviations = (Float(bin) - 16) / 2.7
        return 7.4 * exp(-deviations * deviations / 2) / 2.5
    }

    var bins = prior

    mutating func observe(_ ratio: Double) {
        guard ratio > 0, ratio.isFinite else { return }
        let sum = bins.reduce(0, +)
        if sum > Self.limit { for i in bins.indices { bins[i] *= 1 - 1 / Self.limit } }
        bins[Self.bin(ratio)] += 1
    }

    private static func bin(_ ratio: Double) -> Int {
        min(count - 1, max(0, Int((log2(min(64, max(1 / 64, ratio))) * 4).rounded()) + 16))
    }

    /// The seconds that are probably still to come of a service that has run for a time: the median of those that took longer.
    /// - Parameter expected_s: of the whole service, above 0.
    func remaining_s(expected_s: Double, elapsed_s: Double) -> Double {
        guard elapsed_s > 0 else { return expected_s }
        let passed = elapsed_s / expected_s
        var rest: Float = 0
        let first = Self.bin(passed)
        for bin in bins[first...] { rest += bin }
        var half = rest / 2
        for bin in first..<Self.count {
            half -= bins[bin]
            if half <= 0 {
                let ratio = exp2(Double(bin - 16) / 4)
                return max(15, max(ratio, passed * 1.05) * expected_s - elapsed_s)
            }
        }
        return max(15, 0.1 * elapsed_s)
    }

    var isValid: Bool { bins.count == Self.count && bins.allSatisfy { $0 >= 0 && $0 <= 1e6 } }

    init() {}

    func write(to writer: inout ByteWriter) { for bin in bins { writer.write(bin) } }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        bins = []
        for _ in 0..<Self.count { bins.append(try reader.float()) }
        guard isValid else { throw SnapshotError(reason: "a histogram is out of range") }
    }
}
