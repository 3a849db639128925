import Geo
import Telemetry
package import Wire

/// Harsh braking, acceleration and cornering.
///
/// Computed from two fixes that are at most `maximum_interval_s` apart and both report a speed: the change of speed, and
/// speed times rate of turn. What cannot be, because it is too much or because the distance between the fixes says
/// something else, is an error of measurement. The tracker's own alarm counts likewise; within `quiet_s` of the last of
/// its kind it is the same happening, whoever saw it.
package struct HarshRule: Rule {
    private var lastBraking_ms = Self.never
    private var lastAcceleration_ms = Self.never
    private var lastCornering_ms = Self.never

    private static let never = RFC3339.minimum_ms
    /// Two fixes closer in time magnify the rounding of speeds.
    private static let minimumInterval_s = 0.5
    /// What the distance between two fixes may differ from what their speeds say, absolutely and by part.
    private static let distanceTolerance_m = 5.0
    private static let distanceTolerance = 0.2

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: HarshLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else { return }
        if let previous = input.previous, input.elapsed_s <= limits.maximumInterval_s,
            input.elapsed_s >= Self.minimumInterval_s, previous.speed_dkmh != .max, input.now.fix.speed_dkmh != .max
        {
            compare(previous, input, limits, &events)
        }
        // After what was computed, which says how hard it was.
        if limits.device != 0, input.now.hasAlarms {
            heedDevice(input, limits, &events)
        }
    }

    private mutating func compare(
        _ previous: Fix, _ input: RuleInput, _ limits: HarshLimits, _ events: inout [RuleEvent]
    ) {
        let now = input.now.fix
        let from_ms = Double(previous.speed_dkmh) / 36
        let to_ms = Double(now.speed_dkmh) / 36
        let faster_ms = max(from_ms, to_ms)
        guard faster_ms * 3.6 >= limits.minimumSpeed_kmh else { return }
        let change_ms2 = (to_ms - from_ms) / input.elapsed_s
        if limits.braking_ms2 > 0, -change_ms2 >= limits.braking_ms2, -change_ms2 <= limits.implausible_ms2,
            isPossible(from_ms, to_ms, input)
        {
            tell(.harshBraking, -change_ms2, \.lastBraking_ms, input, limits, &events)
        } else if limits.acceleration_ms2 > 0, change_ms2 >= limits.acceleration_ms2,
            change_ms2 <= limits.implausible_ms2, isPossible(from_ms, to_ms, input)
        {
            tell(.harshAcceleration, change_ms2, \.lastAcceleration_ms, input, limits, &events)
        }
        guard limits.cornering_ms2 > 0, previous.heading_ddeg != .max, now.heading_ddeg != .max,
            min(from_ms, to_ms) * 3.6 >= limits.minimumSpeed_kmh
        else { return }
        let turn_deg = abs(
            Longitude.difference(from: Double(previous.heading_ddeg) / 10, to: Double(now.heading_ddeg) / 10))
        let sideways_ms2 = (from_ms + to_ms) / 2 * turn_deg * .pi / 180 / input.elapsed_s
        if sideways_ms2 >= limits.cornering_ms2, sideways_ms2 <= limits.implausible_ms2 {
            tell(.harshCornering, sideways_ms2, \.lastCornering_ms, input, limits, &events)
        }
    }

    /// Whether the fixes are about as far apart as a vehicle comes that changes its speed evenly.
    private func isPossible(_ from_ms: Double, _ to_ms: Double, _ input: RuleInput) -> Bool {
        let expected_m = (from_ms + to_ms) / 2 * input.elapsed_s
        let tolerance_m = Self.distanceTolerance_m + Self.distanceTolerance * max(from_ms, to_ms) * input.elapsed_s
        return abs(input.distance_m - expected_m) <= tolerance_m
    }

    private mutating func heedDevice(
        _ input: RuleInput, _ limits: HarshLimits, _ events: inout [RuleEvent]
    ) {
        let alarms = input.now.alarms
        if alarms.contains(.harshBraking) { tell(.harshBraking, nil, \.lastBraking_ms, input, limits, &events) }
        if alarms.contains(.harshAcceleration) {
            tell(.harshAcceleration, nil, \.lastAcceleration_ms, input, limits, &events)
        }
        if alarms.contains(.harshCornering) { tell(.harshCornering, nil, \.lastCornering_ms, input, limits, &events) }
    }

    /// Tells it unless it belongs to the last one; nil where only the tracker knows how hard it was.
    private mutating func tell(
        _ type: EventType, _ acceleration_ms2: Double?, _ last_ms: WritableKeyPath<HarshRule, Int64>,
        _ input: RuleInput, _ limits: HarshLimits, _ events: inout [RuleEvent]
    ) {
        let now_ms = input.now.time_ms
        let isSame = Double(now_ms - self[keyPath: last_ms]) <= limits.quiet_s * 1000
        self[keyPath: last_ms] = now_ms
        guard !isSame else { return }
        var event = RuleEvent(type, key_ms: now_ms, time_ms: now_ms, place: input.motion.place(of: input.now))
        event.values = [acceleration_ms2, input.previous?.speed_kmh, input.now.speed_kmh]
        event.word = acceleration_ms2 == nil ? "device" : "computed"
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(lastBraking_ms)
        writer.write(lastAcceleration_ms)
        writer.write(lastCornering_ms)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        lastBraking_ms = try reader.time_ms()
        lastAcceleration_ms = try reader.time_ms()
        lastCornering_ms = try reader.time_ms()
    }
}
