/// The best vehicles so far, by their approximate squares (``SphereSearch``): the least `limit` squares, and beside them all
/// vehicles that might be among the best in truth.
struct NearestVehicles: ~Copyable {
    private struct Candidate {
        var square: Double
        var place: VehiclePlace
        var vehicle: Int32
    }

    /// Up to so many squares are kept in order, more in a heap.
    private static let sortedLimit = 32

    private let limit: Int
    private let maxDistance_m: Double
    private let squareLimit: Double
    /// Ascending; or, where many are wanted, a binary heap with the greatest first.
    private let squares: UnsafeMutablePointer<Double>
    private var squareCount = 0
    private var candidates: UnsafeMutablePointer<Candidate>
    private var candidateCount = 0
    private var candidateRoom: Int
    /// Nothing whose approximate square, or lower bound of it, is greater can still be wanted.
    private(set) var boundLimit: Double

    init(limit: Int, maxDistance_m: Double) {
        self.limit = limit
        self.maxDistance_m = maxDistance_m
        squareLimit = maxDistance_m < 0 ? -1 : SphereSearch.squareLimit(maxDistance_m)
        boundLimit = squareLimit
        candidateRoom = max(32, 2 * limit)
        squares = .allocate(capacity: limit)
        candidates = .allocate(capacity: candidateRoom)
    }

    deinit {
        squares.deallocate()
        candidates.deallocate()
    }

    mutating func removeAll() {
        squareCount = 0
        candidateCount = 0
        boundLimit = squareLimit
    }

    /// Takes a vehicle whose square is not above ``boundLimit``.
    @inline(__always)
    mutating func insert(_ vehicle: Int32, _ place: VehiclePlace, _ square: Double) {
        if candidateCount == candidateRoom { makeRoom() }
        (candidates + candidateCount).initialize(to: Candidate(square: square, place: place, vehicle: vehicle))
        candidateCount &+= 1
        if squareCount == limit, square >= greatest { return }
        if limit <= NearestVehicles.sortedLimit { insertSorted(square) } else { insertIntoHeap(square) }
        if squareCount == limit { boundLimit = min(squareLimit, SphereSearch.upper(greatest)) }
    }

    @inline(__always)
    private var greatest: Double { squares[limit <= NearestVehicles.sortedLimit ? squareCount &- 1 : 0] }

    @inline(__always)
    private mutating func insertSorted(_ square: Double) {
        var i = squareCount
        if i == limit { i &-= 1 } else { squareCount &+= 1 }
        while i > 0, squares[i &- 1] > square {
            squares[i] = squares[i &- 1]
            i &-= 1
        }
        squares[i] = square
    }

    @inline(never)
    private mutating func insertIntoHeap(_ square: Double) {
        if squareCount == limit {
            siftDown(square)
            return
        }
        var i = squareCount
        squareCount += 1
        while i > 0, squares[(i - 1) / 2] < square {
            squares[i] = squares[(i - 1) / 2]
            i = (i - 1) / 2
        }
        squares[i] = square
    }

    /// Puts a lesser square in the place of the greatest.
    private func siftDown(_ square: Double) {
        var i = 0
        while true {
            var child = 2 * i + 1
            if child >= squareCount { break }
            if child + 1 < squareCount, squares[child + 1] > squares[child] { child += 1 }
            if squares[child] <= square { break }
            squares[i] = squares[child]
            i = child
        }
        squares[i] = square
    }

    /// Drops candidates that were overtaken; if that is not half of them, doubles the room.
    @inline(never)
    private mutating func makeRoom() {
        var kept = 0
        for i in 0..<candidateCount where candidates[i].square <= boundLimit {
            candidates[kept] = candidates[i]
            kept += 1
        }
        candidateCount = kept
        guard kept > candidateRoom / 2 else { return }
        let larger = UnsafeMutablePointer<Candidate>.allocate(capacity: 2 * candidateRoom)
        larger.moveInitialize(from: candidates, count: kept)
        candidates.deallocate()
        candidates = larger
        candidateRoom *= 2
    }

    /// The best ones by their true distances, and then by number. Only here distances are computed.
    func sorted(_ search: SphereSearch) -> [(vehicle: Int32, distance_m: Double)] {
        var found: [(vehicle: Int32, distance_m: Double)] = []
        found.reserveCapacity(min(candidateCount, limit + 4))
        for i in 0..<candidateCount where candidates[i].square <= boundLimit {
            let distance_m = search.distance_m(to: candidates[i].place.coordinate)
            if distance_m <= maxDistance_m { found.append((candidates[i].vehicle, distance_m)) }
        }
        found.sort { ($0.distance_m, $0.vehicle) < ($1.distance_m, $1.vehicle) }
        if found.count > limit { found.removeLast(found.count - limit) }
        return found
    }
}
