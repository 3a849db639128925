package import Forecast

/// How far off forecasts were, by how long before the arrival they were made: for each horizon a histogram of the error of
/// the median, and how many arrived after P90.
///
/// Sums of counts only: whichever way they are added up, they are the same. Takes no memory before the first arrival.
package struct ETAErrors: Sendable, Equatable {
    /// Ends of the horizons in minutes; the last one has none.
    private static let horizonEnds_min: [Int64] = [5, 15, 30, 60]
    /// In minutes before the arrival.
    package static let horizons = ["0-5", "5-15", "15-30", "30-60", "60+"]
    /// Upper ends of the classes of errors, early or late; there is one more class above the last.
    package static let bounds_s: [Int64] = [30, 60, 120, 180, 300, 600, 1200, 1800, 3600]

    /// One horizon's forecasts whose vehicle has arrived.
    package struct Horizon: Sendable, Equatable {
        /// By the class of their error.
        package var counts = [Int64](repeating: 0, count: ETAErrors.bounds_s.count + 1)
        /// All errors together, early or late, in milliseconds.
        package var sum_ms: Int64 = 0
        package var afterP90: Int64 = 0

        package var count: Int64 { counts.reduce(0, +) }
    }

    /// Empty before the first arrival, and then one for each of ``horizons``.
    private var known: [Horizon] = []

    package init() {}

    /// One for each of ``horizons``.
    package var byHorizon: [Horizon] {
        known.isEmpty ? Array(repeating: Horizon(), count: Self.horizons.count) : known
    }

    /// A vehicle arrived for which this was predicted. O(predictions), at most 64.
    package mutating func count(_ predictions: PredictionLog, arrived_ms: Int64) {
        var found = byHorizon
        predictions.visitErrors(ofArrival: arrived_ms) { horizon_ms, error_ms, isAfterP90 in
            let size_ms = Int64(clamping: error_ms.magnitude)
            let place = Self.horizonEnds_min.firstIndex { horizon_ms < $0 * 60_000 } ?? Self.horizonEnds_min.count
            let size = Self.bounds_s.firstIndex { size_ms <= $0 * 1000 } ?? Self.bounds_s.count
            found[place].counts[size] += 1
            found[place].sum_ms = found[place].sum_ms.addingClamped(size_ms)
            if isAfterP90 { found[place].afterP90 += 1 }
        }
        if found != byHorizon { known = found }
    }

    mutating func reset() { known.removeAll() }

    static func += (total: inout ETAErrors, part: ETAErrors) {
        if part.known.isEmpty { return }
        if total.known.isEmpty {
            total = part
            return
        }
        for index in total.known.indices {
            for size in total.known[index].counts.indices {
                total.known[index].counts[size] += part.known[index].counts[size]
            }
            total.known[index].sum_ms = total.known[index].sum_ms.addingClamped(part.known[index].sum_ms)
            total.known[index].afterP90 += part.known[index].afterP90
        }
    }
}
