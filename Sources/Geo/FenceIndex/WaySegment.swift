/// A part of a way within -180…180, with its place on the grid.
struct WaySegment {
    let from: Coordinate
    let to: Coordinate
    /// Units of the grid that the segment may touch.
    let west: UInt32
    let south: UInt32
    let east: UInt32
    let north: UInt32
    private let fromX: UInt32
    private let fromY: UInt32
    private let toX: UInt32
    private let toY: UInt32

    init(from: Coordinate, to: Coordinate) {
        self.from = from
        self.to = to
        fromX = Grid.x(from.longitude)
        fromY = Grid.y(from.latitude)
        toX = Grid.x(to.longitude)
        toY = Grid.y(to.latitude)
        // A unit is more than the margin of the cells.
        west = max(1, min(fromX, toX)) - 1
        south = max(1, min(fromY, toY)) - 1
        east = min(Grid.maximumX, max(fromX, toX) + 1)
        north = min(Grid.maximumY, max(fromY, toY) + 1)
    }

    /// Whether the rectangle around the segment may touch the cell.
    @inline(__always)
    func boxTouches(_ cell: GridCell) -> Bool {
        let last = UInt32(1) << cell.shift - 1
        return west <= cell.x + last && east >= cell.x && south <= cell.y + last && north >= cell.y
    }

    /// The cells of a row that the segment may touch.
    func columns(inRow row: UInt32, shift: UInt32) -> ClosedRange<UInt32> {
        let dy = to.latitude - from.latitude
        let (first, last) = (west >> shift, east >> shift)
        if dy == 0 || fromY >> shift == toY >> shift || first == last { return first...last }
        let size = Double(UInt32(1) << shift) * Grid.unit
        let bottom = Double(row) * size - 90
        let slope = (to.longitude - from.longitude) / dy
        let low = from.longitude + (bottom - Grid.margin - from.latitude) * slope
        let high = from.longitude + (bottom + size + Grid.margin - from.latitude) * slope
        // A slope so steep that it rounds badly widens the range by its own error.
        let slack = 2 * Grid.margin + abs(slope) * 1e-12
        let rowFirst = max(first, Grid.x(max(-180, min(180, min(low, high) - slack))) >> shift)
        let rowLast = min(last, Grid.x(max(-180, min(180, max(low, high) + slack))) >> shift)
        return rowFirst...max(rowFirst, rowLast)
    }

    /// The rectangle around the part of the segment that lies in a cell, a little too large.
    @inline(__always)
    func ticks(in cell: GridCell) -> LeafBlock.TickBox {
        let size = Int64(1) &<< Int64(cell.shift)
        @inline(__always) func place(_ unit: UInt32, _ corner: UInt32) -> Int32 {
            let inside =
                (min(max(Int64(unit) - Int64(corner), 0), size) &<< Int64(LeafBlock.tickBits)) &>> Int64(cell.shift)
            return Int32(truncatingIfNeeded: inside) - LeafBlock.halfTicks
        }
        return LeafBlock.TickBox(
            west: place(west, cell.x) - 2, south: place(south, cell.y) - 2, east: place(east + 1, cell.x) + 2,
            north: place(north + 1, cell.y) + 2)
    }
}
