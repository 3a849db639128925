import Geo
import Glibc

/// Where a vehicle may be that went on as it was last seen.
struct DeadReckoning {
    /// Its accuracy is the radius in which the vehicle is expected.
    var place: Place
    /// How fast that radius grows from here on.
    var growth_mps: Double

    /// Straight on with the last speed and heading for at most `estimate_s`; without a heading it stays where it was, and the
    /// whole way is uncertain. Without a speed it stays too, and the vehicle may have driven away as fast as one does in town.
    init(
        from fix: Fix, speed_kmh: Double?, heading_deg: Double?, accuracy_m: Double, elapsed_s: Double,
        _ limits: StaleLimits
    ) {
        let speed_mps = (speed_kmh ?? Self.townSpeed_kmh) / 3.6
        let heading_deg = speed_kmh == nil ? nil : heading_deg
        let share = heading_deg == nil ? max(1, limits.drift_share) : limits.drift_share
        let moved_s = min(elapsed_s, limits.estimate_s)
        let growth_mps = limits.drift_mps + share * speed_mps
        // Where the estimate stands still, the vehicle may move away from it at full speed.
        let laterGrowth_mps = limits.drift_mps + max(1, share) * speed_mps
        var estimate = fix.coordinate
        if let heading_deg {
            estimate = Self.moved(estimate, bearing_deg: heading_deg, distance_m: speed_mps * moved_s)
        }
        place = Place(
            latitude_e7: Int32((estimate.latitude * 1e7).rounded()),
            longitude_e7: Int32((estimate.longitude * 1e7).rounded()))
        place.accuracy_m = accuracy_m + growth_mps * moved_s + laterGrowth_mps * (elapsed_s - moved_s)
        self.growth_mps = elapsed_s < limits.estimate_s ? growth_mps : laterGrowth_mps
    }

    private static let townSpeed_kmh = 50.0

    /// Away from the poles the cosine of the latitude is more than this; at them east and west mean nothing.
    private static let cosine_min = 0.01

    /// The position so far away on the plane that touches the sphere, which serves for some ten kilometres.
    static func moved(_ from: Coordinate, bearing_deg: Double, distance_m: Double) -> Coordinate {
        let bearing = bearing_deg * .pi / 180
        let north_deg = distance_m * cos(bearing) / Earth.degree_m
        let latitude = min(max(from.latitude + north_deg, -90), 90)
        let cosine = max(cos((from.latitude + latitude) / 2 * .pi / 180), cosine_min)
        // Half a turn at most, so that wrapping finds back.
        let east_deg = min(max(distance_m * sin(bearing) / Earth.degree_m / cosine, -180), 180)
        return Coordinate(latitude: latitude, longitude: Longitude.wrapped(from.longitude + east_deg))
    }

    /// Clockwise from north, 0..<360, on the same plane.
    static func bearing_deg(from: Coordinate, to: Coordinate) -> Double {
        let x =
            Longitude.difference(from: from.longitude, to: to.longitude)
            * max(cos((from.latitude + to.latitude) / 2 * .pi / 180), cosine_min)
        let degrees = atan2(x, to.latitude - from.latitude) * 180 / .pi
        return degrees < 0 ? degrees + 360 : degrees
    }
}
