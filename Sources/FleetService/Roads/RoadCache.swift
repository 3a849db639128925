import FleetCore

/// What tells one way asked for from another: its points, rounded. A client has one router and one profile, so these are no
/// part of it.
struct RoadKey: Hashable, Sendable {
    let points: [RoadPoint]

    init(_ points: [RoadPoint]) { self.points = points.map { $0.rounded(to: RoadOptions.pointUnit_e7) } }
}

/// The answers of the last requests; who was not asked for the longest goes first. All operations take constant time.
struct RoadCache: Sendable {
    /// What is handed over to who asks.
    struct Reply: Sendable, Equatable {
        var payload: [UInt8]
        /// What the payload says, where it is no way.
        var failure: RoadFailure.Reason?
    }

    private struct Entry {
        var key: RoadKey
        var reply: Reply
        var expires_ms: Int64
        /// Neighbours in the order of use; the ends are -1.
        var newer: Int
        var older: Int
    }

    /// A key and an entry beside the payload, roughly.
    private static let overhead_bytes = 128

    private let entries_max: Int
    private let bytes_max: Int
    private var slots: [Entry] = []
    private var free: [Int] = []
    private var slotByKey: [RoadKey: Int] = [:]
    private var newest = -1
    private var oldest = -1
    private(set) var bytes = 0

    init(entries_max: Int, bytes_max: Int) {
        self.entries_max = entries_max
        self.bytes_max = bytes_max
    }

    var count: Int { slotByKey.count }

    /// What is kept for a key, which thereby becomes the newest; nil where there is none, or it is too old.
    mutating func reply(for key: RoadKey, at now_ms: Int64) -> Reply? {
        guard let slot = slotByKey[key] else { return nil }
        guard now_ms < slots[slot].expires_ms else {
            remove(slot)
            return nil
        }
        unlink(slot)
        link(slot)
        return slots[slot].reply
    }

    /// Keeps a reply, and lets the oldest go that there is no room for.
    mutating func insert(_ reply: Reply, for key: RoadKey, expires_ms: Int64) {
        if let slot = slotByKey[key] { remove(slot) }
        let entry = Entry(key: key, reply: reply, expires_ms: expires_ms, newer: -1, older: -1)
        let size = Self.size_bytes(entry)
        guard entries_max > 0, size <= bytes_max else { return }
        while oldest >= 0, count >= entries_max || bytes + size > bytes_max { remove(oldest) }
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = entry
        } else {
            slot = slots.count
            slots.append(entry)
        }
        slotByKey[key] = slot
        bytes += size
        link(slot)
    }

    private static func size_bytes(_ entry: Entry) -> Int {
        // The points of the key are held twice, in the entry and in the table, but as one array.
        entry.reply.payload.count + entry.key.points.count * 8 + overhead_bytes
    }

    private mutating func remove(_ slot: Int) {
        unlink(slot)
        bytes -= Self.size_bytes(slots[slot])
        slotByKey[slots[slot].key] = nil
        slots[slot].reply.payload = []
        free.append(slot)
    }

    private mutating func link(_ slot: Int) {
        slots[slot].newer = -1
        slots[slot].older = newest
        if newest >= 0 { slots[newest].newer = slot } else { oldest = slot }
        newest = slot
    }

    private mutating func unlink(_ slot: Int) {
        let (newer, older) = (slots[slot].newer, slots[slot].older)
        if newer >= 0 { slots[newer].older = older } else { newest = older }
        if older >= 0 { slots[older].newer = newer } else { oldest = newer }
    }

    /// Stops where the list, the table and the counts do not agree. For tests; linear.
    func checkInvariants() {
        var (slot, seen, size) = (newest, 0, 0)
        while slot >= 0 {
            let entry = slots[slot]
            precondition(slotByKey[entry.key] == slot && seen < slots.count, "the list has what the table has not")
            precondition(entry.older < 0 ? oldest == slot : slots[entry.older].newer == slot, "a broken link")
            seen += 1
            size += Self.size_bytes(entry)
            slot = entry.older
        }
        precondition(seen == slotByKey.count && seen + free.count == slots.count && size == bytes, "wrong counts")
        precondition(seen <= max(0, entries_max) && bytes <= bytes_max, "over the limits")
    }
}
