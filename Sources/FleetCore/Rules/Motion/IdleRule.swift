package import Wire

/// Idling: the engine runs while the vehicle stands.
///
/// It began when both were so, ends at the last report of standing before the vehicle moved or fell silent, or with the
/// report of the engine's being off. Reports without a position can end it but not begin it.
package struct IdleRule: Rule {
    /// Where the values of `idleEnded` have the duration.
    static let durationIndex = 1

    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        case none
        /// The engine runs and the vehicle stands, not yet for long enough.
        case pending
        case told
    }

    private var since_ms: Int64 = 0
    private var last_ms: Int64 = 0
    package private(set) var phase = Phase.none

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: IdleLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0 else {
            phase = .none
            return
        }
        let motion = input.motion
        if phase != .none {
            if motion.isSilent || motion.kind == .moving || motion.kind == .elsewhere {
                end(at_ms: last_ms, place: motion.formerMark, &events)
            } else if !motion.runs {
                end(at_ms: input.now.time_ms, place: motion.place(of: input.now), &events)
            }
        }
        guard motion.runs, motion.kind == .standing else { return }
        let now_ms = input.now.time_ms
        last_ms = now_ms
        switch phase {
        case .none:
            phase = .pending
            // Since it came to stand, unless the engine was started after that.
            since_ms = motion.isSilent ? now_ms : max(motion.mark.time_ms, motion.engineSince_ms)
            tell(now_ms, limits, motion.mark, &events)
        case .pending:
            tell(now_ms, limits, motion.mark, &events)
        case .told:
            break
        }
    }

    private mutating func tell(
        _ now_ms: Int64, _ limits: IdleLimits, _ place: Fix, _ events: inout [RuleEvent]
    ) {
        guard Double(now_ms - since_ms) >= limits.duration_s * 1000 else { return }
        phase = .told
        events.append(RuleEvent(.idleStarted, key_ms: since_ms, time_ms: since_ms, place: place))
    }

    private mutating func end(at_ms: Int64, place: Fix?, _ events: inout [RuleEvent]) {
        if phase == .told {
            var event = RuleEvent(.idleEnded, key_ms: since_ms, time_ms: at_ms, place: place)
            event.values = [Double(since_ms), Double(at_ms - since_ms) / 1000]
            events.append(event)
        }
        phase = .none
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(since_ms)
        writer.write(last_ms)
        writer.write(phase.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        since_ms = try reader.time_ms()
        last_ms = try reader.time_ms()
        phase = try reader.phase()
    }
}
