import Geo

/// What a rule looks at: the present observation, what led to it, and where it is.
///
/// Rules are stepped through a vehicle's observations in order of their times. A late observation makes the engine go back
/// to a remembered state and step through all that follow once more; so a rule keeps everything that it needs in its own
/// state, knows no clock, and decides from the observations alone.
package struct RuleInput: Sendable, BitwiseCopyable {
    /// The present observation. Its position is one that was believed: where the fix was rejected, it has none.
    package var now: Observation
    /// The believed fix before this one; nil where this has no position, is the first, or follows a jump.
    package var previous: Fix?
    /// Metres and seconds from `previous` to this fix, 0 without.
    package var distance_m = 0.0
    package var elapsed_s = 0.0
    /// The kinds of the fences that the vehicle is in by its confirmed visits.
    package var places: Places = []
    /// The lowest speed limit of the fences that it is in, 0 where none has one.
    package var zoneLimit_kmh = 0.0
    /// What the vehicle's local time is ahead of UTC at this observation.
    package var utcOffset_ms: Int32 = 0
    /// Whether it stands or moves: made by ``MotionRules`` for its rules, nothing before.
    package var motion = Motion()

    /// The day of the vehicle's local time: days since 1970-01-01.
    package var localDay: Int64 { (now.time_ms + Int64(utcOffset_ms)).floorDivided(by: 86_400_000) }
    /// Minutes since local midnight, 0…1439.
    package var localMinute: Int64 { (now.time_ms + Int64(utcOffset_ms)).floorModulo(86_400_000) / 60_000 }

    package struct Places: OptionSet, Sendable, BitwiseCopyable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let depot = Places(rawValue: 1 << 0)
        package static let customer = Places(rawValue: 1 << 1)
        package static let noGo = Places(rawValue: 1 << 2)
        /// A school, a station, a hospital: hazardous goods are not parked beside it.
        package static let protected = Places(rawValue: 1 << 3)
        package static let corridor = Places(rawValue: 1 << 4)
        package static let parking = Places(rawValue: 1 << 5)
        package static let fuelStation = Places(rawValue: 1 << 6)
        package static let motorway = Places(rawValue: 1 << 7)
    }

    package init(now: Observation, previous: Fix? = nil) {
        self.now = now
        self.previous = previous
        guard let previous, now.hasPosition else { return }
        distance_m = previous.coordinate.distance_m(to: now.fix.coordinate)
        elapsed_s = Double(now.time_ms - previous.time_ms) / 1000
    }
}
