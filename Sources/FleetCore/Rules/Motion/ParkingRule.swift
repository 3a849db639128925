package import Wire

/// Parking: the vehicle stands with its ignition off, or where no ignition is told, just stands.
///
/// Told once for each stay. Switching the ignition on ends the count; once parking is told, only moving on ends it. A
/// report without a position counts where it tells that the ignition is off.
package struct ParkingRule: Rule {
    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        case none
        case pending
        case told
    }

    private var since_ms: Int64 = 0
    package private(set) var phase = Phase.none

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: ParkingLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else {
            phase = .none
            return
        }
        let motion = input.motion
        if motion.kind == .moving || motion.kind == .elsewhere { phase = .none }
        guard phase != .told else { return }
        if motion.engine == .on {
            phase = .none
            return
        }
        switch motion.kind {
        case .moving: return
        case .unplaced where motion.engine != .off || !motion.hasMark: return
        case .standing, .elsewhere, .unplaced: break
        }
        if phase == .none {
            phase = .pending
            since_ms = max(motion.mark.time_ms, motion.engineSince_ms)
        }
        guard Double(input.now.time_ms - since_ms) >= limits.duration_s * 1000 else { return }
        phase = .told
        var event = RuleEvent(.parked, key_ms: since_ms, time_ms: since_ms, place: motion.mark)
        event.values = [input.now.fuel_pct, input.now.odometer_km]
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(since_ms)
        writer.write(phase.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        since_ms = try reader.time_ms()
        phase = try reader.phase()
    }
}
