package import Wire

/// The predictions that were made for a stop, one a minute, until the vehicle arrives.
///
/// At most ``limit``: when there are more, every second one goes, and from then on they are kept half as often.
package struct PredictionLog: Sendable, Equatable {
    static let limit = 64

    struct Prediction: Sendable, Equatable {
        var made_ms: Int64
        var p50_ms: Int64
        var raw_ms: Int64
        var p90_ms: Int64
        var uncertain_s: Float
        var hasStopsBefore: Bool
    }

    private(set) var predictions: [Prediction] = []
    private var interval_ms: Int64 = 60_000

    package init() {}

    package var count: Int { predictions.count }

    /// Keeps the forecast if the last one kept is old enough. O(1) amortised.
    package mutating func record(_ forecast: StopForecast, made_ms: Int64) {
        if let last = predictions.last, made_ms &- last.made_ms < interval_ms { return }
        if predictions.count == Self.limit {
            predictions = predictions.indices.filter { $0 % 2 == 0 }.map { predictions[$0] }
            interval_ms = min(interval_ms &* 2, 86_400_000)
        }
        predictions.append(
            Prediction(
                made_ms: made_ms, p50_ms: forecast.p50_ms, raw_ms: forecast.raw_ms, p90_ms: forecast.p90_ms,
                uncertain_s: forecast.uncertain_s, hasStopsBefore: forecast.hasStopsBefore))
    }

    /// Calls `body` for each prediction, oldest first, with how long before the arrival it was made and by how much the median
    /// was off, both in milliseconds: late arrivals have positive errors. Predictions of the same moment or later are none.
    package func visitErrors(
        ofArrival arrived_ms: Int64, _ body: (_ horizon_ms: Int64, _ error_ms: Int64, _ isAfterP90: Bool) -> Void
    ) {
        for prediction in predictions where prediction.made_ms < arrived_ms {
            body(arrived_ms &- prediction.made_ms, arrived_ms &- prediction.p50_ms, arrived_ms > prediction.p90_ms)
        }
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(interval_ms)
        writer.write(UInt32(predictions.count))
        for prediction in predictions {
            writer.write(prediction.made_ms)
            writer.write(prediction.p50_ms)
            writer.write(prediction.raw_ms)
            writer.write(prediction.p90_ms)
            writer.write(prediction.uncertain_s)
            writer.write(prediction.hasStopsBefore)
        }
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        interval_ms = try reader.integer()
        let count = try reader.count()
        guard (60_000...86_400_000).contains(interval_ms), count <= Self.limit else {
            throw SnapshotError(reason: "a log of predictions is out of range")
        }
        for _ in 0..<count {
            predictions.append(
                Prediction(
                    made_ms: try reader.time_ms(), p50_ms: try reader.time_ms(), raw_ms: try reader.time_ms(),
                    p90_ms: try reader.time_ms(), uncertain_s: try reader.float(),
                    hasStopsBefore: try reader.bool()))
        }
    }
}
