package import Wire

/// The safety score of a driver's shift, 0 to 100, higher is better:
///
///     100 − harsh_weight · H / (D / 100 km) − speeding_weight · 100 · S / T − idling_weight · 100 · I / (T + I)
///
/// and 0 where that is less, with the events of harsh driving H, the distance D but at least `full_distance_km`, the
/// seconds of speeding S (at most T), of driving T, and of idling that was told I. So 2 harsh events on 100 km, 1 % of the
/// time above the limit and 10 % of it idling make 100 − 10 − 2 − 2 = 86 by the default weights.
///
/// A shift lasts from the driver's signing on until signing off, another driver, or standing for `standing_h` (then it
/// ended when the vehicle last moved, and the next begins when it moves). What began before it and ended in it counts from
/// its start; speeding or idling that goes on at its end is the next one's.
package struct ScoreRule: Rule {
    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        case none
        /// A driver is signed on, and the shift has ended by standing.
        case resting
        case driving
    }

    /// The engine's number of the driver's name; counts unless the phase is `none`.
    package var driver: Int32 = -1
    private var since_ms: Int64 = 0
    /// When the vehicle last moved in this shift.
    private var moved_ms: Int64 = 0
    private var distance_m = 0.0
    private var driving_s: Float = 0
    private var speeding_s: Float = 0
    private var idle_s: Float = 0
    private var braking: UInt16 = 0
    private var acceleration: UInt16 = 0
    private var cornering: UInt16 = 0
    package private(set) var phase = Phase.none

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: ScoreLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else {
            phase = .none
            return
        }
        let now_ms = input.now.time_ms
        if phase != .none {
            if phase == .driving, Double(now_ms - moved_ms) >= limits.standing_h * 3_600_000 {
                end(at_ms: moved_ms, "standing", limits, &events)
                phase = .resting
            }
            let isMoving = input.motion.kind == .moving
            if phase == .resting, isMoving { begin(driver, at_ms: input.motion.formerTime_ms) }
            if phase == .driving {
                if isMoving { moved_ms = now_ms }
                add(input)
            }
        }
        guard input.now.has.contains(.driver), input.now.driver != driver || phase == .none else { return }
        let next = input.now.driver
        if phase == .driving { end(at_ms: now_ms, next < 0 ? "signed_off" : "driver_changed", limits, &events) }
        phase = .none
        driver = next
        if next >= 0 { begin(next, at_ms: now_ms) }
    }

    private mutating func begin(_ driver: Int32, at_ms: Int64) {
        self = ScoreRule()
        self.driver = driver
        since_ms = at_ms
        moved_ms = at_ms
        phase = .driving
    }

    private mutating func add(_ input: RuleInput) {
        let motion = input.motion
        distance_m += motion.distance_m
        driving_s += Float(motion.driving_s)
        let found = motion.found
        braking = Self.sum(braking, found.braking)
        acceleration = Self.sum(acceleration, found.acceleration)
        cornering = Self.sum(cornering, found.cornering)
        let shift_s = Float(input.now.time_ms - since_ms) / 1000
        speeding_s += min(found.speeding_s, shift_s)
        idle_s += min(found.idle_s, shift_s)
    }

    private static func sum(_ count: UInt16, _ more: UInt8) -> UInt16 {
        UInt16(min(Int(count) + Int(more), Int(UInt16.max)))
    }

    private func end(
        at_ms: Int64, _ reason: StaticString, _ limits: ScoreLimits, _ events: inout [RuleEvent]
    ) {
        guard distance_m >= limits.minimumDistance_km * 1000 else { return }
        var event = RuleEvent(.driverScored, key_ms: since_ms, time_ms: at_ms)
        event.values = [
            Double(since_ms), score(limits), distance_m / 1000, Double(braking), Double(acceleration),
            Double(cornering), Double(speeding_s), Double(idle_s),
        ]
        event.word = reason
        event.text = driver
        events.append(event)
    }

    /// The formula in the type's head.
    private func score(_ limits: ScoreLimits) -> Double {
        let hundreds_km = max(distance_m / 1000, limits.fullDistance_km) / 100
        let harsh = Double(Int(braking) + Int(acceleration) + Int(cornering))
        let driven_s = Double(max(driving_s, 1))
        let speeding_pct = 100 * min(Double(speeding_s) / driven_s, 1)
        let idling_pct = 100 * Double(idle_s) / (driven_s + Double(idle_s))
        let score =
            100 - limits.harshWeight * harsh / hundreds_km - limits.speedingWeight * speeding_pct
            - limits.idlingWeight * idling_pct
        return min(max(score, 0), 100)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(driver)
        writer.write(since_ms)
        writer.write(moved_ms)
        writer.write(distance_m)
        for sum_s in [driving_s, speeding_s, idle_s] { writer.write(sum_s) }
        for count in [braking, acceleration, cornering] { writer.write(count) }
        writer.write(phase.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        driver = try reader.integer()
        since_ms = try reader.time_ms()
        moved_ms = try reader.time_ms()
        distance_m = try reader.sum()
        driving_s = try reader.sum()
        speeding_s = try reader.sum()
        idle_s = try reader.sum()
        braking = try reader.integer()
        acceleration = try reader.integer()
        cornering = try reader.integer()
        phase = try reader.phase()
    }
}
