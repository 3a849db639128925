/// A way that the road router found, in the form that all routers' answers are brought into.
package struct RoadAnswer: Sendable, Equatable {
    /// Which kind of router it came from: their base times differ, so that what is learned of one says nothing of the other.
    package enum Source: UInt8, Sendable, CaseIterable {
        case osrm = 0
        case valhalla = 1

        package var name: StaticString {
            switch self {
            case .osrm: "osrm"
            case .valhalla: "valhalla"
            }
        }
    }

    /// The way from one point of the question to the next.
    package struct Leg: Sendable, Equatable {
        package var distance_m: Double
        /// The router's own time, not calibrated.
        package var duration_s: Double

        package init(distance_m: Double, duration_s: Double) {
            self.distance_m = distance_m
            self.duration_s = duration_s
        }
    }

    /// Longer than any way on the earth.
    package static let distance_m_max = 100_000_000.0
    /// 100 days.
    package static let duration_s_max = 8_640_000.0
    /// More points than a way of 1,000 km has.
    package static let path_max = 100_000
    package static let legs_max = RoadQuestion.points_max - 1

    package var source: Source
    package var distance_m: Double
    package var duration_s: Double
    /// One between each two points of the question.
    package var legs: [Leg]
    /// The line of the road, at least two points. Its ends are the places on roads that are nearest to those asked for.
    package var path: [RoadPoint]

    /// Brings the numbers into the form's own precision (0.1 m, 0.1 s, 1e-6 degree), so that what is written reads back
    /// equal. Not checked: see ``problem``.
    package init(source: Source, distance_m: Double, duration_s: Double, legs: [Leg], path: [RoadPoint]) {
        self.source = source
        self.distance_m = Self.tenths(distance_m)
        self.duration_s = Self.tenths(duration_s)
        self.legs = legs.map {
            Leg(distance_m: Self.tenths($0.distance_m), duration_s: Self.tenths($0.duration_s))
        }
        self.path = path.map { $0.rounded(to: 10) }
    }

    private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// Why these are no numbers of a way; nil where they are.
    package var problem: RoadReplyError.Reason? {
        if legs.isEmpty { return .noLegs }
        if legs.count > Self.legs_max { return .tooManyLegs }
        if path.count < 2 { return .tooFewPoints }
        if path.count > Self.path_max { return .tooManyPoints }
        func isFine(_ distance_m: Double, _ duration_s: Double) -> Bool {
            distance_m >= 0 && distance_m <= Self.distance_m_max && duration_s >= 0 && duration_s <= Self.duration_s_max
        }
        guard isFine(distance_m, duration_s) else { return .outOfRange }
        for leg in legs where !isFine(leg.distance_m, leg.duration_s) { return .outOfRange }
        for point in path where !point.isValid { return .outOfRange }
        return nil
    }

    /// Whether it has a leg between each two of so many points.
    package func fits(points: Int) -> Bool { legs.count == points - 1 }
}

extension RoadPoint {
    package var isValid: Bool {
        latitude_e7.magnitude <= 900_000_000 && longitude_e7.magnitude <= 1_800_000_000
    }
}

/// Why there is no way, or none to be had now.
package struct RoadFailure: Sendable, Equatable {
    package enum Reason: UInt8, Sendable, CaseIterable {
        /// The router knows no way between these points: asking again is of no use.
        case noRoute = 0
        /// The router, or a place in the queue, did not come in time.
        case timeout = 1
        /// The day's requests are used up.
        case budget = 2
        /// The router failed several times and is left in peace.
        case circuitOpen = 3
        /// The router, or the queue, did not take the request.
        case refused = 4
        /// What the router said makes no sense.
        case invalid = 5

        package var name: StaticString {
            switch self {
            case .noRoute: "no_route"
            case .timeout: "timeout"
            case .budget: "budget"
            case .circuitOpen: "circuit_open"
            case .refused: "refused"
            case .invalid: "invalid"
            }
        }
    }

    /// The longest detail in bytes.
    package static let detail_max = 500

    package var reason: Reason
    /// For people.
    package var detail: [UInt8]

    /// A detail that is too long is cut between two characters, so that it stays UTF-8.
    package init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        var bytes = Array(detail.utf8.prefix(Self.detail_max + 1))
        if bytes.count > Self.detail_max {
            var end = Self.detail_max
            while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            bytes.removeLast(bytes.count - end)
        }
        self.detail = bytes
    }

    init(reason: Reason, detail: [UInt8]) {
        self.reason = reason
        self.detail = detail
    }
}
