package import FleetCore

/// Scores what the desks of an engine noted: every forecast is compared with the arrival that came after it.
///
/// An arrival may be corrected by late data: it counts some hours later, as it is known then. What the baselines are fitted to is what
/// was known at the time.
package struct ETAJudge {
    /// Arrivals are not corrected any more after so long: the window for late data is half an hour.
    private static let settled_ms: Int64 = 2 * 3_600_000
    private static let day_ms: Int64 = 86_400_000

    private struct Waiting {
        var prediction: ETAScore.Prediction
        var path_m: Double
        var isUnderWay: Bool
    }

    private struct Stop {
        var waiting: [Waiting] = []
        /// The times of the visits so far, as they are known.
        var arrivals_ms: [Int64] = []
    }

    private var stops: [[UInt8]: Stop] = [:]
    private var speed = ETABaseline.ConstantSpeed()
    private var first_ms: Int64?

    /// Of vehicles on their way.
    package private(set) var underWay = ETAScore()
    /// Of vehicles that had not set out yet.
    package private(set) var before = ETAScore()
    /// Of vehicles on their way, by the day (of 24 hours from the first forecast on).
    package private(set) var days: [ETAScore] = []
    /// Forecasts that were made, whether the vehicle came or not.
    package private(set) var forecasts = 0
    package private(set) var checksum: UInt64 = 0

    package init() {}

    package mutating func take(_ notes: [ForecastNote]) {
        for note in notes {
            switch note {
            case .forecast(let expected): take(expected)
            case .arrival(let arrived): take(arrived)
            }
        }
    }

    private static func key(_ fleet: [UInt8], _ stop: [UInt8]) -> [UInt8] { fleet + [0] + stop }

    private mutating func take(_ expected: ForecastNote.Expected) {
        forecasts += 1
        let made_ms = expected.made_ms
        first_ms = first_ms ?? made_ms
        let path_m = expected.path_m ?? expected.straight_m
        let prediction = ETAScore.Prediction(
            made_ms: made_ms, p50_ms: expected.p50_ms, p90_ms: expected.p90_ms,
            line_ms: made_ms + ETABaseline.line_ms(straight_m: expected.straight_m),
            constant_ms: made_ms + speed.time_ms(path_m: path_m))
        let key = Self.key(expected.fleet, expected.stop)
        stops[key, default: Stop()].waiting.append(
            Waiting(prediction: prediction, path_m: path_m, isUnderWay: expected.isUnderWay))
    }

    private mutating func take(_ arrived: ForecastNote.Arrived) {
        let key = Self.key(arrived.fleet, arrived.stop)
        guard var stop = stops[key] else { return }
        let known = stop.arrivals_ms.count
        if arrived.arrivals > known {
            let since_ms = stop.arrivals_ms.last ?? .min
            for waiting in stop.waiting
            where waiting.isUnderWay && waiting.prediction.made_ms >= since_ms
                && waiting.prediction.made_ms < arrived.arrived_ms
            {
                speed.observe(
                    path_m: waiting.path_m, took_s: Double(arrived.arrived_ms - waiting.prediction.made_ms) / 1000)
            }
            stop.arrivals_ms += Array(repeating: arrived.arrived_ms, count: arrived.arrivals - known)
        } else {
            stop.arrivals_ms.removeLast(known - arrived.arrivals)
            if let last = stop.arrivals_ms.indices.last { stop.arrivals_ms[last] = arrived.arrived_ms }
        }
        stops[key] = stop
    }

    /// Scores what waits for arrivals that are old enough, so that a long capture needs no more memory than a short one.
    package mutating func settle(now_ms: Int64) { settle(before_ms: now_ms - Self.settled_ms) }

    /// Nothing more comes.
    package mutating func finish() { settle(before_ms: .max) }

    private mutating func settle(before_ms limit_ms: Int64) {
        // Sums of floating point depend on the order.
        for key in stops.filter({ $0.value.arrivals_ms.last.map { $0 < limit_ms } ?? false }).keys
            .sorted(by: { $0.lexicographicallyPrecedes($1) })
        {
            guard let stop = stops[key], let last_ms = stop.arrivals_ms.last else { continue }
            stops[key]?.waiting.removeAll { $0.prediction.made_ms < last_ms }
            for waiting in stop.waiting {
                let made_ms = waiting.prediction.made_ms
                guard let arrived_ms = stop.arrivals_ms.first(where: { $0 > made_ms }) else { continue }
                score(waiting, arrived_ms)
            }
            if stops[key]?.waiting.isEmpty == true { stops[key] = nil }
        }
    }

    private mutating func score(_ waiting: Waiting, _ arrived_ms: Int64) {
        let prediction = waiting.prediction
        checksum &+= Checksum.mix64(
            UInt64(bitPattern: arrived_ms) ^ Checksum.mix64(UInt64(bitPattern: prediction.p50_ms))
                ^ Checksum.mix64(UInt64(bitPattern: prediction.p90_ms &* 3))
                ^ Checksum.mix64(UInt64(bitPattern: prediction.constant_ms &* 5 &+ prediction.line_ms)))
        guard waiting.isUnderWay else { return before.add(prediction, arrived_ms: arrived_ms) }
        underWay.add(prediction, arrived_ms: arrived_ms)
        let day = Int(clamping: (prediction.made_ms - (first_ms ?? 0)) / Self.day_ms)
        guard (0..<Self.daysMax).contains(day) else { return }
        while days.count <= day { days.append(ETAScore()) }
        days[day].add(prediction, arrived_ms: arrived_ms)
    }

    private static let daysMax = 400
}
