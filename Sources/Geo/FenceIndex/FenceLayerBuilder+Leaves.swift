extension FenceLayerBuilder {
    /// More edges than this are not put into a block: their polygons are left to their shapes.
    private static let blockEdges = 100_000

    /// A polygon of a block: an item, or none where the polygon covers the cell.
    struct LeafPolygon {
        var slot: UInt32
        var item: Int?
    }

    /// The entry of a cell that is not divided.
    mutating func terminal(_ cell: GridCell, _ range: Range<Int>, chain: UInt32) -> UInt32 {
        if range.isEmpty { return coveredEntry(cell, chain) }
        return leafEntry(terminalLeaf(cell, range, chain: chain))
    }

    /// The entry of the leaf at a place.
    func leafEntry(_ place: Int) -> UInt32 {
        let isLong = LeafBlock(cells.words + place * FenceGrid.unit).isLong
        return GridEntry.make(isLong ? GridEntry.longLeaf : GridEntry.leaf, place)
    }

    /// Writes a leaf and returns its place, in steps of ``FenceGrid/unit``.
    mutating func terminalLeaf(_ cell: GridCell, _ range: Range<Int>, chain: UInt32) -> Int {
        var polygons: ContiguousArray<LeafPolygon> = []
        var reaches: ContiguousArray<Int> = []
        for i in range {
            let ordinal = Int(items[i].ordinal)
            if table.reachOfFence[ordinal] < 0 {
                polygons.append(LeafPolygon(slot: UInt32(bitPattern: table.slots[ordinal]), item: i))
            } else {
                reaches.append(i)
            }
        }
        var rest = chain
        let covering = joinedCount(chain)
        if covering > 0, polygons.count + covering <= LeafBlock.polygonLimit {
            for slot in joinedSlots(chain, covering) { polygons.append(LeafPolygon(slot: slot, item: nil)) }
            polygons.sort { $0.slot < $1.slot }
            rest = 0
        }
        // The last block first, so that each knows the next.
        var next = 0
        var first = max(0, (polygons.count - 1) / LeafBlock.polygonLimit * LeafBlock.polygonLimit)
        while first > 0 {
            let some = polygons[first..<min(polygons.count, first + LeafBlock.polygonLimit)]
            next = appendBlock(cell, some, reaches: [], chain: 0, next: next)
            first -= LeafBlock.polygonLimit
        }
        return appendBlock(
            cell, polygons[0..<min(polygons.count, LeafBlock.polygonLimit)], reaches: reaches, chain: rest, next: next)
    }

    private mutating func appendBlock(
        _ cell: GridCell, _ polygons: ArraySlice<LeafPolygon>, reaches: ContiguousArray<Int>, chain: UInt32, next: Int
    ) -> Int {
        let sides = gather(cell, polygons)
        let groups = packer.pack()
        let start = LeafBlock.headerWords + polygons.count
        let tail = start + groups * LeafBlock.groupWords
        let reachStart = tail + (next != 0 ? 1 : 0)
        let reachWords = reaches.reduce(0) { $0 + 3 + (isCircle($1) ? 0 : 2 * Int(items[$1].runCount)) }
        let count = reaches.isEmpty ? reachStart : reachStart + 1 + reachWords
        let place = allocate(count)
        let words = cells.words + place
        let flags =
            (chain != 0 ? LeafBlock.chainFlag : 0) | (next != 0 ? LeafBlock.nextFlag : 0)
            | (reaches.isEmpty ? 0 : LeafBlock.reachFlag)
        words[0] = chain
        words[1] = cell.shift | flags | UInt32(polygons.count) << 8 | UInt32(groups) << 16
        words[2] = 0
        for (i, polygon) in polygons.enumerated() { words[LeafBlock.headerWords + i] = polygon.slot }
        packer.write(to: words + start)
        settle(LeafBlock(words), cell, polygons, sides, words)
        if next != 0 { words[tail] = UInt32(next) }
        if !reaches.isEmpty {
            words[reachStart] = UInt32(reaches.count)
            write(reaches, to: words + reachStart + 1)
        }
        return place / FenceGrid.unit
    }

    /// Polygons of a block by what is known of their parity, a bit a polygon.
    private struct Sides {
        /// Outside at the cell's corner, and no edge over its side.
        var outside: UInt32 = 0
        /// Not in the block's edges.
        var doubtful: UInt32 = 0
        /// Without edges: the polygon covers the cell.
        var covering: UInt32 = 0
    }

    /// Gives the packer the edges of a block.
    private mutating func gather(_ cell: GridCell, _ polygons: ArraySlice<LeafPolygon>) -> Sides {
        packer.start(cell)
        var sides = Sides()
        let narrow = cell.box.widened(by: -Grid.margin)
        var room = FenceLayerBuilder.blockEdges
        for (bit, polygon) in polygons.enumerated() {
            let mask = UInt32(1) << UInt32(bit)
            guard let index = polygon.item else {
                sides.covering |= mask
                continue
            }
            let item = items[index]
            let shape = table.views[Int(item.ordinal)]
            let isHostile = item.isWhole && !narrow.encloses(table.boxes[Int(item.ordinal)])
            if isHostile || Int(item.edgeCount) > room {
                sides.doubtful |= mask
                continue
            }
            room -= Int(item.edgeCount)
            if item.isWhole {
                sides.outside |= mask
                for line in 0..<shape.lineCount {
                    for edge in shape.edges(ofLine: line) {
                        packer.add(shape.vertices[edge], shape.vertices[edge + 1], mask: mask)
                    }
                }
                continue
            }
            for run in runs[Int(item.runStart)..<Int(item.runStart + item.runCount)] {
                for edge in run.edges { packer.add(shape.vertices[edge], shape.vertices[edge + 1], mask: mask) }
            }
        }
        return sides
    }

    /// Finds the parity bits: at a position about which there is no doubt, the edges must give the side that is known.
    private func settle(
        _ block: LeafBlock, _ cell: GridCell, _ polygons: ArraySlice<LeafPolygon>, _ sides: Sides,
        _ words: UnsafeMutablePointer<UInt32>
    ) {
        let all: UInt32 = (1 << UInt32(polygons.count)) - 1
        var open = all & ~sides.outside & ~sides.doubtful & ~sides.covering
        var parity = sides.covering
        var candidate: UInt32 = 0
        while open != 0, candidate < FenceLayerBuilder.candidateLimit {
            let reference = cell.reference(candidate)
            let (u, v) = GridPlace(reference).ticks(shift: cell.shift)
            let found = block.containing(u: u, v: v)
            for (bit, polygon) in polygons.enumerated() {
                let mask = UInt32(1) << UInt32(bit)
                guard let index = polygon.item, open & ~found.doubt & mask != 0 else { continue }
                let item = items[index]
                let isInside =
                    item.candidate == candidate
                    ? item.isInside : side(of: reference, item, table.views[Int(item.ordinal)], cell) == .inside
                if isInside != (found.inside & mask != 0) { parity |= mask }
                open &= ~mask
            }
            candidate += 1
        }
        words[2] = parity | (sides.doubtful | open) << 8
    }

    private func isCircle(_ item: Int) -> Bool {
        table.views[Int(items[item].ordinal)].kind == .circle
    }

    /// As ``LeafReach`` says.
    private func write(_ reaches: ContiguousArray<Int>, to words: UnsafeMutablePointer<UInt32>) {
        var word = words
        for index in reaches {
            let item = items[index]
            let field = Int(table.reachOfFence[Int(item.ordinal)])
            let runCount = isCircle(index) ? 0 : Int(item.runCount)
            word[0] = UInt32(bitPattern: table.slots[Int(item.ordinal)])
            word[1] = UInt32(field)
            word[2] = UInt32(runCount)
            word += 3
            for run in runs[Int(item.runStart)..<(Int(item.runStart) + runCount)] {
                word[0] = UInt32(run.first + table.lineStart[field])
                word[1] = UInt32(run.count)
                word += 2
            }
        }
    }
}
