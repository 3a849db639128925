/// Counts values by size, as Prometheus wants them: for each bound how many were at most that.
package struct Histogram: Sendable, Equatable {
    package let bounds: [Double]
    /// Of each bound alone, and last of what was above all.
    package private(set) var counts: [UInt64]
    package private(set) var sum = 0.0

    /// - Parameter bounds: in rising order.
    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    /// O(bounds). What is no number is not counted.
    package mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }

    package mutating func add(_ other: Histogram) {
        precondition(bounds == other.bounds, "histograms of different bounds do not add up")
        for index in counts.indices { counts[index] += other.counts[index] }
        sum += other.sum
    }

    package var count: UInt64 { counts.reduce(0, +) }
}
