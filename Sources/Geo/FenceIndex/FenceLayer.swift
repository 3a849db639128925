/// One immutable grid over some fences: what a position or a way needs to find the fences around it.
///
/// The extent of the fences is cut into root cells. An entry of a root cell says: nothing, one fence that covers the cell alone, a
/// leaf, or 4 × 4 smaller cells, where there are too many edges. Fences that cover a cell are listed in its leaf beside those
/// whose boundary touches it, as long as there are few of them; where there are many, they are kept once, at the largest such
/// cell, and a *chain* leads from the leaf up to the lists of the larger cells around it.
///
/// A leaf (``LeafBlock``) keeps, for each fence whose boundary touches the cell, the edges that do so in a form that is quick to
/// compare with, and that says where rounding might matter; there the shape itself decides, exactly on the original
/// doubles. So the layer needs no vertices, except those of corridors.
///
/// Fences have *ordinals* in a layer, in the order of their slots. All memory is flat, belongs to the layer, and never changes
/// once it is built.
final class FenceLayer: @unchecked Sendable {  // Raw memory that is only written in `init`.
    // Fences, by ordinal.
    let slots: ContiguousArray<Int32>
    let ordinalByID: [String: Int32]
    /// The seams at the antimeridian with the ordinals of their fences, ascending; see ``Shape``.
    let seams: ContiguousArray<FenceSeam>
    /// What building the layer costs, for the decision when to merge layers.
    let weight: Int

    /// For lookups; points into what follows.
    let grid: FenceGrid
    let memory: FenceLayerMemory

    /// - Parameters:
    ///   - slots: ascending.
    ///   - fence: the fence in a slot.
    ///
    /// O(edges · depth of the grid).
    init(slots: [Int32], fence: (Int32) -> Geofence) {
        let table = FenceTable(slots: slots, fence: fence)
        self.slots = table.slots
        ordinalByID = table.ordinalByID
        seams = table.seams
        weight = table.shapes.reduce(8 * table.slots.count) { $0 + $1.vertices.count }
        let builder = FenceLayerBuilder(table)
        (grid, memory) = builder.build()
    }

    deinit { memory.free() }

    var count: Int { slots.count }
}

/// The memory of a layer's grid.
struct FenceLayerMemory {
    let root: FlatBlock
    let cells: FlatBlock
    let chains: FlatBlock
    let reaches: UnsafeMutableBufferPointer<ReachField>
    let lines: UnsafeMutableBufferPointer<Coordinate>
    /// Words in use, for the invariants.
    let cellWords: Int
    let chainWords: Int

    func free() {
        root.free()
        cells.free()
        chains.free()
        reaches.deallocate()
        lines.deallocate()
    }
}
