extension VehicleIndex {
    /// Checks what must always hold, and stops with a sentence where it does not. For tests. O(size of the index).
    package func _checkInvariants() {
        var vehicles = 0
        for vehicle in 0..<records.count where records[vehicle].slot >= 0 {
            vehicles += 1
            let record = records[vehicle]
            require(slots[Int(record.slot)].vehicle == vehicle, "the slot of vehicle \(vehicle) holds another")
            let run = runs[Int(record.cell)]
            require(
                run.start <= Int(record.slot) && Int(record.slot) < run.end,
                "vehicle \(vehicle) is outside of its cell's run")
        }
        require(vehicles == count, "vehicles were miscounted")
        var reached = Reached()
        check(node: 0, level: VehicleIndex.depth - 1, corner: VehicleCell(x: 0, y: 0), &reached)
        require(reached.vehicles == count, "the tree does not lead to all vehicles")
        require(reached.room + freeSlotCount == slots.count, "runs of slots got lost")
        require(reached.blocks + freeBlocks.count == blockMasks.count, "blocks got lost")
        require(reached.nodes + freeNodes.count == masks.count, "nodes got lost")
        require(children.count == 64 * masks.count && homes.count == masks.count, "the nodes' parts differ in length")
        require(
            runs.count == 64 * blockMasks.count && blockHomes.count == blockMasks.count,
            "the blocks' parts differ in length")
    }

    private struct Reached {
        var nodes = 0
        var blocks = 0
        var vehicles = 0
        var room = 0
    }

    private var freeSlotCount: Int {
        var total = 0
        for exponent in freeRuns.indices {
            var free = freeRuns[exponent]
            while free >= 0 {
                total += 1 << exponent
                free = slots[Int(free)].vehicle
            }
        }
        return total
    }

    private func check(node: Int, level: Int, corner: VehicleCell, _ reached: inout Reached) {
        reached.nodes += 1
        require(node == 0 || masks[node] != 0, "a node is empty")
        let size = UInt32(1) << UInt32(3 * level)
        for child in 0..<64 {
            let next = Int(children[node * 64 + child])
            require((next >= 0) == (masks[node] >> UInt64(child) & 1 == 1), "a node's mask contradicts its children")
            if next < 0 { continue }
            let place = VehicleCell(x: corner.x + UInt32(child & 7) * size, y: corner.y + UInt32(child >> 3) * size)
            let home = level > 1 ? homes[next] : blockHomes[next]
            require(Int(home) == node * 64 + child, "a node or block does not know its parent")
            if level > 1 {
                check(node: next, level: level - 1, corner: place, &reached)
            } else {
                check(block: next, corner: place, &reached)
            }
        }
    }

    private func check(block: Int, corner: VehicleCell, _ reached: inout Reached) {
        reached.blocks += 1
        require(blockMasks[block] != 0, "a block is empty")
        for child in 0..<64 {
            let run = runs[block * 64 + child]
            let isThere = blockMasks[block] >> UInt64(child) & 1 == 1
            require(isThere == (run.count > 0), "a block's mask contradicts its cells")
            require(isThere || run == .nothing, "an empty cell has a run")
            require(run.count <= run.room, "a run is too full")
            reached.vehicles += run.count
            reached.room += run.room
            let cell = VehicleCell(x: corner.x + UInt32(child & 7), y: corner.y + UInt32(child >> 3))
            for i in run.start..<run.end {
                let record = records[Int(slots[i].vehicle)]
                require(Int(record.slot) == i, "vehicle \(slots[i].vehicle) does not know its slot")
                require(Int(record.cell) == block * 64 + child, "vehicle \(slots[i].vehicle) does not know its cell")
                require(record.place == VehiclePlace(cell, slots[i]), "a slot and a record differ in the position")
            }
        }
    }
}
