import Wire

/// What is known of the present observation once it has been compared with what led to it: whether the vehicle stands or
/// moves, since when and where, and what to add to sums. ``Movement`` makes it, before the rules are stepped.
package struct Motion: Sendable, BitwiseCopyable {
    package enum Kind: UInt8, Sendable, BitwiseCopyable {
        /// The report has no position: nothing new about motion.
        case unplaced
        /// It is still where it came to stand.
        case standing
        /// It came here from where the fix before was.
        case moving
        /// It is at a place of which nobody knows how it came there: the first fix, one after a jump or after silence.
        case elsewhere
    }

    /// What the reports so far tell about the engine. `off` means the ignition, for revolutions of 0 are often a fault.
    package enum Engine: UInt8, Sendable, BitwiseCopyable {
        case unknown
        case off
        case on
    }

    package var kind = Kind.unplaced
    /// Longer than `silence_s` has passed since the fix before, or no line leads here from it.
    package var isSilent = false
    /// Whether there has been a fix at all, so that `mark` is a place.
    package var hasMark = false
    package var engine = Engine.unknown
    /// The engine runs: the ignition is on, and the revolutions, where they are told, agree.
    package var runs = false
    /// Since when `engine` and `runs` are what they are; the earliest time where nothing was ever told.
    package var engineSince_ms = RFC3339.minimum_ms
    /// Where and since when the vehicle stands; while it moves, this fix.
    package var mark = Fix(time_ms: 0, latitude_e7: 0, longitude_e7: 0)
    /// `mark` as it was before this observation: where a trip ended if nothing is known of what came then.
    package var formerMark = Fix(time_ms: 0, latitude_e7: 0, longitude_e7: 0)
    /// The time of the fix before this one.
    package var formerTime_ms: Int64 = 0
    /// To add to sums since the observation before. What looked like standing may turn out to be slow driving; then
    /// `standing_s` is negative and `driving_s` has it. Without position or after silence elsewhere all are 0.
    package var distance_m = 0.0
    package var driving_s = 0.0
    package var standing_s = 0.0
    /// What other rules have told at this observation.
    package var found = Found()

    /// What rules that sum up need of the events of others.
    package struct Found: Sendable, BitwiseCopyable {
        package var tripsEnded: UInt8 = 0
        package var braking: UInt8 = 0
        package var acceleration: UInt8 = 0
        package var cornering: UInt8 = 0
        package var speeding_s: Float = 0
        package var idle_s: Float = 0

        package init() {}

        /// Takes account of an event that was told at this observation. The durations are where the types' lists of
        /// values have them.
        package mutating func count(_ event: RuleEvent) {
            switch event.type {
            case .tripEnded: tripsEnded &+= 1
            case .harshBraking: braking &+= 1
            case .harshAcceleration: acceleration &+= 1
            case .harshCornering: cornering &+= 1
            case .speedingEnded: speeding_s += Float(event.values[SpeedingRule.durationIndex])
            case .idleEnded: idle_s += Float(event.values[IdleRule.durationIndex])
            default: break
            }
        }
    }

    package init() {}

    /// Where the observation was made: its own fix, else the last known place.
    package func place(of observation: Observation) -> Fix? {
        observation.hasPosition ? observation.fix : hasMark ? formerMark : nil
    }
}
