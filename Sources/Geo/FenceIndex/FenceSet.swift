/// A fence that a straight way passes through although neither of its ends is inside.
package struct FenceCrossing: Sendable, Equatable {
    package var slot: Int32
    /// Where the way first enters: 0 at its start, 1 at its end.
    package var enterFraction: Double
    /// Where the way last leaves.
    package var exitFraction: Double
    /// Total length inside in metres.
    package var chord_m: Double

    package init(slot: Int32, enterFraction: Double = 0, exitFraction: Double = 0, chord_m: Double = 0) {
        self.slot = slot
        self.enterFraction = enterFraction
        self.exitFraction = exitFraction
        self.chord_m = chord_m
    }
}

/// An immutable snapshot of all geofences of a fleet with their index.
///
/// A fence is known by its *slot*, a small number that stays with its id through any number of changes; a slot that
/// became free may serve another fence in a later snapshot. Snapshots share what did not change: the index is a list of
/// layers (``FenceLayer``), each at least four times heavier than the next, and a change builds only as many of the
/// last ones as it outweighs. So `n` changes cost O(n log n) together, while a single one may now and then rebuild all.
///
/// Safe to use from any thread.
package final class FenceSet: @unchecked Sendable {  // Raw memory that is only written in `init`.
    package static let empty = FenceSet(layers: [], pages: [], freeSlots: [], count: 0, slots: 0)

    let layers: ContiguousArray<LiveLayer>
    /// The layers' grids, each with the slots that are dead in it: what lookups go through.
    let firstGrid: UnsafePointer<FenceGrid>
    let endOfGrids: UnsafePointer<FenceGrid>
    /// Fences by slot, in pages that snapshots share.
    let pages: ContiguousArray<FencePage>
    /// Free slots, descending.
    let freeSlots: ContiguousArray<Int32>
    /// Number of fences.
    package let count: Int
    /// One more than the highest slot that was ever in use: the size for arrays by slot.
    package let slots: Int

    init(
        layers: ContiguousArray<LiveLayer>, pages: ContiguousArray<FencePage>, freeSlots: ContiguousArray<Int32>,
        count: Int, slots: Int
    ) {
        self.layers = layers
        self.pages = pages
        self.freeSlots = freeSlots
        self.count = count
        self.slots = slots
        let grids = UnsafeMutablePointer<FenceGrid>.allocate(capacity: max(1, layers.count))
        for (number, layer) in layers.enumerated() { (grids + number).initialize(to: layer.makeGrid(slots: slots)) }
        firstGrid = UnsafePointer(grids)
        endOfGrids = firstGrid + layers.count
    }

    deinit {
        for number in layers.indices { firstGrid[number].dead?.deallocate() }
        firstGrid.deallocate()
    }

    /// A snapshot of these fences. Where an id comes several times, the last one counts.
    package convenience init(_ fences: [Geofence]) {
        let built = FenceSet.empty.applying(upserts: fences, removals: [])
        self.init(
            layers: built.layers, pages: built.pages, freeSlots: built.freeSlots, count: built.count,
            slots: built.slots)
    }

    // MARK: Fences

    /// The slot of a fence; nil if there is none with that id. O(layers).
    package func slot(ofID id: String) -> Int32? {
        for layer in layers.reversed() {
            if let ordinal = layer.core.ordinalByID[id], !layer.isDead(ordinal) {
                return layer.core.slots[Int(ordinal)]
            }
        }
        return nil
    }

    /// The fence in a slot; nil if the slot is free or out of range. O(1).
    package func fence(at slot: Int32) -> Geofence? {
        guard slot >= 0, slot < slots else { return nil }
        return pages[Int(slot) / FencePage.size].fences[Int(slot) % FencePage.size]
    }

    /// The id of the fence at a slot, nil for a free one: without copying the rest of the fence, whose parts would all be
    /// retained.
    package func id(at slot: Int32) -> String? {
        guard slot >= 0, slot < slots else { return nil }
        return pages[Int(slot) / FencePage.size].fences[Int(slot) % FencePage.size]?.id
    }

    /// All fences with their slots, ascending by slot. O(slots).
    package var fences: [(slot: Int32, fence: Geofence)] {
        (0..<Int32(slots)).compactMap { slot in fence(at: slot).map { (slot, $0) } }
    }

    // MARK: One fence

    /// Whether one fence contains the position. O(edges) with a quick pass over distant ones; false for a free slot.
    package func contains(slot: Int32, longitude: Double, latitude: Double) -> Bool {
        withShape(slot) { $0.contains(Coordinate(latitude: latitude, longitude: longitude)) } ?? false
    }

    /// The distance in metres from a position to the fence's boundary, negative inside; infinity for a free slot.
    package func signedDistance_m(slot: Int32, longitude: Double, latitude: Double) -> Double {
        withShape(slot) { $0.signedDistance_m(from: Coordinate(latitude: latitude, longitude: longitude)) } ?? .infinity
    }

    private func withShape<Result>(_ slot: Int32, _ body: (Shape) -> Result) -> Result? {
        shape(at: slot).map(body)
    }

    /// The shape in a slot; nil if the slot is free or out of range.
    func shape(at slot: Int32) -> Shape? {
        guard slot >= 0, slot < slots else { return nil }
        return pages[Int(slot) / FencePage.size].fences[Int(slot) % FencePage.size]?.shape
    }
}

/// A layer, and which of its fences were removed or replaced since.
struct LiveLayer: Sendable {
    let core: FenceLayer
    /// A bit for each ordinal.
    var dead: ContiguousArray<UInt64>
    var deadCount = 0

    init(_ core: FenceLayer) {
        self.core = core
        dead = ContiguousArray(repeating: 0, count: (core.count + 63) / 64)
    }

    @inline(__always)
    func isDead(_ ordinal: Int32) -> Bool {
        dead[Int(ordinal) >> 6] >> UInt64(ordinal & 63) & 1 == 1
    }

    /// The layer's grid with a bit for each dead slot; the caller frees `dead`.
    func makeGrid(slots: Int) -> FenceGrid {
        var grid = core.grid
        guard deadCount > 0 else { return grid }
        let words = UnsafeMutablePointer<UInt64>.allocate(capacity: slots / 64 + 1)
        words.initialize(repeating: 0, count: slots / 64 + 1)
        for (word, bits) in dead.enumerated() where bits != 0 {
            for bit in 0..<64 where bits >> UInt64(bit) & 1 == 1 {
                let slot = Int(core.slots[word * 64 + bit])
                words[slot >> 6] |= 1 << UInt64(slot & 63)
            }
        }
        grid.dead = UnsafePointer(words)
        return grid
    }
}

/// A run of slots.
struct FencePage: Sendable {
    static let size = 64

    var fences: ContiguousArray<Geofence?> = ContiguousArray(repeating: nil, count: FencePage.size)
}
