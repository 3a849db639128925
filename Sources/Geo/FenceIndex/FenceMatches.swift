/// What a batch of positions gave: for each position the slots of the fences that contain it, ascending.
///
/// Made to be used again and again: its memory only grows. Positions are numbered as in the batch.
package struct FenceMatches: ~Copyable {
    /// Slots of all positions end to end.
    private(set) var slots: UnsafeMutablePointer<Int32>
    private(set) var slotRoom: Int
    /// Where each position's slots end.
    private(set) var ends: UnsafeMutablePointer<Int>
    private var pointRoom: Int
    /// Number of positions in the batch.
    package private(set) var pointCount = 0

    package init() {
        slotRoom = 1024
        pointRoom = 256
        slots = .allocate(capacity: slotRoom)
        ends = .allocate(capacity: pointRoom)
    }

    deinit {
        slots.deallocate()
        ends.deallocate()
    }

    /// Number of pairs of a position and a fence.
    @inline(__always)
    package var pairCount: Int { pointCount == 0 ? 0 : ends[pointCount - 1] }

    /// Which pairs belong to a position; give them to ``slot(_:)``.
    @inline(__always)
    package func range(ofPoint point: Int) -> Range<Int> {
        precondition(point >= 0 && point < pointCount, "there is no such position in the batch")
        return (point == 0 ? 0 : ends[point - 1])..<ends[point]
    }

    /// The slot of a pair.
    @inline(__always)
    package func slot(_ pair: Int) -> Int32 {
        precondition(pair >= 0 && pair < pairCount, "there is no such pair in the batch")
        return slots[pair]
    }

    /// Forgets what was there, and makes room for a number of positions.
    mutating func start(points: Int) {
        pointCount = points
        if points > pointRoom {
            ends.deallocate()
            pointRoom = points
            ends = .allocate(capacity: pointRoom)
        }
    }

    /// Makes room for more slots after the first `used`, which are kept.
    mutating func reserve(_ more: Int, after used: Int) {
        if used + more <= slotRoom { return }
        slotRoom = max(2 * slotRoom, used + more)
        let larger = UnsafeMutablePointer<Int32>.allocate(capacity: slotRoom)
        larger.update(from: slots, count: used)
        slots.deallocate()
        slots = larger
    }
}

extension FenceSet {
    /// The fences that contain each of the positions: what ``containing(longitude:latitude:into:)`` gives for each.
    package func containing(_ points: Span<Coordinate>, into matches: inout FenceMatches) {
        matches.start(points: points.count)
        var found: [Int32] = []
        var used = 0
        for i in 0..<points.count {
            found.removeAll(keepingCapacity: true)
            containing(longitude: points[i].longitude, latitude: points[i].latitude, into: &found)
            matches.reserve(found.count, after: used)
            for slot in found {
                matches.slots[used] = slot
                used += 1
            }
            matches.ends[i] = used
        }
    }
}
