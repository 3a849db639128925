/// One immutable grid over some fences: what a position or a way needs to find the fences around it.
///
/// The extent of the fences is cut into root cells. An entry of a root cell says: nothing, only fences that cover the cell, a leaf,
/// or a block of 4 × 4 smaller cells, where there are too many edges. Fences that cover a cell are kept once, at the largest such
/// cell, and a *chain* leads from each entry up to the lists of the larger cells around it.
///
/// A leaf keeps, for each fence whose boundary touches the cell, the edges that do so as runs into the flat array of vertices,
/// and on which side a reference position in the cell lies. A position is inside if the way from the reference to it
/// crosses an even number of those edges and the reference is inside, or an odd number and it is outside. The predicates are exact
/// on the original doubles, so that the grid itself may be rough.
///
/// Leaf, as 32-bit words: chain; number of fences << 8 | shift of the cell; then for each fence, ascending: ordinal; flags
/// (``FenceLayer/insideFlag``, ``FenceLayer/wholeFlag``, candidate of the reference << 24, number of runs); and for each run its
/// first edge and the number of edges.
///
/// Fences have *ordinals* in a layer, in the order of their slots. All arrays are flat and never change.
final class FenceLayer: Sendable {
    static let insideFlag: UInt32 = 1 << 31
    static let wholeFlag: UInt32 = 1 << 30
    static let candidateShift: UInt32 = 24
    static let runCountMask: UInt32 = 0xFF_FFFF

    // Fences, by ordinal.
    let slots: ContiguousArray<Int32>
    let kinds: ContiguousArray<Shape.Kind>
    let reaches_m: ContiguousArray<Double>
    /// Rings or lines of each fence: `lineStarts[fenceLines[i]..<fenceLines[i + 1]]`, with the end of each line at the next start.
    let fenceLines: ContiguousArray<Int32>
    let lineStarts: ContiguousArray<Int32>
    let vertices: ContiguousArray<Coordinate>
    let ordinalByID: [String: Int32]
    /// The seams at the antimeridian with the ordinals of their fences, ascending; see ``Shape``.
    let seams: ContiguousArray<FenceSeam>

    // The grid.
    let rootShift: UInt32
    let rootX: UInt32
    let rootY: UInt32
    let rootWidth: UInt32
    let rootHeight: UInt32
    let root: ContiguousArray<UInt32>
    let blocks: ContiguousArray<UInt32>
    let leaves: ContiguousArray<UInt32>
    /// Chain `c` holds `chainOrdinals[chainStarts[c]..<chainStarts[c + 1]]` and goes on at `chainParents[c]`; chain 0 is the end.
    let chainParents: ContiguousArray<UInt32>
    let chainStarts: ContiguousArray<UInt32>
    let chainOrdinals: ContiguousArray<Int32>

    /// `fences` ascend by slot. O(edges · depth of the grid).
    init(_ fences: [(slot: Int32, fence: Geofence)]) {
        let table = FenceTable(fences)
        var builder = FenceLayerBuilder(table)
        builder.build()
        slots = table.slots
        kinds = table.kinds
        reaches_m = table.reaches_m
        fenceLines = table.fenceLines
        lineStarts = table.lineStarts
        vertices = table.vertices
        ordinalByID = table.ordinalByID
        seams = table.seams
        rootShift = builder.rootShift
        rootX = builder.rootX
        rootY = builder.rootY
        rootWidth = builder.rootWidth
        rootHeight = builder.rootHeight
        root = builder.root
        blocks = builder.blocks
        leaves = builder.leaves
        chainParents = builder.chainParents
        chainStarts = builder.chainStarts
        chainOrdinals = builder.chainOrdinals
    }

    var count: Int { slots.count }

    /// What building the layer costs, for the decision when to merge layers.
    var weight: Int { vertices.count + 8 * slots.count }

    /// Binary search; nil if the layer does not know the slot.
    func ordinal(ofSlot slot: Int32) -> Int? {
        var low = 0
        var high = slots.count
        while low < high {
            let middle = (low + high) / 2
            if slots[middle] < slot { low = middle + 1 } else { high = middle }
        }
        return low < slots.count && slots[low] == slot ? low : nil
    }

    /// The entry of the smallest cell around a grid position.
    @inline(__always)
    func entry(x: UInt32, y: UInt32) -> UInt32 {
        let column = (x >> rootShift) &- rootX
        let row = (y >> rootShift) &- rootY
        guard column < rootWidth, row < rootHeight else { return GridEntry.nothing }
        var entry = root[Int(row) * Int(rootWidth) + Int(column)]
        var shift = rootShift
        while GridEntry.tag(entry) == GridEntry.children {
            shift -= 2
            let child = (y >> shift & 3) << 2 | (x >> shift & 3)
            entry = blocks[GridEntry.index(entry) * 16 + Int(child)]
        }
        return entry
    }
}

/// A stretch of the antimeridian that lies within a fence.
struct FenceSeam: Sendable {
    var ordinal: Int32
    var range: LatitudeRange
}

/// The fences of a layer as flat arrays.
struct FenceTable {
    var slots: ContiguousArray<Int32> = []
    var kinds: ContiguousArray<Shape.Kind> = []
    var reaches_m: ContiguousArray<Double> = []
    var fenceLines: ContiguousArray<Int32> = []
    var lineStarts: ContiguousArray<Int32> = []
    var vertices: ContiguousArray<Coordinate> = []
    var boxes: ContiguousArray<Box> = []
    var ordinalByID: [String: Int32] = [:]
    var seams: ContiguousArray<FenceSeam> = []

    init(_ fences: [(slot: Int32, fence: Geofence)]) {
        vertices.reserveCapacity(fences.reduce(0) { $0 + $1.fence.shape.vertices.count })
        slots.reserveCapacity(fences.count)
        boxes.reserveCapacity(fences.count)
        ordinalByID.reserveCapacity(fences.count)
        for (slot, fence) in fences {
            precondition(slots.last.map { $0 < slot } ?? true, "fences of a layer must ascend by slot")
            let shape = fence.shape
            for seam in shape.seams { seams.append(FenceSeam(ordinal: Int32(slots.count), range: seam)) }
            ordinalByID[fence.id] = Int32(slots.count)
            slots.append(slot)
            kinds.append(shape.kind)
            reaches_m.append(shape.reach_m)
            fenceLines.append(Int32(lineStarts.count))
            for line in 0..<shape.lineCount {
                lineStarts.append(shape.lineStarts[line] + Int32(vertices.count))
            }
            vertices.append(contentsOf: shape.vertices)
            boxes.append(shape.vertexBox)
        }
        fenceLines.append(Int32(lineStarts.count))
        lineStarts.append(Int32(vertices.count))
    }

    /// The edges of one ring or line.
    @inline(__always)
    func edges(ofLine line: Int) -> Range<Int> {
        let start = Int(lineStarts[line])
        return start..<max(start, Int(lineStarts[line + 1]) - 1)
    }

    func lines(of ordinal: Int) -> Range<Int> {
        Int(fenceLines[ordinal])..<Int(fenceLines[ordinal + 1])
    }
}
