import Geo

/// What one fix changes about one visit. The engine turns it into events.
enum Transition: Equatable {
    case none
    /// The visit's run inside is confirmed; it happened at the run's first fix.
    case entered
    /// The vehicle was inside before and still is: dwell and hours are to be looked at.
    case stayed
    /// The run outside is confirmed; it happened at the run's first fix. The visit is over.
    case exited
    /// A run inside that was never confirmed is broken: nothing happened.
    case dropped
}

extension Visit {
    /// A fix as one fence sees it.
    struct Sighting {
        var fix: Fix
        var isInside: Bool
        /// The fix's accuracy, or what is assumed where the tracker does not tell.
        var accuracy_m: Double
    }

    /// Takes a fix into account that is newer than all before it.
    ///
    /// A transition counts when the fix lies beyond the boundary (for an exit: beyond the exit buffer) by more than its
    /// accuracy, or when `confirmFixes` fixes in a row or a run of `confirm_s` say the same. Its time is that of the
    /// run's first fix. `distance_m` gives the metres to the fence's boundary, negative inside; it is asked only where
    /// it decides something.
    mutating func observe(_ seen: Sighting, policy: FencePolicy, distance_m: () -> Double) -> Transition {
        seen.isInside
            ? seenInside(seen, policy, distance_m: distance_m) : seenOutside(seen, policy, distance_m: distance_m)
    }

    private mutating func seenInside(
        _ seen: Sighting, _ policy: FencePolicy, distance_m: () -> Double
    ) -> Transition {
        lastInside_ms = seen.fix.time_ms
        guard phase == .entering else {
            phase = .inside
            return .stayed
        }
        if seen.fix.time_ms != runStart.time_ms { runFixes = min(runFixes, 254) + 1 }
        let isConfirmed =
            isLongEnough(at: seen, policy) || policy.traits.contains(.usesAccuracy) && -distance_m() > seen.accuracy_m
        guard isConfirmed else { return .none }
        phase = .inside
        entered_ms = runStart.time_ms
        return .entered
    }

    private mutating func seenOutside(
        _ seen: Sighting, _ policy: FencePolicy, distance_m: () -> Double
    ) -> Transition {
        if phase == .entering { return .dropped }
        let buffer_m = policy.exitBuffer_m
        if buffer_m > 0, distance_m() <= buffer_m {
            phase = .inside
            return .none
        }
        if phase == .inside {
            phase = .leaving
            runStart = seen.fix
            runFixes = 1
        } else {
            runFixes = min(runFixes, 254) + 1
        }
        let isConfirmed =
            isLongEnough(at: seen, policy)
            || policy.traits.contains(.usesAccuracy) && distance_m() - buffer_m > seen.accuracy_m
        return isConfirmed ? .exited : .none
    }

    /// The run has enough fixes, or has lasted long enough.
    private func isLongEnough(at seen: Sighting, _ policy: FencePolicy) -> Bool {
        runFixes >= policy.confirmFixes || seen.fix.time_ms - runStart.time_ms >= policy.confirm_ms
    }
}
