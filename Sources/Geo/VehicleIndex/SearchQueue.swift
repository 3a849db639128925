import Glibc

/// A centre with what every bound needs.
struct SphereSearch {
    let center: Coordinate
    private let cosine: Double

    init(_ center: Coordinate) {
        self.center = center
        cosine = max(0, cos(center.latitude * Earth.radians))
    }

    /// A lower bound of the haversine to all positions in the box.
    func bound(_ box: Box) -> Double {
        box.leastHaversine(from: center, cosine: cosine)
    }

    /// The haversine above which nothing is nearer than the distance, with room for rounding (a tenth of a millimetre).
    static func boundLimit(_ distance_m: Double) -> Double {
        Haversine.value(distance_m: distance_m) * 1.000_001 + 1e-22
    }
}

/// A node or (level -1) a bucket that a search may have to visit.
struct SearchStep {
    /// Lower bound of the haversine to all that is in it.
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
            for child in [2 * i + 1, 2 * i + 2] where child < steps.count && steps[child].bound < steps[least].bound {
                least = child
            }
            if least == i { return first }
            steps.swapAt(i, least)
            i = least
        }
    }
}

/// The best vehicles so far: a binary heap with the worst first.
struct NearestVehicles {
    private let limit: Int
    private let maxDistance_m: Double
    private var heap: ContiguousArray<(distance_m: Double, vehicle: Int32)> = []
    /// Nothing with a greater haversine can still be wanted.
    private(set) var boundLimit: Double

    init(limit: Int, maxDistance_m: Double) {
        self.limit = limit
        self.maxDistance_m = maxDistance_m
        boundLimit = maxDistance_m < 0 ? -1 : SphereSearch.boundLimit(maxDistance_m)
    }

    func wants(_ vehicle: Int32, _ distance_m: Double) -> Bool {
        guard distance_m <= maxDistance_m else { return false }
        return heap.count < limit || (distance_m, vehicle) < heap[0]
    }

    /// Only after ``wants(_:_:)`` said so.
    mutating func insert(_ vehicle: Int32, _ distance_m: Double) {
        if heap.count < limit {
            heap.append((distance_m, vehicle))
            var i = heap.count - 1
            while i > 0, heap[(i - 1) / 2] < heap[i] {
                heap.swapAt(i, (i - 1) / 2)
                i = (i - 1) / 2
            }
        } else {
            heap[0] = (distance_m, vehicle)
            siftDown()
        }
        if heap.count == limit { boundLimit = min(boundLimit, SphereSearch.boundLimit(heap[0].distance_m)) }
    }

    private mutating func siftDown() {
        var i = 0
        while true {
            var greatest = i
            for child in [2 * i + 1, 2 * i + 2] where child < heap.count && heap[greatest] < heap[child] {
                greatest = child
            }
            if greatest == i { return }
            heap.swapAt(i, greatest)
            i = greatest
        }
    }

    func sorted() -> [(vehicle: Int32, distance_m: Double)] {
        heap.sorted { $0 < $1 }.map { (vehicle: $0.vehicle, distance_m: $0.distance_m) }
    }
}
