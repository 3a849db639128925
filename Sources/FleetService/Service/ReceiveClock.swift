import Foundation
import Synchronization

/// The wall clock, never running backwards: the log of inputs is in order of received times.
final class ReceiveClock: Sendable {
    private let last_ms = Atomic<Int64>(0)

    /// No time before this one: that of the last message in the journal.
    func advance(to time_ms: Int64) { last_ms.max(time_ms, ordering: .acquiringAndReleasing) }

    func now_ms() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let now_ms = Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
        let (_, newest) = last_ms.max(now_ms, ordering: .acquiringAndReleasing)
        return newest
    }
}
