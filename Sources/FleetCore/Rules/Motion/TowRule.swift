import Geo
import Telemetry
package import Wire

/// Towing: the vehicle is away from where its ignition went off, or its tracker says so. Told once until the ignition is
/// on; where no ignition is told, until an hour has passed in reports without the tracker's alarm.
///
/// Two fixes in a row must be away, by more than their and the place's inaccuracy together, for receivers in garages err.
package struct TowRule: Rule {
    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        /// The ignition is on or unknown.
        case none
        /// The anchor is where the ignition went off.
        case anchored
        /// The last fix was away from it.
        case away
        /// The anchor's time is that of the last alarm, where no ignition is told.
        case told
    }

    private var anchor = Fix(time_ms: 0, latitude_e7: 0, longitude_e7: 0)
    package private(set) var phase = Phase.none

    private static let alarmOver_ms: Int64 = 3_600_000

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: TowLimits, into events: inout [RuleEvent]
    ) {
        let motion = input.motion
        guard limits.enabled != 0, motion.engine != .on else {
            phase = .none
            return
        }
        let now = input.now
        let isAlarmed = now.hasAlarms && limits.device != 0 && now.alarms.contains(.towing)
        if phase == .told {
            guard motion.engine == .unknown else { return }
            if isAlarmed {
                anchor.time_ms = now.time_ms
            } else if now.time_ms - anchor.time_ms >= Self.alarmOver_ms {
                phase = .none
            }
            return
        }
        if isAlarmed {
            tell(input, key_ms: now.time_ms, away_m: nil, "device", &events)
            anchor.time_ms = now.time_ms
            return
        }
        guard motion.engine == .off, now.hasPosition, limits.distance_m > 0 else { return }
        switch phase {
        case .none:
            anchor = now.fix
            phase = .anchored
        case .anchored, .away:
            guard let away_m = awayBy_m(now.fix, limits) else {
                phase = .anchored
                return
            }
            if phase == .away {
                tell(input, key_ms: anchor.time_ms, away_m: away_m, "computed", &events)
            } else {
                phase = .away
            }
        case .told: break
        }
    }

    /// How far from the anchor it is, nil where that may be inaccuracy.
    private func awayBy_m(_ fix: Fix, _ limits: TowLimits) -> Double? {
        guard !anchor.isSurelyWithin(limits.distance_m, of: fix) else { return nil }
        let away_m = anchor.coordinate.shortDistance_m(to: fix.coordinate)
        return away_m >= limits.distance_m + (anchor.accuracy_m ?? 0) + (fix.accuracy_m ?? 0) ? away_m : nil
    }

    private mutating func tell(
        _ input: RuleInput, key_ms: Int64, away_m: Double?, _ word: StaticString, _ events: inout [RuleEvent]
    ) {
        phase = .told
        var event = RuleEvent(
            .towSuspected, key_ms: key_ms, time_ms: input.now.time_ms, place: input.motion.place(of: input.now))
        event.values = [away_m, input.now.speed_kmh]
        event.word = word
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        anchor.write(to: &writer)
        writer.write(phase.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        anchor = try Fix(from: &reader)
        phase = try reader.phase()
    }
}
