import CPlatform

/// What lookups read of a layer: plain pointers, so that no reference is counted on the way of a position. Valid while the layer lives.
struct FenceGrid {
    /// What ``cells`` holds starts at multiples of this many words.
    static let unit = 2

    /// Words of a chain before its slots.
    static let chainHeader = 3

    var rootShift: UInt32 = 31
    var rootX: UInt32 = 0
    var rootY: UInt32 = 0
    var rootWidth: UInt32 = 0
    var rootHeight: UInt32 = 0
    /// Entries of the root cells, row by row from the south-west, and one more that says "nothing".
    var root: UnsafePointer<UInt32>
    /// Below the root: entries of 4 × 4 cells, row by row, in one cache line; and leaves (``LeafBlock``). Each at a multiple of ``unit``.
    var cells: UnsafePointer<UInt32>
    /// Chain `c` starts at word `c`: the chain of a larger cell (0: none), number of slots, the place of a leaf that says the same (0:
    /// none), slots. No chain starts at 0.
    var chains: UnsafePointer<UInt32>
    var reaches: UnsafePointer<ReachField>
    var lines: UnsafePointer<Coordinate>
    /// A bit a slot: removed or replaced since the layer was built; nil where there are none. A set adds this to the grids of its layers.
    var dead: UnsafePointer<UInt64>?

    @inline(__always)
    func leaf(_ entry: UInt32) -> LeafBlock { leaf(at: GridEntry.index(entry)) }

    /// A block by its place, in steps of ``unit``.
    @inline(__always)
    func leaf(at place: Int) -> LeafBlock { LeafBlock(cells + place &* FenceGrid.unit) }

    @inline(__always)
    func isDead(_ slot: Int32) -> Bool {
        guard let dead else { return false }
        return dead[Int(slot) >> 6] >> UInt64(slot & 63) & 1 == 1
    }

    /// The place in `root` of the cell that holds a position; that of the extra entry where no cell does.
    @inline(__always)
    func rootPlace(_ place: GridPlace) -> Int {
        let column = UInt32(truncatingIfNeeded: place.x &>> UInt64(rootShift &+ Grid.fractionBits)) &- rootX
        let row = UInt32(truncatingIfNeeded: place.y &>> UInt64(rootShift &+ Grid.fractionBits)) &- rootY
        let inside = Int(row) &* Int(rootWidth) &+ Int(column)
        return column < rootWidth && row < rootHeight ? inside : Int(rootWidth) &* Int(rootHeight)
    }

    /// The entry of the cell of size `shift` that holds a position, among sixteen at a place in `cells`.
    @inline(__always)
    func child(_ first: Int, _ place: GridPlace, shift: UInt32) -> UInt32 {
        let down = UInt64(shift &+ Grid.fractionBits)
        let child = (place.y &>> down & 3) &<< 2 | (place.x &>> down & 3)
        return cells[first &* FenceGrid.unit &+ Int(truncatingIfNeeded: child)]
    }

    /// The entry of the smallest cell around a position.
    @inline(__always)
    func entry(_ place: GridPlace) -> UInt32 {
        var entry = root[rootPlace(place)]
        var shift = rootShift
        while GridEntry.tag(entry) == GridEntry.children {
            shift &-= 2
            entry = child(GridEntry.index(entry), place, shift: shift)
        }
        return entry
    }

    /// The entry of the smallest cell around two positions, if they are in one; nil where each is in another, or beyond the grid.
    @inline(__always)
    func entry(ofBoth a: GridPlace, _ b: GridPlace) -> UInt32? {
        let place = rootPlace(a)
        if place != rootPlace(b) || place == Int(rootWidth) &* Int(rootHeight) { return nil }
        var entry = root[place]
        var shift = rootShift
        while GridEntry.tag(entry) == GridEntry.children {
            shift &-= 2
            let down = UInt64(shift &+ Grid.fractionBits)
            if ((a.x ^ b.x) | (a.y ^ b.y)) &>> down != 0 { return nil }
            entry = child(GridEntry.index(entry), a, shift: shift)
        }
        return entry
    }

    @inline(never)
    func appendChain<Sink: SlotSink>(_ first: Int, into sink: inout Sink) {
        var chain = first
        while chain != 0 {
            let count = Int(chains[chain + 1])
            for i in 0..<count { sink.append(Int32(bitPattern: chains[chain + FenceGrid.chainHeader + i])) }
            chain = Int(chains[chain])
        }
    }
}

/// A position on the grid, as whole numbers of 2⁻²⁰ units.
struct GridPlace {
    var x: UInt64
    var y: UInt64

    /// Beyond the grid if the position is not valid.
    @inline(__always)
    init(_ c: Coordinate) {
        // Nearly all positions need no look at the ends of the ranges.
        if abs(c.longitude) < 179.999, abs(c.latitude) < 89.999 {
            x = GridPlace.whole((c.longitude + 180) * Grid.placesPerDegree)
            y = GridPlace.whole((c.latitude + 90) * Grid.placesPerDegree)
        } else {
            self = GridPlace(atEnd: c)
        }
    }

    @inline(never)
    private init(atEnd c: Coordinate) {
        x = .max
        y = .max
        guard c.isValid else { return }
        x = min(Grid.lastPlaceX, GridPlace.whole((c.longitude + 180) * Grid.placesPerDegree))
        y = min(Grid.lastPlaceY, GridPlace.whole((c.latitude + 90) * Grid.placesPerDegree))
    }

    /// A number of 0 ..< 2⁵² rounded to a whole one: its sum with 2⁵² has it in its lowest bits.
    @inline(__always)
    private static func whole(_ value: Double) -> UInt64 { (value + 0x1p52).bitPattern &- (0x1p52).bitPattern }

    /// The unit of the grid.
    @inline(__always) var unitX: UInt32 { UInt32(truncatingIfNeeded: x &>> UInt64(Grid.fractionBits)) }
    @inline(__always) var unitY: UInt32 { UInt32(truncatingIfNeeded: y &>> UInt64(Grid.fractionBits)) }

    /// The place in ticks (see ``LeafBlock``) in a cell that holds the position.
    @inline(__always)
    func ticks(shift: UInt32) -> (u: Int32, v: Int32) {
        let down = UInt64(shift &+ Grid.fractionBits &- LeafBlock.tickBits)
        let mask = UInt64(LeafBlock.ticks - 1)
        return (
            Int32(truncatingIfNeeded: x &>> down & mask) &- LeafBlock.halfTicks,
            Int32(truncatingIfNeeded: y &>> down & mask) &- LeafBlock.halfTicks
        )
    }
}

/// Takes the slots that a lookup finds.
protocol SlotSink {
    var count: Int { get }
    subscript(_ position: Int) -> Int32 { get set }
    mutating func append(_ slot: Int32)
    mutating func removeLast(_ number: Int)
}

extension Array: SlotSink where Element == Int32 {}
