import Glibc

/// The sphere that every distance of this module is measured on.
///
/// Its radius is the mean radius R₁ = (2a + b) / 3 of the WGS84 ellipsoid as defined by the IUGG. Against the ellipsoid a
/// distance on this sphere is off by at most 0.56 % (north–south at the equator), in Taiwan by less than 0.5 % in any direction.
package enum Earth {
    /// Mean radius R₁ in metres.
    package static let radius_m = 6_371_008.8
    /// Length of a degree of a great circle in metres.
    package static let degree_m = radius_m * Double.pi / 180
    /// Radians in a degree.
    static let radians = Double.pi / 180
}

/// A position on the earth in degrees (WGS84). Longitudes run from -180 to 180, and both ends are the same meridian.
@usableFromInline package struct Coordinate: Sendable, Hashable {
    /// Degrees north, -90…90.
    @usableFromInline package var latitude: Double
    /// Degrees east, -180…180.
    @usableFromInline package var longitude: Double

    @inlinable package init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }

    /// From integers of 1e-7 degree.
    @inlinable package init(latitude_e7: Int32, longitude_e7: Int32) {
        self.init(latitude: Double(latitude_e7) / 1e7, longitude: Double(longitude_e7) / 1e7)
    }

    /// Whether both numbers are finite and in range.
    package var isValid: Bool {
        abs(latitude) <= 90 && abs(longitude) <= 180
    }

    /// Great-circle distance in metres by the haversine formula. Accurate from millimetres to nearly the antipode.
    package func distance_m(to other: Coordinate) -> Double {
        Haversine.distance_m(Haversine.value(self, other))
    }

    /// Distance in metres on the plane that touches the sphere at the mean latitude, about three times cheaper than
    /// ``distance_m(to:)``. Within 0.1 % up to 20 km where the latitude is below 80°; do not use it near the poles.
    package func shortDistance_m(to other: Coordinate) -> Double {
        let x =
            Longitude.difference(from: longitude, to: other.longitude)
            * cos((latitude + other.latitude) / 2 * Earth.radians)
        let y = other.latitude - latitude
        return (x * x + y * y).squareRoot() * Earth.degree_m
    }

    /// The position at `fraction` (0…1) of the straight line in longitude and latitude to `other`, the short way round.
    package func interpolated(to other: Coordinate, fraction: Double) -> Coordinate {
        let x = longitude + Longitude.difference(from: longitude, to: other.longitude) * fraction
        return Coordinate(
            latitude: latitude + (other.latitude - latitude) * fraction, longitude: Longitude.wrapped(x))
    }
}

/// Arithmetic on the circle of longitudes.
package enum Longitude {
    /// Degrees to go from one longitude to the other the short way round: -180…180.
    @inline(__always)
    package static func difference(from a: Double, to b: Double) -> Double {
        let d = b - a
        if d > 180 { return d - 360 }
        if d < -180 { return d + 360 }
        return d
    }

    /// A longitude of -540…540 brought into -180…180.
    @inline(__always)
    package static func wrapped(_ x: Double) -> Double {
        if x > 180 { return x - 360 }
        if x < -180 { return x + 360 }
        return x
    }
}

/// The haversine of a central angle: grows with the distance, so that comparisons need no arc sine.
enum Haversine {
    /// hav(d) = hav(Δφ) + cos φ₁ cos φ₂ hav(Δλ)
    @inline(__always)
    static func value(_ a: Coordinate, _ b: Coordinate) -> Double {
        let s = sin((b.latitude - a.latitude) * (Earth.radians / 2))
        let t = sin((b.longitude - a.longitude) * (Earth.radians / 2))
        return s * s + cos(a.latitude * Earth.radians) * cos(b.latitude * Earth.radians) * t * t
    }

    /// The distance in metres that belongs to a haversine.
    @inline(__always)
    static func distance_m(_ value: Double) -> Double {
        2 * Earth.radius_m * asin(min(1, value.squareRoot()))
    }

    /// The haversine of a distance in metres; 1 for half the circumference and above.
    @inline(__always)
    static func value(distance_m d: Double) -> Double {
        guard d < Earth.radius_m * Double.pi else { return 1 }
        let s = sin(d / (2 * Earth.radius_m))
        return s * s
    }
}

/// A rectangle in longitude and latitude that does not cross the antimeridian. Closed: its sides belong to it.
struct Box: Sendable, Equatable {
    var west: Double
    var south: Double
    var east: Double
    var north: Double

    static let nothing = Box(west: .infinity, south: .infinity, east: -.infinity, north: -.infinity)

    mutating func include(_ c: Coordinate) {
        west = min(west, c.longitude)
        east = max(east, c.longitude)
        south = min(south, c.latitude)
        north = max(north, c.latitude)
    }

    @inline(__always)
    func overlaps(_ o: Box) -> Bool {
        west <= o.east && o.west <= east && south <= o.north && o.south <= north
    }

    /// Whether `o` lies wholly in this box.
    @inline(__always)
    func encloses(_ o: Box) -> Bool {
        west <= o.west && o.east <= east && south <= o.south && o.north <= north
    }

    /// A lower bound of the haversine from `p` to any position in the box; 0 inside. Valid everywhere, also at the poles
    /// and over the antimeridian: each term of the formula is replaced by its least value over the box.
    func leastHaversine(from p: Coordinate, cosine: Double) -> Double {
        let dy = max(0, south - p.latitude, p.latitude - north)
        let s = sin(dy * (Earth.radians / 2))
        var dx = 0.0
        if p.longitude < west || p.longitude > east {
            let toWest = abs(Longitude.difference(from: p.longitude, to: west))
            let toEast = abs(Longitude.difference(from: p.longitude, to: east))
            dx = min(toWest, toEast)
        }
        if dx == 0 { return s * s }
        let t = sin(dx * (Earth.radians / 2))
        let least = max(0, cos(max(abs(south), abs(north)) * Earth.radians))
        return s * s + cosine * least * t * t
    }
}
