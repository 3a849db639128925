/// What a batch of positions gave: for each position the slots of the fences that contain it, ascending.
///
/// Made to be used again and again: its memory only grows. Positions are numbered as in the batch.
package struct FenceMatches: ~Copyable {
    /// Slots of all positions end to end.
    fileprivate var slots: UnsafeMutablePointer<Int32>
    fileprivate var slotRoom: Int
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

    /// Takes back the memory that the sink wrote to, which may have moved.
    mutating func finish(_ sink: MatchSink) {
        slots = sink.slots
        slotRoom = sink.room
    }
}

/// Writes slots into the memory of ``FenceMatches``, which it holds meanwhile.
struct MatchSink: SlotSink {
    fileprivate var slots: UnsafeMutablePointer<Int32>
    fileprivate var room: Int
    private(set) var count = 0

    init(_ matches: borrowing FenceMatches) {
        slots = matches.slots
        room = matches.slotRoom
    }

    @inline(__always)
    mutating func append(_ slot: Int32) {
        if count == room { grow() }
        slots[count] = slot
        count &+= 1
    }

    /// Makes room for this many more.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        while count &+ more > room { grow() }
    }

    /// Appends a slot once, or (0) not at all; there must be room for it in either case.
    @inline(__always)
    mutating func append(_ slot: Int32, times: Int) {
        slots[count] = slot
        count &+= times
    }

    @inline(__always)
    subscript(_ position: Int) -> Int32 {
        get { slots[position] }
        set { slots[position] = newValue }
    }

    mutating func removeLast(_ number: Int) { count -= number }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Int32>.allocate(capacity: 2 * room)
        larger.update(from: slots, count: count)
        slots.deallocate()
        slots = larger
        room *= 2
    }
}
