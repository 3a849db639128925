import Wire

/// How far forecasts were off, by how far ahead they were made and whether other stops came before: what turns a travel time into
/// a P50 and a P90.
///
/// An error counts as a share of the time ahead (and a minute). For each class a histogram that forgets; its quantiles are drawn towards
/// a prior as long as little was seen. The quantile that is taken for P90 moves a little with every arrival, up after one that came
/// later and down after one that did not, until one in ten comes later (Gibbs and Candès, arXiv:2106.00170).
struct Residuals: Sendable, Equatable {
    /// Ends of the horizon buckets in seconds; the last one has none.
    static let ends_s: [Double] = [180, 360, 600, 900, 1800, 3600]
    static let bucketNames = ["0-3", "3-6", "6-10", "10-15", "15-30", "30-60", "60+"]
    static let bucketCount = 7
    /// The horizon for which a bucket's quantiles stand; between them is interpolated.
    private static let centres_s: [Double] = [90, 270, 480, 750, 1350, 2700, 5400]

    /// Those of forecasts with no stop before, then those with some.
    private(set) var histograms = [ErrorHistogram](repeating: ErrorHistogram(), count: 2 * bucketCount)
    /// The quantile of each histogram that is given as P90.
    private(set) var levels = [Double](repeating: 0.9, count: 2 * bucketCount)
    static let levelRange = 0.75...0.98
    private static let levelStep = 0.002
    /// Quantiles of each histogram, as they stand.
    private var medians: [Double]
    private var nineties: [Double]

    init() {
        medians = histograms.map { $0.quantile(0.5, prior: ErrorHistogram.priorMedian) }
        nineties = histograms.map { $0.quantile(0.9, prior: ErrorHistogram.priorNinety) }
    }

    static func bucket(_ horizon_s: Double) -> Int { ends_s.firstIndex { horizon_s < $0 } ?? bucketCount - 1 }

    /// What an error is a share of.
    @inline(__always)
    static func scale_s(_ horizon_s: Double) -> Double { horizon_s + 60 }

    /// What to add to a forecast for its median, and for the time before which nine of ten arrive. O(1).
    /// - Parameter horizon_s: how much of the time ahead is uncertain, 0 or more.
    @inline(__always)
    func corrections_s(horizon_s: Double, hasStopsBefore: Bool) -> (median: Double, ninety: Double) {
        let base = hasStopsBefore ? Self.bucketCount : 0
        let scale = Self.scale_s(horizon_s)
        var upper = 0
        while upper < Self.bucketCount, Self.centres_s[upper] < horizon_s { upper += 1 }
        if upper == 0 { return (medians[base] * scale, nineties[base] * scale) }
        if upper == Self.bucketCount {
            return (medians[base + upper - 1] * scale, nineties[base + upper - 1] * scale)
        }
        let low = Self.centres_s[upper - 1]
        let t = (horizon_s - low) / (Self.centres_s[upper] - low)
        let i = base + upper
        return (
            (medians[i - 1] + (medians[i] - medians[i - 1]) * t) * scale,
            (nineties[i - 1] + (nineties[i] - nineties[i - 1]) * t) * scale
        )
    }

    /// A forecast that was made `horizon_s` ahead turned out to be late by `error_s` (early if negative).
    /// - Parameter isAfterP90: whether it came later than the P90 that was given; nil where none was.
    mutating func observe(horizon_s: Double, hasStopsBefore: Bool, error_s: Double, isAfterP90: Bool? = nil) {
        guard horizon_s >= 0, horizon_s < 1e7, error_s.isFinite else { return }
        let i = Self.bucket(horizon_s) + (hasStopsBefore ? Self.bucketCount : 0)
        histograms[i].observe(error_s / Self.scale_s(horizon_s))
        if let isAfterP90 {
            let moved = levels[i] + Self.levelStep * (isAfterP90 ? 0.9 : -0.1)
            levels[i] = min(Self.levelRange.upperBound, max(Self.levelRange.lowerBound, moved))
        }
        refresh(i)
    }

    private mutating func refresh(_ i: Int) {
        medians[i] = histograms[i].quantile(0.5, prior: ErrorHistogram.priorMedian)
        nineties[i] = histograms[i].quantile(levels[i], prior: ErrorHistogram.priorNinety)
    }

    /// Nil unless there are as many as there are classes.
    init?(histograms: [ErrorHistogram], levels: [Double]) {
        guard histograms.count == 2 * Self.bucketCount, histograms.allSatisfy(\.isValid),
            levels.count == histograms.count, levels.allSatisfy(Self.levelRange.contains)
        else { return nil }
        self.init()
        self.levels = levels
        self.histograms = histograms
        for i in histograms.indices { refresh(i) }
    }

    func write(to writer: inout ByteWriter) {
        for histogram in histograms { histogram.write(to: &writer) }
        for level in levels { writer.write(level) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        var read: [ErrorHistogram] = []
        for _ in 0..<(2 * Self.bucketCount) { read.append(try ErrorHistogram(from: &reader)) }
        var levels: [Double] = []
        for _ in read { levels.append(try reader.double()) }
        guard let residuals = Residuals(histograms: read, levels: levels) else {
            throw SnapshotError(reason: "a histogram of errors is out of range")
        }
        self = residuals
    }
}
