extension VehicleIndex {
    // MARK: Runs of slots

    /// Puts a vehicle at the end of a cell's run, and returns its slot.
    @inline(__always)
    mutating func append(_ slot: VehicleSlot, toRun number: Int) -> Int {
        var run = runs[number]
        if run.count == run.room { run = grow(number) }
        let end = run.end
        slots[end] = slot
        run.add(1)
        runs[number] = run
        return end
    }

    /// Takes a slot out of its cell's run; one that becomes empty is given back, and with it blocks and nodes.
    @inline(__always)
    mutating func removeSlot(_ slot: Int, fromRun number: Int) {
        var run = runs[number]
        run.add(-1)
        runs[number] = run
        // Perhaps onto itself: a branch would be guessed wrong too often.
        let last = slots[run.end]
        slots[slot] = last
        records.elements[Int(last.vehicle)].slot = Int32(truncatingIfNeeded: slot)
        if run.count &* 8 <= run.room { shrink(number) }
    }

    /// Moves a cell's run to one of twice the room; its first run is one of 2.
    @inline(never)
    private mutating func grow(_ number: Int) -> VehicleRun {
        let old = runs[number]
        precondition(old.exponent < VehicleRun.exponentLimit, "too many vehicles in one cell")
        if old == .nothing { blockMasks.elements[number / 64] |= 1 << UInt64(number % 64) }
        return moveRun(number, exponent: old.exponent + 1)
    }

    /// After a removal that left little in a run: gives it back, or moves it to one of half the room.
    @inline(never)
    private mutating func shrink(_ number: Int) {
        let run = runs[number]
        if run.count > 0 {
            _ = moveRun(number, exponent: run.exponent - 1)
            return
        }
        free(run)
        runs[number] = .nothing
        let block = number / 64
        blockMasks.elements[block] &= ~(1 << UInt64(number % 64))
        if blockMasks[block] == 0 { release(block: block) }
    }

    private mutating func moveRun(_ number: Int, exponent: Int) -> VehicleRun {
        let old = runs[number]
        let start = allocateRun(exponent: exponent)
        for i in 0..<old.count {
            let slot = slots[old.start + i]
            slots[start + i] = slot
            records.elements[Int(slot.vehicle)].slot = Int32(start + i)
        }
        if old.room > 0 { free(old) }
        let run = VehicleRun(start: start, count: old.count, exponent: exponent)
        runs[number] = run
        return run
    }

    private mutating func allocateRun(exponent: Int) -> Int {
        let free = freeRuns[exponent]
        if free >= 0 {
            freeRuns[exponent] = slots[Int(free)].vehicle
            return Int(free)
        }
        precondition(slots.count + 1 << exponent <= Int32.max, "the vehicle index has outgrown 31-bit slots")
        return slots.append(repeating: .empty, count: 1 << exponent)
    }

    private mutating func free(_ run: VehicleRun) {
        slots.elements[run.start].vehicle = freeRuns[run.exponent]
        freeRuns[run.exponent] = Int32(run.start)
    }

    // MARK: The tree

    /// The number of a cell's run, made with its blocks if there are none.
    mutating func makeRun(of cell: VehicleCell) -> Int {
        var node = 0
        for level in (1..<VehicleIndex.depth).reversed() {
            let home = node * 64 + cell.child(atLevel: level)
            let next = children[home]
            if next >= 0 {
                node = Int(next)
                continue
            }
            let made = level > 1 ? makeNode(home: home) : makeBlock(home: home)
            children[home] = Int32(made)
            masks.elements[node] |= 1 << UInt64(home % 64)
            node = made
        }
        return node * 64 + cell.child(atLevel: 0)
    }

    /// The block of the lowest level that holds a cell, if there is one; else -1.
    func block(of cell: VehicleCell) -> Int {
        var node = 0
        for level in (1..<VehicleIndex.depth).reversed() {
            let next = children[node &* 64 &+ cell.child(atLevel: level)]
            if next < 0 { return -1 }
            node = Int(next)
        }
        return node
    }

    mutating func makeNode(home: Int) -> Int {
        if let free = freeNodes.popLast() {
            homes[Int(free)] = Int32(home)
            return Int(free)
        }
        _ = children.append(repeating: -1, count: 64)
        _ = homes.append(repeating: Int32(home), count: 1)
        return masks.append(repeating: 0, count: 1)
    }

    private mutating func makeBlock(home: Int) -> Int {
        if let free = freeBlocks.popLast() {
            blockHomes[Int(free)] = Int32(home)
            return Int(free)
        }
        precondition(runs.count <= Int32.max - 64, "the vehicle index has outgrown 31-bit cells")
        _ = runs.append(repeating: .nothing, count: 64)
        _ = blockHomes.append(repeating: Int32(home), count: 1)
        return blockMasks.append(repeating: 0, count: 1)
    }

    /// Gives back an empty block, and nodes that become empty with it.
    private mutating func release(block: Int) {
        var home = Int(blockHomes[block])
        blockHomes[block] = -1
        freeBlocks.append(Int32(block))
        while true {
            let node = home / 64
            children[home] = -1
            masks.elements[node] &= ~(1 << UInt64(home % 64))
            if node == 0 || masks[node] != 0 { return }
            home = Int(homes[node])
            homes[node] = -1
            freeNodes.append(Int32(node))
        }
    }
}
