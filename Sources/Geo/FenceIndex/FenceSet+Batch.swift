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
                        chunk.answer(grid, count, answers)
                        answers += BatchChunk.size
                        grid += 1
                    }
                    write(chunk, first + start, count, hasSeams, ends: ends + start, into: &sink)
                    start += count
                }
            }
        }
        matches.finish(sink)
    }

    /// Writes what was found for each position of a chunk.
    @inline(__always)
    private func write(
        _ chunk: BatchChunk, _ points: UnsafePointer<Coordinate>, _ count: Int, _ hasSeams: Bool,
        ends: UnsafeMutablePointer<Int>, into sink: inout MatchSink
    ) {
        for i in 0..<count {
            let start = sink.count
            var answer = chunk.answers + i
            var grid = firstGrid
            while grid < endOfGrids {
                let before = sink.count
                append(answer.pointee, grid, points[i], chunk.places[i], into: &sink)
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

    @inline(__always)
    private func append(
        _ answer: BatchAnswer, _ grid: UnsafePointer<FenceGrid>, _ p: Coordinate, _ place: GridPlace,
        into sink: inout MatchSink
    ) {
        if answer.inside == BatchAnswer.undecided {
            appendAlone(answer.rest, of: grid, p, place, into: &sink)
            return
        }
        if answer.rest != 0 { grid.pointee.appendChain(Int(answer.rest), into: &sink) }
        sink.reserve(LeafBlock.polygonLimit)
        var inside = answer.inside
        // Nearly always one or none, so one is written in any case: the first, or where there is none a word that is there.
        let some = BatchChunk.one(ifPositive: Int(inside))
        let first = (inside | UInt32(truncatingIfNeeded: 1 &- some)).trailingZeroBitCount
        sink.append(Int32(bitPattern: answer.slots[first]), times: some)
        inside &= inside &- 1
        while inside != 0 {
            sink.append(Int32(bitPattern: answer.slots[inside.trailingZeroBitCount]), times: 1)
            inside &= inside &- 1
        }
    }

    /// The way of a single position.
    @inline(never)
    private func appendAlone(
        _ entry: UInt32, of grid: UnsafePointer<FenceGrid>, _ p: Coordinate, _ place: GridPlace,
        into sink: inout MatchSink
    ) {
        append(entry, of: grid, p, place, into: &sink)
    }
}
