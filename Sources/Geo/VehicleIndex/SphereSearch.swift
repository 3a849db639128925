import Glibc

/// A centre, and approximate distances from it that need no trigonometry near by.
///
/// All comparisons are of *squares*: four times the haversine, which for short distances is the square of the angle in radians.
/// Within ``angleLimit`` the square is hav Δφ + cos φ₁ cos φ₂ hav Δλ with hav x = x² / 4 and cos φ₂ by Taylor's series to the second power;
/// beyond, it is the haversine itself. Either way it is within ``tolerance`` of the truth, relatively, so that a comparison which allows for
/// that excludes nothing wrongly, and exact distances are needed only of the few that remain.
struct SphereSearch {
    /// 64 km in radians.
    private static let angleLimit = 0.01
    /// Three times the error of the approximation at ``angleLimit``, and far more than any rounding of distances above a millimetre.
    private static let tolerance = 1e-4

    let center: Coordinate
    private let cosine: Double
    private let sine: Double

    init(_ center: Coordinate) {
        self.center = center
        let phi = center.latitude * Earth.radians
        cosine = max(0, cos(phi))
        sine = sin(phi)
    }

    /// The square of a position, within the tolerance.
    @inline(__always)
    func approximateSquare(_ p: Coordinate) -> Double {
        let dy = (p.latitude - center.latitude) * Earth.radians
        let dx = (p.longitude - center.longitude) * Earth.radians
        guard abs(dy) <= SphereSearch.angleLimit, abs(dx) <= SphereSearch.angleLimit, cosine > 0.05 else {
            return 4 * Haversine.value(center, p)
        }
        let otherCosine = cosine - dy * (sine + dy * cosine / 2)
        return dy * dy + cosine * otherCosine * dx * dx
    }

    /// The approximate square that nothing within a distance exceeds.
    static func squareLimit(_ distance_m: Double) -> Double { upper(4 * Haversine.value(distance_m: distance_m)) }

    /// What another approximate square may be if the truth of it is not above that of this one. (The sum is a tenth of a millimetre.)
    @inline(__always)
    static func upper(_ square: Double) -> Double { square * (1 + 3 * tolerance) + 1e-21 }

    // MARK: Lower bounds

    /// A lower bound of the approximate squares of all positions in the box. Valid everywhere, also at the poles and over the antimeridian.
    func bound(_ box: Box) -> Double {
        let dy = max(0, box.south - center.latitude, center.latitude - box.north)
        var dx = 0.0
        if center.longitude < box.west || center.longitude > box.east {
            let toWest = abs(Longitude.difference(from: center.longitude, to: box.west))
            let toEast = abs(Longitude.difference(from: center.longitude, to: box.east))
            dx = min(toWest, toEast)
        }
        let farthest = max(abs(box.south - center.latitude), abs(box.north - center.latitude))
        return bound(dy: dy * Earth.radians, dx: dx * Earth.radians, height: farthest * Earth.radians)
    }

    /// The bound of a vehicle cell near the centre, not over the antimeridian.
    @inline(__always)
    func bound(near cell: VehicleCell) -> Double {
        bound(Box(corner: cell, cells: 1))
    }

    /// The bound of everything outside of a square of cells around a cell that holds the centre.
    func boundBeyond(_ ring: UInt32, around cell: VehicleCell) -> Double {
        let box = Box(corner: VehicleCell(x: cell.x - ring, y: cell.y - ring), cells: 2 * ring + 1)
        let dy = min(center.latitude - box.south, box.north - center.latitude) * Earth.radians
        let dx = min(center.longitude - box.west, box.east - center.longitude) * Earth.radians
        let height = max(center.latitude - box.south, box.north - center.latitude) * Earth.radians
        // Out of the square is out of its heights, or at one of them.
        return min(bound(dy: dy, dx: 0, height: height), bound(dy: 0, dx: dx, height: height))
    }

    /// The bound for what is at least `dy` and `dx` radians away, at heights up to `height` radians from the centre's.
    ///
    /// 4 sin²(x/2) ≥ x² (1 - x²/12), and a cosine falls by no more than the angle.
    @inline(__always)
    private func bound(dy: Double, dx: Double, height: Double) -> Double {
        let squareY = max(0, dy) * max(0, dy)
        let squareX = max(0, dx) * max(0, dx)
        let least = max(0, cosine - height)
        let bound = squareY * (1 - squareY / 12) + cosine * least * squareX * (1 - squareX / 12)
        return bound * (1 - SphereSearch.tolerance) - 1e-21
    }
}

/// Looks up the buckets of cells near a centre, a block of 8 × 8 cells at a time.
struct RingWalk {
    /// Rings around the middle cell, 3 km.
    static let limit: UInt32 = 8
    /// Blocks that the widest ring may touch, each way.
    private static let blocksWide: UInt32 = 4

    let cell: VehicleCell
    private let firstBlockX: UInt32
    private let firstBlockY: UInt32
    /// The lowest nodes of the blocks: -2 not yet looked up, -1 none.
    private var nodes = InlineArray<16, Int32>(repeating: -2)

    /// Nil where cells are no squares to speak of, or the rings would leave the world.
    init?(around search: SphereSearch) {
        let center = search.center
        guard abs(center.latitude) < 80, abs(center.longitude) < 179.9 else { return nil }
        cell = VehicleCell(
            latitude_e7: Int32((center.latitude * 1e7).rounded(.down)),
            longitude_e7: Int32((center.longitude * 1e7).rounded(.down)))
        firstBlockX = (cell.x - RingWalk.limit) >> 3
        firstBlockY = (cell.y - RingWalk.limit) >> 3
    }

    /// The bucket of a cell; nil if it holds no vehicle.
    @inline(__always)
    mutating func bucket(of cell: VehicleCell, in index: borrowing VehicleIndex) -> Int? {
        let block = Int((cell.y >> 3 - firstBlockY) * RingWalk.blocksWide + (cell.x >> 3 - firstBlockX))
        if nodes[block] == -2 { nodes[block] = Int32(index.lowestNode(of: cell)) }
        let node = Int(nodes[block])
        if node < 0 { return nil }
        let bucket = index.children[node * 64 + cell.child(atLevel: 0)]
        return bucket < 0 ? nil : Int(bucket)
    }
}
