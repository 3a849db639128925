extension VehicleIndex {
    /// Checks what must always hold, and stops with a sentence where it does not. For tests. O(size of the index).
    package func _checkInvariants() {
        var vehicles = 0
        for (vehicle, slot) in slotOfVehicle.enumerated() where slot >= 0 {
            vehicles += 1
            let held = slots[Int(slot)]
            require(held.vehicle == vehicle, "the slot of vehicle \(vehicle) holds another")
            let bucket = buckets[Int(held.bucket)]
            require(bucket.home >= 0, "vehicle \(vehicle) is in a free bucket")
            require(
                bucket.start <= slot && slot < bucket.start + bucket.count,
                "vehicle \(vehicle) is outside of its bucket's run")
            let cell = VehicleCell(latitude_e7: held.latitude_e7, longitude_e7: held.longitude_e7)
            require(cell == bucket.cell, "vehicle \(vehicle) is in the wrong cell")
        }
        require(vehicles == count, "vehicles were miscounted")
        var reached = (nodes: 0, buckets: 0, vehicles: 0, room: 0)
        check(node: 0, level: VehicleIndex.depth - 1, corner: VehicleCell(x: 0, y: 0), &reached)
        require(reached.vehicles == count, "the tree does not lead to all vehicles")
        let spare = spare
        require(reached.room + spare.slots == slots.count, "runs of slots got lost")
        require(reached.buckets + spare.buckets == buckets.count, "buckets got lost")
        require(reached.nodes + spare.nodes == masks.count, "nodes got lost")
        require(children.count == 64 * masks.count && homes.count == masks.count, "the tree's arrays differ in length")
    }

    private func check(
        node: Int, level: Int, corner: VehicleCell,
        _ reached: inout (nodes: Int, buckets: Int, vehicles: Int, room: Int)
    ) {
        reached.nodes += 1
        require(node == 0 || masks[node] != 0, "a node is empty")
        let size = UInt32(1) << UInt32(3 * level)
        for child in 0..<64 {
            let next = Int(children[node * 64 + child])
            require((next >= 0) == (masks[node] >> UInt64(child) & 1 == 1), "a node's mask contradicts its children")
            if next < 0 { continue }
            let place = VehicleCell(x: corner.x + UInt32(child & 7) * size, y: corner.y + UInt32(child >> 3) * size)
            if level > 0 {
                require(Int(homes[next]) == node * 64 + child, "a node does not know its parent")
                check(node: next, level: level - 1, corner: place, &reached)
            } else {
                let bucket = buckets[next]
                require(Int(bucket.home) == node * 64 + child, "a bucket does not know its node")
                require(bucket.cell == place, "a bucket hangs at another cell's place")
                require(bucket.count > 0 && bucket.count <= 1 << bucket.roomExponent, "a bucket's count is wrong")
                reached.buckets += 1
                reached.vehicles += Int(bucket.count)
                reached.room += 1 << Int(bucket.roomExponent)
            }
        }
    }
}
