/// What is remembered of one vehicle at one geofence, from the first fix inside to the confirmed exit.
struct Visit: Sendable, Equatable {
    enum Phase: UInt8, Sendable {
        /// Fixes lie inside, but not yet clearly enough or often enough.
        case entering = 0
        case inside = 1
        /// Inside, but the last fixes lie outside, not yet clearly enough or often enough.
        case leaving = 2
    }

    /// The fence's slot in the fence set.
    var fence: Int32
    var phase = Phase.entering
    /// The vehicle's first fix of all began this visit.
    var isInitial = false
    var hasDwelled = false
    /// Fixes in the present run (inside while entering, outside while leaving), at most 255.
    var runFixes: UInt8 = 1
    /// The first fix of the present run: a transition happens at this fix, when it is confirmed.
    var runStart: Fix
    /// When the vehicle entered: the time of the first fix of the run that was confirmed. Identifies the visit.
    var entered_ms: Int64
    /// The newest fix inside.
    var lastInside_ms: Int64
    /// Start of the schedule's period for which the alarm (prohibited or outside hours) was already given.
    var alarmPeriod_ms: Int64?

    init(fence: Int32, at fix: Fix, isInitial: Bool) {
        self.fence = fence
        self.isInitial = isInitial
        runStart = fix
        entered_ms = fix.time_ms
        lastInside_ms = fix.time_ms
    }
}
