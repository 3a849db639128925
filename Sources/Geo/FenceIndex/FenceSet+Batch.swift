extension FenceSet {
    /// The fences that contain each of the positions: what ``containing(longitude:latitude:into:)`` gives for each.
    ///
    /// Positions go through the index in chunks and each chunk in steps (``BatchChunk``), so that the memory of a step is on its way to
    /// the processor while the others of the chunk are looked at, and so that branches go the same way again and again. Allocates
    /// nothing once `matches` has room.
    package func containing(_ points: Span<Coordinate>, into matches: inout FenceMatches) {
        matches.start(points: points.count)
        var sink = MatchSink(matches)
        let ends = matches.ends
        points.withUnsafeBufferPointer { points in
            guard let first = points.baseAddress else { return }
            BatchChunk.withMemory(layers: endOfGrids - firstGrid) { chunk in
                var start = 0
                while start < points.count {
                    let count = min(BatchChunk.size, points.count - start)
                    let hasSeams = chunk.place(first + start, count)
                    var answers = chunk.answers
                    var grid = firstGrid
                    while grid < endOfGrids {
                        chunk.answer(grid.pointee, count, answers)
                        answers += BatchChunk.size
                        grid += 1
                    }
                    if endOfGrids - firstGrid == 1, firstGrid.pointee.dead == nil, !hasSeams {
                        writeOne(chunk, first + start, count, ends: ends + start, into: &sink)
                    } else {
                        writeAll(chunk, first + start, count, hasSeams, ends: ends + start, into: &sink)
                    }
                    start += count
                }
            }
        }
        matches.finish(sink)
    }

    /// Writes what was found for each position of a chunk, where there is one layer, nothing dead, and no position on ±180.
    @inline(__always)
    private func writeOne(
        _ chunk: BatchChunk, _ points: UnsafePointer<Coordinate>, _ count: Int, ends: UnsafeMutablePointer<Int>,
        into sink: inout MatchSink
    ) {
        sink.reserve(BatchChunk.size &* LeafBlock.polygonLimit)
        for i in 0..<count {
            let answer = chunk.answers[i]
            if answer.state > BatchAnswer.decided {
                appendAlone(firstGrid, points[i], chunk.places[i], into: &sink)
                sink.reserve(BatchChunk.size &* LeafBlock.polygonLimit)
            } else {
                sink.append(answer.slots, where: answer.state)
            }
            ends[i] = sink.count
        }
    }

    /// Writes what was found for each position of a chunk.
    @inline(never)
    private func writeAll(
        _ chunk: BatchChunk, _ points: UnsafePointer<Coordinate>, _ count: Int, _ hasSeams: Bool,
        ends: UnsafeMutablePointer<Int>, into sink: inout MatchSink
    ) {
        for i in 0..<count {
            let start = sink.count
            var answer = chunk.answers + i
            var grid = firstGrid
            while grid < endOfGrids {
                let before = sink.count
                if answer.pointee.state > BatchAnswer.decided {
                    appendAlone(grid, points[i], chunk.places[i], into: &sink)
                } else {
                    sink.reserve(LeafBlock.polygonLimit)
                    sink.append(answer.pointee.slots, where: answer.pointee.state)
                }
                if grid.pointee.dead != nil { FenceSet.dropDead(of: grid, in: &sink, from: before) }
                answer += BatchChunk.size
                grid += 1
            }
            if hasSeams, abs(points[i].longitude) == 180, points[i].isValid {
                appendSeams(latitude: points[i].latitude, into: &sink)
            }
            if sink.count > start &+ 1 { FenceSet.sortTail(of: &sink, from: start) }
            ends[i] = sink.count
        }
    }

    /// The way of a single position.
    @inline(never)
    private func appendAlone(
        _ grid: UnsafePointer<FenceGrid>, _ p: Coordinate, _ place: GridPlace, into sink: inout MatchSink
    ) {
        let start = sink.count
        append(grid.pointee.entry(place), of: grid, p, place, into: &sink)
        if sink.count > start &+ 1 { FenceSet.sortTail(of: &sink, from: start) }
    }
}
