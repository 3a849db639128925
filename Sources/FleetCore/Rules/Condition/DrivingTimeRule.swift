package import Wire

/// Tells when a driver drives too long without a break, or too long in a local day, with a warning before each.
///
/// Time counts as driving from fix to fix where the vehicle drove. Over a longer silence the way at 40 km/h counts as
/// driving, after the rest of the time, which counts as standing. Standing makes a break once its parts, each long
/// enough, are enough in all. Another driver begins anew; that nobody is signed on changes nothing, or signing off
/// would be a way out. A vehicle whose drivers never sign on is judged as if it had one.
package struct DrivingTimeRule: Rule {
    private static let silence_ms: Int64 = 600_000
    private static let silence_kmh = 40.0

    private struct Told: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        static let continuousWarning = Told(rawValue: 1)
        static let continuous = Told(rawValue: 2)
        static let dailyWarning = Told(rawValue: 4)
        static let daily = Told(rawValue: 8)
        static let all: Told = [.continuousWarning, .continuous, .dailyWarning, .daily]
    }

    /// The last observation with a position.
    private var last_ms = Int64.min
    /// When the present driving without a break began.
    private var continuousSince_ms = Int64.min
    private var continuous_ms: Int32 = 0
    private var daily_ms: Int32 = 0
    /// Standing now, and the earlier parts of a break.
    private var standing_ms: Int32 = 0
    private var rested_ms: Int32 = 0
    private var driver: Int32 = -1
    /// The local day since 1970 that `daily_ms` is of.
    private var day = Int32.min
    private var told: Told = []

    package init() {}

    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing DrivingTimeLimits, into events: inout [RuleEvent]
    ) {
        let has = input.now.has
        guard limits.enabled != 0, !has.isDisjoint(with: [.position, .driver]) else { return }
        if has.contains(.driver), input.now.driver >= 0, input.now.driver != driver {
            let former = driver
            if former >= 0 { self = DrivingTimeRule() }
            driver = input.now.driver
            if former >= 0 { last_ms = input.now.time_ms }
        }
        guard has.contains(.position) else { return }
        let time_ms = input.now.time_ms
        let elapsed_ms = last_ms == .min ? 0 : time_ms - last_ms
        last_ms = time_ms
        let today = Int32(clamping: input.localDay)
        if today != day {
            day = today
            daily_ms = 0
            told.subtract([.daily, .dailyWarning])
        }
        guard elapsed_ms > 0 else { return }
        let driven_ms = Self.driven_ms(input, limits, elapsed_ms: elapsed_ms)
        if driven_ms < elapsed_ms { stand(elapsed_ms - driven_ms, limits) }
        guard driven_ms > 0 else { return }
        drive(driven_ms, input, limits)
        // Mostly no limit is near.
        if Double(continuous_ms) >= (limits.continuous_min - limits.warning_min) * 60_000 {
            tellContinuous(input, limits, &events)
        }
        if Double(daily_ms) >= (limits.daily_min - limits.warning_min) * 60_000 { tellDaily(input, limits, &events) }
    }

    private static func driven_ms(
        _ input: borrowing RuleInput, _ limits: borrowing DrivingTimeLimits, elapsed_ms: Int64
    ) -> Int64 {
        guard input.hasDriven(from: limits.moving_kmh) || elapsed_ms > silence_ms else { return 0 }
        guard elapsed_ms > silence_ms else { return elapsed_ms }
        // A standing vehicle wanders a little even over hours.
        guard input.distance_m >= 500 else { return 0 }
        return min(elapsed_ms, Int64(input.distance_m * 3600 / silence_kmh))
    }

    private mutating func stand(_ elapsed_ms: Int64, _ limits: borrowing DrivingTimeLimits) {
        standing_ms = Int32(clamping: Int64(standing_ms) + elapsed_ms)
        let isPart = Double(standing_ms) >= limits.break_part_min * 60_000
        let break_ms = Int64(standing_ms) + (isPart ? Int64(rested_ms) : 0)
        guard Double(break_ms) >= limits.break_min * 60_000 else { return }
        continuous_ms = 0
        rested_ms = 0
        told.subtract([.continuous, .continuousWarning])
    }

    private mutating func drive(
        _ elapsed_ms: Int64, _ input: borrowing RuleInput, _ limits: borrowing DrivingTimeLimits
    ) {
        if continuous_ms == 0 {
            continuousSince_ms = input.now.time_ms - elapsed_ms
            rested_ms = 0
        } else if Double(standing_ms) >= limits.break_part_min * 60_000 {
            rested_ms = Int32(clamping: Int64(rested_ms) + Int64(standing_ms))
        }
        standing_ms = 0
        continuous_ms = Int32(clamping: Int64(continuous_ms) + elapsed_ms)
        daily_ms = Int32(clamping: Int64(daily_ms) + elapsed_ms)
    }

    private mutating func tellContinuous(
        _ input: borrowing RuleInput, _ limits: borrowing DrivingTimeLimits, _ events: inout [RuleEvent]
    ) {
        guard limits.continuous_min > 0 else { return }
        let driven_min = Double(continuous_ms) / 60_000
        if driven_min > limits.continuous_min {
            guard told.insert(.continuous).inserted else { return }
            told.insert(.continuousWarning)
            tell("continuous", continuousSince_ms, limits.continuous_min, input, &events)
        } else if limits.warning_min > 0, limits.warning_min < limits.continuous_min,
            driven_min >= limits.continuous_min - limits.warning_min, told.insert(.continuousWarning).inserted
        {
            // The warning and what it warns of differ in the last digit of their keys.
            tell("continuous_warning", continuousSince_ms + 1, limits.continuous_min, input, &events)
        }
    }

    private mutating func tellDaily(
        _ input: borrowing RuleInput, _ limits: borrowing DrivingTimeLimits, _ events: inout [RuleEvent]
    ) {
        guard limits.daily_min > 0 else { return }
        let driven_min = Double(daily_ms) / 60_000
        // The day's beginning may be that of the continuous driving too.
        let key_ms = Int64(day) * 86_400_000 - Int64(input.utcOffset_ms) + 2
        if driven_min > limits.daily_min {
            guard told.insert(.daily).inserted else { return }
            told.insert(.dailyWarning)
            tell("daily", key_ms, limits.daily_min, input, &events)
        } else if limits.warning_min > 0, limits.warning_min < limits.daily_min,
            driven_min >= limits.daily_min - limits.warning_min, told.insert(.dailyWarning).inserted
        {
            tell("daily_warning", key_ms + 1, limits.daily_min, input, &events)
        }
    }

    private func tell(
        _ word: StaticString, _ key_ms: Int64, _ limit_min: Double, _ input: borrowing RuleInput,
        _ events: inout [RuleEvent]
    ) {
        var event = RuleEvent(.drivingHoursExceeded, key_ms: key_ms, time_ms: input.now.time_ms, place: input.now.fix)
        event.word = word
        event.text = driver
        event.values = [
            Double(continuous_ms) / 60_000, Double(daily_ms) / 60_000, limit_min, Double(continuousSince_ms),
        ]
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(optionalTime_ms: last_ms)
        writer.write(optionalTime_ms: continuousSince_ms)
        for value in [continuous_ms, daily_ms, standing_ms, rested_ms, driver, day] { writer.write(value) }
        writer.write(told.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        last_ms = try reader.optionalTime_ms()
        continuousSince_ms = try reader.optionalTime_ms()
        continuous_ms = try reader.integer(upTo: .max)
        daily_ms = try reader.integer(upTo: .max)
        standing_ms = try reader.integer(upTo: .max)
        rested_ms = try reader.integer(upTo: .max)
        driver = try reader.integer()
        day = try reader.integer()
        told = Told(rawValue: try reader.integer(upTo: Told.all.rawValue))
        guard continuous_ms == 0 || continuousSince_ms != .min else {
            throw SnapshotError(reason: "a driving time has no beginning")
        }
    }
}
