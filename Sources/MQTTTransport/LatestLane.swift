/// Values that wait to be published where only the newest of each topic counts: a queue of topics, in the order in
/// which they began to wait, with one value each.
struct LatestLane: Sendable {
    struct Entry: Sendable {
        let topic: [UInt8]
        let payload: [UInt8]
    }

    private var values: [[UInt8]: [UInt8]] = [:]
    private var queue: [[UInt8]] = []
    private var head = 0
    /// Values that a newer one replaced while they waited.
    private(set) var replaced: UInt64 = 0

    var count: Int { values.count }
    var isEmpty: Bool { values.isEmpty }

    /// Adds or replaces a value, amortised constant time. Returns whether nothing waited before.
    mutating func put(topic: [UInt8], payload: [UInt8]) -> Bool {
        let wasEmpty = values.isEmpty
        if values.updateValue(payload, forKey: topic) == nil {
            queue.append(topic)
        } else {
            replaced += 1
        }
        return wasEmpty
    }

    /// Puts back what was sent but not confirmed, unless something newer waits already.
    mutating func putBack(_ entry: Entry) {
        if values[entry.topic] == nil {
            _ = put(topic: entry.topic, payload: entry.payload)
        } else {
            replaced += 1
        }
    }

    /// Takes up to `limit` values, those that have waited longest first.
    mutating func take(_ limit: Int) -> [Entry] {
        var taken: [Entry] = []
        while taken.count < limit, head < queue.count {
            let topic = queue[head]
            head += 1
            if let payload = values.removeValue(forKey: topic) { taken.append(Entry(topic: topic, payload: payload)) }
        }
        if head == queue.count || head > 4_096 && head > queue.count / 2 {
            queue.removeFirst(head)
            head = 0
        }
        return taken
    }

    /// One queue entry a value, and nothing else.
    func checkInvariants() -> Bool {
        queue.count - head == values.count && Set(queue[head...]) == Set(values.keys)
    }
}
