package import Wire

/// Tells a fall of the fuel level that driving and idling do not explain, and refuelling.
///
/// The level is the median of the last five readings, for fuel sloshes. It is compared with a reference, less the
/// consumption expected since; the reference is renewed whenever that reaches 2 % of the tank, so that a vehicle that
/// uses more than expected does not seem to lose fuel. A fall or rise is told when enough readings agree on its size
/// and it has stopped growing; it happened when it had come half the way to the limit. Readings of exactly 0 are those
/// of a sensor without power, and are left out.
package struct FuelRule: Rule {
    /// In hundredths of a percent of the tank, as all levels here.
    private static let renewal: Float = 200
    /// A fall or rise that grows by more than this from reading to reading has not stopped.
    private static let stopped: Float = 100
    /// A running engine is not believed to have run on through a longer silence.
    private static let idle_s_max: UInt32 = 3600
    /// From this time between fixes on, the way is longer than the line: by how much for roads on average see Ballou,
    /// Rahardja and Sakai, doi:10.1016/S0965-8564(01)00044-2.
    private static let sparse_s = 120.0
    private static let detour = 1.4

    private enum Side: UInt8 {
        case none = 0
        case fall = 1
        case rise = 2
    }
    private enum Engine: UInt8 {
        case unknown = 0
        case off = 1
        case on = 2
    }

    private var recent = RecentReadings<5>()
    /// The level that falls are measured from; 0: none yet.
    private var reference: UInt16 = 0
    /// The lowest level since; rises are measured from it.
    private var lowest: UInt16 = 0
    /// Consumption expected since the reference, and since the last reading.
    private var expected: Float = 0
    private var expectedSinceReading: Float = 0
    /// Seconds since 1970 of the last observation, and of the last level that was as expected.
    private var last_s: UInt32 = 0
    private var ordinary_s: UInt32 = 0
    /// The last odometer, 0 without, and the metres driven by fixes since.
    private var odometer_m: UInt32 = 0
    private var driven_m: Float = 0
    /// The first reading at which the present fall or rise was half the limit.
    private var run = Moment.none
    private var largest: Float = 0
    private var readings: UInt8 = 0
    private var side = Side.none
    private var engine = Engine.unknown

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing FuelLimits, into events: inout [RuleEvent]
    ) {
        let has = input.now.has
        guard limits.enabled != 0, last_s != 0 || has.contains(.fuel) else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing FuelLimits, _ events: inout [RuleEvent]
    ) {
        let has = input.now.has
        let now_s = UInt32(truncatingIfNeeded: input.now.time_ms.floorDivided(by: 1000))
        if has.contains(.position), input.previous == nil {
            // It is elsewhere without a way there: what it used on the way is not known.
            self = FuelRule()
        } else if last_s != 0 {
            expect(input, limits, elapsed_s: now_s &- last_s)
        }
        last_s = now_s
        if has.contains(.ignition) { engine = has.contains(.ignitionOn) ? .on : .off }
        guard has.contains(.fuel), input.now.fuel_cpct != 0 else { return }
        // The median would lag behind what was used over a gap.
        if expectedSinceReading >= Self.renewal { recent = RecentReadings() }
        expectedSinceReading = 0
        recent.add(input.now.fuel_cpct)
        guard let median = recent.median else { return }
        judge(UInt16(median), input, limits, &events)
    }

    /// Adds what the way and the engine are expected to have used since the last observation.
    private mutating func expect(_ input: borrowing RuleInput, _ limits: borrowing FuelLimits, elapsed_s: UInt32) {
        var way_m = 0.0
        if input.hasDriven(from: 5) {
            way_m = input.distance_m * (input.elapsed_s > Self.sparse_s ? Self.detour : 1)
            driven_m += Float(way_m)
        }
        if input.now.has.contains(.odometer) {
            let further_m = Int64(input.now.odometer_m) - Int64(odometer_m)
            // An odometer that was replaced or misread jumps.
            if odometer_m != 0, 0...2_000_000 ~= further_m { way_m += max(Double(further_m) - Double(driven_m), 0) }
            odometer_m = input.now.odometer_m
            driven_m = 0
        }
        var used = way_m / 1000 * limits.driving_pct_per_100km
        if engine != .off { used += Double(min(elapsed_s, Self.idle_s_max)) / 36 * limits.idling_pct_per_h }
        expected += Float(used)
        expectedSinceReading += Float(used)
    }

    private mutating func judge(
        _ level: UInt16, _ input: borrowing RuleInput, _ limits: borrowing FuelLimits, _ events: inout [RuleEvent]
    ) {
        guard reference != 0 else { return refer(to: level) }
        let risen = Float(level) - Float(lowest)
        let fallen = Float(reference) - expected - Float(level)
        lowest = min(lowest, level)
        let isRise = risen * 2 >= Float(limits.rise_pct * 100)
        let amount = isRise ? risen : fallen
        let limit = Float((isRise ? limits.rise_pct : limits.drop_pct) * 100)
        guard amount * 2 >= limit else {
            side = .none
            ordinary_s = last_s
            if expected >= Self.renewal { refer(to: level) }
            return
        }
        if side != (isRise ? .rise : .fall) {
            side = isRise ? .rise : .fall
            run = Moment(input.now)
            largest = 0
            readings = 0
        }
        guard amount >= limit else {
            largest = 0
            readings = 0
            if expected >= Self.renewal { refer(to: level) }
            return
        }
        if amount > largest + Self.stopped {
            largest = amount
            readings = 0
        }
        readings = min(readings, 254) + 1
        guard Double(readings) >= limits.confirm_readings else { return }
        tell(amount, level, limits, &events)
        refer(to: level)
    }

    private func tell(_ amount: Float, _ level: UInt16, _ limits: borrowing FuelLimits, _ events: inout [RuleEvent]) {
        let isRise = side == .rise
        var event = RuleEvent(
            isRise ? .refuelled : .fuelDropped, key_ms: run.time_ms, time_ms: run.time_ms, place: run.place)
        let amount_pct = Double(amount) / 100
        event.values = [
            amount_pct, limits.tank_l > 0 ? amount_pct * limits.tank_l / 100 : .nan, Double(level) / 100,
            Double(isRise ? lowest : reference) / 100, Double(expected) / 100, Double(ordinary_s) * 1000,
        ]
        events.append(event)
    }

    private mutating func refer(to level: UInt16) {
        reference = level
        lowest = level
        expected = 0
        side = .none
        ordinary_s = last_s
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(last_s)
        guard last_s != 0 else { return }
        recent.write(to: &writer)
        writer.write(reference)
        writer.write(lowest)
        writer.write(expected)
        writer.write(expectedSinceReading)
        writer.write(ordinary_s)
        writer.write(odometer_m)
        writer.write(driven_m)
        writer.write(engine)
        writer.write(side)
        guard side != .none else { return }
        run.write(to: &writer)
        writer.write(largest)
        writer.write(readings)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        last_s = try reader.integer()
        guard last_s != 0 else { return }
        recent = try RecentReadings(from: &reader)
        reference = try reader.integer()
        lowest = try reader.integer()
        expected = try reader.finiteFloat()
        expectedSinceReading = try reader.finiteFloat()
        ordinary_s = try reader.integer()
        odometer_m = try reader.integer()
        driven_m = try reader.finiteFloat()
        engine = try reader.enumeration()
        side = try reader.enumeration()
        guard side != .none else { return }
        run = try Moment(from: &reader)
        largest = try reader.finiteFloat()
        readings = try reader.integer()
        guard !run.isNone else { throw SnapshotError(reason: "a change of the fuel level has no beginning") }
    }
}
