/// The positions of moving vehicles, for "which are nearest" and "which are within".
///
/// Positions are integers of 1e-7 degree. They lie in buckets by cell of 2¹⁵ units (about 365 m north–south), a bucket being a
/// run of 16-byte slots in one flat array; removing swaps the last slot into the gap. Above the cells stands a sparse tree of
/// 8 × 8 blocks, six deep, whose 64-bit occupancy masks let a search pass over empty country. Everything is arrays and indexes.
///
/// Vehicles are numbered by the owner, from 0, densely: the memory grows with the highest number. Not for sharing between
/// threads while it changes; a copy is a snapshot, at the cost of copying the arrays with the next change.
package struct VehicleIndex: Sendable {
    /// One vehicle in a bucket. 16 bytes.
    struct Slot: Sendable {
        var vehicle: Int32
        var latitude_e7: Int32
        var longitude_e7: Int32
        var bucket: Int32

        var coordinate: Coordinate { Coordinate(latitude_e7: latitude_e7, longitude_e7: longitude_e7) }
    }

    /// The vehicles of one cell: a run of slots whose room is a power of two.
    struct Bucket: Sendable {
        var start: Int32 = 0
        var count: Int32 = 0
        var roomExponent: Int32 = 0
        /// Where the tree refers to the bucket: node × 64 + child; -1 for a free bucket.
        var home: Int32 = -1
        var cell = VehicleCell(x: 0, y: 0)
    }

    /// Levels of the tree: 8⁶ cells each way are more than the world has.
    static let depth = 6

    // Vehicles.
    private(set) var slotOfVehicle: ContiguousArray<Int32> = []
    private(set) var slots: ContiguousArray<Slot> = []
    private(set) var buckets: ContiguousArray<Bucket> = []
    private var freeBuckets: ContiguousArray<Int32> = []
    /// Free runs of slots by exponent of their room.
    private var freeRuns: ContiguousArray<ContiguousArray<Int32>> = ContiguousArray(repeating: [], count: 32)

    // The tree: node 0 is the root. A node of the lowest level has buckets for children.
    private(set) var children: ContiguousArray<Int32> = ContiguousArray(repeating: -1, count: 64)
    private(set) var masks: ContiguousArray<UInt64> = [0]
    /// Where the parent refers to the node: node × 64 + child; -1 for the root and free nodes.
    private(set) var homes: ContiguousArray<Int32> = [-1]
    private var freeNodes: ContiguousArray<Int32> = []

    /// Number of vehicles in the index.
    package private(set) var count = 0

    package init() {}

    // MARK: Changes

    /// Puts a vehicle at a position, or moves it there. O(1) within a cell, else O(depth).
    ///
    /// - Parameters:
    ///   - vehicle: not negative.
    ///   - latitude_e7: -900,000,000…900,000,000.
    ///   - longitude_e7: -1,800,000,000…1,800,000,000.
    package mutating func update(vehicle: Int32, latitude_e7: Int32, longitude_e7: Int32) {
        precondition(vehicle >= 0, "vehicles are numbered from 0")
        precondition(
            latitude_e7.magnitude <= 900_000_000 && longitude_e7.magnitude <= 1_800_000_000,
            "a vehicle's position must be checked before it is indexed")
        let cell = VehicleCell(latitude_e7: latitude_e7, longitude_e7: longitude_e7)
        while slotOfVehicle.count <= Int(vehicle) { slotOfVehicle.append(-1) }
        let old = Int(slotOfVehicle[Int(vehicle)])
        if old >= 0 {
            // By the position itself: a bucket is one more place in memory to wait for.
            let was = slots[old]
            if VehicleCell(latitude_e7: was.latitude_e7, longitude_e7: was.longitude_e7) == cell {
                slots[old].latitude_e7 = latitude_e7
                slots[old].longitude_e7 = longitude_e7
                return
            }
            removeSlot(old)
        } else {
            count += 1
        }
        let bucket = bucket(for: cell)
        let slot = appendSlot(to: bucket)
        slots[slot] = Slot(
            vehicle: vehicle, latitude_e7: latitude_e7, longitude_e7: longitude_e7, bucket: Int32(bucket))
        slotOfVehicle[Int(vehicle)] = Int32(slot)
    }

    /// Takes a vehicle out; nothing if it is not in.
    package mutating func remove(vehicle: Int32) {
        guard vehicle >= 0, vehicle < slotOfVehicle.count else { return }
        let slot = Int(slotOfVehicle[Int(vehicle)])
        guard slot >= 0 else { return }
        removeSlot(slot)
        slotOfVehicle[Int(vehicle)] = -1
        count -= 1
    }

    /// Where a vehicle is; nil if it is not in the index. O(1).
    package func position(of vehicle: Int32) -> Coordinate? {
        guard vehicle >= 0, vehicle < slotOfVehicle.count, slotOfVehicle[Int(vehicle)] >= 0 else { return nil }
        return slots[Int(slotOfVehicle[Int(vehicle)])].coordinate
    }

    // MARK: Buckets

    /// The bucket of a cell, made with its nodes if there is none.
    private mutating func bucket(for cell: VehicleCell) -> Int {
        var node = 0
        for level in (1..<VehicleIndex.depth).reversed() {
            let child = cell.child(atLevel: level)
            let next = children[node * 64 + child]
            if next >= 0 {
                node = Int(next)
            } else {
                let made = makeNode(home: node * 64 + child)
                children[node * 64 + child] = Int32(made)
                masks[node] |= 1 << UInt64(child)
                node = made
            }
        }
        let child = cell.child(atLevel: 0)
        let found = children[node * 64 + child]
        if found >= 0 { return Int(found) }
        let bucket: Int
        if let free = freeBuckets.popLast() {
            bucket = Int(free)
        } else {
            bucket = buckets.count
            buckets.append(Bucket())
        }
        buckets[bucket] = Bucket(
            start: allocateRun(exponent: 1), count: 0, roomExponent: 1, home: Int32(node * 64 + child), cell: cell)
        children[node * 64 + child] = Int32(bucket)
        masks[node] |= 1 << UInt64(child)
        return bucket
    }

    private mutating func makeNode(home: Int) -> Int {
        if let free = freeNodes.popLast() {
            homes[Int(free)] = Int32(home)
            return Int(free)
        }
        children.append(contentsOf: repeatElement(-1, count: 64))
        masks.append(0)
        homes.append(Int32(home))
        return masks.count - 1
    }

    private mutating func appendSlot(to bucket: Int) -> Int {
        if buckets[bucket].count == 1 << buckets[bucket].roomExponent { grow(bucket) }
        let slot = Int(buckets[bucket].start + buckets[bucket].count)
        buckets[bucket].count += 1
        return slot
    }

    /// Moves a bucket to a run of twice the room.
    private mutating func grow(_ bucket: Int) {
        let old = buckets[bucket]
        let start = allocateRun(exponent: Int(old.roomExponent) + 1)
        for i in 0..<old.count {
            let slot = slots[Int(old.start + i)]
            slots[Int(start + i)] = slot
            slotOfVehicle[Int(slot.vehicle)] = start + i
        }
        freeRuns[Int(old.roomExponent)].append(old.start)
        buckets[bucket].start = start
        buckets[bucket].roomExponent += 1
    }

    private mutating func allocateRun(exponent: Int) -> Int32 {
        if let free = freeRuns[exponent].popLast() { return free }
        let start = Int32(slots.count)
        let empty = Slot(vehicle: -1, latitude_e7: 0, longitude_e7: 0, bucket: -1)
        slots.append(contentsOf: repeatElement(empty, count: 1 << exponent))
        return start
    }

    /// Takes a slot out of its bucket; an empty bucket, and nodes that become empty with it, are given back.
    private mutating func removeSlot(_ slot: Int) {
        let bucket = Int(slots[slot].bucket)
        let last = Int(buckets[bucket].start + buckets[bucket].count - 1)
        if slot != last {
            slots[slot] = slots[last]
            slotOfVehicle[Int(slots[slot].vehicle)] = Int32(slot)
        }
        slots[last].vehicle = -1
        buckets[bucket].count -= 1
        guard buckets[bucket].count == 0 else { return }
        freeRuns[Int(buckets[bucket].roomExponent)].append(buckets[bucket].start)
        var home = Int(buckets[bucket].home)
        buckets[bucket].home = -1
        freeBuckets.append(Int32(bucket))
        while true {
            let node = home / 64
            children[home] = -1
            masks[node] &= ~(1 << UInt64(home % 64))
            if node == 0 || masks[node] != 0 { return }
            home = Int(homes[node])
            homes[node] = -1
            freeNodes.append(Int32(node))
        }
    }

    /// Slots in free runs, buckets and nodes that wait for use: for the invariants.
    var spare: (slots: Int, buckets: Int, nodes: Int) {
        var total = 0
        for (exponent, runs) in freeRuns.enumerated() { total += runs.count << exponent }
        return (total, freeBuckets.count, freeNodes.count)
    }
}

/// A cell of 2¹⁵ × 2¹⁵ units of 1e-7 degree, counted from the south-west corner of the world.
struct VehicleCell: Sendable, Equatable {
    var x: UInt32
    var y: UInt32

    init(x: UInt32, y: UInt32) {
        self.x = x
        self.y = y
    }

    init(latitude_e7: Int32, longitude_e7: Int32) {
        x = UInt32(Int64(longitude_e7) + 1_800_000_000) >> 15
        y = UInt32(Int64(latitude_e7) + 900_000_000) >> 15
    }

    /// Which child of its node on a level (0 the lowest) leads to the cell.
    @inline(__always)
    func child(atLevel level: Int) -> Int {
        let shift = UInt32(3 * level)
        return Int((y >> shift & 7) << 3 | (x >> shift & 7))
    }
}
