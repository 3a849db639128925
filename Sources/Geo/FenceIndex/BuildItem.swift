import Glibc

/// A run of consecutive edges.
struct EdgeRun {
    var first: Int32
    var count: Int32

    var edges: Range<Int> { Int(first)..<Int(first + count) }
}

/// A fence in a cell while the grid is built.
struct BuildItem {
    var ordinal: Int32
    /// Polygons: the whole fence lies within the cell, and no runs are kept.
    var isWhole = true
    /// The side of the cell's reference.
    var isInside = false
    /// Which reference of the cell.
    var candidate: UInt32 = 0
    var runStart: Int32 = 0
    var runCount: Int32 = 0
    var edgeCount: Int32 = 0

    init(ordinal: Int32) { self.ordinal = ordinal }
}

/// How far, in degrees, the area of a circle or corridor can reach beyond its vertices.
struct ReachMargin {
    let latitude: Double
    /// 360 where the area may hold or touch a pole.
    let longitude: Double

    init(reach_m: Double, box: Box) {
        guard reach_m > 0 else {
            latitude = 0
            longitude = 0
            return
        }
        latitude = reach_m / Earth.degree_m * 1.02 + 1e-8
        let highest = max(abs(box.south), abs(box.north)) + latitude
        if highest >= 89.9 {
            longitude = 360
        } else {
            // sin Δλ = sin r / cos φ is the widest that a small circle gets.
            let sine = sin(min(90, latitude) * Earth.radians) / cos(highest * Earth.radians)
            longitude = sine >= 1 ? 360 : asin(sine) / Earth.radians + 1e-8
        }
    }

    /// The box with the margin; the whole circle of longitudes where it goes over the antimeridian.
    func widen(_ box: Box) -> Box {
        var wide = Box(
            west: box.west - longitude, south: max(-90, box.south - latitude), east: box.east + longitude,
            north: min(90, box.north + latitude))
        if wide.west < -180 || wide.east > 180 {
            wide.west = -180
            wide.east = 180
        }
        return wide
    }
}

/// A cell as the goal of a distribution, with what is needed for each fence.
struct CellTarget {
    enum Relation {
        /// The reach ends before the cell.
        case far
        /// The boundary may touch the cell.
        case near
        /// The whole cell is within reach.
        case covers
    }

    let cell: GridCell
    /// The cell with the margin: every position assigned to the cell lies within.
    let wide: Box
    /// What lies within this touches no neighbour.
    let narrow: Box
    private let field: SegmentDistance?
    /// No position of the cell is farther from its middle.
    private let radius_m: Double

    /// - Parameter hasReaches: whether ``relation(_:_:reach_m:margin:)`` will be asked.
    init(_ cell: GridCell, hasReaches: Bool) {
        self.cell = cell
        let box = cell.box
        wide = box.widened(by: Grid.margin)
        narrow = box.widened(by: -Grid.margin)
        let middle = Coordinate(
            latitude: min(90, (box.south + box.north) / 2), longitude: min(180, (box.west + box.east) / 2))
        field = hasReaches ? SegmentDistance(from: middle) : .none
        // Along the parallel, and from there along the meridian.
        radius_m = ((wide.east - wide.west) / 2 * (field?.cosine ?? 1) + (wide.north - wide.south) / 2) * Earth.degree_m
    }

    /// How the cell lies to all that is nearer to a segment than `reach_m`. Errs only towards `.near`.
    func relation(_ a: Coordinate, _ b: Coordinate, reach_m: Double, margin: ReachMargin) -> Relation {
        let south = min(a.latitude, b.latitude) - margin.latitude
        let north = max(a.latitude, b.latitude) + margin.latitude
        if south > wide.north || north < wide.south { return .far }
        if margin.longitude < 360 {
            let west = min(a.longitude, b.longitude) - margin.longitude
            let east = max(a.longitude, b.longitude) + margin.longitude
            let isNear = [0.0, -360, 360].contains { west + $0 <= wide.east && east + $0 >= wide.west }
            if !isNear { return .far }
        }
        if radius_m > 4 * reach_m { return .near }
        guard let approach = field?.approach(a, b) else { return .near }
        // One per cent outweighs the error of a segment's distance.
        if approach.distance_m * 1.01 + radius_m * 1.01 + 0.01 < reach_m { return .covers }
        if approach.distance_m * 0.99 - radius_m * 1.01 - 0.01 > reach_m { return .far }
        return .near
    }
}
