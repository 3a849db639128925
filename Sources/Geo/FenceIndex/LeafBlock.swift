/// Polygons in a leaf: up to 32 of them, with the edges that touch the leaf's cell. Four edges are tested at once.
///
/// **Coordinates.** A cell is 2²⁴ *ticks* wide and high, whatever its size, so that single precision holds every place in it
/// exactly, and one bound of the error serves all cells.
///
/// **Parity.** A position is inside if the way to it from the cell's side crosses the boundary an odd number of times, or an even
/// one where that side is inside. The way goes up the western side and then east, so that an edge is crossed if it
/// straddles the position's height and passes to the west of it. An edge that leaves the cell over the western side is thought to
/// go on at all heights beyond (``LeafPacker``), which makes up for the part of the way along that side. What is left to
/// know is one bit a polygon. (The idea of a reference in each cell: S2's cell index; the ray: Shimrat, Algorithm
/// 112, doi:10.1145/368637.368653.)
///
/// **Doubt.** Where rounding might matter, within some ticks of an edge or of the height of its ends, the answer is *doubt*, and the caller
/// asks the shape itself, which is exact. Ticks are so small that this happens about once in a million positions that lie anywhere.
///
/// An edge shared by two polygons is there once, with a mask of both.
///
/// As 32-bit words: 0 chain; 1 shift of the cell | polygons << 8 | groups << 16; 2 parity, a bit a polygon; 3 polygons always
/// in doubt; 4 next block of the same leaf (0: none); 5 number of circles and corridors; then the polygons' slots; then from a
/// multiple of four words on the groups of four edges, each as five vectors (``Group``); then circles and corridors
/// (``LeafReach``).
struct LeafBlock {
    static let headerWords = 6
    static let polygonLimit = 32
    static let groupWords = 20
    /// Ticks across a cell.
    static let ticks = Float(1 << 24)
    /// More than the rounding of a height: a tick of the position, one of the edge's end, one of the grid.
    private static let heightSlack: Float = 4

    let words: UnsafePointer<UInt32>

    @inline(__always) init(_ words: UnsafePointer<UInt32>) { self.words = words }

    @inline(__always) var chain: Int { Int(words[0]) }
    @inline(__always) var shift: UInt32 { words[1] & 0xFF }
    @inline(__always) var polygonCount: Int { Int(words[1] >> 8 & 0xFF) }
    @inline(__always) var groupCount: Int { Int(words[1] >> 16) }
    @inline(__always) var next: Int { Int(words[4]) }
    @inline(__always) var reachCount: Int { Int(words[5]) }
    @inline(__always) func slot(_ polygon: Int) -> Int32 { Int32(bitPattern: words[LeafBlock.headerWords + polygon]) }

    @inline(__always)
    static func groupStart(polygons: Int) -> Int { (headerWords + polygons + 3) & ~3 }

    @inline(__always)
    var groups: UnsafeRawPointer { UnsafeRawPointer(words + LeafBlock.groupStart(polygons: polygonCount)) }

    /// Where the circles and corridors begin.
    @inline(__always)
    var reaches: UnsafePointer<UInt32> {
        words + LeafBlock.groupStart(polygons: polygonCount) + groupCount * LeafBlock.groupWords
    }

    /// Four edges: heights of the lower and the upper end, and the line x = slope · y + start between them; the polygons that each
    /// bounds, a bit a polygon. A level edge has a slope that is not a number, so that it only ever gives doubt.
    struct Group {
        var low: SIMD4<Float>
        var high: SIMD4<Float>
        var slope: SIMD4<Float>
        var start: SIMD4<Float>
        var polygons: SIMD4<UInt32>

        @inline(__always)
        static func load(_ groups: UnsafeRawPointer, _ number: Int) -> Group {
            let base = groups + number * (LeafBlock.groupWords * 4)
            return Group(
                low: base.load(as: SIMD4<Float>.self), high: base.load(fromByteOffset: 16, as: SIMD4<Float>.self),
                slope: base.load(fromByteOffset: 32, as: SIMD4<Float>.self),
                start: base.load(fromByteOffset: 48, as: SIMD4<Float>.self),
                polygons: base.load(fromByteOffset: 64, as: SIMD4<UInt32>.self))
        }

        /// How far, in ticks, the line's x may be off for heights in the cell: rounding of the slope, the product, the start and the
        /// sum, each 2⁻²⁴ of at most 2²⁴ · (2 · |slope| + 1), and of the position and the ends themselves.
        @inline(__always)
        var error: SIMD4<Float> {
            let magnitude = unsafeBitCast(
                unsafeBitCast(slope, to: SIMD4<UInt32>.self) & SIMD4(repeating: 0x7FFF_FFFF), to: SIMD4<Float>.self)
            return magnitude * 8 + 8
        }
    }

    /// Which polygons contain the position, and about which there is doubt. O(edges of the cell).
    ///
    /// - Parameters:
    ///   - u, v: ticks east and north of the cell's corner, whole numbers.
    @inline(__always)
    func containing(u: Float, v: Float) -> (inside: UInt32, doubt: UInt32) {
        let below = SIMD4<Float>(repeating: v - LeafBlock.heightSlack)
        let above = SIMD4<Float>(repeating: v + LeafBlock.heightSlack)
        let x = SIMD4<Float>(repeating: u)
        let y = SIMD4<Float>(repeating: v)
        var crossed = SIMD4<UInt32>(repeating: 0)
        var unclear = SIMD4<UInt32>(repeating: 0)
        let none = SIMD4<UInt32>(repeating: 0)
        let groups = groups
        var number = 0
        let count = groupCount
        while number < count {
            let group = Group.load(groups, number)
            let distance = x - (group.slope * y + group.start)
            let error = group.error
            let isCrossed = (group.low .< below) .& (above .< group.high) .& (error .< distance)
            let isBeside = (above .< group.low) .| (group.high .< below) .| (distance .< -error)
            crossed ^= none.replacing(with: group.polygons, where: isCrossed)
            unclear |= group.polygons.replacing(with: 0, where: isCrossed .| isBeside)
            number &+= 1
        }
        let half = crossed.lowHalf ^ crossed.highHalf
        let halfDoubt = unclear.lowHalf | unclear.highHalf
        return (words[2] ^ half[0] ^ half[1], words[3] | halfDoubt[0] | halfDoubt[1])
    }

    /// The polygons of which an edge may come into a box, in ticks: never too few.
    @inline(__always)
    func touching(west: Float, south: Float, east: Float, north: Float) -> UInt32 {
        let south4 = SIMD4<Float>(repeating: south - LeafBlock.heightSlack)
        let north4 = SIMD4<Float>(repeating: north + LeafBlock.heightSlack)
        let west4 = SIMD4<Float>(repeating: west)
        let east4 = SIMD4<Float>(repeating: east)
        var touching = SIMD4<UInt32>(repeating: 0)
        let groups = groups
        for number in 0..<groupCount {
            let group = Group.load(groups, number)
            let error = group.error
            let low = group.slope * south4 + group.start
            let high = group.slope * north4 + group.start
            let isBeside =
                (north4 .< group.low) .| (group.high .< south4)
                .| ((low .< west4 - error) .& (high .< west4 - error))
                .| ((east4 + error .< low) .& (east4 + error .< high))
            touching |= group.polygons.replacing(with: 0, where: isBeside)
        }
        let half = touching.lowHalf | touching.highHalf
        return words[3] | half[0] | half[1]
    }
}
