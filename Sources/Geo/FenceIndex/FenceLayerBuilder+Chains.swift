/// Fences that cover a cell; see ``FenceGrid/chains``.
extension FenceLayerBuilder {
    /// A chain takes over the slots of that of the larger cell as long as it has no more than this.
    private static let joinedLimit = 2 * LeafBlock.polygonLimit

    /// Makes a chain of what is in ``covering`` and of another chain.
    mutating func appendChain(to chain: UInt32) -> UInt32 {
        var parent = chain
        if parent != 0 {
            let count = Int(chains.words[Int(parent) + 1])
            if count + covering.count <= FenceLayerBuilder.joinedLimit {
                let first = Int(parent) + FenceGrid.chainHeader
                for i in first..<(first + count) { covering.append(Int32(bitPattern: chains.words[i])) }
                covering.sort()
                parent = chains.words[Int(parent)]
            }
        }
        let inner = chains.append(FenceGrid.chainHeader + covering.count)
        let words = chains.words + inner
        words[0] = parent
        words[1] = UInt32(covering.count)
        words[2] = 0
        for (i, slot) in covering.enumerated() {
            words[FenceGrid.chainHeader + i] = UInt32(bitPattern: slot)
        }
        return UInt32(inner)
    }

    /// How many slots a chain has, if it is one without a larger cell's; more than a block can name if it has another.
    func joinedCount(_ chain: UInt32) -> Int {
        if chain == 0 { return 0 }
        return chains.words[Int(chain)] == 0 ? Int(chains.words[Int(chain) + 1]) : Int.max / 2
    }

    /// The slots of a chain of so many.
    func joinedSlots(_ chain: UInt32, _ count: Int) -> UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(start: chains.words + Int(chain) + FenceGrid.chainHeader, count: count)
    }

    /// What an entry says where only the fences of a chain cover the cell. Cells of one size share a leaf.
    mutating func coveredEntry(_ cell: GridCell, _ chain: UInt32) -> UInt32 {
        if chain == 0 { return GridEntry.nothing }
        if joinedCount(chain) == 1 {
            return GridEntry.make(GridEntry.single, Int(joinedSlots(chain, 1)[0]))
        }
        let known = Int(chains.words[Int(chain) + 2])
        if known != 0, cells.words[known * FenceGrid.unit + 1] & 0x1F == cell.shift {
            return leafEntry(known)
        }
        let made = terminalLeaf(cell, 0..<0, chain: chain)
        chains.words[Int(chain) + 2] = UInt32(made)
        return leafEntry(made)
    }
}
