package import Wire

/// Tells when a smart cylinder or tank is low, and when no longer.
///
/// A cylinder reports as a vehicle of its own, in a group for which this rule is on, with its level as `fuel_pct`.
package struct LevelRule: Rule {
    private var excursion = Excursion()

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing LevelLimits, into events: inout [RuleEvent]
    ) {
        guard limits.enabled != 0, input.now.has.contains(.fuel) else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing LevelLimits, _ events: inout [RuleEvent]
    ) {
        let value_pct = Double(input.now.fuel_cpct) / 100
        let reading = Excursion.Reading(
            value: Int32(input.now.fuel_cpct), isBeyond: value_pct < limits.low_pct,
            isBack: value_pct >= max(limits.restored_pct, limits.low_pct), isHighBad: false)
        let change = excursion.observe(
            reading, at: input.now, duration_s: 0, confirmReadings: limits.confirm_readings)
        guard change != .none else { return }
        events.append(
            excursion.event(
                change == .exceeded ? .levelLow : .levelRestored, of: change, reading, at: input.now,
                limit: limits.low_pct, scale: 100))
    }

    package func write(to writer: inout ByteWriter) { excursion.write(to: &writer) }

    package init(from reader: inout ByteReader) throws(SnapshotError) { excursion = try Excursion(from: &reader) }
}
