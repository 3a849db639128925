import Foundation
package import Geo
import Locks

/// Offsets of time zones from Foundation's database, as the core wants them: a table.
package enum TimeZones {
    /// Transitions are listed for these years; before and after, the nearest offset holds.
    private static let first_s = 946_684_800.0
    private static let last_s = 4_102_444_800.0

    private static let known = Guarded<[String: TimeZoneRules]>([:])

    /// The rules of a zone, nil for a name that does not exist. The table of a zone is made once.
    @Sendable package static func rules(named name: String) -> TimeZoneRules? {
        if let rules = known.withLock({ $0[name] }) { return rules }
        guard let zone = TimeZone(identifier: name) else { return nil }
        var moment = Date(timeIntervalSince1970: first_s)
        var transitions_ms: [Int64] = []
        var offsets_s = [Int32(zone.secondsFromGMT(for: moment))]
        while let next = zone.nextDaylightSavingTimeTransition(after: moment), next.timeIntervalSince1970 < last_s,
            next > moment
        {
            transitions_ms.append(Int64((next.timeIntervalSince1970 * 1000).rounded()))
            offsets_s.append(Int32(zone.secondsFromGMT(for: next.addingTimeInterval(1))))
            moment = next
        }
        guard let rules = TimeZoneRules(transitions_ms: transitions_ms, offsets_s: offsets_s) else { return nil }
        known.withLock { $0[name] = rules }
        return rules
    }
}
