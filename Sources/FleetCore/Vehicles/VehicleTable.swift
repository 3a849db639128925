import Wire

/// Vehicle ids to dense slots 0, 1, 2, …, in the order in which they first appeared.
///
/// An open-addressing hash table over the bytes of the id (linear probing, at most three quarters full), with all ids in
/// one array: finding a vehicle costs no allocation and no `String`. A vehicle keeps its slot for ever.
package struct VehicleTable: Sendable {
    /// The ids of all slots, one behind the other; see `range(of:)`.
    private(set) var ids: [UInt8] = []
    /// Where each slot's id ends in `ids`; it starts where the one before ends.
    private var ends: ContiguousArray<Int32> = []
    private var hashes: ContiguousArray<UInt64> = []
    /// Slot + 1, or 0 where free. The count is a power of two.
    private var buckets: ContiguousArray<Int32> = ContiguousArray(repeating: 0, count: 16)

    package init() {}

    package var count: Int { ends.count }

    /// Where the id of a slot stands in `ids`.
    func range(of slot: Int) -> Range<Int> {
        (slot == 0 ? 0 : Int(ends[slot - 1]))..<Int(ends[slot])
    }

    /// The id of a slot, as UTF-8 bytes.
    package func id(of slot: Int) -> ArraySlice<UInt8> { ids[range(of: slot)] }

    /// The hash that the slot's id was added with.
    func hash(of slot: Int) -> UInt64 { hashes[slot] }

    package func name(of slot: Int) -> String { String(decoding: id(of: slot), as: UTF8.self) }

    /// The slot of an id, nil where it was never added. Expected O(length of the id).
    package func slot(of id: Span<UInt8>, hash: UInt64) -> Int? {
        let mask = buckets.count - 1
        var bucket = Self.home(hash) & mask
        while buckets[bucket] != 0 {
            let slot = Int(buckets[bucket]) - 1
            if hashes[slot] == hash, equals(slot, id) { return slot }
            bucket = (bucket + 1) & mask
        }
        return nil
    }

    /// Begins to fetch what `likelySlot` reads.
    @inline(__always)
    func prefetchBucket(of hash: UInt64) { buckets.prefetch(Self.home(hash) & (buckets.count - 1)) }

    /// The slot that the hash's own bucket names: mostly the one that `slot(of:hash:)` finds, but not looked at further.
    @inline(__always)
    func likelySlot(of hash: UInt64) -> Int? {
        let bucket = buckets[Self.home(hash) & (buckets.count - 1)]
        return bucket == 0 ? nil : Int(bucket) - 1
    }

    /// Begins to fetch what finding the vehicle of the slot reads.
    @inline(__always)
    func prefetch(slot: Int) {
        hashes.prefetch(slot)
        ends.prefetch(slot)
    }

    /// The high half of the hash: the low bits chose the shard, so that within one they are often all the same.
    private static func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> 32) }

    private func equals(_ slot: Int, _ id: Span<UInt8>) -> Bool {
        let range = range(of: slot)
        return range.count == id.count && hasBytes(id, in: ids.span, at: range.lowerBound)
    }

    /// Adds an id that is not there yet and returns its slot.
    package mutating func add(_ id: Span<UInt8>, hash: UInt64) -> Int {
        let slot = ends.count
        id.withUnsafeBufferPointer { ids.append(contentsOf: $0) }
        ends.append(Int32(ids.count))
        hashes.append(hash)
        if ends.count * 4 > buckets.count * 3 {
            buckets = ContiguousArray(repeating: 0, count: buckets.count * 2)
            for slot in hashes.indices { insert(slot) }
        } else {
            insert(slot)
        }
        return slot
    }

    private mutating func insert(_ slot: Int) {
        let mask = buckets.count - 1
        var bucket = Self.home(hashes[slot]) & mask
        while buckets[bucket] != 0 { bucket = (bucket + 1) & mask }
        buckets[bucket] = Int32(slot + 1)
    }

    package func _checkInvariants() {
        guard ends.count == hashes.count, Int(ends.last ?? 0) == ids.count else {
            fatalError("VehicleTable: ids and hashes do not match")
        }
        for slot in ends.indices {
            guard self.slot(of: Array(id(of: slot)).span, hash: hashes[slot]) == slot else {
                fatalError("VehicleTable: an id does not lead to its slot")
            }
        }
    }
}
