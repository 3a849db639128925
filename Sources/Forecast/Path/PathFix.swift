/// What a fix says that matters for the place along a path.
package struct PathFix: Sendable, Equatable {
    package var time_ms: Int64
    package var latitude_e7: Int32
    package var longitude_e7: Int32
    /// Radius in metres; 10 where the tracker does not say.
    package var accuracy_m: Double
    /// Nil where it is not known.
    package var speed_kmh: Double?
    /// Degrees from north over east; nil where it is not known.
    package var heading_deg: Double?

    package init(
        time_ms: Int64, latitude_e7: Int32, longitude_e7: Int32, accuracy_m: Double = 10, speed_kmh: Double? = nil,
        heading_deg: Double? = nil
    ) {
        self.time_ms = time_ms
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
        self.accuracy_m = accuracy_m.isFinite ? min(500, max(3, accuracy_m)) : 10
        self.speed_kmh = speed_kmh.flatMap { $0.isFinite && $0 >= 0 ? min($0, 500) : nil }
        self.heading_deg = heading_deg.flatMap { $0.isFinite && abs($0) <= 720 ? $0 : nil }
    }

    /// Whether the tracker says that the vehicle stands.
    var isStanding: Bool { (speed_kmh ?? 100) < 2 }

    /// Where the vehicle is heading; nil where it is too slow for the tracker to know.
    var direction: Direction? {
        guard let heading_deg, (speed_kmh ?? 30) >= 8 else { return nil }
        return Direction(heading_deg: heading_deg)
    }

    var point: PathPoint { PathPoint(latitude: Double(latitude_e7) / 1e7, longitude: Double(longitude_e7) / 1e7) }
}
