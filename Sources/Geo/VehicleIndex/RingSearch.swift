import CPlatform

/// A search for the nearest vehicles, square after square of cells around the one that holds the centre.
///
/// The occupied cells of a ring come from the blocks' masks, a row at a time; their runs are fetched before any is read, because it
/// is memory that a search waits for.
struct RingSearch {
    /// Rings around the middle cell, 3 km.
    static let limit: UInt32 = 8
    /// Blocks that the widest ring may touch, each way, as a power of two.
    private static let blocksExponent: UInt32 = 2
    private static let radiansPerUnit = Earth.radians / 1e7
    private static let cellUnits = Double(1 << VehicleCell.bits)

    private let search: SphereSearch
    /// The cell that holds the centre.
    private let middle: VehicleCell
    /// The centre's place in that cell, in units.
    private let centerX: Double
    private let centerY: Double
    private let firstBlockX: UInt32
    private let firstBlockY: UInt32
    /// The blocks around: -2 not yet looked up, -1 none.
    private var blocks = InlineArray<16, Int32>(repeating: -2)

    /// The occupied cells of a ring.
    private var cells = InlineArray<64, RingCell>(repeating: RingCell(column: 0, row: 0, run: .nothing))
    private var cellCount = 0

    private struct RingCell {
        /// How many cells east and north of the middle.
        var column: Int32
        var row: Int32
        var run: VehicleRun
    }

    /// Nil where cells are no squares to speak of, or the rings would leave the world.
    init?(_ search: SphereSearch) {
        let center = search.center
        guard abs(center.latitude) < 80, abs(center.longitude) < 179.9 else { return nil }
        self.search = search
        let x = (center.longitude + 180) * 1e7
        let y = (center.latitude + 90) * 1e7
        middle = VehicleCell(VehiclePlace(x: UInt32(x), y: UInt32(y)))
        centerX = x - Double(middle.x << VehicleCell.bits)
        centerY = y - Double(middle.y << VehicleCell.bits)
        firstBlockX = (middle.x - RingSearch.limit) >> 3
        firstBlockY = (middle.y - RingSearch.limit) >> 3
    }

    /// Whether there are vehicles enough so near that nothing farther off can be wanted: so most searches end.
    mutating func run(
        _ index: borrowing VehicleIndex, _ best: inout NearestVehicles, _ filter: (Int32) -> Bool
    ) -> Bool {
        // The first two rings together: one is hardly ever enough.
        gatherRows(index, -1...1, columns: -1...1)
        var ring: Int32 = 1
        while true {
            for i in 0..<cellCount { offer(cells[i], index, &best, filter) }
            cellCount = 0
            if boundBeyond(ring) > best.boundLimit { return true }
            if ring == RingSearch.limit { return false }
            ring += 1
            gatherRows(index, -ring ... -ring, columns: -ring...ring)
            gatherRows(index, ring...ring, columns: -ring...ring)
            gatherRows(index, (1 - ring)...(ring - 1), columns: -ring ... -ring)
            gatherRows(index, (1 - ring)...(ring - 1), columns: ring...ring)
        }
    }

    // MARK: Cells

    /// Collects the occupied cells of a rectangle.
    @inline(__always)
    private mutating func gatherRows(
        _ index: borrowing VehicleIndex, _ rows: ClosedRange<Int32>, columns: ClosedRange<Int32>
    ) {
        let west = middle.x &+ UInt32(bitPattern: columns.lowerBound)
        let east = middle.x &+ UInt32(bitPattern: columns.upperBound)
        var row = rows.lowerBound
        while row <= rows.upperBound {
            let y = middle.y &+ UInt32(bitPattern: row)
            var x = west
            while x <= east {
                let last = min(east, x | 7)
                gather(index, row: row, y, x, last)
                x = last &+ 1
            }
            row &+= 1
        }
    }

    /// Collects the occupied cells of a part of a row within one block.
    @inline(__always)
    private mutating func gather(_ index: borrowing VehicleIndex, row: Int32, _ y: UInt32, _ x: UInt32, _ last: UInt32)
    {
        let number = Int(((y &>> 3) &- firstBlockY) &<< RingSearch.blocksExponent | ((x &>> 3) &- firstBlockX))
        if blocks[number] == -2 { blocks[number] = Int32(index.block(of: VehicleCell(x: x, y: y))) }
        let block = Int(blocks[number])
        if block < 0 { return }
        let first = Int(y & 7) &<< 3
        let wanted = (UInt64(2) &<< UInt64(last & 7)) &- (1 &<< UInt64(x & 7))
        var mask = index.blockMasks[block] & (wanted &<< UInt64(first))
        while mask != 0 {
            let child = mask.trailingZeroBitCount
            mask &= mask &- 1
            let run = index.runs[block &* 64 &+ child]
            let slots = index.slots.elements + run.start
            platform_prefetch(slots)
            platform_prefetch(slots + (run.count &- 1))
            let column = Int32(bitPattern: (x & ~7) &+ UInt32(truncatingIfNeeded: child & 7) &- middle.x)
            cells[cellCount] = RingCell(column: column, row: row, run: run)
            cellCount &+= 1
        }
    }

    @inline(__always)
    private func offer(
        _ cell: RingCell, _ index: borrowing VehicleIndex, _ best: inout NearestVehicles, _ filter: (Int32) -> Bool
    ) {
        // From the centre to the south-west corner, in units: whole numbers but for the centre's own fraction.
        let west = Double(cell.column) * RingSearch.cellUnits - centerX
        let south = Double(cell.row) * RingSearch.cellUnits - centerY
        if bound(west: west, south: south) > best.boundLimit { return }
        let place = VehicleCell(
            x: middle.x &+ UInt32(bitPattern: cell.column), y: middle.y &+ UInt32(bitPattern: cell.row))
        let scale = RingSearch.radiansPerUnit
        for i in cell.run.start..<cell.run.end {
            let slot = index.slots[i]
            let square = search.nearSquare(
                dx: (west + Double(Int32(bitPattern: slot.x))) * scale,
                dy: (south + Double(Int32(bitPattern: slot.y))) * scale)
            if square <= best.boundLimit, filter(slot.vehicle) {
                best.insert(slot.vehicle, VehiclePlace(place, slot), square)
            }
        }
    }

    // MARK: Bounds

    /// A lower bound of the squares in a cell, given by its corner.
    @inline(__always)
    private func bound(west: Double, south: Double) -> Double {
        let (east, north) = (west + RingSearch.cellUnits, south + RingSearch.cellUnits)
        let scale = RingSearch.radiansPerUnit
        return search.bound(
            dy: max(south, -north, 0) * scale, dx: max(west, -east, 0) * scale, height: max(-south, north) * scale)
    }

    /// A lower bound of the squares of everything outside of a ring.
    @inline(__always)
    private func boundBeyond(_ ring: Int32) -> Double {
        let west = centerX + Double(ring) * RingSearch.cellUnits
        let south = centerY + Double(ring) * RingSearch.cellUnits
        let size = Double(2 * ring + 1) * RingSearch.cellUnits
        let dx = min(west, size - west) * RingSearch.radiansPerUnit
        let dy = min(south, size - south) * RingSearch.radiansPerUnit
        let height = max(south, size - south) * RingSearch.radiansPerUnit
        // Out of the square is out of its heights, or at one of them.
        return min(search.bound(dy: dy, dx: 0, height: height), search.bound(dy: 0, dx: dx, height: height))
    }
}
