/// Writes the edges of one cell as a ``LeafBlock`` holds them.
///
/// **The western side.** Parity is counted along a ray to the west that ends at the cell's side. From the end of an edge that lies
/// beyond that side another edge goes on, far in the west straight down from a lower end or up from an upper one, without end: any way
/// within the cell still crosses the boundary as often as before, and edges that are outside of the cell are not needed.
struct LeafPacker {
    /// Edges are compared with those before them only in leaves that hold no more than this.
    private static let sharingLimit = 64
    /// What lies beyond is cut off, on all sides: somewhat less than 16 bits hold.
    private static let limit = 32_760.0
    private static let far: Int32 = 32_760

    private struct Edge {
        var a: Coordinate
        var b: Coordinate
        var mask: UInt32
    }

    private struct Record {
        var low: UInt32
        var high: UInt32
        var mask: UInt32
    }

    private var edges: ContiguousArray<Edge> = []
    private var records: ContiguousArray<Record> = []
    private var cell = GridCell(x: 0, y: 0, shift: Grid.minimumShift)
    /// Ticks in a unit of the grid.
    private var scale = 1.0
    /// West of this (half of the margin by which cells are widened) no edge is needed, and beyond it some may be missing.
    private var westEnd = 0.0

    mutating func start(_ cell: GridCell) {
        edges.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
        self.cell = cell
        scale = Double(LeafBlock.ticks) / Double(UInt32(1) << cell.shift)
        westEnd = -Double(LeafBlock.halfTicks) - Grid.margin / 2 * Grid.unitsPerDegree * scale
    }

    /// An edge of a polygon; if another polygon has it already, both share it.
    mutating func add(_ a: Coordinate, _ b: Coordinate, mask: UInt32) {
        let isInOrder = (a.longitude, a.latitude) <= (b.longitude, b.latitude)
        let (first, second) = isInOrder ? (a, b) : (b, a)
        if edges.count <= LeafPacker.sharingLimit {
            for i in edges.indices where edges[i].a == first && edges[i].b == second && edges[i].mask & mask == 0 {
                edges[i].mask |= mask
                return
            }
        }
        edges.append(Edge(a: first, b: second, mask: mask))
    }

    /// How many groups of four the edges make; at least one, so that a lookup need not ask.
    mutating func pack() -> Int {
        for edge in edges { pack(edge) }
        return groupCount
    }

    private var groupCount: Int { max(1, (records.count + 3) / 4) }

    private func place(_ c: Coordinate) -> SIMD2<Double> {
        let grid = SIMD2(
            (c.longitude + 180) * Grid.unitsPerDegree - Double(cell.x),
            (c.latitude + 90) * Grid.unitsPerDegree - Double(cell.y))
        return grid * scale - Double(LeafBlock.halfTicks)
    }

    private mutating func pack(_ edge: Edge) {
        let a = place(edge.a)
        let b = place(edge.b)
        let (lower, upper) = a.y <= b.y ? (a, b) : (b, a)
        let isLowerOut = lower.x < westEnd
        let isUpperOut = upper.x < westEnd
        if isLowerOut, isUpperOut { return }
        // An edge that does not come near the cell at all was kept by a hair's breadth: nothing can cross it.
        guard let (low, high) = LeafPacker.clip(lower, upper) else { return }
        append(LeafPacker.round(low), LeafPacker.round(high), edge.mask)
        if isLowerOut {
            let y = LeafPacker.round(low).y
            append(SIMD2(-LeafPacker.far, -LeafPacker.far), SIMD2(-LeafPacker.far, y), edge.mask)
        }
        if isUpperOut {
            let y = LeafPacker.round(high).y
            append(SIMD2(-LeafPacker.far, y), SIMD2(-LeafPacker.far, LeafPacker.far), edge.mask)
        }
    }

    /// The part of a segment within the limits (Liang and Barsky, doi:10.1145/357332.357333); nil if there is none.
    private static func clip(
        _ a: SIMD2<Double>, _ b: SIMD2<Double>
    ) -> (SIMD2<Double>, SIMD2<Double>)? {
        if abs(a.x) <= limit, abs(a.y) <= limit, abs(b.x) <= limit, abs(b.y) <= limit { return (a, b) }
        var first = 0.0
        var last = 1.0
        let d = b - a
        for axis in 0..<2 {
            if d[axis] == 0 {
                if abs(a[axis]) > limit { return nil }
                continue
            }
            let (t, s) = ((-limit - a[axis]) / d[axis], (limit - a[axis]) / d[axis])
            first = max(first, min(t, s))
            last = min(last, max(t, s))
        }
        return first <= last ? (first > 0 ? a + d * first : a, last < 1 ? a + d * last : b) : nil
    }

    private static func round(_ c: SIMD2<Double>) -> SIMD2<Int32> {
        let limits = (low: SIMD2(repeating: -limit), high: SIMD2(repeating: limit))
        // Truncation of a positive number, half a tick up.
        let shifted = c.clamped(lowerBound: limits.low, upperBound: limits.high) + (Double(far) + 0.5)
        return SIMD2(Int32(shifted.x) - far, Int32(shifted.y) - far)
    }

    private mutating func append(_ low: SIMD2<Int32>, _ high: SIMD2<Int32>, _ mask: UInt32) {
        func word(_ c: SIMD2<Int32>) -> UInt32 { UInt32(bitPattern: c.x) & 0xFFFF | UInt32(bitPattern: c.y) << 16 }
        records.append(Record(low: word(low), high: word(high), mask: mask))
    }

    /// Writes the groups; what fills up the last one bounds no polygon.
    func write(to words: UnsafeMutablePointer<UInt32>) {
        for group in 0..<groupCount {
            let word = words + group * LeafBlock.groupWords
            word[8] = 0
            for lane in 0..<4 {
                let place = group * 4 + lane
                let record = place < records.count ? records[place] : Record(low: 0, high: 0, mask: 0)
                word[lane] = record.low
                word[4 + lane] = record.high
                word[8] |= record.mask << UInt32(8 * lane)
            }
        }
    }
}
