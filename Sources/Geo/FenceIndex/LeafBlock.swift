import CPlatform

/// Polygons in a leaf: up to 8 of them, with the edges that touch the leaf's cell. Four edges are tested at once.
///
/// **Coordinates.** A cell is 2¹⁴ *ticks* wide and high, whatever its size, from -2¹³ to 2¹³, and the ends of edges are rounded to ticks; what
/// lies beyond ±2¹⁵ is cut off. So an edge takes nine bytes, and it is memory that lookups wait for.
///
/// **Parity.** A position is inside if the way to it from the cell's side crosses the boundary an odd number of times, or an even
/// one where that side is inside. The way goes up the western side and then east, so that an edge is crossed if it
/// straddles the position's height and passes to the west of it. Where an edge leaves the cell over the western side, another one goes
/// on from its end, straight up or down far in the west (``LeafPacker``), which makes up for the part of the way along that side.
/// What is left to know is one bit a polygon. (A reference in each cell: S2's cell index; the ray: Shimrat, Algorithm 112,
/// doi:10.1145/368637.368653.)
///
/// **Doubt.** Where rounding might matter, within some ticks of an edge or of the height of its ends, the answer is *doubt*, and the
/// caller asks the shape itself, which is exact. That happens to a few of a thousand positions.
///
/// An edge shared by two polygons is there once, with a mask of both.
///
/// A fence that covers the cell is a polygon without edges, and inside. So a leaf of few fences names all of them, in the order of
/// their slots, and nothing is left to sort. A leaf that fits into a cache line lies in one.
///
/// As 32-bit words: 0 chain; 1 shift of the cell | flags | polygons << 8 | groups << 16; 2 parity, a bit a polygon | polygons always
/// in doubt << 8; then the polygons' slots; then groups of four edges, at least one, each as nine words: the lower ends, the upper
/// ends (x in the low half, y in the high one), a byte a mask; then, if flagged, the next block of the same leaf, and the number of
/// circles and corridors and these (``LeafReach``).
struct LeafBlock {
    static let headerWords = 3
    static let polygonLimit = 8
    static let groupWords = 9
    static let chainFlag: UInt32 = 1 << 5
    static let nextFlag: UInt32 = 1 << 6
    static let reachFlag: UInt32 = 1 << 7
    /// Bits of a tick's place in a cell.
    static let tickBits: UInt32 = 14
    static let ticks = 1 << 14
    static let halfTicks: Int32 = 1 << 13

    let words: UnsafePointer<UInt32>

    @inline(__always) init(_ words: UnsafePointer<UInt32>) { self.words = words }

    @inline(__always) var chain: Int { Int(words[0]) }
    @inline(__always) var shift: UInt32 { words[1] & 0x1F }
    /// Not 0 if there is more to the leaf than the polygons of this block: a chain, circles, corridors, another block.
    @inline(__always)
    var more: UInt32 { words[1] & (LeafBlock.chainFlag | LeafBlock.nextFlag | LeafBlock.reachFlag) }
    @inline(__always) var polygonCount: Int { Int(words[1] >> 8 & 0xFF) }
    @inline(__always) var groupCount: Int { Int(words[1] >> 16) }
    @inline(__always) func slot(_ polygon: Int) -> Int32 { Int32(bitPattern: words[LeafBlock.headerWords &+ polygon]) }

    /// Whether header, slots and groups are more than a cache line.
    var isLong: Bool {
        LeafBlock.headerWords + polygonCount + groupCount * LeafBlock.groupWords > 16
    }

    @inline(__always)
    var groups: UnsafePointer<UInt32> { words + (LeafBlock.headerWords &+ polygonCount) }

    /// Begins to fetch the groups' cache lines after the first two.
    @inline(__always)
    func fetchRest() {
        var line = words + 32
        let end = groups + groupCount &* LeafBlock.groupWords
        while line < end {
            platform_prefetch(line)
            line += 16
        }
    }

    private var tail: UnsafePointer<UInt32> { groups + groupCount * LeafBlock.groupWords }

    /// The next block of the leaf; 0: none.
    var next: Int { words[1] & LeafBlock.nextFlag != 0 ? Int(tail[0]) : 0 }

    var reachCount: Int { words[1] & LeafBlock.reachFlag != 0 ? Int(reachWords[0]) : 0 }

    /// The first of ``reachCount`` circles and corridors.
    var reaches: LeafReach { LeafReach(reachWords + 1) }

    private var reachWords: UnsafePointer<UInt32> { words[1] & LeafBlock.nextFlag != 0 ? tail + 1 : tail }

    /// Four edges, from the lower end (x, y) on.
    struct Group {
        var x: SIMD4<Int32>
        var y: SIMD4<Int32>
        /// The upper end.
        var topX: SIMD4<Int32>
        var topY: SIMD4<Int32>
        /// The polygons that each bounds: a byte an edge, a bit a polygon.
        var polygons: UInt32

        @inline(__always)
        init(_ words: UnsafePointer<UInt32>) {
            let raw = UnsafeRawPointer(words)
            let low = raw.loadUnaligned(as: SIMD4<Int32>.self)
            let high = raw.loadUnaligned(fromByteOffset: 16, as: SIMD4<Int32>.self)
            x = (low &<< 16) &>> 16
            y = low &>> 16
            topX = (high &<< 16) &>> 16
            topY = high &>> 16
            polygons = words[8]
        }

        /// The masks of those edges for which `isWanted`, each at its own byte.
        @inline(__always)
        func masks(where isWanted: SIMDMask<SIMD4<Int32>>) -> SIMD4<UInt32> {
            // By the mask's bits: what selects by a condition may be compiled to a branch for each edge.
            let lanes = unsafeBitCast(isWanted, to: SIMD4<UInt32>.self)
            return SIMD4<UInt32>(repeating: polygons) & SIMD4(0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000) & lanes
        }
    }

    @inline(__always)
    private static func float(_ x: SIMD4<Int32>) -> SIMD4<Float> { SIMD4<Float>(x) }

    @inline(__always)
    private static func magnitude(_ x: SIMD4<Float>) -> SIMD4<Float> {
        unsafeBitCast(unsafeBitCast(x, to: SIMD4<UInt32>.self) & SIMD4(repeating: 0x7FFF_FFFF), to: SIMD4<Float>.self)
    }

    /// A position against groups of edges, one after the other.
    ///
    /// The position lies within a tick east and north of (u, v), and an end within half a tick of where it is said to be. So the height is
    /// certain from one tick on; and the line moves by no more than 1.5 · (|dx| + dy) as a determinant, somewhat more beyond the
    /// ends of short edges.
    struct Test {
        let u: Int32
        let v: Int32
        /// A byte a polygon in each word, as ``Group/masks(where:)`` gives them.
        private var crossed = SIMD4<UInt32>(repeating: 0)
        private var unclear = SIMD4<UInt32>(repeating: 0)

        @inline(__always)
        init(u: Int32, v: Int32) {
            self.u = u
            self.v = v
        }

        @inline(__always)
        mutating func add(_ group: Group) {
            let (px, py) = (SIMD4<Int32>(repeating: u), SIMD4<Int32>(repeating: v))
            let above = SIMD4<Int32>(repeating: v &+ 1)
            let dx = LeafBlock.float(group.topX &- group.x)
            let dy = LeafBlock.float(group.topY &- group.y)
            let turn = LeafBlock.float(px &- group.x) * dy - dx * LeafBlock.float(py &- group.y)
            let error = (LeafBlock.magnitude(dx) + dy) * 2 + 4
            let isCrossed = (py .> group.y) .& (above .< group.topY) .& (turn .> error)
            let isBeside = (above .< group.y) .| (py .> group.topY) .| (turn .< -error)
            crossed ^= group.masks(where: isCrossed)
            unclear |= group.masks(where: .!(isCrossed .| isBeside))
        }

        /// Which polygons of the block contain the position, and about which there is doubt, after all its groups.
        @inline(__always)
        func result(_ block: LeafBlock) -> (inside: UInt32, doubt: UInt32) {
            let sides = block.words[2]
            return ((sides ^ LeafBlock.fold(crossed, ^)) & 0xFF, (sides >> 8 | LeafBlock.fold(unclear, |)) & 0xFF)
        }

        /// The polygons that were crossed oddly often, and those about which there is doubt.
        @inline(__always)
        func folded() -> (crossed: UInt32, unclear: UInt32) {
            (LeafBlock.fold(crossed, ^) & 0xFF, LeafBlock.fold(unclear, |) & 0xFF)
        }
    }

    /// Which polygons contain the position, and about which there is doubt. O(edges of the cell).
    @inline(__always)
    func containing(u: Int32, v: Int32) -> (inside: UInt32, doubt: UInt32) {
        var test = Test(u: u, v: v)
        var words = groups
        test.add(Group(words))
        for _ in 1..<max(1, groupCount) {
            words += LeafBlock.groupWords
            test.add(Group(words))
        }
        return test.result(self)
    }

    /// The bytes of four words as one; those above the lowest byte are of no meaning.
    @inline(__always)
    private static func fold(_ lanes: SIMD4<UInt32>, _ join: (UInt32, UInt32) -> UInt32) -> UInt32 {
        let pair = unsafeBitCast(lanes.lowHalf | lanes.highHalf, to: UInt64.self)
        let word = UInt32(truncatingIfNeeded: pair | pair &>> 32)
        let half = join(word, word >> 16)
        return join(half, half >> 8)
    }

    /// A rectangle in ticks.
    struct TickBox {
        var west: Int32
        var south: Int32
        var east: Int32
        var north: Int32
    }

    /// The polygons of which an edge may come into a box: never too few.
    @inline(__always)
    func touching(_ box: TickBox) -> UInt32 {
        let (west, south) = (SIMD4<Int32>(repeating: box.west), SIMD4<Int32>(repeating: box.south))
        let (east, north) = (SIMD4<Int32>(repeating: box.east), SIMD4<Int32>(repeating: box.north))
        let width = LeafBlock.float(east &- west)
        let height = LeafBlock.float(north &- south)
        var touching = SIMD4<UInt32>(repeating: 0)
        var words = groups
        let end = words + groupCount &* LeafBlock.groupWords
        while words < end {
            let group = Group(words)
            let dx = LeafBlock.float(group.topX &- group.x)
            let dy = LeafBlock.float(group.topY &- group.y)
            // From the lower end to the middle of the box, twice.
            let toX = LeafBlock.float((west &+ east) &- (group.x &+ group.x))
            let toY = LeafBlock.float((south &+ north) &- (group.y &+ group.y))
            let wide = LeafBlock.magnitude(dx)
            let reach = wide * (height + 4) + dy * (width + 4) + 8
            let isBeside =
                (group.topY .< south) .| (group.y .> north) .| ((group.x .< west) .& (group.topX .< west))
                .| ((group.x .> east) .& (group.topX .> east)) .| (LeafBlock.magnitude(toX * dy - dx * toY) .> reach)
            touching |= group.masks(where: .!isBeside)
            words += LeafBlock.groupWords
        }
        return (self.words[2] >> 8 | LeafBlock.fold(touching, |)) & 0xFF
    }
}
