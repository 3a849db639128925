extension FenceSet {
    /// Checks what must always hold, and stops with a sentence where it does not. For tests. O(size of the index).
    package func _checkInvariants() {
        var owner: [Int32: Int] = [:]
        for (number, layer) in layers.enumerated() {
            layer.core.checkInvariants()
            var dead = 0
            for ordinal in 0..<Int32(layer.core.count) {
                if FenceLayer.isDead(ordinal, layer.dead) {
                    dead += 1
                    continue
                }
                let slot = layer.core.slots[Int(ordinal)]
                require(owner.updateValue(number, forKey: slot) == nil, "slot \(slot) lives in two layers")
                guard let fence = fence(at: slot) else { fatalError("slot \(slot) lives in a layer but is free") }
                require(layer.core.ordinalByID[fence.id] == ordinal, "the id of slot \(slot) leads elsewhere")
                require(layer.core.kinds[Int(ordinal)] == fence.shape.kind, "slot \(slot) has another shape in its layer")
            }
            require(dead == layer.deadCount, "a layer has miscounted its dead")
            require(dead * 2 <= layer.core.count, "a layer is mostly dead")
        }
        require(owner.count == count, "the layers do not hold all fences")
        let used = (0..<Int32(slots)).filter { fence(at: $0) != nil }
        require(used.count == count, "the pages do not hold all fences")
        require(used.allSatisfy { owner[$0] != nil }, "a fence is in no layer")
        require(freeSlots.count + count == slots, "slots got lost")
        require(freeSlots.allSatisfy { fence(at: $0) == nil }, "a free slot holds a fence")
        require(zip(freeSlots, freeSlots.dropFirst()).allSatisfy { $0 > $1 }, "free slots are out of order")
        for (_, fence) in fences {
            require(slot(ofID: fence.id) != nil, "fence \(fence.id) is not found by its id")
        }
    }
}

extension FenceLayer {
    func checkInvariants() {
        require(zip(slots, slots.dropFirst()).allSatisfy { $0 < $1 }, "slots of a layer are out of order")
        require(root.count == Int(rootWidth) * Int(rootHeight), "the root grid has another size than it says")
        require(blocks.count % 16 == 0, "a block of cells is incomplete")
        require(chainStarts.count == chainParents.count + 1, "a chain has no end")
        for chain in chainParents.indices.dropFirst() {
            require(Int(chainParents[chain]) < chain, "a chain leads to a later one")
            require(chainStarts[chain] < chainStarts[chain + 1], "a chain is empty")
        }
        require(Int(chainStarts.last ?? 0) == chainOrdinals.count, "ordinals are in no chain")
        for entry in root { check(entry, shift: rootShift) }
    }

    private func check(_ entry: UInt32, shift: UInt32) {
        let index = GridEntry.index(entry)
        switch GridEntry.tag(entry) {
        case GridEntry.nothing:
            require(entry == 0, "an empty entry has an index")
        case GridEntry.covered:
            require(index > 0 && index < chainParents.count, "an entry leads to no chain")
        case GridEntry.children:
            require(shift >= Grid.minimumShift + 2, "a cell is smaller than the smallest")
            for child in 0..<16 { check(blocks[index * 16 + child], shift: shift - 2) }
        case GridEntry.leaf:
            checkLeaf(index, shift: shift)
        default:
            fatalError("an entry has an unknown tag")
        }
    }

    private func checkLeaf(_ leaf: Int, shift: UInt32) {
        require(leaves[leaf] < chainParents.count, "a leaf leads to no chain")
        require(leaves[leaf + 1] & 0xFF >= shift, "a leaf is smaller than its entry")
        let number = leaves[leaf + 1] >> 8
        require(number > 0, "a leaf is empty")
        var word = leaf + 2
        var last: Int32 = -1
        for _ in 0..<number {
            let ordinal = Int32(bitPattern: leaves[word])
            require(ordinal > last && Int(ordinal) < slots.count, "fences of a leaf are out of order")
            last = ordinal
            let lines = Int(fenceLines[Int(ordinal)])..<Int(fenceLines[Int(ordinal) + 1])
            let vertexRange = Int(lineStarts[lines.lowerBound])..<Int(lineStarts[lines.upperBound])
            for run in 0..<Int(leaves[word + 1] & FenceLayer.runCountMask) {
                let first = Int(leaves[word + 2 + 2 * run])
                let count = Int(leaves[word + 3 + 2 * run])
                require(
                    count > 0 && vertexRange.contains(first) && vertexRange.contains(first + count),
                    "a leaf keeps edges of another fence")
            }
            word += 2 + 2 * Int(leaves[word + 1] & FenceLayer.runCountMask)
        }
    }
}

/// Stops with a sentence where something does not hold that must; unlike `precondition` it keeps the sentence in release builds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
