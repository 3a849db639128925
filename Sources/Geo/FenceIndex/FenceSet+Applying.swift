extension FenceSet {
    /// The snapshot after a change: fences removed, and then fences added or replaced by id.
    ///
    /// An id in both lists is replaced and keeps its slot; of several upserts with one id the last counts; unknown
    /// removals do nothing. New fences take free slots, lowest first, but none that this very change frees.
    package func applying(upserts: [Geofence], removals: [String]) -> FenceSet {
        var change = FenceChange(self)
        var upserted: [String: Int] = [:]
        for (index, fence) in upserts.enumerated() { upserted[fence.id] = index }
        for id in removals where upserted[id] == nil { change.remove(id) }
        for (index, fence) in upserts.enumerated() where upserted[fence.id] == index { change.upsert(fence) }
        return change.finish()
    }
}

/// A snapshot in the making.
private struct FenceChange {
    /// A layer stays apart from what comes after it if it is at least this many times heavier.
    private static let weightRatio = 4

    private let base: FenceSet
    private var layers: ContiguousArray<LiveLayer>
    private var pages: ContiguousArray<FencePage>
    private var freeSlots: ContiguousArray<Int32>
    private var freed: [Int32] = []
    private var changed: [Int32] = []
    private var count: Int
    private var slots: Int

    init(_ base: FenceSet) {
        self.base = base
        layers = base.layers
        pages = base.pages
        freeSlots = base.freeSlots
        count = base.count
        slots = base.slots
    }

    mutating func remove(_ id: String) {
        guard let slot = bury(id) else { return }
        store(nil, at: slot)
        freed.append(slot)
        count -= 1
    }

    mutating func upsert(_ fence: Geofence) {
        let slot: Int32
        if let old = bury(fence.id) {
            slot = old
        } else {
            count += 1
            if let free = freeSlots.popLast() {
                slot = free
            } else {
                slot = Int32(slots)
                slots += 1
            }
        }
        store(fence, at: slot)
        changed.append(slot)
    }

    /// Marks a fence as dead in the layer that holds it, and tells its slot.
    private mutating func bury(_ id: String) -> Int32? {
        for i in layers.indices.reversed() {
            guard let ordinal = layers[i].core.ordinalByID[id], !layers[i].isDead(ordinal) else {
                continue
            }
            layers[i].dead[Int(ordinal) >> 6] |= 1 << UInt64(ordinal & 63)
            layers[i].deadCount += 1
            return layers[i].core.slots[Int(ordinal)]
        }
        return nil
    }

    private mutating func store(_ fence: Geofence?, at slot: Int32) {
        let page = Int(slot) / FencePage.size
        while pages.count <= page { pages.append(FencePage()) }
        pages[page].fences[Int(slot) % FencePage.size] = fence
    }

    mutating func finish() -> FenceSet {
        rebuildHollowLayers()
        mergeLayers()
        if !freed.isEmpty {
            freeSlots.append(contentsOf: freed)
            freeSlots.sort(by: >)
        }
        return FenceSet(layers: layers, pages: pages, freeSlots: freeSlots, count: count, slots: slots)
    }

    /// A layer of which more than half is dead gives its living fences to the new layer.
    private mutating func rebuildHollowLayers() {
        for i in layers.indices.reversed() where layers[i].deadCount * 2 > layers[i].core.count {
            changed.append(contentsOf: livingSlots(layers[i]))
            layers.remove(at: i)
        }
    }

    /// Builds the new layer together with all last layers that are not much heavier.
    private mutating func mergeLayers() {
        guard !changed.isEmpty else { return }
        var weight = changed.reduce(0) { $0 + weightOfFence(at: $1) }
        while let last = layers.last, last.core.weight < FenceChange.weightRatio * weight {
            changed.append(contentsOf: livingSlots(last))
            weight += last.core.weight
            layers.removeLast()
        }
        changed.sort()
        layers.append(LiveLayer(FenceLayer(slots: changed, fence: fence(at:))))
    }

    private func weightOfFence(at slot: Int32) -> Int {
        8 + fence(at: slot).shape.vertices.count
    }

    private func fence(at slot: Int32) -> Geofence {
        guard let fence = pages[Int(slot) / FencePage.size].fences[Int(slot) % FencePage.size] else {
            preconditionFailure("a slot of a living fence is empty")
        }
        return fence
    }

    private func livingSlots(_ layer: LiveLayer) -> [Int32] {
        (0..<Int32(layer.core.count)).filter { !layer.isDead($0) }.map { layer.core.slots[Int($0)] }
    }
}
