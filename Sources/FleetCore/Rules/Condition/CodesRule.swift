package import Wire

/// Tells which diagnostic codes a vehicle raises and clears.
///
/// It sees only the engine's numbers of whole lists, and tells that one took another's place; the engine works out
/// which codes are new and which are gone. The first codes after none are told at once; any other change must hold for
/// `confirm_s`, so that a code that comes and goes is raised once.
package struct CodesRule: Rule {
    private static let noCodes: Int32 = -1

    /// When the list changed to the one that was last read.
    private var readSince_ms: Int64 = .min
    private var read = CodesRule.noCodes
    private var told = CodesRule.noCodes

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing CodesLimits, into events: inout [RuleEvent]
    ) {
        let has = input.now.has
        guard limits.enabled != 0, read != told || has.contains(.codes) else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing CodesLimits, _ events: inout [RuleEvent]
    ) {
        if input.now.has.contains(.codes), input.now.codes != read {
            read = input.now.codes
            readSince_ms = input.now.time_ms
        }
        guard read != told else { return }
        let age_ms = input.now.time_ms - readSince_ms
        if told != Self.noCodes, Double(age_ms) < limits.confirm_s * 1000 { return }
        var place: Fix?
        if age_ms == 0, input.now.hasPosition { place = input.now.fix }
        if read != Self.noCodes { tell(.codeRaised, place, &events) }
        if told != Self.noCodes { tell(.codeCleared, place, &events) }
        told = read
    }

    private func tell(_ type: EventType, _ place: Fix?, _ events: inout [RuleEvent]) {
        var event = RuleEvent(type, key_ms: readSince_ms, time_ms: readSince_ms, place: place)
        event.text = read
        event.formerText = told
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(optionalTime_ms: readSince_ms)
        writer.write(read)
        writer.write(told)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        readSince_ms = try reader.optionalTime_ms()
        read = try reader.integer()
        told = try reader.integer()
        guard readSince_ms != .min || read == told else { throw SnapshotError(reason: "a list of codes has no time") }
    }
}
