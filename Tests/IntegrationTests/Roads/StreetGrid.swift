import FleetCore
import Foundation
import TestSupport

/// A small town near Taipei: streets in a grid, each with its own speed, some of them one way; and, where it is asked, an
/// island that no street leads to.
///
/// It is written as OpenStreetMap's XML, and knows the quickest ways by itself (Dijkstra, doi:10.1007/BF01386390), so that
/// what a router says can be compared.
struct StreetGrid {
    /// A street between two neighbouring crossings.
    struct Street {
        var from: Int
        var to: Int
        var speed_kmh: Int
        var isOneWay: Bool
    }

    let columns: Int
    let rows: Int
    private(set) var streets: [Street] = []
    /// Streets that leave a crossing, in either direction that may be driven.
    private var leaving: [[(to: Int, seconds: Double)]] = []

    /// 2e-3 degree: some 200 m.
    private static let step_e7: Int32 = 20_000

    init(columns: Int, rows: Int, seed: UInt64) {
        self.columns = columns
        self.rows = rows
        var random = SplitMix64(seed: seed)
        // A whole street, from one end of the town to the other, has one direction; its speed changes at crossings. The
        // outer ring is two-way, so that every place can be reached from every other.
        for row in 0..<rows {
            let isOneWay = row > 0 && row < rows - 1 && Bool.random(using: &random)
            let isReversed = Bool.random(using: &random)
            for column in 1..<columns {
                let ends = (crossing(column - 1, row), crossing(column, row))
                add(isReversed ? (ends.1, ends.0) : ends, isOneWay, &random)
            }
        }
        for column in 0..<columns {
            let isOneWay = column > 0 && column < columns - 1 && Bool.random(using: &random)
            let isReversed = Bool.random(using: &random)
            for row in 1..<rows {
                let ends = (crossing(column, row - 1), crossing(column, row))
                add(isReversed ? (ends.1, ends.0) : ends, isOneWay, &random)
            }
        }
        leaving = Array(repeating: [], count: columns * rows)
        for street in streets {
            leaving[street.from].append((street.to, seconds(street)))
            if !street.isOneWay { leaving[street.to].append((street.from, seconds(street))) }
        }
    }

    private mutating func add(_ ends: (Int, Int), _ isOneWay: Bool, _ random: inout SplitMix64) {
        let speed_kmh = [20, 30, 40, 50, 60][Int.random(in: 0..<5, using: &random)]
        streets.append(Street(from: ends.0, to: ends.1, speed_kmh: speed_kmh, isOneWay: isOneWay))
    }

    private func crossing(_ column: Int, _ row: Int) -> Int { row * columns + column }

    func point(_ crossing: Int) -> RoadPoint {
        RoadPoint(
            latitude_e7: 250_300_000 + Int32(crossing / columns) * Self.step_e7,
            longitude_e7: 1_215_100_000 + Int32(crossing % columns) * Self.step_e7)
    }

    /// The middle of a street. Places to be asked for lie there, because a router may take a crossing to belong to any of
    /// its streets.
    func middle(_ street: Int) -> RoadPoint {
        let (a, b) = (point(streets[street].from), point(streets[street].to))
        // The sum of two longitudes would not fit.
        return RoadPoint(
            latitude_e7: a.latitude_e7 + (b.latitude_e7 - a.latitude_e7) / 2,
            longitude_e7: a.longitude_e7 + (b.longitude_e7 - a.longitude_e7) / 2)
    }

    func seconds(_ street: Street) -> Double {
        distance_m(point(street.from), point(street.to)) / (Double(street.speed_kmh) / 3.6)
    }

    // MARK: - The quickest way

    /// Seconds from the middle of one street to that of another.
    func seconds(from start: Int, to end: Int) -> Double {
        if start == end { return 0 }
        var best = Array(repeating: Double.infinity, count: columns * rows)
        let first = streets[start]
        best[first.to] = seconds(first) / 2
        if !first.isOneWay { best[first.from] = seconds(first) / 2 }
        var open = Set(best.indices)
        // So few crossings that a list does for the queue.
        while let crossing = open.min(by: { (best[$0], $0) < (best[$1], $1) }) {
            open.remove(crossing)
            for (to, seconds) in leaving[crossing] { best[to] = min(best[to], best[crossing] + seconds) }
        }
        let last = streets[end]
        return seconds(last) / 2 + min(best[last.from], last.isOneWay ? .infinity : best[last.to])
    }

    // MARK: - Driving along a path

    /// Whether a line runs along the streets, and in their direction: each of its points on the street of the one before
    /// it, or at its end.
    func isDrivable(_ path: [RoadPoint]) -> Bool {
        zip(path, path.dropFirst()).allSatisfy { from, to in
            from == to || streets.contains { allows($0, from, to) }
        }
    }

    private func allows(_ street: Street, _ from: RoadPoint, _ to: RoadPoint) -> Bool {
        guard let start = share(street, from), let end = share(street, to) else { return false }
        return start < end || !street.isOneWay
    }

    /// How far along a street a point is, 0…1; nil where it is not on it. The streets run along the axes.
    private func share(_ street: Street, _ place: RoadPoint) -> Double? {
        let (a, b) = (point(street.from), point(street.to))
        // A metre, for a router's rounding.
        let slack: Int32 = 100
        let (along, length, aside) =
            a.latitude_e7 == b.latitude_e7
            ? (place.longitude_e7 - a.longitude_e7, b.longitude_e7 - a.longitude_e7, place.latitude_e7 - a.latitude_e7)
            : (place.latitude_e7 - a.latitude_e7, b.latitude_e7 - a.latitude_e7, place.longitude_e7 - a.longitude_e7)
        let share = Double(along) / Double(length)
        guard abs(aside) <= slack, share >= -0.005, share <= 1.005 else { return nil }
        return share
    }

    /// The length of a line in metres, on a sphere.
    static func length_m(_ path: [RoadPoint]) -> Double {
        zip(path, path.dropFirst()).reduce(0) { $0 + distance_m($1.0, $1.1) }
    }

    // MARK: - OpenStreetMap

    /// A place beside the town, on a street that nothing leads to.
    static let island = RoadPoint(latitude_e7: 251_000_000, longitude_e7: 1_216_000_000)

    /// The town as OpenStreetMap's XML, and the profile that reads it: the speed as it is tagged, no penalties.
    var xml: String {
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<osm version=\"0.6\" generator=\"test\">"]
        func node(_ id: Int, _ place: RoadPoint) {
            lines.append(
                "<node id=\"\(id)\" version=\"1\" lat=\"\(Double(place.latitude_e7) / 1e7)\" "
                    + "lon=\"\(Double(place.longitude_e7) / 1e7)\"/>")
        }
        func way(_ id: Int, _ nodes: [Int], _ speed_kmh: Int, _ isOneWay: Bool) {
            lines.append("<way id=\"\(id)\" version=\"1\">" + nodes.map { "<nd ref=\"\($0)\"/>" }.joined())
            lines.append("<tag k=\"highway\" v=\"residential\"/><tag k=\"maxspeed\" v=\"\(speed_kmh)\"/>")
            lines.append((isOneWay ? "<tag k=\"oneway\" v=\"yes\"/>" : "") + "</way>")
        }
        let count = columns * rows
        for crossing in 0..<count { node(crossing + 1, point(crossing)) }
        for end in 0...1 {
            let east = Int32(end) * 2 * 10_000 - 10_000
            node(
                count + 1 + end,
                RoadPoint(
                    latitude_e7: Self.island.latitude_e7, longitude_e7: Self.island.longitude_e7 + east))
        }
        for (index, street) in streets.enumerated() {
            way(index + 1, [street.from + 1, street.to + 1], street.speed_kmh, street.isOneWay)
        }
        way(streets.count + 1, [count + 1, count + 2], 30, false)
        return lines.joined(separator: "\n") + "\n</osm>\n"
    }

    static let profile = """
        api_version = 4
        function setup()
          return {properties = {
            weight_name = 'duration', max_speed_for_map_matching = 50, u_turn_penalty = 0,
            continue_straight_at_waypoint = false, use_turn_restrictions = false, process_call_tagless_node = false}}
        end
        function process_node(profile, node, result) end
        function process_way(profile, way, result)
          local speed = tonumber(way:get_value_by_key("maxspeed"))
          if not speed then return end
          result.forward_mode = mode.driving
          result.forward_speed = speed
          result.backward_speed = speed
          result.backward_mode = mode.driving
          if way:get_value_by_key("oneway") == "yes" then result.backward_mode = mode.inaccessible end
        end
        function process_turn(profile, turn) end
        return {setup = setup, process_way = process_way, process_node = process_node, process_turn = process_turn}
        """
}

/// Metres between two places, by the haversine formula on a sphere of 6371008.8 m.
func distance_m(_ a: RoadPoint, _ b: RoadPoint) -> Double {
    let radians = Double.pi / 180 / 1e7
    let (from, to) = (Double(a.latitude_e7) * radians, Double(b.latitude_e7) * radians)
    let (north, east) = ((to - from) / 2, Double(b.longitude_e7 - a.longitude_e7) * radians / 2)
    let h = sin(north) * sin(north) + cos(from) * cos(to) * sin(east) * sin(east)
    return 2 * 6_371_008.8 * asin(h.squareRoot())
}
