package import Wire

/// Tells when a vehicle's fuel consumption or cargo temperature is unlike its own history, where a fixed limit does not
/// serve.
///
/// Consumption is that of one segment of `segment_km` after another, from the median of three readings at its start to
/// that at its end; refuelling and jumps of the position begin a new segment. Temperature is the mean of each hour.
/// Each value is scored against the sixteen before it, and told when the score is beyond the threshold; the next is
/// told only after one that was ordinary.
package struct AnomalyRule: Rule {
    private static let hour_ms: Int64 = 3_600_000
    /// A rise of the fuel level by more than this, in hundredths of a percent, is refuelling.
    private static let refuelled = 500.0
    private static let noSegment = Int64.min

    private struct Told: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        static let consumption = Told(rawValue: 1)
        static let temperature = Told(rawValue: 2)
        static let all: Told = [.consumption, .temperature]
    }

    /// In hundredths of a percent of the tank per 100 km.
    private var consumption = RobustHistory()
    /// In tenths of a degree.
    private var temperature = RobustHistory()
    private var recentFuel = RecentReadings<3>()
    private var segmentFuel: UInt16 = 0
    private var segmentLowest: UInt16 = 0
    private var temperatureCount: UInt16 = 0
    private var segment_m: Float = 0
    private var segmentSince_ms = AnomalyRule.noSegment
    /// Hours since 1970 of the temperatures that are being added up.
    private var hour = Int32.min
    private var temperatureSum: Int32 = 0
    private var told: Told = []

    package init() {}

    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing AnomalyLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else { return }
        let has = input.now.has
        if limits.temperature != 0, has.contains(.cargo) { stepTemperature(input, limits, &events) }
        guard limits.segment_km > 0 else { return }
        if has.contains(.position), segmentSince_ms != Self.noSegment {
            if input.previous == nil {
                segmentSince_ms = Self.noSegment
            } else if input.hasDriven(from: 5) {
                segment_m += Float(input.distance_m)
            }
        }
        if has.contains(.fuel), input.now.fuel_cpct != 0 { stepFuel(input, limits, &events) }
    }

    private mutating func stepFuel(
        _ input: borrowing RuleInput, _ limits: borrowing AnomalyLimits, _ events: inout [RuleEvent]
    ) {
        recentFuel.add(input.now.fuel_cpct)
        guard let level = recentFuel.median else { return }
        guard segmentSince_ms != Self.noSegment, level <= Double(segmentLowest) + Self.refuelled else {
            begin(at: input.now.time_ms, UInt16(level))
            return
        }
        segmentLowest = min(segmentLowest, UInt16(level))
        guard Double(segment_m) >= limits.segment_km * 1000 else { return }
        close(level, input, limits, &events)
        begin(at: input.now.time_ms, UInt16(level))
    }

    private mutating func begin(at time_ms: Int64, _ level: UInt16) {
        segmentSince_ms = time_ms
        segmentFuel = level
        segmentLowest = level
        segment_m = 0
    }

    private mutating func close(
        _ level: Double, _ input: borrowing RuleInput, _ limits: borrowing AnomalyLimits,
        _ events: inout [RuleEvent]
    ) {
        let used = (Double(segmentFuel) - level) / Double(segment_m) * 100_000
        let value = Int16(max(min(used.rounded(), 32_767), -32_768))
        defer { consumption.add(value) }
        guard let score = consumption.score(value, leastDeviation: limits.least_pct_per_100km * 100),
            isToBeTold(.consumption, score, limits)
        else { return }
        var event = RuleEvent(.consumptionAnomalous, key_ms: segmentSince_ms, time_ms: input.now.time_ms)
        if input.now.hasPosition { event.place = input.now.fix }
        event.word = score.z > 0 ? "high" : "low"
        let litres_per_pct = limits.tank_l > 0 ? limits.tank_l / 100 : .nan
        event.values = [
            Double(value) / 100, score.median / 100, Double(value) / 100 * litres_per_pct,
            score.median / 100 * litres_per_pct, score.z, Double(segment_m) / 1000, Double(segmentSince_ms),
        ]
        events.append(event)
    }

    private mutating func stepTemperature(
        _ input: borrowing RuleInput, _ limits: borrowing AnomalyLimits, _ events: inout [RuleEvent]
    ) {
        let present = Int32(clamping: input.now.time_ms.floorDivided(by: Self.hour_ms))
        if present != hour {
            if temperatureCount > 0 { closeHour(limits, &events) }
            hour = present
            temperatureSum = 0
            temperatureCount = 0
        }
        // More readings than these no longer change the mean.
        guard temperatureCount < .max else { return }
        temperatureSum += Int32(input.now.cargo_dc)
        temperatureCount += 1
    }

    private mutating func closeHour(_ limits: borrowing AnomalyLimits, _ events: inout [RuleEvent]) {
        let value = Int16(clamping: Int64((Double(temperatureSum) / Double(temperatureCount)).rounded()))
        defer { temperature.add(value) }
        guard let score = temperature.score(value, leastDeviation: limits.least_c * 10),
            isToBeTold(.temperature, score, limits)
        else { return }
        let since_ms = Int64(hour) * Self.hour_ms
        var event = RuleEvent(.temperatureAnomalous, key_ms: since_ms, time_ms: since_ms + Self.hour_ms)
        event.word = score.z > 0 ? "high" : "low"
        event.values = [Double(value) / 10, score.median / 10, score.z]
        events.append(event)
    }

    private mutating func isToBeTold(
        _ quantity: Told, _ score: RobustHistory.Score, _ limits: borrowing AnomalyLimits
    ) -> Bool {
        let size = abs(score.z)
        if size > limits.threshold { return told.insert(quantity).inserted }
        if size <= limits.restored { told.remove(quantity) }
        return false
    }

    package func write(to writer: inout ByteWriter) {
        consumption.write(to: &writer)
        temperature.write(to: &writer)
        recentFuel.write(to: &writer)
        writer.write(segmentFuel)
        writer.write(segmentLowest)
        writer.write(segment_m)
        writer.write(optionalTime_ms: segmentSince_ms)
        writer.write(hour)
        writer.write(temperatureSum)
        writer.write(temperatureCount)
        writer.write(told.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        consumption = try RobustHistory(from: &reader)
        temperature = try RobustHistory(from: &reader)
        recentFuel = try RecentReadings(from: &reader)
        segmentFuel = try reader.integer()
        segmentLowest = try reader.integer()
        segment_m = try reader.finiteFloat()
        segmentSince_ms = try reader.optionalTime_ms()
        hour = try reader.integer()
        temperatureSum = try reader.integer()
        temperatureCount = try reader.integer()
        told = Told(rawValue: try reader.integer(upTo: Told.all.rawValue))
        guard temperatureSum.magnitude <= 32_768 * UInt32(temperatureCount) else {
            throw SnapshotError(reason: "a mean temperature is out of range")
        }
    }
}
