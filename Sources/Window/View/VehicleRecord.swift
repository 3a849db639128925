/// How a vehicle is shown.
package enum VehicleShow: UInt8, Sendable, CaseIterable {
    /// Online, and faster than GPS noise makes of standing.
    case moving
    /// Online and standing, with the ignition on.
    case idling
    /// Online and standing.
    case parked
    /// Online without a position, or with one that a driver told because none comes any more.
    case lost
    case offline

    package var name: StaticString {
        switch self {
        case .moving: "moving"
        case .idling: "idling"
        case .parked: "parked"
        case .lost: "lost"
        case .offline: "offline"
        }
    }

    init?(name: String) {
        guard let found = Self.allCases.first(where: { name.utf8.equals($0.name) }) else { return nil }
        self = found
    }
}

/// What the window knows of one vehicle: its retained state as it was published, and what of it the map needs.
struct VehicleRecord: Sendable {
    let id: [UInt8]
    /// The retained state, a JSON object.
    var payload: [UInt8] = []
    var facts = VehicleFacts()
    var trail = Trail()

    init(id: [UInt8]) { self.id = id }
}

/// Where a vehicle has been lately: at most `points_max` places, each far enough from the one before. Times are those of the
/// fixes, in order.
struct Trail: Sendable {
    struct Point: Sendable, Equatable, BitwiseCopyable {
        var time_s: UInt32
        var latitude_e7: Int32
        var longitude_e7: Int32
    }

    /// Where the places begin again after the end: the oldest is here.
    private var points: [Point] = []
    private var oldest = 0

    /// In 1e-7 degree, about 8 m: what moves less stands.
    private static let step_e7 = 720

    /// Adds a place where it is a new one; late ones are not placed.
    mutating func add(_ facts: VehicleFacts, points_max: Int) {
        guard points_max > 0, facts.hasPosition, let time_ms = facts.time_ms, time_ms > 0 else { return }
        let point = Point(
            time_s: UInt32(clamping: time_ms / 1000), latitude_e7: facts.latitude_e7, longitude_e7: facts.longitude_e7)
        if let last {
            guard point.time_s > last.time_s else { return }
            let north = abs(Int(point.latitude_e7) - Int(last.latitude_e7))
            let east = abs(Int(point.longitude_e7) - Int(last.longitude_e7))
            guard north + east >= Self.step_e7 else { return }
        }
        if points.count < points_max {
            points.append(point)
        } else {
            points[oldest] = point
            oldest = (oldest + 1) % points.count
        }
    }

    var last: Point? { points.isEmpty ? nil : points[(oldest + points.count - 1) % points.count] }

    var count: Int { points.count }

    /// In order, the oldest first.
    func visit(_ body: (Point) -> Void) {
        for index in points.indices { body(points[(oldest + index) % points.count]) }
    }
}
