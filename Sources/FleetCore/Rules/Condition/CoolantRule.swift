package import Wire

/// Tells when the engine's coolant is too hot, and when no longer.
package struct CoolantRule: Rule {
    private var excursion = Excursion()

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing CoolantLimits, into events: inout [RuleEvent]
    ) {
        guard input.now.has.contains(.coolant), limits.enabled != 0 else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing CoolantLimits, _ events: inout [RuleEvent]
    ) {
        let value_c = Double(input.now.coolant_dc) / 10
        let reading = Excursion.Reading(
            value: Int32(input.now.coolant_dc), isBeyond: value_c > limits.max_c,
            isBack: value_c <= limits.max_c - limits.hysteresis_c, isHighBad: true)
        let change = excursion.observe(
            reading, at: input.now, duration_s: limits.duration_s, confirmReadings: limits.confirm_readings)
        guard change != .none else { return }
        events.append(
            excursion.event(
                change == .exceeded ? .coolantExceeded : .coolantRestored, of: change, reading, at: input.now,
                limit: limits.max_c, scale: 10))
    }

    package func write(to writer: inout ByteWriter) { excursion.write(to: &writer) }

    package init(from reader: inout ByteReader) throws(SnapshotError) { excursion = try Excursion(from: &reader) }
}
