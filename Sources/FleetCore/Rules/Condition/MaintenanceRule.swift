package import Wire

/// Tells when maintenance is due, by kilometres, engine hours or days since the last one, and again when it is overdue.
///
/// Each interval is told once. Where no base is stated, maintenance is due at whole multiples of the interval, and
/// those that had gone when the vehicle was first seen are taken as done. An odometer that jumps forward for a reading
/// or two tells nothing; one that stays far behind, as after its replacement, is begun anew with.
///
/// Where the tracker has no odometer, the kilometres driven since the vehicle was first seen count instead, and where it
/// tells no engine hours, the time with the ignition on; the base means nothing then. With the first reading of its own the
/// count is over.
package struct MaintenanceRule: Rule {
    private var distance = ServiceInterval()
    private var hours = ServiceInterval()
    private var days = ServiceInterval()
    /// The local day that was last looked at.
    private var day = Int32.min
    /// When the ignition was last on; `Int64.min` while it is off or not known.
    private var ranAt_ms = Int64.min
    /// Tenths of a second with the ignition on since the vehicle was first seen, while no engine hours are told.
    private var run_ds: UInt32 = 0
    /// Decimetres driven since the vehicle was first seen, while no odometer is told.
    private var driven_dm: UInt32 = 0
    private var hasOdometer = false
    private var hasEngineHours = false

    /// The ignition is not taken for on over a longer silence.
    private static let silence_ms: Int64 = 600_000
    private static let moving_kmh = 5.0

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing MaintenanceLimits, into events: inout [RuleEvent]
    ) {
        let intervals = max(limits.every_km, max(limits.every_h, limits.every_days))
        guard limits.enabled != 0, intervals > 0 else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing MaintenanceLimits, _ events: inout [RuleEvent]
    ) {
        if limits.every_km > 0, let (value, base) = distance_km(input, limits) {
            let reading = ServiceInterval.Reading(
                value: value, base: base, every: limits.every_km, overdue_pct: limits.overdue_pct, confirmReadings: 3)
            tell(distance.observe(reading), .distance, reading, input, &events)
        }
        if limits.every_h > 0, let (value, base) = engine_h(input, limits) {
            let reading = ServiceInterval.Reading(
                value: value, base: base, every: limits.every_h, overdue_pct: limits.overdue_pct, confirmReadings: 3)
            tell(hours.observe(reading), .hours, reading, input, &events)
        }
        if limits.every_days > 0, limits.base_date > 0 { stepDays(input, limits, &events) }
    }

    /// The odometer or what is counted in its place, and the base; nil where this observation adds nothing.
    private mutating func distance_km(
        _ input: borrowing RuleInput, _ limits: borrowing MaintenanceLimits
    ) -> (value: Double, base: Double)? {
        if input.now.has.contains(.odometer) {
            if !hasOdometer { distance = ServiceInterval() }
            hasOdometer = true
            return (Double(input.now.odometer_m) / 1000, limits.base_km)
        }
        guard !hasOdometer, input.hasDriven(from: Self.moving_kmh) else { return nil }
        driven_dm = Self.sum(driven_dm, (input.distance_m * 10).rounded())
        return (Double(driven_dm) / 10_000, 0)
    }

    /// The same of engine hours.
    private mutating func engine_h(
        _ input: borrowing RuleInput, _ limits: borrowing MaintenanceLimits
    ) -> (value: Double, base: Double)? {
        let has = input.now.has
        if has.contains(.engineHours) {
            if !hasEngineHours { hours = ServiceInterval() }
            hasEngineHours = true
            return (Double(input.now.engine_s) / 3600, limits.base_h)
        }
        guard !hasEngineHours, has.contains(.ignition) else { return nil }
        let elapsed_ms = ranAt_ms == .min ? 0 : input.now.time_ms - ranAt_ms
        ranAt_ms = has.contains(.ignitionOn) ? input.now.time_ms : .min
        guard elapsed_ms > 0, elapsed_ms <= Self.silence_ms else { return nil }
        run_ds = Self.sum(run_ds, (Double(elapsed_ms) / 100).rounded())
        return (Double(run_ds) / 36_000, 0)
    }

    private static func sum(_ sum: UInt32, _ more: Double) -> UInt32 {
        UInt32(min(Double(sum) + more, Double(UInt32.max)))
    }

    private mutating func stepDays(
        _ input: borrowing RuleInput, _ limits: borrowing MaintenanceLimits, _ events: inout [RuleEvent]
    ) {
        let today = Int32(clamping: input.localDay)
        guard today != day else { return }
        day = today
        let base = Double(Self.day(ofDate: Int64(limits.base_date)))
        let reading = ServiceInterval.Reading(
            value: Double(today), base: base, every: limits.every_days, overdue_pct: limits.overdue_pct,
            confirmReadings: 1)
        tell(days.observe(reading), .days, reading, input, &events)
    }

    /// Days since 1970-01-01 of a date such as 20260131: Hinnant, chrono-Compatible Low-Level Date Algorithms (2013).
    static func day(ofDate date: Int64) -> Int64 {
        let (month, day) = (date / 100 % 100, date % 100)
        let year = date / 10_000 - (month <= 2 ? 1 : 0)
        let era = year.floorDivided(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private enum Measure: Int {
        case distance = 0
        case hours = 1
        case days = 2
    }

    private func tell(
        _ stage: ServiceInterval.Stage, _ measure: Measure, _ reading: ServiceInterval.Reading,
        _ input: borrowing RuleInput, _ events: inout [RuleEvent]
    ) {
        guard stage != .none else { return }
        let isOverdue = stage == .overdue
        // What is due at the same moment for different reasons differs in the last digit of its key.
        let key_ms = input.now.time_ms + Int64(measure.rawValue * 2 + (isOverdue ? 1 : 0))
        var event = RuleEvent(.maintenanceDue, key_ms: key_ms, time_ms: input.now.time_ms)
        if input.now.hasPosition { event.place = input.now.fix }
        let due = reading.due
        let over = reading.value - due
        switch measure {
        case .distance:
            event.word = isOverdue ? "distance_overdue" : "distance"
            event.values = [due, over]
        case .hours:
            event.word = isOverdue ? "engine_hours_overdue" : "engine_hours"
            event.values = [.nan, .nan, due, over]
        case .days:
            event.word = isOverdue ? "days_overdue" : "days"
            let due_ms = due * 86_400_000 - Double(input.utcOffset_ms)
            event.values = [.nan, .nan, .nan, .nan, due_ms, over]
        }
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        distance.write(to: &writer)
        hours.write(to: &writer)
        days.write(to: &writer)
        writer.write(day)
        writer.write(optionalTime_ms: ranAt_ms)
        writer.write(run_ds)
        writer.write(driven_dm)
        writer.write(hasOdometer)
        writer.write(hasEngineHours)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        distance = try ServiceInterval(from: &reader)
        hours = try ServiceInterval(from: &reader)
        days = try ServiceInterval(from: &reader)
        day = try reader.integer()
        ranAt_ms = try reader.optionalTime_ms()
        run_ds = try reader.integer()
        driven_dm = try reader.integer()
        hasOdometer = try reader.bool()
        hasEngineHours = try reader.bool()
    }
}
