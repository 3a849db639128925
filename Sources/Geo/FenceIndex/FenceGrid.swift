import CPlatform

/// What lookups read of a layer: plain pointers, so that no reference is counted on the way of a position. Valid while the layer lives.
struct FenceGrid {
    /// Leaves start at multiples of this many words.
    static let leafUnit = 2

    var rootShift: UInt32 = 31
    var rootX: UInt32 = 0
    var rootY: UInt32 = 0
    var rootWidth: UInt32 = 0
    var rootHeight: UInt32 = 0
    /// Entries of the root cells, row by row from the south-west, and one more that says "nothing".
    var root: UnsafePointer<UInt32>
    /// Entries of blocks of 4 × 4 cells, row by row.
    var blocks: UnsafePointer<UInt32>
    /// Leaves, each at a multiple of ``leafUnit``; see ``LeafBlock``.
    var leaves: UnsafePointer<UInt32>
    /// Chain `c` starts at word `c`: the chain of the next larger cell (0: none), number of slots, slots. No chain starts at 0.
    var chains: UnsafePointer<UInt32>
    var reaches: UnsafePointer<ReachField>
    var lines: UnsafePointer<Coordinate>
    /// A bit a slot: removed or replaced since the layer was built; nil where there are none. A set adds this to the grids of its layers.
    var dead: UnsafePointer<UInt64>?

    @inline(__always)
    func leaf(_ entry: UInt32) -> LeafBlock { leaf(at: GridEntry.index(entry)) }

    /// A block by its place, in steps of ``leafUnit``.
    @inline(__always)
    func leaf(at place: Int) -> LeafBlock { LeafBlock(leaves + place &* FenceGrid.leafUnit) }

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

    /// The place in `blocks` of the cell of size `shift` that holds a position.
    @inline(__always)
    func childPlace(_ entry: UInt32, _ place: GridPlace, shift: UInt32) -> Int {
        let down = UInt64(shift &+ Grid.fractionBits)
        let child = (place.y &>> down & 3) &<< 2 | (place.x &>> down & 3)
        return GridEntry.index(entry) &* 16 &+ Int(child)
    }

    /// The entry of the smallest cell around a position.
    @inline(__always)
    func entry(_ place: GridPlace) -> UInt32 {
        var entry = root[rootPlace(place)]
        var shift = rootShift
        while GridEntry.tag(entry) == GridEntry.children {
            shift &-= 2
            entry = blocks[childPlace(entry, place, shift: shift)]
        }
        return entry
    }

    @inline(never)
    func appendChain<Sink: SlotSink>(_ first: Int, into sink: inout Sink) {
        var chain = first
        while chain != 0 {
            let count = Int(chains[chain + 1])
            for i in 0..<count { sink.append(Int32(bitPattern: chains[chain + 2 + i])) }
            chain = Int(chains[chain])
        }
    }
}

/// A position on the grid, as whole numbers of 2⁻²⁰ units.
struct GridPlace {
    var x: UInt64
    var y: UInt64

    /// Without meaning, but harmless, for a position that is not valid.
    @inline(__always)
    init(_ c: Coordinate) {
        x = min(Grid.lastPlaceX, GridPlace.whole((c.longitude + 180) * Grid.placesPerDegree))
        y = min(Grid.lastPlaceY, GridPlace.whole((c.latitude + 90) * Grid.placesPerDegree))
    }

    /// A number of 0 ..< 2⁵² rounded to a whole one: its sum with 2⁵² has it in its lowest bits.
    @inline(__always)
    private static func whole(_ value: Double) -> UInt64 { (value + 0x1p52).bitPattern &- (0x1p52).bitPattern }

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
