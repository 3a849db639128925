extension FenceSet {
    /// Checks what must always hold, and stops with a sentence where it does not. For tests. O(size of the index).
    package func _checkInvariants() {
        var owner: [Int32: Int] = [:]
        for (number, layer) in layers.enumerated() {
            layer.core.checkInvariants()
            var dead = 0
            for ordinal in 0..<Int32(layer.core.count) {
                if layer.isDead(ordinal) {
                    dead += 1
                    require(
                        firstGrid[number].isDead(layer.core.slots[Int(ordinal)]), "a grid does not know of a dead fence"
                    )
                    continue
                }
                let slot = layer.core.slots[Int(ordinal)]
                require(owner.updateValue(number, forKey: slot) == nil, "slot \(slot) lives in two layers")
                guard let fence = fence(at: slot) else { fatalError("slot \(slot) lives in a layer but is free") }
                require(layer.core.ordinalByID[fence.id] == ordinal, "the id of slot \(slot) leads elsewhere")
                require(!firstGrid[number].isDead(slot), "slot \(slot) lives, but is dead in its layer's grid")
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
        let cells = Int(grid.rootWidth) * Int(grid.rootHeight)
        require(grid.root[cells] == GridEntry.nothing, "there is something beyond the root")
        let known = Set(slots)
        checkChains(known)
        for cell in 0..<cells { check(grid.root[cell], shift: grid.rootShift, known) }
    }

    private func checkChains(_ known: Set<Int32>) {
        var chain = 1
        while chain < memory.chainWords {
            let count = Int(grid.chains[chain + 1])
            require(Int(grid.chains[chain]) < chain, "a chain leads to a later one")
            require(count > 0, "a chain is empty")
            let slots = (0..<count).map { Int32(bitPattern: grid.chains[chain + FenceGrid.chainHeader + $0]) }
            require(slots.allSatisfy { known.contains($0) }, "a chain names an unknown slot")
            require(zip(slots, slots.dropFirst()).allSatisfy { $0 < $1 }, "a chain's slots are out of order")
            chain += FenceGrid.chainHeader + count
        }
        require(chain == memory.chainWords || memory.chainWords == 1, "the last chain has no end")
    }

    private func check(_ entry: UInt32, shift: UInt32, _ known: Set<Int32>) {
        let index = GridEntry.index(entry)
        switch GridEntry.tag(entry) {
        case GridEntry.nothing:
            require(entry == 0, "an empty entry has an index")
        case GridEntry.single:
            require(known.contains(Int32(index)), "an entry names an unknown slot")
        case GridEntry.children:
            require(shift >= Grid.minimumShift + 2, "a cell is smaller than the smallest")
            let first = index * FenceGrid.unit
            require(first + 16 <= memory.cellWords && first % 16 == 0, "an entry leads to no cells")
            for child in 0..<16 { check(grid.cells[first + child], shift: shift - 2, known) }
        case GridEntry.leaf, GridEntry.longLeaf:
            let words = index * FenceGrid.unit
            require(words < memory.cellWords, "an entry leads to no leaf")
            let isLong = grid.leaf(at: index).isLong
            require(isLong == (GridEntry.tag(entry) == GridEntry.longLeaf), "an entry is wrong about a leaf's length")
            var next = index
            var isFirst = true
            while next != 0 {
                require(
                    next * FenceGrid.unit + LeafBlock.headerWords <= memory.cellWords, "an entry leads to no leaf")
                let leaf = grid.leaf(at: next)
                check(leaf, shift: shift, isFirst: isFirst, known)
                isFirst = false
                next = leaf.next
            }
        default:
            fatalError("an entry has an unknown tag")
        }
    }

    private func check(_ leaf: LeafBlock, shift: UInt32, isFirst: Bool, _ known: Set<Int32>) {
        require(leaf.chain < memory.chainWords && (isFirst || leaf.chain == 0), "a leaf leads to no chain")
        require(leaf.shift >= shift, "a leaf is smaller than its entry")
        require(leaf.polygonCount <= LeafBlock.polygonLimit, "a block has too many polygons")
        require((leaf.chain != 0) == (leaf.words[1] & LeafBlock.chainFlag != 0), "a leaf forgets its chain")
        require(leaf.polygonCount + leaf.reachCount + leaf.chain > 0, "a leaf is empty")
        require(leaf.groupCount > 0, "a leaf has no group of edges")
        let slots = (0..<leaf.polygonCount).map { leaf.slot($0) }
        require(zip(slots, slots.dropFirst()).allSatisfy { $0 < $1 }, "a leaf's slots are out of order")
        let all: UInt32 = (1 << UInt32(leaf.polygonCount)) - 1
        require(
            (leaf.words[2] | leaf.words[2] >> 8) & ~all & 0xFF == 0, "a block speaks of polygons that it does not have")
        for polygon in 0..<leaf.polygonCount {
            require(known.contains(leaf.slot(polygon)), "a leaf names an unknown slot")
        }
        for number in 0..<leaf.groupCount {
            let group = LeafBlock.Group(leaf.groups + number * LeafBlock.groupWords)
            require(group.polygons & ~(all * 0x0101_0101) == 0, "an edge bounds a polygon that is not there")
            require((0..<4).allSatisfy { group.y[$0] <= group.topY[$0] }, "an edge is upside down")
        }
        var item = leaf.reaches
        for _ in 0..<leaf.reachCount {
            require(known.contains(item.slot), "a leaf names an unknown slot")
            require(item.field < memory.reaches.count, "a leaf names an unknown circle or corridor")
            for number in 0..<item.runCount {
                require(item.run(number).upperBound < memory.lines.count, "a leaf keeps segments that are not there")
            }
            item = item.next
        }
    }
}

/// Stops with a sentence where something does not hold that must; unlike `precondition` it keeps the sentence in release builds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}
