extension FenceLayer {
    /// Appends the slots of the fences that contain the position, without those marked in `dead` (a bit an ordinal).
    ///
    /// - Parameters:
    ///   - p: valid, and canonical.
    ///   - x, y: its place on the grid.
    func appendContaining(
        _ p: Coordinate, x: UInt32, y: UInt32, dead: ContiguousArray<UInt64>, into result: inout [Int32]
    ) {
        let entry = entry(x: x, y: y)
        switch GridEntry.tag(entry) {
        case GridEntry.covered:
            appendChain(GridEntry.index(entry), dead: dead, into: &result)
        case GridEntry.leaf:
            let leaf = GridEntry.index(entry)
            appendChain(Int(leaves[leaf]), dead: dead, into: &result)
            appendLeaf(leaf, p, x: x, y: y, dead: dead, into: &result)
        default:
            break
        }
        if abs(p.longitude) == 180 {
            // On ±180 nothing is strictly within a polygon, so these are not yet in the result.
            for seam in seams where !FenceLayer.isDead(seam.ordinal, dead) {
                if seam.range.south < p.latitude, p.latitude < seam.range.north {
                    result.append(slots[Int(seam.ordinal)])
                }
            }
        }
    }

    @inline(__always)
    static func isDead(_ ordinal: Int32, _ dead: ContiguousArray<UInt64>) -> Bool {
        dead[Int(ordinal) >> 6] >> UInt64(ordinal & 63) & 1 == 1
    }

    @inline(__always)
    private func appendChain(_ first: Int, dead: ContiguousArray<UInt64>, into result: inout [Int32]) {
        var chain = first
        while chain != 0 {
            for i in Int(chainStarts[chain])..<Int(chainStarts[chain + 1]) {
                let ordinal = chainOrdinals[i]
                if !FenceLayer.isDead(ordinal, dead) { result.append(slots[Int(ordinal)]) }
            }
            chain = Int(chainParents[chain])
        }
    }

    private func appendLeaf(
        _ leaf: Int, _ p: Coordinate, x: UInt32, y: UInt32, dead: ContiguousArray<UInt64>,
        into result: inout [Int32]
    ) {
        let header = leaves[leaf + 1]
        let cell = GridCell.containing(x: x, y: y, shift: header & 0xFF)
        var word = leaf + 2
        for _ in 0..<(header >> 8) {
            let ordinal = Int32(bitPattern: leaves[word])
            let flags = leaves[word + 1]
            let runs = (word + 2)..<(word + 2 + 2 * Int(flags & FenceLayer.runCountMask))
            word = runs.upperBound
            if FenceLayer.isDead(ordinal, dead) { continue }
            if contains(p, ordinal: Int(ordinal), flags: flags, runs: runs, cell: cell) {
                result.append(slots[Int(ordinal)])
            }
        }
    }

    @inline(__always)
    private func contains(_ p: Coordinate, ordinal: Int, flags: UInt32, runs: Range<Int>, cell: GridCell) -> Bool {
        switch kinds[ordinal] {
        case .polygon:
            if flags & FenceLayer.wholeFlag != 0 { return wholeContains(p, ordinal) }
            let reference = cell.reference(flags >> FenceLayer.candidateShift & 0x3F)
            return parity(p, reference, isInside: flags & FenceLayer.insideFlag != 0, runs: runs)
        case .circle:
            return p.distance_m(to: vertices[Int(lineStarts[Int(fenceLines[ordinal])])]) < reaches_m[ordinal]
        case .corridor:
            return isWithinReach(p, ordinal, flags: flags, runs: runs)
        }
    }

    @inline(__always)
    private func parity(_ p: Coordinate, _ reference: Coordinate, isInside: Bool, runs: Range<Int>) -> Bool {
        var isInside = isInside
        var word = runs.lowerBound
        while word < runs.upperBound {
            let first = Int(leaves[word])
            for edge in first..<(first + Int(leaves[word + 1])) {
                switch EdgeCrossing.step(from: reference, to: p, vertices[edge], vertices[edge + 1]) {
                case .none: break
                case .crosses: isInside.toggle()
                case .touches: return false
                }
            }
            word += 2
        }
        return isInside
    }

    /// All edges of a fence that lies wholly within the leaf's cell.
    private func wholeContains(_ p: Coordinate, _ ordinal: Int) -> Bool {
        var isInside = false
        for line in Int(fenceLines[ordinal])..<Int(fenceLines[ordinal + 1]) {
            for edge in Int(lineStarts[line])..<(Int(lineStarts[line + 1]) - 1) {
                switch Shape.ray(from: p, vertices[edge], vertices[edge + 1]) {
                case .none: break
                case .crosses: isInside.toggle()
                case .touches: return false
                }
            }
        }
        return isInside
    }

    private func isWithinReach(_ p: Coordinate, _ ordinal: Int, flags: UInt32, runs: Range<Int>) -> Bool {
        let field = SegmentDistance(from: p)
        let reach_m = reaches_m[ordinal]
        var word = runs.lowerBound
        while word < runs.upperBound {
            let first = Int(leaves[word])
            for edge in first..<(first + Int(leaves[word + 1])) {
                if let approach = field.approach(vertices[edge], vertices[edge + 1], within: reach_m),
                    approach.distance_m < reach_m
                {
                    return true
                }
            }
            word += 2
        }
        return false
    }
}
