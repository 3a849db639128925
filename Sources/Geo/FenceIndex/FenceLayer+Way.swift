extension FenceLayer {
    /// Collects the slots of fences that a way may pass through, each perhaps several times.
    ///
    /// Fences that cover the cell of either end are left out, because they contain that end.
    func collectCandidates(
        _ segment: WaySegment, dead: ContiguousArray<UInt64>, into result: inout [FenceCrossing]
    ) {
        let firstRow = max(rootY, segment.south >> rootShift)
        let lastRow = min(rootY + rootHeight - 1, segment.north >> rootShift)
        guard firstRow <= lastRow else { return }
        for row in firstRow...lastRow {
            let columns = segment.columns(inRow: row, shift: rootShift)
            let firstColumn = max(rootX, columns.lowerBound)
            let lastColumn = min(rootX + rootWidth - 1, columns.upperBound)
            guard firstColumn <= lastColumn else { continue }
            for column in firstColumn...lastColumn {
                let entry = root[Int(row - rootY) * Int(rootWidth) + Int(column - rootX)]
                if entry == GridEntry.nothing { continue }
                let cell = GridCell(x: column << rootShift, y: row << rootShift, shift: rootShift)
                visit(entry, cell, segment, dead: dead, into: &result)
            }
        }
    }

    private func visit(
        _ entry: UInt32, _ cell: GridCell, _ segment: WaySegment, dead: ContiguousArray<UInt64>,
        into result: inout [FenceCrossing]
    ) {
        switch GridEntry.tag(entry) {
        case GridEntry.children:
            let size = UInt32(1) << (cell.shift - 2)
            for child in UInt32(0)..<16 {
                let inner = blocks[GridEntry.index(entry) * 16 + Int(child)]
                if inner == GridEntry.nothing { continue }
                let part = GridCell(
                    x: cell.x + (child & 3) * size, y: cell.y + (child >> 2) * size, shift: cell.shift - 2)
                guard part.box.widened(by: Grid.margin).mayTouch(segment.from, segment.to) else { continue }
                visit(inner, part, segment, dead: dead, into: &result)
            }
        case GridEntry.covered:
            if !segment.endsIn(cell) { appendChain(GridEntry.index(entry), dead, into: &result) }
        case GridEntry.leaf:
            let leaf = GridEntry.index(entry)
            if !segment.endsIn(cell) { appendChain(Int(leaves[leaf]), dead, into: &result) }
            var word = leaf + 2
            for _ in 0..<(leaves[leaf + 1] >> 8) {
                append(Int32(bitPattern: leaves[word]), dead, into: &result)
                word += 2 + 2 * Int(leaves[word + 1] & FenceLayer.runCountMask)
            }
        default:
            break
        }
    }

    private func appendChain(_ first: Int, _ dead: ContiguousArray<UInt64>, into result: inout [FenceCrossing]) {
        var chain = first
        while chain != 0 {
            for i in Int(chainStarts[chain])..<Int(chainStarts[chain + 1]) {
                append(chainOrdinals[i], dead, into: &result)
            }
            chain = Int(chainParents[chain])
        }
    }

    private func append(_ ordinal: Int32, _ dead: ContiguousArray<UInt64>, into result: inout [FenceCrossing]) {
        if FenceLayer.isDead(ordinal, dead) { return }
        let slot = slots[Int(ordinal)]
        // The same fence comes from neighbouring cells one after the other.
        if result.last?.slot == slot { return }
        result.append(FenceCrossing(slot: slot))
    }
}

/// A part of a way within -180…180, with its place on the grid.
struct WaySegment {
    let from: Coordinate
    let to: Coordinate
    let south: UInt32
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
        south = Grid.y(min(from.latitude, to.latitude) - Grid.margin)
        north = Grid.y(max(from.latitude, to.latitude) + Grid.margin)
    }

    @inline(__always)
    func endsIn(_ cell: GridCell) -> Bool {
        cell.contains(x: fromX, y: fromY) || cell.contains(x: toX, y: toY)
    }

    /// The cells of a row that the segment may touch.
    func columns(inRow row: UInt32, shift: UInt32) -> ClosedRange<UInt32> {
        var west = min(from.longitude, to.longitude)
        var east = max(from.longitude, to.longitude)
        let dy = to.latitude - from.latitude
        if dy != 0, fromY >> shift != toY >> shift {
            let size = Double(UInt32(1) << shift) * Grid.unit
            let bottom = Double(row) * size - 90
            let slope = (to.longitude - from.longitude) / dy
            let low = from.longitude + (bottom - Grid.margin - from.latitude) * slope
            let high = from.longitude + (bottom + size + Grid.margin - from.latitude) * slope
            // A slope so steep that it rounds badly widens the range by its own error.
            let slack = Grid.margin + abs(slope) * 1e-12
            west = max(west, min(low, high) - slack)
            east = min(east, max(low, high) + slack)
        }
        let first = Grid.x(max(-180, west - Grid.margin)) >> shift
        let last = Grid.x(min(180, east + Grid.margin)) >> shift
        return first...max(first, last)
    }
}
