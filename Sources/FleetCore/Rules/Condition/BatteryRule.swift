package import Wire

/// Tells when the vehicle's battery is low, and when no longer.
///
/// Readings below 1 V are of a tracker that is cut off from the battery, not of the battery, and are left out.
package struct BatteryRule: Rule {
    /// The system of a vehicle whose limits name none is told by a vote of the last readings, which rests while the
    /// battery is low: a 24 V battery may fall to what a 12 V one has.
    private static let votesMaximum: UInt8 = 8
    private static let noVotes = UInt8.max

    private var excursion = Excursion()
    /// Of the last readings, how many more were above 17 V than not, from 0 to 8; 255 before the first.
    private var votes = BatteryRule.noVotes

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing BatteryLimits, into events: inout [RuleEvent]
    ) {
        guard input.now.has.contains(.battery), input.now.battery_cv >= 100, limits.enabled != 0 else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing BatteryLimits, _ events: inout [RuleEvent]
    ) {
        if !excursion.isConfirmed { vote(input.now.battery_cv) }
        let is24V = limits.system_v == 0 ? votes >= Self.votesMaximum / 2 : limits.system_v > 18
        let factor = is24V ? 2.0 : 1.0
        let value_v = Double(input.now.battery_cv) / 100
        let reading = Excursion.Reading(
            value: Int32(input.now.battery_cv), isBeyond: value_v < limits.low_v * factor,
            isBack: value_v >= max(limits.restored_v, limits.low_v) * factor, isHighBad: false)
        let change = excursion.observe(
            reading, at: input.now, duration_s: limits.duration_s, confirmReadings: limits.confirm_readings)
        guard change != .none else { return }
        events.append(
            excursion.event(
                change == .exceeded ? .batteryLow : .batteryRestored, of: change, reading, at: input.now,
                limit: limits.low_v * factor, scale: 100))
    }

    private mutating func vote(_ battery_cv: UInt16) {
        let isHigh = battery_cv > 1700
        guard votes != Self.noVotes else {
            votes = isHigh ? Self.votesMaximum / 2 : Self.votesMaximum / 2 - 1
            return
        }
        votes = isHigh ? min(votes + 1, Self.votesMaximum) : votes - min(votes, 1)
    }

    package func write(to writer: inout ByteWriter) {
        excursion.write(to: &writer)
        writer.write(votes)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        excursion = try Excursion(from: &reader)
        votes = try reader.integer()
        guard votes == Self.noVotes || votes <= Self.votesMaximum else {
            throw SnapshotError(reason: "a battery's votes are out of range")
        }
    }
}
