package import Wire

/// What a vehicle did on each day of its local time, told with the first observation of a later day.
///
/// An interval between two fixes that contains midnight is divided between the days by time. The distance is the
/// odometer's where it was told and agrees with the fixes, else the sum over the fixes. Silence at the same place is
/// standing; what a vehicle did that fell silent and reappeared elsewhere is not in any sum.
package struct UtilisationRule: Rule {
    /// The day of the local time, days since 1970-01-01.
    private var day: Int32 = 0
    private var utcOffset_ms: Int32 = 0
    private var distance_m = 0.0
    private var driving_s: Float = 0
    private var idle_s: Float = 0
    private var standing_s: Float = 0
    /// Readings at the end of the day before, or else the first ones; 0 where there was none.
    private var firstOdometer_m: UInt32 = 0
    private var odometer_m: UInt32 = 0
    private var firstEngine_s: UInt32 = 0
    private var engine_s: UInt32 = 0
    private var stops: UInt16 = 0
    private var fuel = FuelUse()
    private var hasDay = false
    private var knowsEngine = false

    private static let day_ms: Int64 = 86_400_000
    private static let readingBits =
        Observation.Contents.odometer.rawValue | Observation.Contents.engineHours.rawValue
        | Observation.Contents.fuel.rawValue

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: UtilisationLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else {
            hasDay = false
            return
        }
        let motion = input.motion
        let today = Int32(truncatingIfNeeded: input.localDay)
        let now_ms = input.now.time_ms
        let todayStart_ms = Self.start_ms(of: today, input.utcOffset_ms)
        if hasDay, today > day {
            let dayStart_ms = Self.start_ms(of: day, utcOffset_ms)
            let end_ms = Self.start_ms(of: day + 1, input.utcOffset_ms)
            if motion.kind != .unplaced {
                add(motion, part: Self.part(from: motion.formerTime_ms, to: now_ms, after: dayStart_ms, before: end_ms))
            } else if motion.engine == .off, motion.hasMark, motion.formerTime_ms < end_ms {
                // Reports from a garage: nothing tells of motion, and the day is to be told now.
                standing_s += Float(end_ms - max(motion.formerTime_ms, dayStart_ms)) / 1000
            }
            tell(end_ms: end_ms, &events)
            begin(today, input.utcOffset_ms)
        } else if !hasDay {
            begin(today, input.utcOffset_ms)
        }
        if motion.kind != .unplaced {
            add(motion, part: Self.part(from: motion.formerTime_ms, to: now_ms, after: todayStart_ms, before: now_ms))
        }
        let stopsNow = stops.addingReportingOverflow(UInt16(motion.found.tripsEnded))
        stops = stopsNow.overflow ? .max : stopsNow.partialValue
        readSensors(input.now, limits)
    }

    /// How much of the interval between two times lies between two others, 0…1; all of one that takes no time.
    private static func part(from former_ms: Int64, to now_ms: Int64, after start_ms: Int64, before end_ms: Int64)
        -> Double
    {
        guard former_ms < start_ms || now_ms > end_ms, former_ms < now_ms else { return 1 }
        let overlap_ms = min(now_ms, end_ms) - max(former_ms, start_ms)
        return max(Double(overlap_ms), 0) / Double(now_ms - former_ms)
    }

    private static func start_ms(of day: Int32, _ utcOffset_ms: Int32) -> Int64 {
        Int64(day) * day_ms - Int64(utcOffset_ms)
    }

    /// Begins a day with the readings that the one before ended with.
    private mutating func begin(_ day: Int32, _ utcOffset_ms: Int32) {
        var next = UtilisationRule()
        next.day = day
        next.utcOffset_ms = utcOffset_ms
        next.hasDay = true
        if hasDay {
            next.firstOdometer_m = odometer_m
            next.odometer_m = odometer_m
            next.firstEngine_s = engine_s
            next.engine_s = engine_s
            next.fuel = FuelUse(from: fuel)
        }
        self = next
    }

    private mutating func add(_ motion: Motion, part: Double) {
        distance_m += motion.distance_m * part
        driving_s += Float(motion.driving_s * part)
        if motion.runs && !motion.isSilent {
            idle_s += Float(motion.standing_s * part)
        } else {
            standing_s += Float(motion.standing_s * part)
        }
        if motion.engine != .unknown { knowsEngine = true }
    }

    private mutating func readSensors(_ now: Observation, _ limits: UtilisationLimits) {
        guard now.has.rawValue & Self.readingBits != 0 else { return }
        if now.has.contains(.odometer) {
            odometer_m = now.odometer_m
            if firstOdometer_m == 0 { firstOdometer_m = odometer_m }
        }
        if now.has.contains(.engineHours) {
            engine_s = now.engine_s
            if firstEngine_s == 0 { firstEngine_s = engine_s }
        }
        if now.has.contains(.fuel) { fuel.read(now.fuel_cpct, refuel_pct: limits.refuel_pct) }
    }

    private mutating func tell(end_ms: Int64, _ events: inout [RuleEvent]) {
        let start_ms = Self.start_ms(of: day, utcOffset_ms)
        var event = RuleEvent(.dailySummary, key_ms: start_ms, time_ms: end_ms)
        let byOdometer_m =
            firstOdometer_m > 0
            ? Odometer.distance_m(from: firstOdometer_m, to: odometer_m, fixes_m: distance_m) : nil
        // Slow driving that had been taken for standing is taken back from the wrong sum where the engine was switched.
        let driven_s = Double(max(driving_s, 0))
        let idled_s = Double(max(idle_s, 0))
        let engine_h: Double? =
            if firstEngine_s > 0, engine_s >= firstEngine_s {
                Double(engine_s - firstEngine_s) / 3600
            } else {
                knowsEngine ? (driven_s + idled_s) / 3600 : nil
            }
        event.values = [
            Double(start_ms), (byOdometer_m ?? distance_m) / 1000, driven_s, idled_s, Double(max(standing_s, 0)),
            Double(stops), fuel.used_pct, engine_h,
        ]
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(day)
        writer.write(utcOffset_ms)
        writer.write(distance_m)
        for sum_s in [driving_s, idle_s, standing_s] { writer.write(sum_s) }
        for reading in [firstOdometer_m, odometer_m, firstEngine_s, engine_s] { writer.write(reading) }
        writer.write(stops)
        fuel.write(to: &writer)
        writer.write(hasDay)
        writer.write(knowsEngine)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        day = try reader.integer()
        // Far beyond any calendar, and no sum with it overflows.
        guard day.magnitude < 100_000_000 else { throw SnapshotError(reason: "a day is out of range") }
        utcOffset_ms = try reader.integer()
        distance_m = try reader.sum()
        driving_s = try reader.sum()
        idle_s = try reader.sum()
        standing_s = try reader.sum()
        firstOdometer_m = try reader.integer()
        odometer_m = try reader.integer()
        firstEngine_s = try reader.integer()
        engine_s = try reader.integer()
        stops = try reader.integer()
        fuel = try FuelUse(from: &reader)
        hasDay = try reader.bool()
        knowsEngine = try reader.bool()
    }
}

/// The fuel that was used, from a level that also moves about and is filled up: in hundredths of a percent of the tank.
struct FuelUse: Sendable, BitwiseCopyable {
    /// Since the last filling; `UInt16.max` where no level is known.
    private var first_cpct = UInt16.max
    private var lowest_cpct = UInt16.max
    private var last_cpct = UInt16.max
    /// Until the last filling.
    private var used_cpct: UInt16 = 0

    init() {}

    /// Nothing used yet, from the level at which another one ended.
    init(from former: FuelUse) {
        first_cpct = former.last_cpct
        lowest_cpct = former.last_cpct
        last_cpct = former.last_cpct
    }

    mutating func read(_ level_cpct: UInt16, refuel_pct: Double) {
        last_cpct = level_cpct
        if first_cpct == .max {
            first_cpct = level_cpct
            lowest_cpct = level_cpct
        } else if level_cpct > lowest_cpct, Double(level_cpct - lowest_cpct) >= refuel_pct * 100 {
            used_cpct = Self.sum(used_cpct, first_cpct, minus: lowest_cpct)
            first_cpct = level_cpct
            lowest_cpct = level_cpct
        } else {
            lowest_cpct = min(lowest_cpct, level_cpct)
        }
    }

    var used_pct: Double? {
        first_cpct == .max ? nil : Double(Self.sum(used_cpct, first_cpct, minus: last_cpct)) / 100
    }

    private static func sum(_ sum: UInt16, _ high: UInt16, minus low: UInt16) -> UInt16 {
        UInt16(min(Int(sum) + max(Int(high) - Int(low), 0), 65_534))
    }

    func write(to writer: inout ByteWriter) {
        for level in [first_cpct, lowest_cpct, last_cpct, used_cpct] { writer.write(level) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        first_cpct = try reader.integer()
        lowest_cpct = try reader.integer()
        last_cpct = try reader.integer()
        used_cpct = try reader.integer()
    }
}
