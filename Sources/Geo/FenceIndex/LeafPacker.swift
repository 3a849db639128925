/// Writes the edges of one cell as a ``LeafBlock`` holds them.
///
/// **The western side.** Parity is counted along a ray to the west that ends at the cell's side. Of an edge that goes out over that side
/// the outer part is replaced by one straight up or down along the side, without end: any way within the cell still crosses the edge as
/// often as before, and no end of an edge outside of the cell can matter. If the outer end is the lower one, the edge counts from −∞ on
/// (at those heights its line is west of the cell, so that the same comparison of x serves), else to +∞.
struct LeafPacker {
    /// Edges are compared with those before them only in leaves that hold no more than this.
    private static let sharingLimit = 64

    private struct Edge {
        var a: Coordinate
        var b: Coordinate
        var mask: UInt32
    }

    private struct Record {
        var low: Float
        var high: Float
        var slope: Float
        var start: Float
        var mask: UInt32
    }

    private var edges: ContiguousArray<Edge> = []
    private var records: ContiguousArray<Record> = []
    private var cell = GridCell(x: 0, y: 0, shift: Grid.minimumShift)
    /// Ticks in a unit of the grid.
    private var scale = 1.0
    /// West of this (half of the margin by which cells are widened) no edge is needed, and beyond it some may be missing.
    private var westEnd = 0.0
    /// The line of an edge lower than this is not extended: its ends are not known well enough.
    private var leastHeight = 0.0

    mutating func start(_ cell: GridCell) {
        edges.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
        self.cell = cell
        scale = Double(LeafBlock.ticks) / Double(UInt32(1) << cell.shift)
        westEnd = -Grid.margin / 2 * Grid.unitsPerDegree * scale
        // The ends are off by less than 2⁻²¹ units; over the height of a cell that must stay below half a tick.
        leastHeight = 16 * scale
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

    /// How many groups of four the edges make.
    mutating func pack() -> Int {
        for edge in edges { pack(edge) }
        return (records.count + 3) / 4
    }

    private func place(_ c: Coordinate) -> (x: Double, y: Double) {
        (
            ((c.longitude + 180) * Grid.unitsPerDegree - Double(cell.x)) * scale,
            ((c.latitude + 90) * Grid.unitsPerDegree - Double(cell.y)) * scale
        )
    }

    private mutating func pack(_ edge: Edge) {
        let a = place(edge.a)
        let b = place(edge.b)
        let (lower, upper) = a.y <= b.y ? (a, b) : (b, a)
        let isLowerOut = lower.x < westEnd
        let isUpperOut = upper.x < westEnd
        if isLowerOut, isUpperOut { return }
        let height = upper.y - lower.y
        let low = Float(lower.y)
        let high = Float(upper.y)
        guard height > 0 else {
            append(low, high, .nan, .nan, edge.mask)
            if isLowerOut || isUpperOut { append(-.infinity, high, 0, -.infinity, edge.mask) }
            return
        }
        let slope = (upper.x - lower.x) / height
        let start = lower.x - slope * lower.y
        // Holds for every edge in or near the cell whose line is known well; else all that can be said is doubt.
        guard abs(start) <= 2 * Double(LeafBlock.ticks) * (1 + abs(slope)), abs(slope) < 0x1p90 else {
            append(low, high, .nan, .nan, edge.mask)
            if isLowerOut { append(-.infinity, low, 0, -.infinity, edge.mask) }
            if isUpperOut { append(high, .infinity, 0, -.infinity, edge.mask) }
            return
        }
        let isExtended = height >= leastHeight
        append(
            isLowerOut && isExtended ? -.infinity : low, isUpperOut && isExtended ? .infinity : high, Float(slope),
            Float(start), edge.mask)
        if isExtended { return }
        if isLowerOut { append(-.infinity, low, 0, -.infinity, edge.mask) }
        if isUpperOut { append(high, .infinity, 0, -.infinity, edge.mask) }
    }

    private mutating func append(_ low: Float, _ high: Float, _ slope: Float, _ start: Float, _ mask: UInt32) {
        records.append(Record(low: low, high: high, slope: slope, start: start, mask: mask))
    }

    /// Writes the groups; what fills up the last one is no edge at any height.
    func write(to words: UnsafeMutablePointer<UInt32>) {
        let nothing = Record(low: .infinity, high: -.infinity, slope: 0, start: .infinity, mask: 0)
        for place in 0..<((records.count + 3) & ~3) {
            let record = place < records.count ? records[place] : nothing
            let lane = words + (place >> 2) * LeafBlock.groupWords + (place & 3)
            lane[0] = record.low.bitPattern
            lane[4] = record.high.bitPattern
            lane[8] = record.slope.bitPattern
            lane[12] = record.start.bitPattern
            lane[16] = record.mask
        }
    }
}
