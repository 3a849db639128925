import Glibc

/// Builds the grid of a ``FenceLayer`` from above: a cell hands each of its fences, with the edges that touch it, to its quarters.
struct FenceLayerBuilder {
    /// A cell with at most this many edges is a leaf.
    static let leafEdges = 12
    /// References tried before a fence is kept with all its edges.
    static let candidateLimit: UInt32 = 16

    let table: FenceTable
    /// For each fence the size of a cell, in degrees, below which splitting finds no fewer edges.
    private let fineSizes: ContiguousArray<Double>
    /// For circles and corridors how far their area reaches beyond the vertices.
    private let margins: ContiguousArray<ReachMargin>

    private(set) var rootShift: UInt32 = 31
    private(set) var rootX: UInt32 = 0
    private(set) var rootY: UInt32 = 0
    private(set) var rootWidth: UInt32 = 0
    private(set) var rootHeight: UInt32 = 0
    private(set) var root: ContiguousArray<UInt32> = []
    private(set) var blocks: ContiguousArray<UInt32> = []
    private(set) var leaves: ContiguousArray<UInt32> = []
    private(set) var chainParents: ContiguousArray<UInt32> = [0]
    private(set) var chainStarts: ContiguousArray<UInt32> = [0, 0]
    private(set) var chainOrdinals: ContiguousArray<Int32> = []

    // Stacks that grow on the way down and are cut on the way up.
    private var items: ContiguousArray<BuildItem> = []
    private var runs: ContiguousArray<EdgeRun> = []

    init(_ table: FenceTable) {
        self.table = table
        var fineSizes: ContiguousArray<Double> = []
        var margins: ContiguousArray<ReachMargin> = []
        fineSizes.reserveCapacity(table.slots.count)
        margins.reserveCapacity(table.slots.count)
        for ordinal in table.slots.indices {
            let margin = ReachMargin(reach_m: table.reaches_m[ordinal], box: table.boxes[ordinal])
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
        for line in table.lines(of: ordinal) {
            for edge in table.edges(ofLine: line) {
                let a = table.vertices[edge]
                let b = table.vertices[edge + 1]
                total += max(abs(b.longitude - a.longitude), abs(b.latitude - a.latitude))
                count += 1
            }
        }
        return max(count > 0 ? total / Double(count) : 0, margin.latitude) / 2
    }

    // MARK: The root

    mutating func build() {
        guard !table.slots.isEmpty else { return }
        chooseRoot()
        for ordinal in table.slots.indices { appendWholeFence(Int32(ordinal)) }
        var top = GridCell.containing(x: rootX << rootShift, y: rootY << rootShift, shift: rootShift)
        let lastX = (rootX + rootWidth - 1) << rootShift
        let lastY = (rootY + rootHeight - 1) << rootShift
        while !top.contains(x: lastX, y: lastY) {
            top = GridCell.containing(x: top.x, y: top.y, shift: top.shift + 1)
        }
        placeAboveRoot(top, 0..<items.count, chain: 0)
        items = []
        runs = []
    }

    /// The smallest cells of which the fences' extent has no more than four a fence.
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
        let limit = max(64, 4 * table.slots.count)
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
        root = ContiguousArray(repeating: GridEntry.nothing, count: Int(rootWidth) * Int(rootHeight))
    }

    private mutating func appendWholeFence(_ ordinal: Int32) {
        var item = BuildItem(ordinal: ordinal)
        item.runStart = Int32(runs.count)
        for line in table.lines(of: Int(ordinal)) {
            let edges = table.edges(ofLine: line)
            item.edgeCount += Int32(edges.count)
            if table.kinds[Int(ordinal)] == .corridor {
                runs.append(EdgeRun(first: Int32(edges.lowerBound), count: Int32(edges.count)))
            }
        }
        item.runCount = Int32(runs.count) - item.runStart
        if table.kinds[Int(ordinal)] == .circle { item.edgeCount = 4 }
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
            root[rootIndex(firstX, firstY)] = place(cell, range, chain: chain)
            return
        }
        if range.isEmpty {
            let entry = chain == 0 ? GridEntry.nothing : GridEntry.make(GridEntry.covered, Int(chain))
            for y in firstY...lastY {
                for x in firstX...lastX { root[rootIndex(x, y)] = entry }
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

    /// The entry of a cell: a leaf, or a block of 4 × 4 cells that is reached in two steps of quarters.
    private mutating func place(_ cell: GridCell, _ range: Range<Int>, chain: UInt32) -> UInt32 {
        if isTerminal(cell, range) || cell.shift < Grid.minimumShift + 2 { return terminal(cell, range, chain: chain) }
        let block = blocks.count
        blocks.append(contentsOf: repeatElement(GridEntry.nothing, count: 16))
        for index in UInt32(0)..<4 {
            let mark = (items.count, runs.count)
            let quarter = cell.quarter(index)
            let inner = distribute(range, from: cell, to: quarter, chain: chain)
            let corner = block + Int((index >> 1) * 8 + (index & 1) * 2)
            if isTerminal(quarter, inner.items) {
                let entry = terminal(quarter, inner.items, chain: inner.chain)
                for offset in [0, 1, 4, 5] { blocks[corner + offset] = entry }
            } else {
                for part in UInt32(0)..<4 {
                    let innerMark = (items.count, runs.count)
                    let sixteenth = quarter.quarter(part)
                    let least = distribute(inner.items, from: quarter, to: sixteenth, chain: inner.chain)
                    blocks[corner + Int((part >> 1) * 4 + (part & 1))] =
                        place(sixteenth, least.items, chain: least.chain)
                    cut(innerMark)
                }
            }
            cut(mark)
        }
        return GridEntry.make(GridEntry.children, block / 16)
    }

    /// Whether splitting would find no shorter lists: few edges, or edges that are as long as the cell.
    private func isTerminal(_ cell: GridCell, _ range: Range<Int>) -> Bool {
        let size = Double(UInt32(1) << cell.shift) * Grid.unit
        var edges = 0
        for i in range where size > fineSizes[Int(items[i].ordinal)] { edges += Int(items[i].edgeCount) }
        return edges <= FenceLayerBuilder.leafEdges
    }

    private mutating func terminal(_ cell: GridCell, _ range: Range<Int>, chain: UInt32) -> UInt32 {
        if range.isEmpty {
            return chain == 0 ? GridEntry.nothing : GridEntry.make(GridEntry.covered, Int(chain))
        }
        let leaf = leaves.count
        leaves.append(chain)
        precondition(range.count < 1 << 24, "a cell of the fence index holds more than 16 million fences")
        leaves.append(UInt32(range.count) << 8 | cell.shift)
        for i in range {
            let item = items[i]
            leaves.append(UInt32(bitPattern: item.ordinal))
            var flags = item.candidate << FenceLayer.candidateShift
            if item.isInside { flags |= FenceLayer.insideFlag }
            let isWhole = item.isWhole && table.kinds[Int(item.ordinal)] == .polygon
            if isWhole { flags |= FenceLayer.wholeFlag }
            leaves.append(flags | UInt32(isWhole ? 0 : item.runCount))
            if isWhole { continue }
            for run in runs[Int(item.runStart)..<Int(item.runStart + item.runCount)] {
                leaves.append(UInt32(run.first))
                leaves.append(UInt32(run.count))
            }
        }
        return GridEntry.make(GridEntry.leaf, leaf)
    }

    // MARK: From a cell to a part of it

    /// Appends to the stack what of a cell's fences touches a part of it; what covers the part becomes a chain.
    private mutating func distribute(
        _ range: Range<Int>, from parent: GridCell, to cell: GridCell, chain: UInt32
    ) -> (items: Range<Int>, chain: UInt32) {
        let start = items.count
        let covered = chainOrdinals.count
        let target = CellTarget(cell)
        for i in range {
            let item = items[i]
            let isCovered =
                table.kinds[Int(item.ordinal)] == .polygon
                ? handPolygon(item, from: parent, to: target) : handReach(item, to: target)
            if isCovered { chainOrdinals.append(item.ordinal) }
        }
        var inner = chain
        if chainOrdinals.count > covered {
            inner = UInt32(chainParents.count)
            chainParents.append(chain)
            chainStarts.append(UInt32(chainOrdinals.count))
        }
        return (start..<items.count, inner)
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
        if item.isWhole {
            for line in table.lines(of: ordinal) {
                keepEdges(table.edges(ofLine: line), target.wide, into: &part)
            }
        } else {
            for run in Int(item.runStart)..<Int(item.runStart + item.runCount) {
                keepEdges(runs[run].edges, target.wide, into: &part)
            }
        }
        if !chooseReference(&part, target.cell) {
            // Hostile: edges through all references. All edges then, from outside; always right.
            runs.removeLast(Int(part.runCount))
            var whole = item
            whole.isWhole = true
            items.append(whole)
            return false
        }
        part.isInside = sideOfReference(target.cell.reference(part.candidate), item, parent)
        if part.runCount == 0 { return part.isInside }
        items.append(part)
        return false
    }

    private mutating func keepEdges(_ edges: Range<Int>, _ box: Box, into part: inout BuildItem) {
        var isOpen = false
        for edge in edges {
            guard box.mayTouch(table.vertices[edge], table.vertices[edge + 1]) else {
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

    /// Finds a reference in the cell that lies on none of the edges kept.
    private func chooseReference(_ part: inout BuildItem, _ cell: GridCell) -> Bool {
        for candidate in 0..<FenceLayerBuilder.candidateLimit {
            let reference = cell.reference(candidate)
            let isFree = runs[Int(part.runStart)..<Int(part.runStart + part.runCount)].allSatisfy { run in
                run.edges.allSatisfy {
                    Shape.ray(from: reference, table.vertices[$0], table.vertices[$0 + 1]) != .touches
                }
            }
            if isFree {
                part.candidate = candidate
                return true
            }
        }
        return false
    }

    /// On which side of the fence a reference of a smaller cell lies: by the larger cell's reference and edges, or by all edges.
    private func sideOfReference(_ reference: Coordinate, _ item: BuildItem, _ parent: GridCell) -> Bool {
        var isInside = false
        if item.isWhole {
            for line in table.lines(of: Int(item.ordinal)) {
                for edge in table.edges(ofLine: line)
                where Shape.ray(from: reference, table.vertices[edge], table.vertices[edge + 1]) == .crosses {
                    isInside.toggle()
                }
            }
            return isInside
        }
        isInside = item.isInside
        let from = parent.reference(item.candidate)
        for run in runs[Int(item.runStart)..<Int(item.runStart + item.runCount)] {
            for edge in run.edges
            where EdgeCrossing.step(from: from, to: reference, table.vertices[edge], table.vertices[edge + 1])
                == .crosses
            {
                isInside.toggle()
            }
        }
        return isInside
    }

    /// Circles and corridors: returns whether one segment's reach covers the cell; if the area may touch it, appends what does.
    private mutating func handReach(_ item: BuildItem, to target: CellTarget) -> Bool {
        let ordinal = Int(item.ordinal)
        let reach_m = table.reaches_m[ordinal]
        let margin = margins[ordinal]
        if table.kinds[ordinal] == .circle {
            let center = table.vertices[Int(table.lineStarts[Int(table.fenceLines[ordinal])])]
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
                    table.vertices[edge], table.vertices[edge + 1], reach_m: reach_m, margin: margin)
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
