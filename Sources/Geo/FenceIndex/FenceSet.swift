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
package final class FenceSet: Sendable {
    package static let empty = FenceSet()

    let layers: ContiguousArray<LiveLayer>
    /// Fences by slot, in pages that snapshots share.
    let pages: ContiguousArray<FencePage>
    /// Free slots, descending.
    let freeSlots: ContiguousArray<Int32>
    /// Number of fences.
    package let count: Int
    /// One more than the highest slot that was ever in use: the size for arrays by slot.
    package let slots: Int

    private init() {
        layers = []
        pages = []
        freeSlots = []
        count = 0
        slots = 0
    }

    init(
        layers: ContiguousArray<LiveLayer>, pages: ContiguousArray<FencePage>, freeSlots: ContiguousArray<Int32>,
        count: Int, slots: Int
    ) {
        self.layers = layers
        self.pages = pages
        self.freeSlots = freeSlots
        self.count = count
        self.slots = slots
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
            if let ordinal = layer.core.ordinalByID[id], !FenceLayer.isDead(ordinal, layer.dead) {
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

    /// All fences with their slots, ascending by slot. O(slots).
    package var fences: [(slot: Int32, fence: Geofence)] {
        (0..<Int32(slots)).compactMap { slot in fence(at: slot).map { (slot, $0) } }
    }

    // MARK: Positions

    /// Appends the slots of the fences that contain the position, ascending; nothing if the position is not valid.
    ///
    /// Exact (see ``Shape``). Allocates nothing once `result` has room. Grows with the fences at the place, not with their number.
    package func containing(longitude: Double, latitude: Double, into result: inout [Int32]) {
        let position = Coordinate(latitude: latitude, longitude: longitude)
        guard position.isValid else { return }
        let p = Orientation.canonical(position)
        let x = Grid.x(p.longitude)
        let y = Grid.y(p.latitude)
        let start = result.count
        for layer in layers {
            layer.core.appendContaining(p, x: x, y: y, dead: layer.dead, into: &result)
        }
        FenceSet.sortTail(of: &result, from: start)
    }

    /// Whether one fence contains the position. O(edges) with a quick pass over distant ones; false for a free slot.
    package func contains(slot: Int32, longitude: Double, latitude: Double) -> Bool {
        withShape(slot) { $0.contains(Coordinate(latitude: latitude, longitude: longitude)) } ?? false
    }

    /// The distance in metres from a position to the fence's boundary, negative inside; infinity for a free slot.
    package func signedDistance_m(slot: Int32, longitude: Double, latitude: Double) -> Double {
        withShape(slot) { $0.signedDistance_m(from: Coordinate(latitude: latitude, longitude: longitude)) } ?? .infinity
    }

    // MARK: Ways

    /// Appends the fences whose area the straight way (in longitude and latitude, the short way round over the antimeridian)
    /// passes through although neither end is inside, ascending by slot.
    ///
    /// Costs little where the cells on the way hold no boundary.
    package func crossings(from: Coordinate, to: Coordinate, into result: inout [FenceCrossing]) {
        guard !layers.isEmpty, from.isValid, to.isValid, from != to else { return }
        let start = result.count
        let way = Way(from: from, to: to)
        for layer in layers {
            guard let shift = way.otherShift else {
                let segment = WaySegment(from: way.start, to: way.end)
                layer.core.collectCandidates(segment, dead: layer.dead, into: &result)
                continue
            }
            for part in [way.segment(shift: 0), way.segment(shift: shift)] {
                layer.core.collectCandidates(part, dead: layer.dead, into: &result)
            }
        }
        if result.count == start { return }
        result[start...].sort { $0.slot < $1.slot }
        var kept = start
        var last: Int32 = -1
        for i in start..<result.count where result[i].slot != last {
            last = result[i].slot
            guard let passage = withShape(last, { $0.passage(from: from, to: to) }) ?? nil else { continue }
            result[kept] = FenceCrossing(
                slot: last, enterFraction: passage.enterFraction, exitFraction: passage.exitFraction,
                chord_m: passage.chord_m)
            kept += 1
        }
        result.removeLast(result.count - kept)
    }

    private func withShape<Result>(_ slot: Int32, _ body: (Shape) -> Result) -> Result? {
        guard slot >= 0, slot < slots else { return nil }
        guard let shape = pages[Int(slot) / FencePage.size].fences[Int(slot) % FencePage.size]?.shape else { return nil }
        return body(shape)
    }

    /// Sorts what was appended: mostly it is in order already, and it is short.
    private static func sortTail(of result: inout [Int32], from start: Int) {
        if result.count - start > 64 {
            result[start...].sort()
            return
        }
        var i = start + 1
        while i < result.count {
            let value = result[i]
            var j = i
            while j > start, result[j - 1] > value {
                result[j] = result[j - 1]
                j -= 1
            }
            result[j] = value
            i += 1
        }
    }
}

extension Way {
    /// The part of the way that a shift brings into -180…180.
    func segment(shift: Double) -> WaySegment {
        let atSeam = unrolledLongitude > 0 ? 180.0 : -180.0
        let fraction = (atSeam - start.longitude) / (unrolledLongitude - start.longitude)
        let latitude = start.latitude + (end.latitude - start.latitude) * fraction
        if shift == 0 {
            return WaySegment(from: start, to: Coordinate(latitude: latitude, longitude: atSeam))
        }
        return WaySegment(from: Coordinate(latitude: latitude, longitude: -atSeam), to: end)
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
}

/// A run of slots.
struct FencePage: Sendable {
    static let size = 64

    var fences: ContiguousArray<Geofence?> = ContiguousArray(repeating: nil, count: FencePage.size)
}
