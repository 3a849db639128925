/// Which slots changed, in the order of their last change: what a reader has to be told who knows everything up to some
/// change. Each slot is in it once, so that what changes ten times between two looks is told once, and nothing is kept for
/// readers.
///
/// A doubly linked list in flat arrays. Marking is O(1), finding what changed after a moment O(what is found).
struct ChangeList: Sendable {
    private static let none: Int32 = -1

    /// When each slot changed last.
    private var changes: [UInt64] = []
    private var previous: [Int32] = []
    private var next: [Int32] = []
    private var oldest = ChangeList.none
    private var newest = ChangeList.none
    /// The number of the last change. Numbers begin with 1.
    private(set) var version: UInt64 = 0

    /// Slots 0 ..< count have been marked.
    var count: Int { changes.count }

    /// A slot changed. A new slot is the next number.
    mutating func mark(_ slot: Int) {
        precondition(slot <= changes.count, "slots are numbered without gaps")
        version += 1
        if slot == changes.count {
            changes.append(version)
            previous.append(newest)
            next.append(Self.none)
        } else {
            changes[slot] = version
            guard newest != Int32(slot) else { return }
            unlink(slot)
            previous[slot] = newest
            next[slot] = Self.none
        }
        if newest >= 0 { next[Int(newest)] = Int32(slot) } else { oldest = Int32(slot) }
        newest = Int32(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let before = previous[slot]
        let after = next[slot]
        if before >= 0 { next[Int(before)] = after } else { oldest = after }
        if after >= 0 { previous[Int(after)] = before } else { newest = before }
    }

    /// Calls `body` with the slots that changed after `version`, oldest change first, and with the number of that change,
    /// until it returns false.
    func forEach(after version: UInt64, _ body: (_ slot: Int, _ change: UInt64) -> Bool) {
        var slot = newest
        if version == 0 {
            slot = oldest
        } else {
            var first = Self.none
            while slot >= 0, changes[Int(slot)] > version {
                first = slot
                slot = previous[Int(slot)]
            }
            slot = first
        }
        while slot >= 0 {
            guard body(Int(slot), changes[Int(slot)]) else { return }
            slot = next[Int(slot)]
        }
    }

    func _checkInvariants() {
        var last: UInt64 = 0
        var found = 0
        var before = Self.none
        var slot = oldest
        while slot >= 0 {
            precondition(changes[Int(slot)] > last, "changes are in order")
            precondition(previous[Int(slot)] == before, "links go both ways")
            last = changes[Int(slot)]
            before = slot
            found += 1
            precondition(found <= count, "no slot is there twice")
            slot = next[Int(slot)]
        }
        precondition(found == count && newest == before && last <= version, "every slot is there")
    }
}
