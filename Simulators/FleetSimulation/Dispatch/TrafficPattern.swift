import Glibc

/// A part of the city that conditions make slow, or closed, for some time.
package struct TrafficArea: Sendable {
    package var id: String
    package var centre: PlanePoint
    package var radius_m: Double
    /// Simulated time.
    package var from_s: Double
    package var to_s: Double
    package var speedFactor: Double
    package var isClosed: Bool
    /// What dispatch calls it: `traffic`, `closure`.
    package var kind: String

    package init(
        id: String, centre: PlanePoint, radius_m: Double, from_s: Double, to_s: Double, speedFactor: Double,
        isClosed: Bool, kind: String
    ) {
        self.id = id
        self.centre = centre
        self.radius_m = radius_m
        self.from_s = from_s
        self.to_s = to_s
        self.speedFactor = speedFactor
        self.isClosed = isClosed
        self.kind = kind
    }
}

/// How fast the traffic lets vehicles drive: by the hour, by the road, by the day, and in areas.
///
/// What a road and an hour do is the same every day, so that it can be learned; what a day does is not.
package struct TrafficPattern: Sendable {
    /// Of a day: how much the whole city deviates from what it is used to.
    private let day: Double
    private let seed: UInt64
    /// Milliseconds since 1970 of simulated time 0, shifted to local time.
    private let localStart_ms: Int64
    package var areas: [TrafficArea] = []

    /// Taiwan's clock.
    static let localOffset_ms: Int64 = 8 * 3_600_000
    /// The size of the squares whose roads have a pace in common.
    static let square_m = 500.0

    package init(seed: UInt64, day: Int, start_ms: Int64) {
        self.seed = seed
        localStart_ms = start_ms + Self.localOffset_ms
        var random = RandomSource(seed: seed, purpose: .traffic, number: UInt64(day))
        self.day = exp(0.06 * random.normal())
    }

    /// What dispatch reckons with: the hours, and nothing of roads, days, drivers and areas.
    package func expectedPaces(of path: DrivePath, from start_s: Double) -> [Double] {
        path.segments.map { min(1, max(0.1, 0.95 * hourly($0.roadClass, at: start_s + $0.start_m / 7))) }
    }

    /// The paces of the segments of a path that is driven from `start_s` on; `driver` is the driver's own factor.
    ///
    /// The time at which a segment is reached is estimated with 25 km/h, which the rush hours' slopes do not mind.
    package func paces(of path: DrivePath, from start_s: Double, driver: Double) -> [Double] {
        path.segments.indices.map { index in
            let segment = path.segments[index]
            let middle = path.points[index].interpolated(to: path.points[index + 1], fraction: 0.5)
            let time_s = start_s + segment.start_m / 7
            var pace = hourly(segment.roadClass, at: time_s) * road(segment.roadClass, at: middle) * day * driver
            for area in areas
            where time_s >= area.from_s && time_s < area.to_s && middle.distance_m(to: area.centre) <= area.radius_m {
                pace *= area.speedFactor
            }
            return min(1, max(0.1, pace))
        }
    }

    /// Rush hours in the morning and the evening, and a small one at noon; main roads feel them more.
    private func hourly(_ roadClass: RoadClass, at time_s: Double) -> Double {
        let hour = Double((localStart_ms + Int64(time_s * 1_000)) % 86_400_000) / 3_600_000
        func dip(_ depth: Double, at middle: Double, width: Double) -> Double {
            depth * exp(-(hour - middle) * (hour - middle) / (width * width))
        }
        let sensitivity =
            switch roadClass {
            case .highway, .ramp: 1.15
            case .arterial: 1.0
            case .street: 0.75
            case .lane, .driveway: 0.3
            }
        let dips = dip(0.42, at: 8.3, width: 1.0) + dip(0.18, at: 12.3, width: 0.8) + dip(0.45, at: 18, width: 1.2)
        return 0.95 - sensitivity * dips
    }

    /// What the roads of a class are used to in one square of the city.
    private func road(_ roadClass: RoadClass, at point: PlanePoint) -> Double {
        let column = UInt64(bitPattern: Int64((point.x_m / Self.square_m).rounded(.down))) & 0xFFFF
        let row = UInt64(bitPattern: Int64((point.y_m / Self.square_m).rounded(.down))) & 0xFFFF
        // Streams below 2³² are the days'.
        let number = 1 << 40 | column << 24 | row << 8 | UInt64(roadClass.rawValue)
        var random = RandomSource(seed: seed, purpose: .traffic, number: number)
        return min(1.15, exp(0.14 * random.normal() - 0.05))
    }
}
