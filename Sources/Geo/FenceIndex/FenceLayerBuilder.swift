import Glibc

/// Builds the grid of a ``FenceLayer`` from above: a cell hands each of its fences, with the edges that touch it, to its quarters.
struct FenceLayerBuilder: ~Copyable {
    /// With more edges than this the index is kept smaller: then it is memory that lookups wait for, and building takes long.
    private static let manyEdges = 1_000_000
    /// References tried before a fence is left to its shape.
    static let candidateLimit: UInt32 = 16

    let table: FenceTable
    /// For each fence the size of a cell, in degrees, below which splitting finds no fewer edges.
    private let fineSizes: ContiguousArray<Double>
    /// For circles and corridors how far their area reaches beyond the vertices.
    private let margins: ContiguousArray<ReachMargin>

    /// A cell with at most this many edges is a leaf.
    private var leafEdges = 8
    private var rootShift: UInt32 = 31
    private var rootX: UInt32 = 0
    private var rootY: UInt32 = 0
    private var rootWidth: UInt32 = 0
    private var rootHeight: UInt32 = 0
    private var root = FlatMemory()
    /// See ``FenceGrid/cells``.
    var cells = FlatMemory()
    /// See ``FenceGrid/chains``.
    var chains = FlatMemory()
    var packer = LeafPacker()
    /// What covers the part of a cell that is being distributed.
    var covering: ContiguousArray<Int32> = []

    // Stacks that grow on the way down and are cut on the way up.
    var items: ContiguousArray<BuildItem> = []
    var runs: ContiguousArray<EdgeRun> = []

    init(_ table: FenceTable) {
        self.table = table
        var fineSizes: ContiguousArray<Double> = []
        var margins: ContiguousArray<ReachMargin> = []
        fineSizes.reserveCapacity(table.slots.count)
        margins.reserveCapacity(table.slots.count)
        for ordinal in table.slots.indices {
            let margin = ReachMargin(reach_m: table.views[ordinal].reach_m, box: table.boxes[ordinal])
            margins.append(margin)
            fineSizes.append(FenceLayerBuilder.fineSize(table, ordinal, margin))
        }
        self.fineSizes = fineSizes
        self.margins = margins
    }

    /// Half the mean length of an edge, or half the reach where that is more.
    private static func fineSize(_ table: FenceTable, _ ordinal: Int, _ margin: ReachMargin) -> Double {
        var total = 0.0
        var count = 0
        let shape = table.views[ordinal]
        for line in 0..<shape.lineCount {
            for edge in shape.edges(ofLine: line) {
                let a = shape.vertices[edge]
                let b = shape.vertices[edge + 1]
                total += max(abs(b.longitude - a.longitude), abs(b.latitude - a.latitude))
                count += 1
            }
        }
        return max(count > 0 ? total / Double(count) : 0, margin.latitude) / 2
    }

    // MARK: The root

    /// Hands over what was built.
    consuming func build() -> (FenceGrid, FenceLayerMemory) {
        // Place 0 of the cells is an empty leaf, and word 0 of the chains means "none".
        cells.words.update(repeating: 0, count: cells.append(16) + 16)
        chains.append(word: 0)
        if !table.slots.isEmpty { placeAll() }
        return finish()
    }

    private mutating func placeAll() {
        for ordinal in table.slots.indices { appendWholeFence(Int32(ordinal)) }
        chooseRoot()
        var top = GridCell.containing(x: rootX << rootShift, y: rootY << rootShift, shift: rootShift)
        let lastX = (rootX + rootWidth - 1) << rootShift
        let lastY = (rootY + rootHeight - 1) << rootShift
        while !top.contains(x: lastX, y: lastY) {
            top = GridCell.containing(x: top.x, y: top.y, shift: top.shift + 1)
        }
        placeAboveRoot(top, 0..<items.count, chain: 0)
    }

    private consuming func finish() -> (FenceGrid, FenceLayerMemory) {
        let reaches = UnsafeMutableBufferPointer<ReachField>.allocate(capacity: max(1, table.reaches.count))
        _ = reaches.initialize(from: table.reaches)
        let lines = UnsafeMutableBufferPointer<Coordinate>.allocate(capacity: max(1, table.lines.count))
        _ = lines.initialize(from: table.lines)
        if root.count == 0 { root.append(word: GridEntry.nothing) }
        // Lookups may read the slots that a last block could have had.
        let padding = cells.append(LeafBlock.polygonLimit)
        (cells.words + padding).update(repeating: 0, count: LeafBlock.polygonLimit)
        let (cellWords, chainWords) = (cells.count, chains.count)
        let (rootShift, rootX, rootY, rootWidth, rootHeight) = (rootShift, rootX, rootY, rootWidth, rootHeight)
        let memory = FenceLayerMemory(
            root: root.finish(), cells: cells.finish(), chains: chains.finish(), reaches: reaches, lines: lines,
            cellWords: cellWords, chainWords: chainWords)
        let grid = FenceGrid(
            rootShift: rootShift, rootX: rootX, rootY: rootY, rootWidth: rootWidth, rootHeight: rootHeight,
            root: memory.root.words, cells: memory.cells.words, chains: memory.chains.words,
            reaches: reaches.baseAddress!, lines: lines.baseAddress!)
        return (grid, memory)
    }

    /// The smallest cells of which the fences' extent has no more than two for each edge, or half of one where there are many.
    private mutating func chooseRoot() {
        var extent = Box.nothing
        for ordinal in table.slots.indices {
            let box = margins[ordinal].widen(table.boxes[ordinal])
            extent.include(Coordinate(latitude: box.south, longitude: box.west))
            extent.include(Coordinate(latitude: box.north, longitude: box.east))
        }
        extent = extent.widened(by: Grid.margin)
        let west = Grid.x(extent.west)
        let east = Grid.x(extent.east)
        let south = Grid.y(extent.south)
        let north = Grid.y(extent.north)
        let edges = items.reduce(items.count) { $0 + Int($1.edgeCount) }
        let hasMany = edges > FenceLayerBuilder.manyEdges
        leafEdges = hasMany ? 16 : 8
        let limit = max(64, hasMany ? edges / 2 : 2 * edges)
        rootShift = 30
        while rootShift > Grid.minimumShift {
            let finer = rootShift - 1
            let width = Int(east >> finer - west >> finer) + 1
            let height = Int(north >> finer - south >> finer) + 1
            if width * height > limit { break }
            rootShift = finer
        }
        rootX = west >> rootShift
        rootY = south >> rootShift
        rootWidth = east >> rootShift - rootX + 1
        rootHeight = north >> rootShift - rootY + 1
        let cells = Int(rootWidth) * Int(rootHeight)
        let first = root.append(cells + 1)
        (root.words + first).update(repeating: GridEntry.nothing, count: cells + 1)
    }

    private mutating func appendWholeFence(_ ordinal: Int32) {
        var item = BuildItem(ordinal: ordinal)
        item.runStart = Int32(runs.count)
        let shape = table.views[Int(ordinal)]
        for line in 0..<shape.lineCount {
            let edges = shape.edges(ofLine: line)
            item.edgeCount += Int32(edges.count)
            if shape.kind == .corridor {
                runs.append(EdgeRun(first: Int32(edges.lowerBound), count: Int32(edges.count)))
            }
        }
        item.runCount = Int32(runs.count) - item.runStart
        if shape.kind == .circle { item.edgeCount = 4 }
        items.append(item)
    }

    /// Cells larger than a root cell: their lists become chains, their entries those of the root cells under them.
    private mutating func placeAboveRoot(_ cell: GridCell, _ range: Range<Int>, chain: UInt32) {
        let firstX = max(rootX, cell.x >> rootShift)
        let firstY = max(rootY, cell.y >> rootShift)
        let lastX = min(rootX + rootWidth - 1, (cell.x + (1 << cell.shift - 1)) >> rootShift)
        let lastY = min(rootY + rootHeight - 1, (cell.y + (1 << cell.shift - 1)) >> rootShift)
        guard firstX <= lastX, firstY <= lastY else { return }
        if cell.shift == rootShift {
            let entry = place(cell, range, chain: chain)
            root.words[rootIndex(firstX, firstY)] = entry
            return
        }
        if range.isEmpty {
            let entry = coveredEntry(GridCell(x: 0, y: 0, shift: rootShift), chain)
            for y in firstY...lastY {
                for x in firstX...lastX { root.words[rootIndex(x, y)] = entry }
            }
            return
        }
        for index in UInt32(0)..<4 {
            let mark = (items.count, runs.count)
            let quarter = cell.quarter(index)
            let inner = distribute(range, from: cell, to: quarter, chain: chain)
            placeAboveRoot(quarter, inner.items, chain: inner.chain)
            cut(mark)
        }
    }

    private func rootIndex(_ x: UInt32, _ y: UInt32) -> Int {
        Int(y - rootY) * Int(rootWidth) + Int(x - rootX)
    }

    private mutating func cut(_ mark: (items: Int, runs: Int)) {
        items.removeLast(items.count - mark.items)
        runs.removeLast(runs.count - mark.runs)
    }

    // MARK: Cells

    /// The entry of a cell: a leaf, or 4 × 4 cells that are reached in two steps of quarters.
    private mutating func place(_ cell: GridCell, _ range: Range<Int>, chain: UInt32) -> UInt32 {
        if isTerminal(cell, range) || cell.shift < Grid.minimumShift + 2 { return terminal(cell, range, chain: chain) }
        let block = allocate(16)
        for index in UInt32(0)..<4 {
            let mark = (items.count, runs.count)
            let quarter = cell.quarter(index)
            let inner = distribute(range, from: cell, to: quarter, chain: chain)
            let corner = block + Int((index >> 1) * 8 + (index & 1) * 2)
            if isTerminal(quarter, inner.items) {
                let entry = terminal(quarter, inner.items, chain: inner.chain)
                cells.words[corner] = entry
                cells.words[corner + 1] = entry
                cells.words[corner + 4] = entry
                cells.words[corner + 5] = entry
            } else {
                for part in UInt32(0)..<4 {
                    let innerMark = (items.count, runs.count)
                    let sixteenth = quarter.quarter(part)
                    let least = distribute(inner.items, from: quarter, to: sixteenth, chain: inner.chain)
                    let entry = place(sixteenth, least.items, chain: least.chain)
                    cells.words[corner + Int((part >> 1) * 4 + (part & 1))] = entry
                    cut(innerMark)
                }
            }
            cut(mark)
        }
        return GridEntry.make(GridEntry.children, block / FenceGrid.unit)
    }

    /// Words of ``cells``, in no more cache lines than there must be.
    mutating func allocate(_ count: Int) -> Int {
        let whole = (count + FenceGrid.unit - 1) / FenceGrid.unit * FenceGrid.unit
        let used = cells.count % 16
        if used + whole > (whole + 15) / 16 * 16 {
            let gap = cells.append(16 - used)
            (cells.words + gap).update(repeating: 0, count: 16 - used)
        }
        return cells.append(whole)
    }

    /// Whether splitting would find no shorter lists: few edges, or edges that are as long as the cell.
    private func isTerminal(_ cell: GridCell, _ range: Range<Int>) -> Bool {
        let size = Double(UInt32(1) << cell.shift) * Grid.unit
        var edges = 0
        for i in range where size > fineSizes[Int(items[i].ordinal)] { edges += Int(items[i].edgeCount) }
        return edges <= leafEdges
    }

    // MARK: From a cell to a part of it

    /// Appends to the stack what of a cell's fences touches a part of it; what covers the part becomes a chain.
    private mutating func distribute(
        _ range: Range<Int>, from parent: GridCell, to cell: GridCell, chain: UInt32
    ) -> (items: Range<Int>, chain: UInt32) {
        let start = items.count
        let target = CellTarget(cell, hasReaches: !table.reaches.isEmpty)
        covering.removeAll(keepingCapacity: true)
        for i in range {
            let item = items[i]
            let isCovered =
                table.reachOfFence[Int(item.ordinal)] < 0
                ? handPolygon(item, from: parent, to: target) : handReach(item, to: target)
            if isCovered { covering.append(table.slots[Int(item.ordinal)]) }
        }
        return (start..<items.count, covering.isEmpty ? chain : appendChain(to: chain))
    }

    /// Returns whether the polygon covers the cell; if its boundary may touch the cell, appends it.
    private mutating func handPolygon(_ item: BuildItem, from parent: GridCell, to target: CellTarget) -> Bool {
        let ordinal = Int(item.ordinal)
        let box = table.boxes[ordinal]
        if item.isWhole {
            if !target.wide.overlaps(box) { return false }
            if target.narrow.encloses(box) {
                items.append(item)
                return false
            }
        }
        var part = BuildItem(ordinal: item.ordinal)
        part.isWhole = false
        part.runStart = Int32(runs.count)
        let shape = table.views[ordinal]
        if item.isWhole {
            for line in 0..<shape.lineCount {
                keepEdges(shape.edges(ofLine: line), of: shape, target.wide, into: &part)
            }
        } else {
            for run in Int(item.runStart)..<Int(item.runStart + item.runCount) {
                keepEdges(runs[run].edges, of: shape, target.wide, into: &part)
            }
        }
        guard chooseReference(&part, item, shape, from: parent, to: target.cell) else {
            // Hostile: edges through all references. All edges then, from outside; always right.
            runs.removeLast(Int(part.runCount))
            var whole = item
            whole.isWhole = true
            items.append(whole)
            return false
        }
        if part.runCount == 0 { return part.isInside }
        items.append(part)
        return false
    }

    private mutating func keepEdges(
        _ edges: Range<Int>, of shape: ShapeView, _ box: Box, into part: inout BuildItem
    ) {
        var isOpen = false
        for edge in edges {
            guard box.mayTouch(shape.vertices[edge], shape.vertices[edge + 1]) else {
                isOpen = false
                continue
            }
            part.edgeCount += 1
            if isOpen {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(EdgeRun(first: Int32(edge), count: 1))
                part.runCount += 1
                isOpen = true
            }
        }
    }

    /// Finds a reference in a part of a cell that lies on no edge, and its side.
    private func chooseReference(
        _ part: inout BuildItem, _ item: BuildItem, _ shape: ShapeView, from parent: GridCell, to cell: GridCell
    ) -> Bool {
        for candidate in 0..<FenceLayerBuilder.candidateLimit {
            switch side(of: cell.reference(candidate), item, shape, parent) {
            case .boundary: continue
            case .inside: part.isInside = true
            case .outside: part.isInside = false
            }
            part.candidate = candidate
            return true
        }
        return false
    }

    /// On which side of the fence a position in a cell lies: by the cell's reference and edges, or by all edges of the fence.
    func side(of position: Coordinate, _ item: BuildItem, _ shape: ShapeView, _ cell: GridCell) -> Location {
        if item.isWhole { return table.shapes[Int(item.ordinal)].location(of: position) }
        var isInside = item.isInside
        let from = cell.reference(item.candidate)
        for run in runs[Int(item.runStart)..<Int(item.runStart + item.runCount)] {
            for edge in run.edges {
                switch EdgeCrossing.step(from: from, to: position, shape.vertices[edge], shape.vertices[edge + 1]) {
                case .none: break
                case .crosses: isInside.toggle()
                case .touches: return .boundary
                }
            }
        }
        return isInside ? .inside : .outside
    }

    /// Circles and corridors: returns whether one segment's reach covers the cell; if the area may touch it, appends what does.
    private mutating func handReach(_ item: BuildItem, to target: CellTarget) -> Bool {
        let ordinal = Int(item.ordinal)
        let shape = table.views[ordinal]
        let reach_m = shape.reach_m
        let margin = margins[ordinal]
        if shape.kind == .circle {
            let center = shape.vertices[0]
            switch target.relation(center, center, reach_m: reach_m, margin: margin) {
            case .far: return false
            case .covers: return true
            case .near: items.append(item)
            }
            return false
        }
        var part = BuildItem(ordinal: item.ordinal)
        part.runStart = Int32(runs.count)
        for run in Int(item.runStart)..<Int(item.runStart + item.runCount) {
            var isOpen = false
            for edge in runs[run].edges {
                switch target.relation(
                    shape.vertices[edge], shape.vertices[edge + 1], reach_m: reach_m, margin: margin)
                {
                case .covers:
                    runs.removeLast(Int(part.runCount))
                    return true
                case .far:
                    isOpen = false
                case .near:
                    part.edgeCount += 1
                    if isOpen {
                        runs[runs.count - 1].count += 1
                    } else {
                        runs.append(EdgeRun(first: Int32(edge), count: 1))
                        part.runCount += 1
                        isOpen = true
                    }
                }
            }
        }
        if part.runCount > 0 { items.append(part) }
        return false
    }
}
