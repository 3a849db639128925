import Glibc

/// Distances from one position to many segments that are straight in longitude and latitude.
///
/// Near the position the segment is projected onto the plane that touches the sphere there, the nearest position of the
/// segment is found in that plane, and the distance to it is a haversine. Where that plane is not good enough (far away, near a
/// pole, or a segment more than 90° wide), a subdivision with a proven bound on each piece finds it. Either way the result is
/// within 0.5 % of the distance on the sphere.
struct SegmentDistance {
    let point: Coordinate
    let cosine: Double
    /// Metres per degree of longitude at the point.
    private let scaleX: Double
    /// Up to this distance the plane errs by less than 0.4 % in any direction.
    private let planeLimitSquared: Double

    /// Where a segment comes nearest.
    struct Approach {
        var distance_m: Double
        /// 0 at the segment's start, 1 at its end.
        var fraction: Double
    }

    init(from point: Coordinate) {
        self.point = point
        cosine = max(0, cos(point.latitude * Earth.radians))
        scaleX = cosine * Earth.degree_m
        // A metre of longitude changes by tan φ / R per metre of latitude.
        let square = cosine * cosine
        let ratio = square < 1 ? square / (1 - square) : .infinity
        planeLimitSquared = min(50_000 * 50_000, 0.004 * Earth.radius_m * 0.004 * Earth.radius_m * ratio)
    }

    /// Whether the segment comes nearer than a distance: what ``approach(_:_:within:)`` says, mostly without a haversine.
    @inline(__always)
    func isNearer(_ a: Coordinate, _ b: Coordinate, than limit_m: Double) -> Bool {
        guard let foot = foot(a, b) else {
            return (farApproach(a, b, within: limit_m)?.distance_m ?? .infinity) < limit_m
        }
        // Twice the plane's error.
        if foot.squared > limit_m * limit_m * 1.04 { return false }
        if foot.squared < limit_m * limit_m * 0.96 { return true }
        return distance_m(a, b, foot.fraction) < limit_m
    }

    /// The nearest position of the segment from `a` to `b`; nil if it is certain that it is not nearer than `limit_m`.
    func approach(_ a: Coordinate, _ b: Coordinate, within limit_m: Double = .infinity) -> Approach? {
        guard let foot = foot(a, b) else { return farApproach(a, b, within: limit_m) }
        // Two per cent are more than the plane's error here.
        if foot.squared > limit_m * limit_m * 1.04 { return nil }
        return Approach(distance_m: distance_m(a, b, foot.fraction), fraction: foot.fraction)
    }

    /// The nearest position in the plane, and the square of its distance there; nil where the plane is not good enough.
    @inline(__always)
    fileprivate func foot(_ a: Coordinate, _ b: Coordinate) -> (fraction: Double, squared: Double)? {
        let width = b.longitude - a.longitude
        if abs(width) > 90 { return nil }
        var ax = a.longitude - point.longitude
        let middle = ax + width / 2
        if middle > 180 { ax -= 360 } else if middle < -180 { ax += 360 }
        let x = ax * scaleX
        let y = (a.latitude - point.latitude) * Earth.degree_m
        let dx = width * scaleX
        let dy = (b.latitude - a.latitude) * Earth.degree_m
        let length = dx * dx + dy * dy
        let t = length > 0 ? min(1, max(0, -(x * dx + y * dy) / length)) : 0
        let footX = x + t * dx
        let footY = y + t * dy
        let squared = footX * footX + footY * footY
        return squared < planeLimitSquared ? (t, squared) : nil
    }

    fileprivate func distance_m(_ a: Coordinate, _ b: Coordinate, _ t: Double) -> Double {
        let foot = Coordinate(
            latitude: a.latitude + (b.latitude - a.latitude) * t,
            longitude: a.longitude + (b.longitude - a.longitude) * t)
        return point.distance_m(to: foot)
    }

    /// Halves the segment, and drops every piece whose middle is farther than the best position found by more than half its
    /// length. Ends when a piece is shorter than a thousandth of the best distance, or a centimetre.
    fileprivate func farApproach(_ a: Coordinate, _ b: Coordinate, within limit_m: Double) -> Approach? {
        var box = Box.nothing
        box.include(a)
        box.include(b)
        if limit_m < .infinity,
            box.leastHaversine(from: point, cosine: cosine) > Haversine.value(distance_m: limit_m * 1.001)
        {
            return nil
        }
        let nearEquator = a.latitude.sign != b.latitude.sign ? 0 : min(abs(a.latitude), abs(b.latitude))
        let dx = (b.longitude - a.longitude) * cos(nearEquator * Earth.radians)
        let dy = b.latitude - a.latitude
        let length_m = (dx * dx + dy * dy).squareRoot() * Earth.degree_m
        let atStart = distance_m(a, b, 0)
        let atEnd = distance_m(a, b, 1)
        var best =
            atStart <= atEnd
            ? Approach(distance_m: atStart, fraction: 0) : Approach(distance_m: atEnd, fraction: 1)
        refine(a, b, middle: 0.5, half: 0.5, length_m: length_m, best: &best)
        return best
    }

    private func refine(
        _ a: Coordinate, _ b: Coordinate, middle: Double, half: Double, length_m: Double, best: inout Approach
    ) {
        let d = distance_m(a, b, middle)
        if d < best.distance_m { best = Approach(distance_m: d, fraction: middle) }
        let reach = half * length_m
        if reach <= max(0.01, best.distance_m * 0.001) || d - reach >= best.distance_m { return }
        refine(a, b, middle: middle - half / 2, half: half / 2, length_m: length_m, best: &best)
        refine(a, b, middle: middle + half / 2, half: half / 2, length_m: length_m, best: &best)
    }
}

/// The least of the distances from a position to segments. What ``SegmentDistance/approach(_:_:within:)`` would say, but
/// distances on the sphere are computed only of those segments that are nearest in the plane, or as near as its error.
struct NearestSegment {
    private let field: SegmentDistance
    /// The least distance on the sphere that was computed.
    private var best_m = Double.infinity
    /// The least square in the plane.
    private var leastSquared = Double.infinity
    /// The segment that has it, if it was not computed yet.
    private var open: (a: Coordinate, b: Coordinate, fraction: Double)?

    init(from point: Coordinate) { field = SegmentDistance(from: point) }

    /// Whether some segment is certainly nearer than anything in the box.
    func isNearer(than box: Box) -> Bool {
        let limit_m = min(best_m, leastSquared.squareRoot() * 1.02)
        guard limit_m < .infinity else { return false }
        return box.leastHaversine(from: field.point, cosine: field.cosine)
            > Haversine.value(distance_m: limit_m) * 1.000_001
    }

    @inline(__always)
    mutating func offer(_ a: Coordinate, _ b: Coordinate) {
        guard let foot = field.foot(a, b) else {
            let limit_m = min(best_m, leastSquared.squareRoot() * 1.02)
            if let approach = field.farApproach(a, b, within: limit_m) { best_m = min(best_m, approach.distance_m) }
            return
        }
        // Four per cent of a square are more than twice the plane's error.
        if foot.squared > leastSquared * 1.04 { return }
        if foot.squared * 1.04 >= leastSquared { settle() }
        open = (a, b, foot.fraction)
        leastSquared = min(leastSquared, foot.squared)
    }

    /// The distance in metres; infinity if there was no segment.
    mutating func finish() -> Double {
        settle()
        return best_m
    }

    private mutating func settle() {
        guard let segment = open else { return }
        best_m = min(best_m, field.distance_m(segment.a, segment.b, segment.fraction))
        open = nil
    }
}
