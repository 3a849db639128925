import Forecast
import Wire

/// The paths of a fleet's open routes, as they were at one moment: what shows them to people works on this beside the desks.
/// Making one copies nothing but ids.
package struct RouteCatalogue: Sendable {
    package let fleet: String
    fileprivate let routes: [Route]

    fileprivate struct Route: Sendable {
        var id: DispatchID
        var vehicle: DispatchID
        var path: Path
    }

    fileprivate enum Path: Sendable {
        /// Dispatch's: longitude, latitude, longitude, latitude …
        case told([Int32])
        /// The road router's.
        case found(RoutePath)

        var positions_e7: [Int32] {
            switch self {
            case .told(let positions): positions
            case .found(let path): path.positions_e7
            }
        }
    }

    /// One route as it is shown.
    package struct Line: Sendable, Equatable {
        package let route: [UInt8]
        package let vehicle: [UInt8]
        /// Longitude, latitude, longitude, latitude …
        package let positions_e7: [Int32]
    }

    /// The routes in the order of their ids, each with at most `points_max` points of its path. O(points · `points_max`).
    package func lines(points_max: Int) -> [Line] {
        routes.map { route in
            Line(
                route: route.id.bytes, vehicle: route.vehicle.bytes,
                positions_e7: PathThinning.thinned(route.path.positions_e7, points_max: points_max))
        }
    }

    /// All of them as one GeoJSON FeatureCollection, as far as there is room.
    package func featureCollection(points_max: Int, bytes_max: Int) -> [UInt8] {
        var out = Array("{\"type\":\"FeatureCollection\",\"features\":[".utf8)
        var isFirst = true
        for line in lines(points_max: points_max) {
            let before = out.count
            if !isFirst { out.append(ascii: ",") }
            isFirst = false
            out.append(line)
            if out.count > bytes_max {
                out.removeLast(out.count - before)
                break
            }
        }
        out.append(ascii: "]}")
        return out
    }
}

extension Desks {
    /// Changes whenever a path of an open route may have changed. Begins anew with the process.
    package var pathsVersion: UInt64 { desks.reduce(0) { $0 &+ ($1?.pathsVersion ?? 0) } }

    /// The open routes with a path of every fleet that has any desk. O(routes and their stops).
    package var routeCatalogues: [RouteCatalogue] { desks.compactMap { $0?.routeCatalogue } }
}

extension Desk {
    /// The routes that are still to be served, or being served, and whose way over the ground is known.
    fileprivate var routeCatalogue: RouteCatalogue {
        var found: [RouteCatalogue.Route] = []
        for id in records.routes.ids {
            guard let record = records.routes[id], record.status == .open, hasSomethingLeft(record, id),
                let path = path(of: id, record)
            else { continue }
            found.append(RouteCatalogue.Route(id: id, vehicle: record.vehicle, path: path))
        }
        return RouteCatalogue(fleet: String(decoding: fleet, as: UTF8.self), routes: found)
    }

    private func hasSomethingLeft(_ record: RouteRecord, _ id: DispatchID) -> Bool {
        record.stops.contains { deliveries[$0.stop]?.route == id && deliveries[$0.stop]?.isUnderWay == true }
    }

    private func path(of id: DispatchID, _ record: RouteRecord) -> RouteCatalogue.Path? {
        if !record.path_e7.isEmpty { return .told(record.path_e7) }
        return roads[id]?.path.map { .found($0) }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ line: RouteCatalogue.Line) {
        append(ascii: "{\"type\":\"Feature\",\"id\":")
        appendJSON(stringBytes: line.route.span)
        append(ascii: ",\"properties\":{\"vehicle\":")
        appendJSON(stringBytes: line.vehicle.span)
        append(ascii: "},\"geometry\":{\"type\":\"LineString\",\"coordinates\":[")
        for index in stride(from: 0, to: line.positions_e7.count - 1, by: 2) {
            append(ascii: index == 0 ? "[" : ",[")
            append(fixed: Int64(line.positions_e7[index]), decimals: 7)
            append(ascii: ",")
            append(fixed: Int64(line.positions_e7[index + 1]), decimals: 7)
            append(ascii: "]")
        }
        append(ascii: "]}}")
    }
}
