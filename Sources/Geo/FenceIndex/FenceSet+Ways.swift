import CPlatform

extension FenceSet {
    /// Appends the fences whose area the straight way (in longitude and latitude, the short way round over the antimeridian)
    /// passes through although neither end is inside, ascending by slot.
    ///
    /// Costs little where the cells on the way hold no boundary near it. Nothing if an end is not valid.
    package func crossings(from: Coordinate, to: Coordinate, into result: inout [FenceCrossing]) {
        guard !layers.isEmpty, from.isValid, to.isValid, from != to else { return }
        let start = result.count
        if abs(to.longitude - from.longitude) <= 180 {
            collect(from: from, to: to, into: &result)
        } else {
            let way = Way(from: from, to: to)
            if let shift = way.otherShift {
                collect(way.segment(shift: 0), into: &result)
                collect(way.segment(shift: shift), into: &result)
            } else {
                collect(WaySegment(from: way.start, to: way.end), into: &result)
            }
        }
        if result.count > start { measure(from: from, to: to, into: &result, from: start) }
    }

    /// As the next, for a whole way. Most are short: both ends lie in one cell of a layer, which is convex and widened by more
    /// than any rounding, so that it says all there is to know; and mostly that no boundary runs through it.
    @inline(__always)
    private func collect(from: Coordinate, to: Coordinate, into result: inout [FenceCrossing]) {
        let (a, b) = (GridPlace(from), GridPlace(to))
        var grid = firstGrid
        while grid < endOfGrids {
            if let entry = grid.pointee.entry(ofBoth: a, b) {
                if entry & GridEntry.leaf != 0 {
                    let leaf = grid.pointee.leaf(entry)
                    platform_prefetch(leaf.words + 16)
                    var search = WaySearch(grid: grid, segment: WaySegment(from: from, to: to))
                    search.visitLeaf(leaf, x: a.unitX, y: a.unitY, into: &result)
                }
            } else {
                var search = WaySearch(grid: grid, segment: WaySegment(from: from, to: to))
                search.visitAll(into: &result)
            }
            grid += 1
        }
    }

    /// Collects the slots of fences that a segment may pass through, each perhaps several times.
    private func collect(_ segment: WaySegment, into result: inout [FenceCrossing]) {
        var grid = firstGrid
        while grid < endOfGrids {
            var search = WaySearch(grid: grid, segment: segment)
            search.visitAll(into: &result)
            grid += 1
        }
    }

    /// Replaces what was collected by what is truly passed through.
    @inline(never)
    private func measure(from: Coordinate, to: Coordinate, into result: inout [FenceCrossing], from start: Int) {
        result[start...].sort { $0.slot < $1.slot }
        var kept = start
        var last: Int32 = -1
        for i in start..<result.count where result[i].slot != last {
            last = result[i].slot
            guard let passage = shape(at: last)?.passage(from: from, to: to) else { continue }
            result[kept] = FenceCrossing(
                slot: last, enterFraction: passage.enterFraction, exitFraction: passage.exitFraction,
                chord_m: passage.chord_m)
            kept += 1
        }
        result.removeLast(result.count - kept)
    }
}

/// Goes through the cells of one layer that a segment may touch.
///
/// Fences that cover a cell are left out there: a way that enters one does so through a cell that its boundary touches.
private struct WaySearch {
    let grid: UnsafePointer<FenceGrid>
    let segment: WaySegment
    /// The middle of the segment and half its length, once a circle or corridor asks for it.
    private var middle: (point: Coordinate, half_m: Double)?
    /// Distances from that middle, once a corridor asks for them.
    private var field: SegmentDistance?

    init(grid: UnsafePointer<FenceGrid>, segment: WaySegment) {
        self.grid = grid
        self.segment = segment
    }

    /// Goes through all cells of the layer that the segment may touch.
    @inline(never)
    mutating func visitAll(into result: inout [FenceCrossing]) {
        let shift = grid.pointee.rootShift
        let firstX = max(grid.pointee.rootX, segment.west >> shift)
        let lastX = min(grid.pointee.rootX + grid.pointee.rootWidth - 1, segment.east >> shift)
        let firstY = max(grid.pointee.rootY, segment.south >> shift)
        let lastY = min(grid.pointee.rootY + grid.pointee.rootHeight - 1, segment.north >> shift)
        guard firstX <= lastX, firstY <= lastY else { return }
        if firstX == lastX, firstY == lastY {
            visitRoot(firstX, firstY, into: &result)
        } else {
            visitRows(firstY...lastY, into: &result)
        }
    }

    @inline(__always)
    private mutating func visitRoot(_ column: UInt32, _ row: UInt32, into result: inout [FenceCrossing]) {
        let entry = grid.pointee.root[
            Int(row - grid.pointee.rootY) * Int(grid.pointee.rootWidth) + Int(column - grid.pointee.rootX)]
        if entry == GridEntry.nothing { return }
        let shift = grid.pointee.rootShift
        visit(entry, GridCell(x: column << shift, y: row << shift, shift: shift), into: &result)
    }

    private mutating func visitRows(_ rows: ClosedRange<UInt32>, into result: inout [FenceCrossing]) {
        for row in rows {
            let columns = segment.columns(inRow: row, shift: grid.pointee.rootShift)
            let first = max(grid.pointee.rootX, columns.lowerBound)
            let last = min(grid.pointee.rootX + grid.pointee.rootWidth - 1, columns.upperBound)
            guard first <= last else { continue }
            for column in first...last { visitRoot(column, row, into: &result) }
        }
    }

    private mutating func visit(_ entry: UInt32, _ cell: GridCell, into result: inout [FenceCrossing]) {
        switch GridEntry.tag(entry) {
        case GridEntry.children: visitChildren(entry, cell, into: &result)
        case GridEntry.leaf, GridEntry.longLeaf:
            visitLeaf(grid.pointee.leaf(entry), x: cell.x, y: cell.y, into: &result)
        default: break
        }
    }

    private mutating func visitChildren(_ entry: UInt32, _ cell: GridCell, into result: inout [FenceCrossing]) {
        let shift = cell.shift - 2
        @inline(__always) func child(_ unit: UInt32, _ corner: UInt32) -> UInt32 {
            unit < corner ? 0 : min(3, (unit - corner) >> shift)
        }
        let columns = child(segment.west, cell.x)...child(segment.east, cell.x)
        let rows = child(segment.south, cell.y)...child(segment.north, cell.y)
        for row in rows {
            for column in columns {
                let inner = grid.pointee.cells[GridEntry.index(entry) * FenceGrid.unit + Int(row << 2 | column)]
                if inner == GridEntry.nothing { continue }
                let part = GridCell(x: cell.x + column << shift, y: cell.y + row << shift, shift: shift)
                if columns.count > 1, rows.count > 1,
                    !part.box.widened(by: Grid.margin).mayTouch(segment.from, segment.to)
                {
                    continue
                }
                visit(inner, part, into: &result)
            }
        }
    }

    /// Looks at a leaf, given by some place in one of its cells: it may serve four cells of its block.
    mutating func visitLeaf(_ first: LeafBlock, x: UInt32, y: UInt32, into result: inout [FenceCrossing]) {
        let cell = GridCell.containing(x: x, y: y, shift: first.shift)
        let box = segment.ticks(in: cell)
        var leaf = first
        while true {
            var near = leaf.touching(box)
            if near != 0 { near &= ~holdingAnEnd(leaf, cell) }
            while near != 0 {
                append(leaf.slot(near.trailingZeroBitCount), into: &result)
                near &= near - 1
            }
            let next = leaf.next
            if next == 0 { break }
            leaf = grid.pointee.leaf(at: next)
        }
        if first.reachCount > 0 { visitReaches(first, into: &result) }
    }

    /// The polygons of a leaf that certainly contain an end that lies in its cell: these the way does not pass.
    @inline(__always)
    private func holdingAnEnd(_ leaf: LeafBlock, _ cell: GridCell) -> UInt32 {
        holding(segment.from, leaf, cell) | holding(segment.to, leaf, cell)
    }

    @inline(__always)
    private func holding(_ end: Coordinate, _ leaf: LeafBlock, _ cell: GridCell) -> UInt32 {
        let place = GridPlace(end)
        guard cell.contains(x: place.unitX, y: place.unitY) else { return 0 }
        let (u, v) = place.ticks(shift: leaf.shift)
        let found = leaf.containing(u: u, v: v)
        return found.inside & ~found.doubt
    }

    /// Circles and corridors that come nearer to the segment's middle than half its length.
    private mutating func visitReaches(_ leaf: LeafBlock, into result: inout [FenceCrossing]) {
        let middle = middle ?? WaySearch.middle(of: segment)
        self.middle = middle
        var item = leaf.reaches
        for _ in 0..<leaf.reachCount {
            let reach = grid.pointee.reaches + item.field
            if reach.pointee.isCircle {
                // A circle that holds an end is not passed.
                if !reach.pointee.isFarther(than: middle.half_m, from: middle.point),
                    reach.pointee.decide(segment.from) != .inside, reach.pointee.decide(segment.to) != .inside
                {
                    append(item.slot, into: &result)
                }
            } else {
                let field = field ?? SegmentDistance(from: middle.point)
                self.field = field
                let limit_m = reach.pointee.reach_m + middle.half_m
                let isNear = (0..<item.runCount).contains { number in
                    item.run(number).contains { edge in
                        field.isNearer(grid.pointee.lines[edge], grid.pointee.lines[edge + 1], than: limit_m)
                    }
                }
                if isNear { append(item.slot, into: &result) }
            }
            item = item.next
        }
    }

    private static func middle(of segment: WaySegment) -> (point: Coordinate, half_m: Double) {
        let (a, b) = (segment.from, segment.to)
        let point = Coordinate(latitude: (a.latitude + b.latitude) / 2, longitude: (a.longitude + b.longitude) / 2)
        // No degree of longitude is longer than one of latitude: an upper bound, with room for the error of distances.
        let half = (abs(b.latitude - a.latitude) + abs(b.longitude - a.longitude)) / 2 * Earth.degree_m
        return (point, half * 1.02 + 0.01)
    }

    private func append(_ slot: Int32, into result: inout [FenceCrossing]) {
        if grid.pointee.isDead(slot) { return }
        // The same fence comes from neighbouring cells one after the other.
        if result.last?.slot == slot { return }
        result.append(FenceCrossing(slot: slot))
    }
}

extension Way {
    /// The part of the way that a shift brings into -180…180.
    func segment(shift: Double) -> WaySegment {
        let atSeam = unrolledLongitude > 0 ? 180.0 : -180.0
        let fraction = (atSeam - start.longitude) / (unrolledLongitude - start.longitude)
        let latitude = start.latitude + (end.latitude - start.latitude) * fraction
        if shift == 0 {
            return WaySegment(from: start, to: Coordinate(latitude: latitude, longitude: atSeam))
        }
        return WaySegment(from: Coordinate(latitude: latitude, longitude: -atSeam), to: end)
    }
}
