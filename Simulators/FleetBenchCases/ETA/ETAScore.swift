/// How good forecasts were: each is compared with the arrival that came later, by how far ahead it really was.
///
/// Three ways beside each other: the engine, a straight line, and the path at one speed. Predictions wait for their arrival;
/// those for stops that were never reached do not count.
package struct ETAScore {
    /// What was predicted for a stop, three ways.
    package struct Prediction: Sendable {
        package var made_ms: Int64
        package var p50_ms: Int64
        package var p90_ms: Int64
        package var line_ms: Int64
        package var constant_ms: Int64

        package init(made_ms: Int64, p50_ms: Int64, p90_ms: Int64, line_ms: Int64, constant_ms: Int64) {
            self.made_ms = made_ms
            self.p50_ms = p50_ms
            self.p90_ms = p90_ms
            self.line_ms = line_ms
            self.constant_ms = constant_ms
        }
    }

    package enum Way: Int, CaseIterable, Sendable {
        case engine, line, constant

        package var name: String {
            switch self {
            case .engine: "engine"
            case .line: "straight line x 1.3 at 30 km/h"
            case .constant: "path at one fitted speed"
            }
        }
    }

    /// Sums over the predictions of a bucket.
    package struct Sums: Sendable {
        package fileprivate(set) var count = 0
        fileprivate var absolute_s = 0.0
        fileprivate var signed_s = 0.0
        fileprivate var share = 0.0
        fileprivate var shareCount = 0
        fileprivate var near = 0
        fileprivate var beforeP90 = 0

        /// Mean absolute error in seconds.
        package var mae_s: Double { absolute_s / Double(max(1, count)) }
        /// Mean of how much later than predicted the arrivals were; negative where they were earlier.
        package var bias_s: Double { signed_s / Double(max(1, count)) }
        /// Mean of absolute errors over the time that was left, of predictions at least a minute ahead.
        package var mape: Double { share / Double(max(1, shareCount)) }
        /// Share of arrivals from 1 min before to 5 min after the prediction.
        package var nearShare: Double { Double(near) / Double(max(1, count)) }
        /// Share of arrivals at or before the P90.
        package var coverage: Double { Double(beforeP90) / Double(max(1, count)) }
    }

    /// Ends of the buckets in minutes; beyond the last one is one more.
    package static let ends_min: [Double] = [3, 6, 10, 15, 30, 60]
    package static let bucketNames = ["0-3", "3-6", "6-10", "10-15", "15-30", "30-60", "60+", "all"]
    /// Predictions that wait for one stop; further ones are not taken.
    package static let waitingLimit = 10_000

    private var waiting: [[UInt8]: [Prediction]] = [:]
    /// By way, then by bucket, all of them last.
    private var sums = [[Sums]](
        repeating: [Sums](repeating: Sums(), count: bucketNames.count), count: Way.allCases.count)

    package init() {}

    package mutating func predicted(_ stop: [UInt8], _ prediction: Prediction) {
        if waiting[stop, default: []].count < Self.waitingLimit { waiting[stop, default: []].append(prediction) }
    }

    /// The vehicle reached the stop. What is predicted for it afterwards waits for the next time.
    package mutating func arrived(_ stop: [UInt8], at arrived_ms: Int64) {
        for prediction in waiting.removeValue(forKey: stop) ?? [] { add(prediction, arrived_ms: arrived_ms) }
    }

    /// Compares a prediction with the arrival that came; one that was made after it does not count.
    package mutating func add(_ prediction: Prediction, arrived_ms: Int64) {
        guard prediction.made_ms < arrived_ms else { return }
        let horizon_s = Double(arrived_ms - prediction.made_ms) / 1000
        let bucket = Self.ends_min.firstIndex { horizon_s < $0 * 60 } ?? Self.ends_min.count
        for way in Way.allCases {
            let told_ms =
                switch way {
                case .engine: prediction.p50_ms
                case .line: prediction.line_ms
                case .constant: prediction.constant_ms
                }
            let late_s = Double(arrived_ms - told_ms) / 1000
            for place in [bucket, Self.bucketNames.count - 1] {
                sums[way.rawValue][place].add(
                    late_s: late_s, horizon_s: horizon_s, isBeforeP90: arrived_ms <= prediction.p90_ms)
            }
        }
    }

    /// - Parameter bucket: a place in ``bucketNames``.
    package func sums(_ way: Way, bucket: Int) -> Sums { sums[way.rawValue][bucket] }

    /// Whether the engine's mean error is the least in every bucket that has predictions.
    package var isBestEverywhere: Bool {
        Self.bucketNames.indices.allSatisfy { bucket in
            let engine = sums(.engine, bucket: bucket)
            return engine.count == 0
                || [Way.line, .constant].allSatisfy { engine.mae_s < sums($0, bucket: bucket).mae_s }
        }
    }

    /// A table a way, a line a bucket, for people.
    package func table() -> [String] {
        var lines: [String] = []
        for way in Way.allCases {
            lines.append(way.name)
            lines.append(
                "  horizon min       count     MAE s     MAPE %    bias s   -1/+5 min %"
                    + (way == .engine ? "   before P90 %" : ""))
            for bucket in Self.bucketNames.indices {
                let sums = sums(way, bucket: bucket)
                var line = "  " + Self.bucketNames[bucket]
                line += Self.padded(String(sums.count), to: 25 - line.utf8.count)
                for (value, width) in [
                    (sums.mae_s, 10), (sums.mape * 100, 11), (sums.bias_s, 10), (sums.nearShare * 100, 14),
                ] { line += Self.padded(Self.tenths(value), to: width) }
                if way == .engine { line += Self.padded(Self.tenths(sums.coverage * 100), to: 15) }
                lines.append(line)
            }
        }
        return lines
    }

    static func tenths(_ value: Double) -> String { String((value * 10).rounded() / 10) }

    static func padded(_ text: String, to width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.utf8.count)) + text
    }
}

extension ETAScore.Sums {
    fileprivate mutating func add(late_s: Double, horizon_s: Double, isBeforeP90: Bool) {
        count += 1
        absolute_s += abs(late_s)
        signed_s += late_s
        if horizon_s >= 60 {
            share += abs(late_s) / horizon_s
            shareCount += 1
        }
        if late_s >= -60, late_s <= 300 { near += 1 }
        if isBeforeP90 { beforeP90 += 1 }
    }
}

/// What forecasts are measured against.
package enum ETABaseline {
    /// Milliseconds for a distance through the air: 1.3 times as far, at 30 km/h.
    package static func line_ms(straight_m: Double) -> Int64 { Int64(max(0, straight_m) * 1.3 * 120) }

    /// One speed for all paths, fitted to the drives that are over, from start to end with all that is done at stops.
    package struct ConstantSpeed: Sendable {
        private var metres: Double
        private var seconds: Double

        /// 20 km/h, weighing as much as 10 km of driving.
        package init() {
            metres = 10_000
            seconds = 1800
        }

        package mutating func observe(path_m: Double, took_s: Double) {
            guard path_m > 0, took_s > 0, path_m.isFinite, took_s.isFinite else { return }
            metres += path_m
            seconds += took_s
        }

        package func time_ms(path_m: Double) -> Int64 { Int64(max(0, path_m) * seconds / metres * 1000) }
    }
}
