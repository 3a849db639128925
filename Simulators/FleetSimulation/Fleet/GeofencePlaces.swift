import FoundationEssentials
import Wire

/// Depots and customers read from geofence files, so that simulated vehicles drive to the places that a processor watches.
///
/// Takes Points of kind `customer`, and Points or the middle of Polygons of kind `depot`. Everything else, and what is not valid,
/// is the processor's concern and passed over here.
package struct GeofencePlaces: Sendable, Equatable {
    package struct Found: Sendable, Equatable {
        package var id: String
        package var latitude_deg: Double
        package var longitude_deg: Double
    }

    package private(set) var depots: [Found] = []
    package private(set) var customers: [Found] = []

    package init() {}

    /// Reads all `.geojson` and `.json` files of a folder, in the order of their names.
    package init(folder: String) throws(SimulationError) {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw .unreadable(path: folder, reason: "is not a folder that can be read")
        }
        for name in names.sorted() where name.hasSuffix(".geojson") || name.hasSuffix(".json") {
            let path = folder + "/" + name
            try add(try ScenarioLibrary.read(path), file: path)
        }
    }

    /// Adds the places of one GeoJSON text: a FeatureCollection or a Feature.
    package mutating func add(_ bytes: [UInt8], file: String) throws(SimulationError) {
        let root: JSONNode
        do {
            root = try JSONNode.parse(bytes.span, valueLimit: 10_000_000)
        } catch {
            throw .unreadable(path: file, reason: "is not JSON: \(error)")
        }
        for feature in root["features"]?.array ?? [root] { add(feature) }
    }

    private mutating func add(_ feature: JSONNode) {
        guard let properties = feature["properties"], let kind = properties["kind"]?.string,
            kind == "customer" || kind == "depot", let geometry = feature["geometry"],
            let middle = Self.middle(of: geometry)
        else { return }
        let id = properties["id"]?.string ?? feature["id"]?.string ?? "\(kind)-\(depots.count + customers.count + 1)"
        let found = Found(id: id, latitude_deg: middle.latitude_deg, longitude_deg: middle.longitude_deg)
        if kind == "depot" { depots.append(found) } else { customers.append(found) }
    }

    private static func middle(of geometry: JSONNode) -> (latitude_deg: Double, longitude_deg: Double)? {
        switch geometry["type"]?.string {
        case "Point": return geometry["coordinates"].flatMap(position)
        case "Polygon": return geometry["coordinates"]?.array?.first.flatMap(centroid)
        default: return nil
        }
    }

    private static func position(_ node: JSONNode) -> (latitude_deg: Double, longitude_deg: Double)? {
        guard let numbers = node.array, numbers.count >= 2, let longitude = numbers[0].number,
            let latitude = numbers[1].number, abs(latitude) <= 90, abs(longitude) <= 180
        else { return nil }
        return (latitude, longitude)
    }

    /// The centroid of a ring by its area (planar in degrees, which a depot's yard is small enough for); nil where it has none.
    private static func centroid(_ ring: JSONNode) -> (latitude_deg: Double, longitude_deg: Double)? {
        let points = (ring.array ?? []).compactMap(position)
        guard points.count >= 4, let origin = points.first else { return nil }
        var doubleArea = 0.0
        var x = 0.0
        var y = 0.0
        for (a, b) in zip(points, points.dropFirst()) {
            let ax = a.longitude_deg - origin.longitude_deg
            let ay = a.latitude_deg - origin.latitude_deg
            let bx = b.longitude_deg - origin.longitude_deg
            let by = b.latitude_deg - origin.latitude_deg
            let cross = ax * by - bx * ay
            doubleArea += cross
            x += (ax + bx) * cross
            y += (ay + by) * cross
        }
        guard abs(doubleArea) > 1e-14 else { return nil }
        return (origin.latitude_deg + y / (3 * doubleArea), origin.longitude_deg + x / (3 * doubleArea))
    }
}
