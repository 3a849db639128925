import Geo
import Glibc

/// The plane that touches the earth at a position, for distances to edges of a path near it.
///
/// Off by less than 0.4 % within 50 km up to 80° of latitude; farther away it only has to tell far from near.
struct PathPlane {
    private let latitude: Double
    private let longitude: Double
    /// Metres per degree of longitude.
    private let scaleX: Double

    /// Where an edge comes nearest.
    struct Foot {
        /// 0…1 along the edge.
        var fraction: Double
        var distance_m: Double
        /// Cosine of the angle between the edge and the direction that was asked for; 1 where there is none.
        var alignment: Double
    }

    init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
        scaleX = max(0, cos(latitude * .pi / 180)) * Earth.degree_m
    }

    /// - Parameter shift: a multiple of 360° that brings the path's longitudes near the plane's; see ``shift(to:)``.
    @inline(__always)
    func foot(_ a: PathPoint, _ b: PathPoint, shift: Double, direction: Direction?) -> Foot {
        let x = (a.longitude - longitude + shift) * scaleX
        let y = (a.latitude - latitude) * Earth.degree_m
        let dx = (b.longitude - a.longitude) * scaleX
        let dy = (b.latitude - a.latitude) * Earth.degree_m
        let square = dx * dx + dy * dy
        let t = square > 0 ? min(1, max(0, -(x * dx + y * dy) / square)) : 0
        let footX = x + t * dx
        let footY = y + t * dy
        var alignment = 1.0
        if let direction, square > 0 { alignment = (dx * direction.east + dy * direction.north) / square.squareRoot() }
        return Foot(fraction: t, distance_m: (footX * footX + footY * footY).squareRoot(), alignment: alignment)
    }

    /// A lower bound of the distance to anything in a box.
    @inline(__always)
    func distance_m(to box: PathBox, shift: Double) -> Double {
        let y = max(0, box.south - latitude, latitude - box.north) * Earth.degree_m
        let here = longitude - shift
        let x = max(0, box.west - here, here - box.east) * scaleX
        return (x * x + y * y).squareRoot()
    }

    /// What to add to a path's longitudes so that they lie on the plane's side of the antimeridian.
    func shift(to path: RoutePath) -> Double {
        ((longitude - path.points[0].longitude) / 360).rounded() * 360
    }
}

/// A direction as a vector of length 1.
struct Direction {
    var east: Double
    var north: Double

    init(heading_deg: Double) {
        east = sin(heading_deg * .pi / 180)
        north = cos(heading_deg * .pi / 180)
    }
}
