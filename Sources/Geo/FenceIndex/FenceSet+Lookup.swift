import CPlatform

extension FenceSet {
    /// Appends the slots of the fences that contain the position, ascending; nothing if the position is not valid.
    ///
    /// Exact (see ``Shape``). Allocates nothing once `result` has room. Grows with the fences at the place, not with their number.
    /// For many positions at once ``containing(_:into:)`` takes half the time.
    package func containing(longitude: Double, latitude: Double, into result: inout [Int32]) {
        let p = Coordinate(latitude: latitude, longitude: longitude)
        guard p.isValid else { return }
        let place = GridPlace(p)
        let start = result.count
        var grid = firstGrid
        while grid < endOfGrids {
            let before = result.count
            append(grid.pointee.entry(place), of: grid, p, place, into: &result)
            if grid.pointee.dead != nil { FenceSet.dropDead(of: grid, in: &result, from: before) }
            grid += 1
        }
        if abs(longitude) == 180 { appendSeams(latitude: latitude, into: &result) }
        if result.count > start + 1 { FenceSet.sortTail(of: &result, from: start) }
    }

    /// The fences of one entry of the grid.
    @inline(__always)
    func append<Sink: SlotSink>(
        _ entry: UInt32, of grid: UnsafePointer<FenceGrid>, _ p: Coordinate, _ place: GridPlace, into sink: inout Sink
    ) {
        if entry & GridEntry.leaf == 0 {
            if entry != GridEntry.nothing { sink.append(Int32(truncatingIfNeeded: GridEntry.index(entry))) }
            return
        }
        let leaf = grid.pointee.leaf(entry)
        platform_prefetch(leaf.words + 16)
        let (u, v) = place.ticks(shift: leaf.shift)
        let found = leaf.containing(u: u, v: v)
        if found.doubt | leaf.more != 0 {
            appendSlowly(leaf, found, grid, p, place, into: &sink)
            return
        }
        var inside = found.inside
        while inside != 0 {
            sink.append(leaf.slot(inside.trailingZeroBitCount))
            inside &= inside &- 1
        }
    }

    @inline(__always)
    private func appendPolygons<Sink: SlotSink>(
        of leaf: LeafBlock, _ found: (inside: UInt32, doubt: UInt32), _ p: Coordinate, into sink: inout Sink
    ) {
        var inside = found.inside
        if found.doubt != 0 { inside = decide(leaf, inside: inside, doubt: found.doubt, p) }
        while inside != 0 {
            sink.append(leaf.slot(inside.trailingZeroBitCount))
            inside &= inside &- 1
        }
    }

    /// Asks the shapes about which there is doubt.
    @inline(never)
    private func decide(_ leaf: LeafBlock, inside: UInt32, doubt: UInt32, _ p: Coordinate) -> UInt32 {
        let exact = Orientation.canonical(p)
        var result = inside & ~doubt
        var open = doubt
        while open != 0 {
            let polygon = open.trailingZeroBitCount
            open &= open - 1
            // A dead fence may be gone, or have another shape: what is found of it is dropped later.
            let shape = shape(at: leaf.slot(polygon))
            if shape?.kind == .polygon, shape?.location(of: exact) == .inside { result |= 1 << UInt32(polygon) }
        }
        return result
    }

    /// Where there is doubt, or more than the polygons of one block: many fences that cover the cell, circles, corridors, polygons of
    /// other blocks.
    @inline(never)
    private func appendSlowly<Sink: SlotSink>(
        _ first: LeafBlock, _ found: (inside: UInt32, doubt: UInt32), _ grid: UnsafePointer<FenceGrid>,
        _ p: Coordinate, _ place: GridPlace, into sink: inout Sink
    ) {
        appendPolygons(of: first, found, p, into: &sink)
        if first.more == 0 { return }
        if first.chain != 0 { grid.pointee.appendChain(first.chain, into: &sink) }
        var next = first.next
        while next != 0 {
            let leaf = grid.pointee.leaf(at: next)
            let (u, v) = place.ticks(shift: leaf.shift)
            appendPolygons(of: leaf, leaf.containing(u: u, v: v), p, into: &sink)
            next = leaf.next
        }
        if first.reachCount == 0 { return }
        let exact = Orientation.canonical(p)
        var field: SegmentDistance?
        var item = first.reaches
        for _ in 0..<first.reachCount {
            let reach = grid.pointee.reaches + item.field
            if reach.pointee.isCircle {
                let decision = reach.pointee.decide(exact)
                if decision == .inside
                    || (decision == .doubt && exact.distance_m(to: reach.pointee.center) < reach.pointee.reach_m)
                {
                    sink.append(item.slot)
                }
            } else {
                let made = field ?? SegmentDistance(from: exact)
                field = made
                if FenceSet.isWithinReach(made, item, grid, reach.pointee.reach_m) { sink.append(item.slot) }
            }
            item = item.next
        }
    }

    private static func isWithinReach(
        _ field: SegmentDistance, _ item: LeafReach, _ grid: UnsafePointer<FenceGrid>, _ reach_m: Double
    ) -> Bool {
        for number in 0..<item.runCount {
            for edge in item.run(number)
            where field.isNearer(grid.pointee.lines[edge], grid.pointee.lines[edge + 1], than: reach_m) {
                return true
            }
        }
        return false
    }

    /// On ±180 nothing is strictly within a polygon, so these are not yet in the result.
    @inline(never)
    func appendSeams<Sink: SlotSink>(latitude: Double, into sink: inout Sink) {
        for layer in layers {
            for seam in layer.core.seams where !layer.isDead(seam.ordinal) {
                if seam.range.south < latitude, latitude < seam.range.north {
                    sink.append(layer.core.slots[Int(seam.ordinal)])
                }
            }
        }
    }

    // MARK: What was appended

    /// Takes out the slots that died since the layer was built.
    @inline(never)
    static func dropDead<Sink: SlotSink>(of grid: UnsafePointer<FenceGrid>, in sink: inout Sink, from start: Int) {
        var kept = start
        for i in start..<sink.count where !grid.pointee.isDead(sink[i]) {
            sink[kept] = sink[i]
            kept += 1
        }
        sink.removeLast(sink.count - kept)
    }

    /// Sorts what was appended: mostly it is in order already, and it is short.
    @inline(__always)
    static func sortTail<Sink: SlotSink>(of sink: inout Sink, from start: Int) {
        if sink.count - start > 64 {
            sortLongTail(of: &sink, from: start)
            return
        }
        var i = start + 1
        while i < sink.count {
            let value = sink[i]
            var j = i
            while j > start, sink[j - 1] > value {
                sink[j] = sink[j - 1]
                j -= 1
            }
            sink[j] = value
            i += 1
        }
    }

    @inline(never)
    private static func sortLongTail<Sink: SlotSink>(of sink: inout Sink, from start: Int) {
        let sorted = (start..<sink.count).map { sink[$0] }.sorted()
        for (i, slot) in sorted.enumerated() { sink[start + i] = slot }
    }
}
