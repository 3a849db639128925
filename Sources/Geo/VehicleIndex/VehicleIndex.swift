import CPlatform

/// The positions of moving vehicles, for "which are nearest" and "which are within".
///
/// Positions are integers of 1e-7 degree. A cell is 2¹⁵ units wide and high (about 365 m north–south), and its vehicles lie in a run
/// of 8-byte slots, each with the position *in* the cell; removing swaps the last slot into the gap. Above the cells stands a
/// sparse tree of 8 × 8 blocks, six deep, whose 64-bit occupancy masks let a search pass over empty country. The lowest blocks hold
/// the runs' places and lengths, a row of cells in one cache line.
///
/// For each vehicle there is a record of its position and its slot, so that a change within a cell, as nearly all are, waits
/// for one place in memory alone, and one into a neighbouring cell for one more: the two are mostly in the same block.
///
/// Vehicles are numbered by the owner, from 0, densely: the memory grows with the highest number. Not for sharing between
/// threads while it changes.
package struct VehicleIndex: ~Copyable, @unchecked Sendable {  // It alone owns its memory.
    /// Where a vehicle is. 16 bytes.
    struct Record: Sendable {
        var place: VehiclePlace
        /// Its slot, -1 if the vehicle is not in the index.
        var slot: Int32
        /// Its cell's place in `runs`: block × 64 + cell.
        var cell: Int32

        static let none = Record(place: .none, slot: -1, cell: -1)
    }

    /// Levels of the tree: 8⁶ cells each way are more than the world has.
    static let depth = 6

    /// By vehicle.
    var records = GrowingMemory<Record>(room: 16)
    var slots = GrowingMemory<VehicleSlot>(room: 32)
    /// The start of the first free run of slots by exponent of the room, -1 for none. The first slot of a free run tells the next one.
    var freeRuns = InlineArray<28, Int32>(repeating: -1)

    /// The lowest level of the tree: 64 cells a block, row by row from the south-west.
    var runs = GrowingMemory<VehicleRun>(room: 64)
    /// Of each block and node: which children there are.
    var blockMasks = GrowingMemory<UInt64>(room: 8)
    var masks = GrowingMemory<UInt64>(room: 8)
    /// Where the parent refers to a block or node: node × 64 + child; -1 for the root, and for what is free.
    var blockHomes = GrowingMemory<Int32>(room: 16)
    var homes = GrowingMemory<Int32>(room: 16)
    /// The levels above: 64 children a node, blocks for those of level 1; -1 for none. Node 0 is the root.
    var children = GrowingMemory<Int32>(room: 6 * 64)
    var freeBlocks: ContiguousArray<Int32> = []
    var freeNodes: ContiguousArray<Int32> = []

    /// Number of vehicles in the index.
    package private(set) var count = 0

    package init() { _ = makeNode(home: -1) }

    // MARK: Changes

    /// Puts a vehicle at a position, or moves it there. O(1) within a block of cells, else O(depth).
    ///
    /// - Parameters:
    ///   - vehicle: not negative.
    ///   - latitude_e7: -900,000,000…900,000,000.
    ///   - longitude_e7: -1,800,000,000…1,800,000,000.
    package mutating func update(vehicle: Int32, latitude_e7: Int32, longitude_e7: Int32) {
        precondition(vehicle >= 0, "vehicles are numbered from 0")
        let place = VehiclePlace(latitude_e7: latitude_e7, longitude_e7: longitude_e7)
        precondition(
            place.y <= 1_800_000_000 && place.x <= 3_600_000_000,
            "a vehicle's position must be checked before it is indexed")
        if Int(vehicle) >= records.count { addRecords(through: Int(vehicle)) }
        let record = records.elements + Int(vehicle)
        if record.pointee.place.isInCell(of: place) {
            record.pointee.place = place
            slots[Int(record.pointee.slot)] = VehicleSlot(vehicle: vehicle, place)
        } else {
            move(vehicle, to: place)
        }
    }

    @inline(never)
    private mutating func addRecords(through vehicle: Int) {
        _ = records.append(repeating: .none, count: vehicle + 1 - records.count)
    }

    /// Puts a vehicle into another cell than it was in, if in any.
    @inline(never)
    private mutating func move(_ vehicle: Int32, to place: VehiclePlace) {
        let was = records[Int(vehicle)]
        let cell = VehicleCell(place)
        var runNumber: Int
        if was.slot >= 0 {
            let old = VehicleCell(was.place)
            if ((old.x ^ cell.x) | (old.y ^ cell.y)) >> 3 == 0 {
                runNumber = Int(was.cell) & ~63 | cell.child(atLevel: 0)
            } else {
                runNumber = makeRun(of: cell)
            }
        } else {
            count += 1
            runNumber = makeRun(of: cell)
        }
        let slot = append(VehicleSlot(vehicle: vehicle, place), toRun: runNumber)
        // The vehicle's own record comes last: removing writes to the one of whichever vehicle is moved, and that may be this one.
        if was.slot >= 0 { removeSlot(Int(was.slot), fromRun: Int(was.cell)) }
        records[Int(vehicle)] = Record(
            place: place, slot: Int32(truncatingIfNeeded: slot), cell: Int32(truncatingIfNeeded: runNumber))
    }

    /// Takes a vehicle out; nothing if it is not in.
    package mutating func remove(vehicle: Int32) {
        guard vehicle >= 0, vehicle < records.count else { return }
        let was = records[Int(vehicle)]
        guard was.slot >= 0 else { return }
        removeSlot(Int(was.slot), fromRun: Int(was.cell))
        records[Int(vehicle)] = .none
        count -= 1
    }

    /// Where a vehicle is; nil if it is not in the index. O(1).
    package func position(of vehicle: Int32) -> Coordinate? {
        guard vehicle >= 0, vehicle < records.count, records[Int(vehicle)].slot >= 0 else { return nil }
        return records[Int(vehicle)].place.coordinate
    }

    // MARK: Ahead of changes

    /// Begins to fetch what ``update(vehicle:latitude_e7:longitude_e7:)`` reads of a vehicle first. For owners that know which
    /// vehicles come next: some ten changes ahead. Any number will do, also one that is not in the index.
    @inline(__always)
    package func prefetch(vehicle: Int32) {
        platform_prefetch(records.elements + Int(vehicle))
    }

    /// Begins to fetch what a change of a vehicle reads and writes after that. Some five changes ahead, after
    /// ``prefetch(vehicle:)`` has had time.
    @inline(__always)
    package func prefetchSlot(vehicle: Int32) {
        guard vehicle >= 0, vehicle < records.count else { return }
        let record = records.elements + Int(vehicle)
        // Harmless also for -1.
        platform_prefetch(slots.elements + Int(record.pointee.slot))
        platform_prefetch(runs.elements + Int(record.pointee.cell))
    }
}
