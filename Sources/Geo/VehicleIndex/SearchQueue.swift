import Glibc

/// A node or (level -1) a bucket that a search may have to visit.
struct SearchStep {
    /// Lower bound of the square (``SphereSearch``) to all that is in it.
    var bound: Double
    var node: Int32
    /// Its south-west cell.
    var corner: VehicleCell
    var level: Int

    func bounded(by bound: Double) -> SearchStep {
        var step = self
        step.bound = bound
        return step
    }
}

/// A binary heap with the least bound first.
struct SearchQueue {
    private var steps: ContiguousArray<SearchStep> = []

    mutating func push(_ step: SearchStep) {
        steps.append(step)
        var i = steps.count - 1
        while i > 0, steps[i].bound < steps[(i - 1) / 2].bound {
            steps.swapAt(i, (i - 1) / 2)
            i = (i - 1) / 2
        }
    }

    mutating func pop() -> SearchStep? {
        guard let first = steps.first else { return nil }
        let last = steps.removeLast()
        if steps.isEmpty { return first }
        steps[0] = last
        var i = 0
        while true {
            var least = i
            var child = 2 * i + 1
            let last = min(child + 1, steps.count - 1)
            while child <= last {
                if steps[child].bound < steps[least].bound { least = child }
                child += 1
            }
            if least == i { return first }
            steps.swapAt(i, least)
            i = least
        }
    }
}

/// The best vehicles so far, by their approximate distances (``SphereSearch``): a binary heap with the worst first, and beside it
/// all that might be better than the worst of it in truth.
struct NearestVehicles {
    private struct Candidate {
        var square: Double
        var vehicle: Int32
        var slot: Int32
    }

    private let limit: Int
    private let maxDistance_m: Double
    private let squareLimit: Double
    private var heap: ContiguousArray<Double> = []
    private var candidates: ContiguousArray<Candidate> = []
    /// Nothing whose approximate square, or lower bound of it, is greater can still be wanted.
    private(set) var boundLimit: Double

    init(limit: Int, maxDistance_m: Double) {
        self.limit = limit
        self.maxDistance_m = maxDistance_m
        squareLimit = maxDistance_m < 0 ? -1 : SphereSearch.squareLimit(maxDistance_m)
        boundLimit = squareLimit
        heap.reserveCapacity(min(limit, 64))
        candidates.reserveCapacity(min(4 * limit, 256))
    }

    mutating func removeAll() {
        heap.removeAll(keepingCapacity: true)
        candidates.removeAll(keepingCapacity: true)
        boundLimit = squareLimit
    }

    /// A vehicle whose square is not above ``boundLimit``.
    mutating func insert(_ vehicle: Int32, slot: Int32, _ square: Double) {
        candidates.append(Candidate(square: square, vehicle: vehicle, slot: slot))
        if heap.count < limit {
            heap.append(square)
            var i = heap.count - 1
            while i > 0, heap[(i - 1) / 2] < heap[i] {
                heap.swapAt(i, (i - 1) / 2)
                i = (i - 1) / 2
            }
        } else if square < heap[0] {
            heap[0] = square
            siftDown()
        }
        if heap.count == limit { boundLimit = min(squareLimit, SphereSearch.upper(heap[0])) }
    }

    private mutating func siftDown() {
        var i = 0
        while true {
            var greatest = i
            var child = 2 * i + 1
            let last = min(child + 1, heap.count - 1)
            while child <= last {
                if heap[greatest] < heap[child] { greatest = child }
                child += 1
            }
            if greatest == i { return }
            heap.swapAt(i, greatest)
            i = greatest
        }
    }

    /// The best ones by their true distances, and then by number. Only here the distances are computed.
    func sorted(distance_m: (_ slot: Int32) -> Double) -> [(vehicle: Int32, distance_m: Double)] {
        var found: [(vehicle: Int32, distance_m: Double)] = []
        found.reserveCapacity(min(candidates.count, limit + 8))
        for candidate in candidates where candidate.square <= boundLimit {
            let distance_m = distance_m(candidate.slot)
            if distance_m <= maxDistance_m { found.append((candidate.vehicle, distance_m)) }
        }
        found.sort { ($0.distance_m, $0.vehicle) < ($1.distance_m, $1.vehicle) }
        if found.count > limit { found.removeLast(found.count - limit) }
        return found
    }
}
