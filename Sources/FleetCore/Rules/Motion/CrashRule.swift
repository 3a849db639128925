import Telemetry
package import Wire

/// A crash is suspected where the vehicle stopped harder than its brakes can, or its tracker says so, and does not move
/// for a while after. Told once until it moves.
///
/// It has no clock: a vehicle whose tracker is silent from then on is not suspected before it reports again from there.
package struct CrashRule: Rule {
    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        case none
        case pending
        case told
    }

    /// The report of standing after the stop.
    private var impact_ms: Int64 = 0
    private var former_dkmh = UInt16.max
    /// In hundredths of a metre per second squared; 0 where only the tracker knows.
    private var deceleration_cms2: UInt16 = 0
    private var isAlarmed = false
    package private(set) var phase = Phase.none

    /// A stop leaves no more speed than this.
    private static let standing_kmh = 5.0
    private static let minimumInterval_s = 0.5

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: CrashLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else {
            phase = .none
            return
        }
        let motion = input.motion
        let now = input.now
        if phase != .none {
            if motion.kind == .moving || motion.kind == .elsewhere {
                phase = .none
            } else if phase == .pending, motion.kind == .standing {
                confirm(input, limits, &events)
            }
        }
        // An alarm that stays on is the same one.
        let isAlarmed = now.hasAlarms && limits.device != 0 && now.alarms.contains(.accident)
        let isNew = isAlarmed && !self.isAlarmed
        self.isAlarmed = isAlarmed
        guard phase == .none else { return }
        let deceleration_ms2 = Self.deceleration_ms2(input, limits)
        guard deceleration_ms2 != nil || isNew else { return }
        phase = .pending
        impact_ms = now.time_ms
        former_dkmh = input.previous?.speed_dkmh ?? .max
        deceleration_cms2 = UInt16(min(max((deceleration_ms2 ?? 0) * 100, 0), 65_535))
    }

    /// How hard it stopped at this fix, nil where it did not stop hard enough.
    private static func deceleration_ms2(_ input: RuleInput, _ limits: CrashLimits) -> Double? {
        guard input.elapsed_s <= limits.maximumInterval_s, input.elapsed_s >= minimumInterval_s,
            let speed_kmh = input.now.fix.speed_kmh, speed_kmh <= standing_kmh,
            let former_kmh = input.previous?.speed_kmh, former_kmh >= limits.minimumSpeed_kmh
        else { return nil }
        let deceleration_ms2 = (former_kmh - speed_kmh) / 3.6 / input.elapsed_s
        return limits.deceleration_ms2 > 0 && deceleration_ms2 >= limits.deceleration_ms2 ? deceleration_ms2 : nil
    }

    private mutating func confirm(
        _ input: RuleInput, _ limits: CrashLimits, _ events: inout [RuleEvent]
    ) {
        let still_ms = input.now.time_ms - impact_ms
        guard Double(still_ms) >= limits.still_s * 1000 else { return }
        phase = .told
        var event = RuleEvent(.crashSuspected, key_ms: impact_ms, time_ms: impact_ms, place: input.motion.mark)
        event.values = [
            former_dkmh == .max ? nil : Double(former_dkmh) / 10,
            deceleration_cms2 == 0 ? nil : Double(deceleration_cms2) / 100, Double(still_ms) / 1000,
        ]
        event.word = deceleration_cms2 == 0 ? "device" : "computed"
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(impact_ms)
        writer.write(former_dkmh)
        writer.write(deceleration_cms2)
        writer.write(isAlarmed)
        writer.write(phase.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        impact_ms = try reader.time_ms()
        former_dkmh = try reader.integer()
        deceleration_cms2 = try reader.integer()
        isAlarmed = try reader.bool()
        phase = try reader.phase()
    }
}
