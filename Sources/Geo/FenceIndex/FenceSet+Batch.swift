import CPlatform

extension FenceSet {
    /// The fences that contain each of the positions: what ``containing(longitude:latitude:into:)`` gives for each.
    ///
    /// Positions go through the index in chunks and each chunk in steps, so that the memory of a step is on its way to the processor
    /// while the others of the chunk are looked at: root cells, then smaller cells where there are any, then leaves. Allocates nothing
    /// once `matches` has room.
    package func containing(_ points: Span<Coordinate>, into matches: inout FenceMatches) {
        matches.start(points: points.count)
        var sink = MatchSink(matches)
        points.withUnsafeBufferPointer { points in
            guard let first = points.baseAddress else { return }
            let gridCount = endOfGrids - firstGrid
            let entryRoom = max(1, gridCount) * BatchChunk.size
            withUnsafeTemporaryAllocation(of: GridPlace.self, capacity: BatchChunk.size) { places in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: entryRoom + 2 * BatchChunk.size) { words in
                    guard let places = places.baseAddress, let words = words.baseAddress else { return }
                    let chunk = BatchChunk(places: places, pending: words, entries: words + 2 * BatchChunk.size)
                    var start = 0
                    while start < points.count {
                        let count = min(BatchChunk.size, points.count - start)
                        look(first + start, count, chunk, ends: matches.ends + start, into: &sink)
                        start += count
                    }
                }
            }
        }
        matches.finish(sink)
    }

    @inline(__always)
    private func look(
        _ points: UnsafePointer<Coordinate>, _ count: Int, _ chunk: BatchChunk, ends: UnsafeMutablePointer<Int>,
        into sink: inout MatchSink
    ) {
        chunk.place(points, count)
        var entries = chunk.entries
        var grid = firstGrid
        while grid < endOfGrids {
            chunk.findEntries(grid, count, entries)
            entries += BatchChunk.size
            grid += 1
        }
        for i in 0..<count {
            let start = sink.count
            let p = points[i]
            var entry = chunk.entries + i
            var grid = firstGrid
            while grid < endOfGrids {
                let before = sink.count
                append(entry.pointee, of: grid, p, chunk.places[i], into: &sink)
                if grid.pointee.dead != nil { FenceSet.dropDead(of: grid, in: &sink, from: before) }
                entry += BatchChunk.size
                grid += 1
            }
            if abs(p.longitude) == 180, p.isValid { appendSeams(latitude: p.latitude, into: &sink) }
            if sink.count > start + 1 { FenceSet.sortTail(of: &sink, from: start) }
            ends[i] = sink.count
        }
    }
}

/// The working memory of a chunk of a batch.
private struct BatchChunk {
    /// As many positions as keep their leaves in the first cache.
    static let size = 128
    /// Cache lines of a leaf that are fetched ahead.
    private static let leafLines = 3

    let places: UnsafeMutablePointer<GridPlace>
    /// Positions that are not yet at their smallest cell, and the place of their next entry.
    let pending: UnsafeMutablePointer<UInt32>
    /// For each layer the entry of each position.
    let entries: UnsafeMutablePointer<UInt32>

    /// Positions that are none get a place beyond the grid.
    @inline(__always)
    func place(_ points: UnsafePointer<Coordinate>, _ count: Int) {
        for i in 0..<count {
            let p = points[i]
            places[i] = p.isValid ? GridPlace(p) : GridPlace.nowhere
        }
    }

    @inline(__always)
    func findEntries(_ grid: UnsafePointer<FenceGrid>, _ count: Int, _ entries: UnsafeMutablePointer<UInt32>) {
        for i in 0..<count {
            let place = grid.pointee.rootPlace(places[i])
            entries[i] = UInt32(truncatingIfNeeded: place)
            platform_prefetch(grid.pointee.root + place)
        }
        var open = 0
        for i in 0..<count {
            let entry = grid.pointee.root[Int(entries[i])]
            entries[i] = entry
            pending[open] = UInt32(truncatingIfNeeded: i)
            open &+= GridEntry.tag(entry) == GridEntry.children ? 1 : 0
            fetch(grid, entry)
        }
        var shift = grid.pointee.rootShift
        while open > 0 {
            shift &-= 2
            var still = 0
            for k in 0..<open {
                let i = Int(pending[k])
                let entry = grid.pointee.blocks[grid.pointee.childPlace(entries[i], places[i], shift: shift)]
                entries[i] = entry
                pending[still] = UInt32(truncatingIfNeeded: i)
                still &+= GridEntry.tag(entry) == GridEntry.children ? 1 : 0
                fetch(grid, entry)
            }
            open = still
        }
    }

    /// Begins to fetch what an entry leads to. (An index that leads to nothing is fetched as well: cheaper than a branch.)
    @inline(__always)
    private func fetch(_ grid: UnsafePointer<FenceGrid>, _ entry: UInt32) {
        let isLeaf = GridEntry.tag(entry) == GridEntry.leaf
        let address =
            isLeaf
            ? UnsafeRawPointer(grid.pointee.leaves) + GridEntry.index(entry) &* (4 * FenceGrid.leafUnit)
            : UnsafeRawPointer(grid.pointee.blocks) + GridEntry.index(entry) &* 64
        platform_prefetch(address)
        if isLeaf {
            for line in 1..<BatchChunk.leafLines { platform_prefetch(address + line &* 64) }
        }
    }
}

extension GridPlace {
    /// In no root cell of any grid.
    fileprivate static let nowhere = GridPlace(x: .max, y: .max)

    fileprivate init(x: UInt64, y: UInt64) {
        self.x = x
        self.y = y
    }
}
