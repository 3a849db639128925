import Telemetry
package import Wire

/// The tracker's alarms: SOS, tampering and jamming, each told once until reports have come without it for `clear_s`.
///
/// Many trackers send an alarm in one report only; others repeat it until somebody resets it. For both, the alarm is over
/// only when time has passed in reports without it, not in silence.
package struct AlarmRule: Rule {
    private var sos = Alarm()
    private var tamper = Alarm()
    private var jamming = Alarm()

    /// One alarm: over, on, or without it since a time.
    private struct Alarm: BitwiseCopyable {
        /// `over`, `on`, or the time of the first report without it.
        var clearSince_ms = Self.over
        static let over = Int64.min
        static let on = Int64.max

        /// Whether an alarm begins.
        mutating func step(isOn: Bool, at_ms: Int64, clear_s: Double) -> Bool {
            if clearSince_ms != Self.over, clearSince_ms != Self.on, Double(at_ms - clearSince_ms) >= clear_s * 1000 {
                clearSince_ms = Self.over
            }
            if isOn {
                defer { clearSince_ms = Self.on }
                return clearSince_ms == Self.over
            }
            if clearSince_ms == Self.on { clearSince_ms = at_ms }
            return false
        }

        static func read(from reader: inout ByteReader) throws(SnapshotError) -> Alarm {
            let time_ms: Int64 = try reader.integer()
            if time_ms == over || time_ms == on { return Alarm(clearSince_ms: time_ms) }
            reader.position -= MemoryLayout<Int64>.size
            return Alarm(clearSince_ms: try reader.time_ms())
        }
    }

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: AlarmLimits, into events: inout [RuleEvent]
    ) {
        // Hardly any vehicle has an alarm.
        let isQuiet =
            sos.clearSince_ms == Alarm.over && tamper.clearSince_ms == Alarm.over && jamming.clearSince_ms == Alarm.over
        guard input.now.hasAlarms || !isQuiet else { return }
        let alarms = limits.enabled != 0 ? input.now.alarms : []
        let now_ms = input.now.time_ms
        if sos.step(isOn: limits.sos != 0 && alarms.contains(.sos), at_ms: now_ms, clear_s: limits.clear_s) {
            tell(.sos, input, input.now.speed_kmh, nil, &events)
        }
        let isTampered = limits.tamper != 0 && (alarms.contains(.tamper) || alarms.contains(.powerCut))
        if tamper.step(isOn: isTampered, at_ms: now_ms, clear_s: limits.clear_s) {
            tell(.tamper, input, input.now.battery_v, alarms.contains(.tamper) ? "tamper" : "power_cut", &events)
        }
        if jamming.step(isOn: limits.jamming != 0 && alarms.contains(.jamming), at_ms: now_ms, clear_s: limits.clear_s)
        {
            tell(.jammingSuspected, input, input.now.speed_kmh, nil, &events)
        }
    }

    private func tell(
        _ type: EventType, _ input: RuleInput, _ value: Double?, _ word: StaticString?,
        _ events: inout [RuleEvent]
    ) {
        let now_ms = input.now.time_ms
        var event = RuleEvent(type, key_ms: now_ms, time_ms: now_ms, place: input.motion.place(of: input.now))
        event.values = [value]
        event.word = word
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(sos.clearSince_ms)
        writer.write(tamper.clearSince_ms)
        writer.write(jamming.clearSince_ms)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        sos = try Alarm.read(from: &reader)
        tamper = try Alarm.read(from: &reader)
        jamming = try Alarm.read(from: &reader)
    }
}
