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
    private let halfCosine: Double
    private let exactCosine: Double

    init(_ center: Coordinate) {
        self.center = center
        let phi = center.latitude * Earth.radians
        exactCosine = cos(phi)
        cosine = max(0, exactCosine)
        halfCosine = cosine / 2
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
        return nearSquare(dx: dx, dy: dy)
    }

    /// The square of a position within ``angleLimit``, given by the differences of longitude and latitude in radians.
    @inline(__always)
    func nearSquare(dx: Double, dy: Double) -> Double {
        let otherCosine = cosine - dy * (sine + dy * halfCosine)
        return dy * dy + cosine * otherCosine * (dx * dx)
    }

    /// What ``Coordinate/distance_m(to:)`` says from the centre, to the last bit; what is always the same was computed once.
    @inline(__always)
    func distance_m(to p: Coordinate) -> Double {
        let s = sin((p.latitude - center.latitude) * (Earth.radians / 2))
        let t = sin((p.longitude - center.longitude) * (Earth.radians / 2))
        return Haversine.distance_m(s * s + exactCosine * cos(p.latitude * Earth.radians) * t * t)
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

    /// The bound for what is at least `dy` and `dx` radians away, at heights up to `height` radians from the centre's.
    ///
    /// 4 sin²(x/2) ≥ x² (1 - x²/12), and a cosine falls by no more than the angle.
    @inline(__always)
    func bound(dy: Double, dx: Double, height: Double) -> Double {
        let squareY = max(0, dy) * max(0, dy)
        let squareX = max(0, dx) * max(0, dx)
        let least = max(0, cosine - height)
        let bound = squareY * (1 - squareY / 12) + cosine * least * squareX * (1 - squareX / 12)
        return bound * (1 - SphereSearch.tolerance) - 1e-21
    }
}
