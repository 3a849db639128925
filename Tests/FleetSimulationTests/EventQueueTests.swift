import FleetSimulation
import Testing

@Suite struct EventQueueTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `events leave by time, vehicle and order of insertion, whatever is done between`(seed: UInt64) {
        var random = TestRandom(seed: seed)
        var queue = EventQueue()
        // The oracle: an array in the order of insertion, sorted by a stable comparison when asked.
        var kept: [EventQueue.Event] = []
        func earliest() -> Int? {
            kept.indices.min { a, b in
                let (x, y) = (kept[a], kept[b])
                return (x.time_us, Int64(x.vehicle), a) < (y.time_us, Int64(y.vehicle), b)
            }
        }
        for step in 0..<3_000 {
            let event = EventQueue.Event(
                time_us: Int64(random.below(50)), vehicle: Int32(random.below(4)), message: Int32(step))
            switch random.below(3) {
            case 0:
                queue.push(event)
                kept.append(event)
            case 1:
                queue.removeFirst()
                if let index = earliest() { kept.remove(at: index) }
            default:
                guard let index = earliest() else { continue }
                queue.replaceFirst(with: event)
                kept.remove(at: index)
                kept.append(event)
            }
            #expect(queue.isHeap, "seed \(seed), step \(step)")
            #expect(queue.count == kept.count, "seed \(seed), step \(step)")
            #expect(queue.first?.message == earliest().map { kept[$0].message }, "seed \(seed), step \(step)")
        }
    }
}
