import Geo
import Wire

/// A question about vehicles, asked on `dispatch/queries/{id}`:
///
///     {"nearest": {"lat": 25.04, "lon": 121.53, "k": 5, "max_distance_m": 10000},
///      "filter": {"group": "gas-truck", "online": true, "max_age_s": 300}}
///
/// or, instead of `nearest`, one of `"within": {"lat", "lon", "radius_m"}`, `"box": {"south", "west", "north", "east"}`
/// (west greater than east: over the antimeridian) and `"geofence": "depot-1"`; these take `"limit"` (1,000 where absent).
struct Query: Sendable {
    enum Area: Sendable {
        case nearest(Coordinate, k: Int, maxDistance_m: Double?)
        case within(Coordinate, radius_m: Double)
        case box(south: Double, west: Double, north: Double, east: Double)
        case geofence(String)
    }

    var area: Area
    var group: String?
    var isOnline: Bool?
    var maxAge_s: Double?
    /// The most vehicles that the answer may name.
    var limit: Int

    static let limitMax = 10_000

    /// Why a query could not be understood.
    struct Problem: Error {
        var detail: String
        var offset: Int
    }

    init(_ payload: Span<UInt8>) throws(Problem) {
        let node: JSONNode
        do { node = try JSONNode.parse(payload) } catch {
            throw Problem(detail: "not JSON: \(error.reason)", offset: error.offset)
        }
        guard let members = node.object else { throw Problem(detail: "a query is a JSON object", offset: 0) }
        let known = ["nearest", "within", "box", "geofence", "suitable", "filter", "limit"]
        for member in members where !known.contains(member.key) {
            let detail = "unknown key '\(member.key)'; known are \(known.joined(separator: ", "))"
            throw Problem(detail: detail, offset: member.keyOffset)
        }
        area = try Self.readArea(node)
        if case .nearest(_, let k, _) = area { limit = k } else { limit = 1000 }
        if let value = node["limit"] {
            let wanted = try Self.integer(value, "limit", 1...Self.limitMax)
            if case .nearest = area { limit = min(limit, wanted) } else { limit = wanted }
        }
        try readFilter(node["filter"])
    }

    private mutating func readFilter(_ filter: JSONNode?) throws(Problem) {
        guard let filter, !filter.isNull else { return }
        guard let members = filter.object else { throw Problem(detail: "filter is an object", offset: filter.offset) }
        for member in members {
            switch member.key {
            case "group":
                guard let text = member.value.string else {
                    throw Problem(detail: "filter.group is a string", offset: member.value.offset)
                }
                group = text
            case "online":
                guard let flag = member.value.bool else {
                    throw Problem(detail: "filter.online is true or false", offset: member.value.offset)
                }
                isOnline = flag
            case "max_age_s":
                maxAge_s = try Self.number(member.value, "filter.max_age_s", 0...1e9)
            default:
                let detail = "unknown key 'filter.\(member.key)'; known are group, online, max_age_s"
                throw Problem(detail: detail, offset: member.keyOffset)
            }
        }
    }

    private static func readArea(_ node: JSONNode) throws(Problem) -> Area {
        let given = ["nearest", "within", "box", "geofence"].filter { node[$0] != nil }
        guard given.count == 1, let value = node[given[0]] else {
            throw Problem(detail: "exactly one of nearest, within, box, geofence is needed", offset: node.offset)
        }
        switch given[0] {
        case "nearest":
            var k = 10
            if let node = value["k"] { k = try integer(node, "nearest.k", 1...limitMax) }
            var maxDistance_m: Double?
            if let node = value["max_distance_m"] {
                maxDistance_m = try number(node, "nearest.max_distance_m", 0...3e7)
            }
            return .nearest(try coordinate(value), k: k, maxDistance_m: maxDistance_m)
        case "within":
            let radius_m = try number(required(value, "radius_m"), "within.radius_m", 0...3e7)
            return .within(try coordinate(value), radius_m: radius_m)
        case "box":
            let south = try number(required(value, "south"), "box.south", -90...90)
            return .box(
                south: south,
                west: try number(required(value, "west"), "box.west", -180...180),
                north: try number(required(value, "north"), "box.north", south...90),
                east: try number(required(value, "east"), "box.east", -180...180))
        default:
            guard let id = value.string else {
                throw Problem(detail: "geofence is the id of a fence", offset: value.offset)
            }
            return .geofence(id)
        }
    }

    private static func required(_ node: JSONNode, _ key: String) throws(Problem) -> JSONNode {
        guard let value = node[key] else { throw Problem(detail: "\(key) is missing", offset: node.offset) }
        return value
    }

    static func coordinate(_ node: JSONNode) throws(Problem) -> Coordinate {
        Coordinate(
            latitude: try number(required(node, "lat"), "lat", -90...90),
            longitude: try number(required(node, "lon"), "lon", -180...180))
    }

    static func number(
        _ node: JSONNode, _ name: String, _ range: ClosedRange<Double>
    ) throws(Problem) -> Double {
        guard let value = node.number, range.contains(value) else {
            let detail = "\(name) is a number from \(range.lowerBound) to \(range.upperBound)"
            throw Problem(detail: detail, offset: node.offset)
        }
        return value
    }

    static func integer(
        _ node: JSONNode, _ name: String, _ range: ClosedRange<Int>
    ) throws(Problem) -> Int {
        guard let number = node.number, let value = Int(exactly: number), range.contains(value) else {
            let detail = "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw Problem(detail: detail, offset: node.offset)
        }
        return value
    }
}
