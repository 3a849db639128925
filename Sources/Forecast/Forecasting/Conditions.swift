package import Geo

/// An area in which driving is slower (or faster), or not possible.
package struct ConditionArea: Sendable, Equatable {
    package var id: [UInt8]
    package var shape: Shape
    /// What speeds are multiplied by, 0.05…3.
    package var speedFactor: Double
    /// Whether the roads in it are closed.
    package var isClosed: Bool
    /// From when to before when it holds.
    package var from_ms: Int64
    package var to_ms: Int64

    /// A speed of roads that are closed: someone drives round, which takes about five times as long as what is left out.
    package static let closedFactor = 0.2

    package init(
        id: [UInt8], shape: Shape, speedFactor: Double, isClosed: Bool, from_ms: Int64 = .min, to_ms: Int64 = .max
    ) {
        self.id = id
        self.shape = shape
        let factor = speedFactor.isFinite ? min(3, max(0.05, speedFactor)) : 1
        self.speedFactor = isClosed ? min(factor, Self.closedFactor) : factor
        self.isClosed = isClosed
        self.from_ms = from_ms
        self.to_ms = to_ms
    }
}

/// The areas of a fleet that change its speeds. Plans look at them anew when ``version`` changes.
package struct Conditions: Sendable, Equatable {
    package static let limit = 1000
    /// By id, ascending.
    package private(set) var areas: [ConditionArea] = []
    /// Counts the changes.
    package private(set) var version: UInt64 = 1

    package init() {}

    private func place(of id: [UInt8]) -> Int {
        areas.firstIndex { !$0.id.lexicographicallyPrecedes(id) } ?? areas.count
    }

    /// Puts an area in the place of the one with its id. False, and nothing changed, if there are ``limit`` others.
    package mutating func upsert(_ area: ConditionArea) -> Bool {
        let place = place(of: area.id)
        if place < areas.count, areas[place].id == area.id {
            guard areas[place] != area else { return true }
            areas[place] = area
        } else {
            guard areas.count < Self.limit else { return false }
            areas.insert(area, at: place)
        }
        version &+= 1
        return true
    }

    /// Takes out the area with this id, and tells whether there was one.
    package mutating func remove(_ id: [UInt8]) -> Bool {
        let place = place(of: id)
        guard place < areas.count, areas[place].id == id else { return false }
        areas.remove(at: place)
        version &+= 1
        return true
    }

    /// Takes out what does not hold any more.
    package mutating func removeExpired(before now_ms: Int64) {
        let before = areas.count
        areas.removeAll { $0.to_ms <= now_ms }
        if areas.count != before { version &+= 1 }
    }
}

/// A stretch of a path inside of an area.
struct ConditionSpan: Sendable, Equatable {
    var start_m: Double
    var end_m: Double
    var speedFactor: Double
    var isClosed: Bool
    var from_ms: Int64
    var to_ms: Int64

    /// The stretches of a path that lie in an area, to 25 m. What lies farther away than half a stretch's length is passed over
    /// unseen, so that the work goes with what lies inside. O(vertices of the shape) a look.
    static func find(_ area: ConditionArea, on path: RoutePath, into spans: inout [ConditionSpan], limit: Int) {
        var open: [(start_m: Double, end_m: Double)] = [(0, path.length_m)]
        var found: (start_m: Double, end_m: Double)?
        func close(_ spans: inout [ConditionSpan]) {
            guard let stretch = found, spans.count < limit else { return }
            spans.append(
                ConditionSpan(
                    start_m: stretch.start_m, end_m: stretch.end_m, speedFactor: area.speedFactor,
                    isClosed: area.isClosed, from_ms: area.from_ms, to_ms: area.to_ms))
        }
        // Stretches are taken in the order of the path: the nearer half lies on top.
        while let (start_m, end_m) = open.popLast() {
            let middle_m = (start_m + end_m) / 2
            let distance_m = area.shape.signedDistance_m(from: path.coordinate(at: middle_m))
            let half_m = (end_m - start_m) / 2
            let isOutside = distance_m > half_m * 1.01 + 1
            let isInside = distance_m < -(half_m * 1.01 + 1) || (half_m <= 12.5 && distance_m < 0)
            if isInside {
                if let last = found, start_m - last.end_m < 0.001 {
                    found = (last.start_m, end_m)
                } else {
                    close(&spans)
                    found = (start_m, end_m)
                }
            } else if !isOutside, half_m > 12.5 {
                open.append((middle_m, end_m))
                open.append((start_m, middle_m))
            }
        }
        close(&spans)
    }
}
