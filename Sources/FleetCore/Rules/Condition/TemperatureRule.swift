package import Wire

/// Tells when the cargo is too warm or too cold, and when no longer.
package struct TemperatureRule: Rule {
    private var excursion = Excursion()
    /// The excursion is one below the lower limit.
    private var isCold = false

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing TemperatureLimits, into events: inout [RuleEvent]
    ) {
        guard input.now.has.contains(.cargo), limits.enabled != 0 else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing TemperatureLimits, _ events: inout [RuleEvent]
    ) {
        let value_c = Double(input.now.cargo_dc) / 10
        let max_c = limits.max_c < TemperatureLimits.warmest_c ? limits.max_c : .infinity
        let min_c = limits.min_c > TemperatureLimits.coldest_c ? limits.min_c : -.infinity
        let isTooWarm = value_c > max_c
        let isTooCold = value_c < min_c
        if excursion.isIdle || !excursion.isConfirmed && (isTooWarm && isCold || isTooCold && !isCold) {
            guard isTooWarm || isTooCold else { return }
            excursion = Excursion()
            isCold = !isTooWarm
        }
        let reading = Excursion.Reading(
            value: Int32(input.now.cargo_dc), isBeyond: isCold ? isTooCold : isTooWarm,
            isBack: isCold ? value_c >= min_c + limits.hysteresis_c : value_c <= max_c - limits.hysteresis_c,
            isHighBad: !isCold)
        let change = excursion.observe(
            reading, at: input.now, duration_s: limits.duration_s, confirmReadings: limits.confirm_readings)
        guard change != .none else { return }
        var event = excursion.event(
            change == .exceeded ? .temperatureExceeded : .temperatureRestored, of: change, reading, at: input.now,
            limit: isCold ? limits.min_c : limits.max_c, scale: 10)
        event.word = isCold ? "below" : "above"
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        excursion.write(to: &writer)
        writer.write(isCold)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        excursion = try Excursion(from: &reader)
        isCold = try reader.bool()
    }
}
