package import Wire

/// Tells when the engine is started and stopped.
///
/// Trackers often fall asleep with the report that the ignition is off, so a change cannot wait for a second report. It
/// is told at once where the ignition had been steady before and nothing contradicts it; a change soon after another,
/// and an ignition that reads off while the vehicle drives or the engine turns, must hold for `debounce_s` first.
package struct EngineRule: Rule {
    private enum State: UInt8 {
        case unknown = 0
        case off = 1
        case on = 2
    }

    /// When the ignition changed to what was last read; while that is contradicted, the last time that it was.
    private var readSince_ms: Int64 = .min
    /// When the engine came into the state that was last told, or was first seen in it.
    private var toldSince_ms: Int64 = .min
    private var read = State.unknown
    private var told = State.unknown
    /// What was read was contradicted by other sensors.
    private var isDoubted = false

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing EngineLimits, into events: inout [RuleEvent]
    ) {
        let has = input.now.has
        let steady: Observation.Contents = read == .on ? [.ignition, .ignitionOn] : read == .off ? .ignition : []
        let isSteady = has.intersection([.ignition, .ignitionOn]) == steady || !has.contains(.ignition)
        guard limits.enabled != 0, !isSteady || read != told else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing EngineLimits, _ events: inout [RuleEvent]
    ) {
        let has = input.now.has
        let reading: State = has.contains(.ignition) ? (has.contains(.ignitionOn) ? .on : .off) : read
        if read != told { confirm(reading, input, limits, &events) }
        guard reading != read else { return }
        let time_ms = input.now.time_ms
        guard read != .unknown else {
            read = reading
            told = reading
            readSince_ms = time_ms
            toldSince_ms = time_ms
            return
        }
        let wasSteady = Double(time_ms - readSince_ms) >= limits.debounce_s * 1000
        read = reading
        readSince_ms = time_ms
        isDoubted = Self.isContradicted(reading, input, limits)
        if read != told, wasSteady, !isDoubted { tell(input, &events) }
    }

    /// Tells a change that has held long enough.
    private mutating func confirm(
        _ reading: State, _ input: borrowing RuleInput, _ limits: borrowing EngineLimits, _ events: inout [RuleEvent]
    ) {
        if isDoubted {
            guard reading == read else { return }
            if Self.isContradicted(read, input, limits) {
                readSince_ms = input.now.time_ms
                return
            }
        }
        guard Double(input.now.time_ms - readSince_ms) >= limits.debounce_s * 1000 else { return }
        tell(input, &events)
    }

    private static func isContradicted(
        _ state: State, _ input: borrowing RuleInput, _ limits: borrowing EngineLimits
    ) -> Bool {
        guard state == .off else { return false }
        if input.now.has.contains(.rpm), input.now.rpm > 0 { return true }
        guard let speed_kmh = input.now.speed_kmh else { return false }
        return speed_kmh >= limits.moving_kmh
    }

    private mutating func tell(_ input: borrowing RuleInput, _ events: inout [RuleEvent]) {
        let isAtOnce = readSince_ms == input.now.time_ms
        var event = RuleEvent(
            read == .on ? .engineStarted : .engineStopped, key_ms: read == .on ? readSince_ms : toldSince_ms,
            time_ms: readSince_ms)
        if isAtOnce, input.now.hasPosition { event.place = input.now.fix }
        event.values = [Double(readSince_ms - toldSince_ms) / 1000]
        events.append(event)
        told = read
        toldSince_ms = readSince_ms
        isDoubted = false
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(read)
        guard read != .unknown else { return }
        writer.write(told)
        writer.write(readSince_ms)
        writer.write(toldSince_ms)
        writer.write(isDoubted)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        read = try reader.enumeration()
        guard read != .unknown else { return }
        told = try reader.enumeration()
        readSince_ms = try reader.time_ms()
        toldSince_ms = try reader.time_ms()
        isDoubted = try reader.bool()
        guard told != .unknown else { throw SnapshotError(reason: "an engine's state is out of range") }
    }
}
