import Wire

/// Gives keys the places 0, 1, 2, … of arrays that their owner keeps beside it, and takes the place of another key when all are taken.
///
/// Second chance: a hand goes round; a key that was used since the hand last passed is spared once. What is dropped follows from
/// the calls alone. O(1) amortised.
struct BoundedIndex<Key: Hashable & Sendable>: Sendable {
    let limit: Int
    private(set) var keys: [Key] = []
    private var isUsed: [Bool] = []
    private var places: [Key: Int32] = [:]
    private var hand = 0

    /// - Parameter limit: at least 1.
    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { keys.count }

    func place(of key: Key) -> Int? { places[key].map { Int($0) } }

    /// What ``claim(_:)`` found.
    enum Claim: Equatable {
        case known(Int)
        /// A place at the end: append.
        case appended(Int)
        /// The place of a key that is not known any more: start anew there.
        case replaced(Int)
    }

    /// The place of a key, which counts as used.
    mutating func claim(_ key: Key) -> Claim {
        if let place = places[key] {
            isUsed[Int(place)] = true
            return .known(Int(place))
        }
        if keys.count < limit {
            keys.append(key)
            isUsed.append(false)
            places[key] = Int32(keys.count - 1)
            return .appended(keys.count - 1)
        }
        // Ends after one round, in which every mark is taken away.
        while isUsed[hand] {
            isUsed[hand] = false
            hand = (hand + 1) % limit
        }
        let place = hand
        hand = (hand + 1) % limit
        places[keys[place]] = nil
        keys[place] = key
        places[key] = Int32(place)
        return .replaced(place)
    }

    func checkInvariants() {
        precondition(keys.count <= limit && keys.count == isUsed.count && keys.count == places.count)
        precondition(keys.indices.allSatisfy { places[keys[$0]] == Int32($0) } && hand < limit)
    }

    func write(to writer: inout ByteWriter, _ writeKey: (inout ByteWriter, Key) -> Void) {
        writer.write(UInt32(keys.count))
        for (key, used) in zip(keys, isUsed) {
            writeKey(&writer, key)
            writer.write(used)
        }
        writer.write(UInt32(hand))
    }

    /// - Parameter limit: that of this version; a snapshot that holds more is refused.
    init(
        from reader: inout ByteReader, limit: Int, _ readKey: (inout ByteReader) throws(SnapshotError) -> Key
    ) throws(SnapshotError) {
        self.init(limit: limit)
        let count = try reader.count()
        guard count <= self.limit else { throw SnapshotError(reason: "more was learned than there is room for") }
        for place in 0..<count {
            let key = try readKey(&reader)
            guard places.updateValue(Int32(place), forKey: key) == nil else {
                throw SnapshotError(reason: "something learned is there twice")
            }
            keys.append(key)
            isUsed.append(try reader.bool())
        }
        let rawHand: UInt32 = try reader.integer()
        guard Int(rawHand) < self.limit else { throw SnapshotError(reason: "a place is out of range") }
        hand = Int(rawHand)
    }
}

extension BoundedIndex: Equatable {
    static func == (a: Self, b: Self) -> Bool {
        a.limit == b.limit && a.keys == b.keys && a.isUsed == b.isUsed && a.hand == b.hand
    }
}
