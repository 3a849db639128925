package import Geo
import Glibc

/// A place of a path in degrees. Longitudes run on over the antimeridian, so that differences need no care.
struct PathPoint: Sendable, Equatable {
    var latitude: Double
    var longitude: Double
}

/// The base travel time of a router for a stretch of a path: from where the one before ends, up to a vertex.
package struct BaseTime: Sendable, Equatable {
    /// The last vertex of the stretch.
    package var endVertex: Int
    package var duration_s: Double

    package init(endVertex: Int, duration_s: Double) {
        self.endVertex = endVertex
        self.duration_s = duration_s
    }
}

/// The line that a vehicle is to drive along, with the metres from its start to every vertex.
///
/// It may cross itself, run in a loop, or come back on the same road. Positions are kept to 1e-7 degree, as fixes are, so that a
/// path that is read from a snapshot is the same path.
package struct RoutePath: Sendable, Equatable {
    /// The most vertices: 600 km at 20 m each.
    package static let vertexLimit = 32_768
    /// The longest path. Distances in the plane are good to 0.1 % from one vertex to the next.
    package static let lengthLimit_m = 5_000_000.0
    /// Edges to a box of ``boxes``.
    static let boxSize = 32

    let points: ContiguousArray<PathPoint>
    /// Metres from the start to each vertex, never falling.
    package let cumulative_m: ContiguousArray<Double>
    /// The router's times, ascending by vertex; empty where no router was asked.
    package let baseTimes: [BaseTime]
    /// The rectangle around each run of ``boxSize`` edges, for searches over the whole path.
    let boxes: ContiguousArray<PathBox>

    /// Nil unless there are 2…``vertexLimit`` valid positions, no two neighbours more than 2,000 km apart, with some length
    /// in all, and base times ascend over the vertices. O(vertices).
    package init?(_ coordinates: [Coordinate], baseTimes: [BaseTime] = []) {
        guard (2...Self.vertexLimit).contains(coordinates.count), coordinates.allSatisfy(\.isValid) else { return nil }
        var points: ContiguousArray<PathPoint> = []
        var cumulative: ContiguousArray<Double> = []
        points.reserveCapacity(coordinates.count)
        cumulative.reserveCapacity(coordinates.count)
        var length = 0.0
        for coordinate in coordinates {
            let latitude = (coordinate.latitude * 1e7).rounded() / 1e7
            var longitude = (coordinate.longitude * 1e7).rounded() / 1e7
            if let last = points.last {
                longitude = last.longitude + Longitude.difference(from: Self.wrapped(last.longitude), to: longitude)
                let step = Self.distance_m(last, PathPoint(latitude: latitude, longitude: longitude))
                guard step < 2_000_000 else { return nil }
                length += step
            }
            points.append(PathPoint(latitude: latitude, longitude: longitude))
            cumulative.append(length)
        }
        guard length > 0, length <= Self.lengthLimit_m else { return nil }
        var lastVertex = 0
        for base in baseTimes {
            guard base.endVertex > lastVertex, base.endVertex < points.count, base.duration_s >= 0,
                base.duration_s < 1e7
            else { return nil }
            lastVertex = base.endVertex
        }
        self.points = points
        cumulative_m = cumulative
        self.baseTimes = baseTimes
        boxes = PathBox.cover(points)
    }

    /// Metres from the start to the end.
    package var length_m: Double { cumulative_m[cumulative_m.count - 1] }
    /// Its vertices: longitude, latitude, longitude, latitude … in 1e-7 degree. O(vertices).
    package var positions_e7: [Int32] {
        var positions: [Int32] = []
        positions.reserveCapacity(points.count * 2)
        for point in points {
            positions.append(Int32((Self.wrapped(point.longitude) * 1e7).rounded()))
            positions.append(Int32((point.latitude * 1e7).rounded()))
        }
        return positions
    }
    /// Edge `i` goes from vertex `i` to vertex `i + 1`.
    var edgeCount: Int { points.count - 1 }

    /// On the plane between them.
    /// - Parameter nearest: the short way round the earth, for longitudes that do not run on.
    static func distance_m(_ a: PathPoint, _ b: PathPoint, nearest: Bool = false) -> Double {
        let east =
            nearest
            ? Longitude.difference(from: a.longitude, to: b.longitude) : b.longitude - a.longitude
        let x = east * cos((a.latitude + b.latitude) / 2 * .pi / 180)
        let y = b.latitude - a.latitude
        return (x * x + y * y).squareRoot() * Earth.degree_m
    }

    /// The edge on which an offset lies; the first or last one beyond the ends. O(log vertices).
    func edge(at offset_m: Double) -> Int {
        var low = 0
        var high = edgeCount - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if cumulative_m[middle] <= offset_m { low = middle } else { high = middle - 1 }
        }
        return low
    }

    func length_m(ofEdge edge: Int) -> Double { cumulative_m[edge + 1] - cumulative_m[edge] }

    /// The position at a distance along the path, brought to its ends beyond them. O(log vertices).
    package func coordinate(at offset_m: Double) -> Coordinate {
        let edge = edge(at: offset_m)
        let length = length_m(ofEdge: edge)
        let t = length > 0 ? min(1, max(0, (offset_m - cumulative_m[edge]) / length)) : 0
        let a = points[edge]
        let b = points[edge + 1]
        return Coordinate(
            latitude: a.latitude + (b.latitude - a.latitude) * t,
            longitude: Self.wrapped(a.longitude + (b.longitude - a.longitude) * t))
    }

    /// A longitude that ran on for any number of turns, brought into -180…180.
    static func wrapped(_ longitude: Double) -> Double {
        guard abs(longitude) > 180 else { return longitude }
        return longitude - 360 * (longitude / 360).rounded()
    }
}

/// A rectangle around some edges, in degrees as the path has them.
struct PathBox: Sendable, Equatable {
    var south: Double
    var north: Double
    var west: Double
    var east: Double

    static func cover(_ points: ContiguousArray<PathPoint>) -> ContiguousArray<PathBox> {
        var boxes: ContiguousArray<PathBox> = []
        var first = 0
        while first < points.count - 1 {
            let last = min(points.count - 1, first + RoutePath.boxSize)
            let start = points[first]
            var box = PathBox(
                south: start.latitude, north: start.latitude, west: start.longitude, east: start.longitude)
            for point in points[first...last] {
                box.south = min(box.south, point.latitude)
                box.north = max(box.north, point.latitude)
                box.west = min(box.west, point.longitude)
                box.east = max(box.east, point.longitude)
            }
            boxes.append(box)
            first = last
        }
        return boxes
    }
}
