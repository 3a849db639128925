import Geo
package import Wire

/// Trips: from leaving a place to standing at another.
///
/// A trip is told once the vehicle is `start_distance_m` away from where it stood, with the time at which it left. It ends
/// when it came to stand, told once it has stood for long enough, or at the last fix before a silence or a jump. Its
/// distance is the odometer's where that was told at both ends and agrees with the fixes, else the sum over the fixes,
/// where standing adds nothing. Times of standing within a trip are its idle time.
package struct TripRule: Rule {
    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        case standing
        /// It moves, not yet far enough.
        case leaving
        case driving
    }

    package private(set) var phase = Phase.standing
    /// Whether `odometer_m` was told since the vehicle last moved.
    private var hasOdometer = false
    private var maximum_dkmh: UInt16 = 0
    /// Hundredths of a percent of the tank at the start and now; `UInt16.max` where it was not told.
    private var firstFuel_cpct = UInt16.max
    private var fuel_cpct = UInt16.max
    /// The odometer at the start, 0 where it was not told.
    private var firstOdometer_m: UInt32 = 0
    private var odometer_m: UInt32 = 0
    private var driving_s: Float = 0
    private var distance_m = 0.0
    /// Where and when the trip began; counts unless standing.
    private var origin = Fix(time_ms: 0, latitude_e7: 0, longitude_e7: 0)

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: TripLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else {
            if phase != .standing { self = TripRule() }
            return
        }
        let motion = input.motion
        if motion.isSilent || motion.kind == .elsewhere {
            // What this observation holds belongs to what came after the trip.
            if phase == .driving {
                end(at: motion.formerMark, Self.reason(input), &events)
            }
            phase = .standing
            hasOdometer = false
        }
        switch phase {
        case .standing:
            if motion.kind == .moving { leave(input, limits) }
        case .leaving, .driving:
            add(input)
        }
        readSensors(input.now)
        if motion.kind == .moving {
            if phase == .leaving { confirm(input, limits, &events) }
        } else if phase != .standing {
            stop(input, limits, &events)
        }
    }

    /// Why a trip has ended of which nothing more is known than where the vehicle is now.
    private static func reason(_ input: RuleInput) -> StaticString {
        switch input.motion.kind {
        case .standing: "stopped"
        case .elsewhere where input.previous == nil: "jump"
        default: "silence"
        }
    }

    private mutating func readSensors(_ now: Observation) {
        if now.has.contains(.odometer) {
            odometer_m = now.odometer_m
            hasOdometer = true
        }
        if now.has.contains(.fuel) { fuel_cpct = now.fuel_cpct }
    }

    /// The vehicle has left the place where it stood. What was last told of sensors is what they were there.
    private mutating func leave(_ input: RuleInput, _ limits: TripLimits) {
        let motion = input.motion
        guard limits.ignitionNeeded == 0 || motion.engine != .off, let previous = input.previous else { return }
        phase = .leaving
        firstFuel_cpct = fuel_cpct
        firstOdometer_m = hasOdometer ? odometer_m : 0
        maximum_dkmh = 0
        distance_m = 0
        driving_s = 0
        // A fix from long ago says little about when the vehicle left, unless it drove all the while.
        let isOld =
            input.elapsed_s > limits.stopDuration_s
            && input.distance_m * 3.6 < limits.minimumSpeed_kmh * input.elapsed_s
        origin = isOld ? input.now.fix : motion.formerMark
        origin.time_ms = isOld ? input.now.time_ms : previous.time_ms
        if isOld {
            firstOdometer_m = input.now.has.contains(.odometer) ? input.now.odometer_m : 0
            hasOdometer = false
        } else {
            distance_m = motion.distance_m
            driving_s = Float(input.elapsed_s)
            addSpeed(input.now.fix)
            hasOdometer = false
        }
    }

    private mutating func add(_ input: RuleInput) {
        guard input.motion.kind == .moving else { return }
        hasOdometer = false
        distance_m += input.motion.distance_m
        driving_s += Float(input.motion.driving_s)
        addSpeed(input.now.fix)
    }

    private mutating func addSpeed(_ fix: Fix) {
        if fix.speed_dkmh != .max { maximum_dkmh = max(maximum_dkmh, fix.speed_dkmh) }
    }

    /// Far enough? The first fix away from a vehicle that stood may be an error; where no speed bears it out, it takes
    /// another one that moves or much more distance.
    private mutating func confirm(
        _ input: RuleInput, _ limits: TripLimits, _ events: inout [RuleEvent]
    ) {
        let now = input.now.fix
        guard !origin.isSurelyWithin(limits.startDistance_m, of: now) else { return }
        let away_m =
            origin.coordinate.shortDistance_m(to: now.coordinate) - min(origin.accuracy_m ?? 0, 500)
            - min(now.accuracy_m ?? 0, 500)
        guard away_m >= limits.startDistance_m else { return }
        let isSecond = input.previous.map { $0.time_ms > origin.time_ms } ?? false
        let isBorneOut = now.speed_kmh.map { $0 >= limits.minimumSpeed_kmh } ?? false
        guard isSecond || isBorneOut || away_m >= 5 * limits.startDistance_m else { return }
        phase = .driving
        events.append(
            RuleEvent(.tripStarted, key_ms: origin.time_ms, time_ms: origin.time_ms, place: origin))
    }

    /// It stands, or has told no position: for long enough?
    private mutating func stop(
        _ input: RuleInput, _ limits: TripLimits, _ events: inout [RuleEvent]
    ) {
        let motion = input.motion
        // Without a position only the ignition tells that it stands.
        guard motion.kind == .standing || motion.engine == .off else { return }
        let stood_s = Double(input.now.time_ms - motion.mark.time_ms) / 1000
        let isOff = motion.engine == .off && stood_s >= limits.ignitionOff_s
        guard isOff || stood_s >= limits.stopDuration_s else { return }
        if phase == .driving { end(at: motion.mark, isOff ? "ignition_off" : "stopped", &events) }
        phase = .standing
    }

    private mutating func end(at fix: Fix, _ reason: StaticString, _ events: inout [RuleEvent]) {
        phase = .standing
        // A stay that began with the trip itself, in a creeping queue, may seem older than the trip.
        let end_ms = max(fix.time_ms, origin.time_ms)
        let duration_s = Double(end_ms - origin.time_ms) / 1000
        let driven_s = min(max(Double(driving_s), 0), duration_s)
        let used_cpct = Int(firstFuel_cpct) - Int(fuel_cpct)
        let knowsFuel = firstFuel_cpct != .max && fuel_cpct != .max && used_cpct >= 0
        var event = RuleEvent(.tripEnded, key_ms: origin.time_ms, time_ms: end_ms, place: fix)
        event.values = [
            Double(origin.time_ms), odometerDistance_m ?? distance_m, duration_s, driven_s, duration_s - driven_s,
            maximum_dkmh > 0 ? Double(maximum_dkmh) / 10 : nil, knowsFuel ? Double(used_cpct) / 100 : nil,
            hasOdometer ? Double(odometer_m) / 1000 : nil,
        ]
        event.word = reason
        events.append(event)
    }

    /// The trip's distance by the odometer, nil where it cannot be trusted.
    private var odometerDistance_m: Double? {
        guard hasOdometer, firstOdometer_m > 0 else { return nil }
        return Odometer.distance_m(from: firstOdometer_m, to: odometer_m, fixes_m: distance_m)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(phase.rawValue)
        writer.write(hasOdometer)
        writer.write(maximum_dkmh)
        writer.write(firstFuel_cpct)
        writer.write(fuel_cpct)
        writer.write(firstOdometer_m)
        writer.write(odometer_m)
        writer.write(driving_s)
        writer.write(distance_m)
        origin.write(to: &writer)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        phase = try reader.phase()
        hasOdometer = try reader.bool()
        maximum_dkmh = try reader.integer()
        firstFuel_cpct = try reader.integer()
        fuel_cpct = try reader.integer()
        firstOdometer_m = try reader.integer()
        odometer_m = try reader.integer()
        driving_s = try reader.sum()
        distance_m = try reader.sum()
        origin = try Fix(from: &reader)
    }
}

/// When an odometer can be trusted.
enum Odometer {
    /// The distance between two readings, nil where it does not agree with the sum over the fixes of the same time: after
    /// a reset or an exchange of the tracker, or where whole kilometres say too little about a short way. Fixes cut
    /// corners, so that an odometer may be well above them, but hardly below.
    static func distance_m(from first_m: UInt32, to last_m: UInt32, fixes_m: Double) -> Double? {
        guard last_m >= first_m else { return nil }
        let distance_m = Double(last_m - first_m)
        guard distance_m >= 0.9 * fixes_m - 100, distance_m <= 3 * fixes_m + 2000 else { return nil }
        let isCoarse = first_m.isMultiple(of: 1000) && last_m.isMultiple(of: 1000)
        return isCoarse && distance_m < 20_000 ? nil : distance_m
    }
}
