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
    private let bitPlaces = BitPlaces.table
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

    /// Appends the slots at the places of the bits of a byte; there must be room for eight.
    @inline(__always)
    mutating func append(_ some: UnsafePointer<UInt32>, where bits: UInt32) {
        let places = bitPlaces[Int(bits)]
        let target = slots + count
        // Four in any case, because their number cannot be foreseen.
        for i in 0..<4 {
            target[i] = Int32(bitPattern: some[Int(places &>> UInt64(8 &* i) & 7)])
        }
        let more = Int(places &>> BitPlaces.countShift)
        if more > 4 {
            for i in 4..<more { target[i] = Int32(bitPattern: some[Int(places &>> UInt64(8 &* i) & 7)]) }
        }
        count &+= more
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

/// For each byte the places of its bits, ascending, a byte each, of which the lowest three bits count; and above ``countShift`` how many
/// they are.
private enum BitPlaces {
    static let countShift: UInt64 = 59

    /// Never changed and never freed, so that any thread may read it.
    nonisolated(unsafe) static let table: UnsafePointer<UInt64> = {
        let table = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
        for byte in 0..<256 {
            let bits = (0..<8).filter { byte >> $0 & 1 == 1 }
            var word = UInt64(bits.count) << countShift
            for (i, bit) in bits.enumerated() { word |= UInt64(bit) << UInt64(8 * i) }
            table[byte] = word
        }
        return UnsafePointer(table)
    }()
}
