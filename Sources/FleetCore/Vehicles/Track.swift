/// The recent fixes of one vehicle in order of fix time, oldest first, bounded in number.
///
/// Late fixes are placed where they belong in time, so that what was decided around them can be decided again. Kept in
/// one array: appending the newest fix is the ordinary case; a late fix moves at most `limit` elements of 24 bytes.
package struct Track: Sendable, Equatable {
    package private(set) var fixes: [Fix] = []

    package init() {}

    package enum Placement: Equatable, Sendable {
        case placed(at: Int)
        /// The same time and place is there already.
        case duplicate
        /// Another place is there already at this very time.
        case conflict
        /// Older than all of a full track.
        case beyondTrack
    }

    /// Where a fix of this time stands or would stand: the first index whose fix is not older. O(log n).
    package func index(of time_ms: Int64) -> Int {
        var low = 0
        var high = fixes.count
        while low < high {
            let middle = (low + high) / 2
            if fixes[middle].time_ms < time_ms { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Places a fix, dropping the oldest where the track is full. O(log n) to find the place, O(n) to move.
    package mutating func place(_ fix: Fix, limit: Int) -> Placement {
        var index = fixes.count
        if let last = fixes.last, last.time_ms >= fix.time_ms {
            index = self.index(of: fix.time_ms)
            if fixes[index].time_ms == fix.time_ms { return fixes[index].isAt(fix) ? .duplicate : .conflict }
        }
        if fixes.count >= max(limit, 1) {
            if index == 0 { return .beyondTrack }
            let excess = fixes.count - max(limit, 1) + 1
            let dropped = min(excess, index)
            fixes.removeFirst(dropped)
            index -= dropped
        }
        fixes.insert(fix, at: index)
        return .placed(at: index)
    }

    package func _checkInvariants() {
        for (earlier, later) in zip(fixes, fixes.dropFirst()) where earlier.time_ms >= later.time_ms {
            fatalError("Track: fixes are not in strictly ascending order of time")
        }
    }
}
