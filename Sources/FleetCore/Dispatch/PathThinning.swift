import Glibc

/// Fewer points that show the same line.
enum PathThinning {
    /// What lies nearer to the line than this is not seen on a map of a town.
    private static let tolerance_m = 2.0
    private static let degree_m = 111_195.0

    private struct Piece {
        var first: Int
        var last: Int
        /// The point between that lies farthest from the straight line, and how far.
        var middle: Int
        var deviation_m: Double
    }

    /// The ends of a line and those points between that matter most: the piece that is farthest from its straight line is
    /// split there, time after time, as Douglas and Peucker do it (doi:10.3138/FM57-6770-U75U-7727), until nothing is off by
    /// 2 m or there are enough points. O(points · `points_max`).
    ///
    /// - Parameters:
    ///   - positions_e7: longitude, latitude, longitude, latitude …
    ///   - points_max: at least 2.
    static func thinned(_ positions_e7: [Int32], points_max: Int) -> [Int32] {
        let plane = plane(positions_e7)
        guard plane.count > 2 else { return positions_e7 }
        var pieces = [piece(0, plane.count - 1, plane)]
        while pieces.count + 1 < points_max {
            guard let worst = pieces.indices.max(by: { pieces[$0].deviation_m < pieces[$1].deviation_m }),
                pieces[worst].deviation_m > tolerance_m
            else { break }
            let old = pieces[worst]
            pieces[worst] = piece(old.first, old.middle, plane)
            pieces.append(piece(old.middle, old.last, plane))
        }
        var kept = pieces.map(\.first).sorted()
        kept.append(plane.count - 1)
        return kept.flatMap { [positions_e7[2 * $0], positions_e7[2 * $0 + 1]] }
    }

    /// Metres east and north of the first point, good enough to compare. Longitudes go the short way from point to point.
    private static func plane(_ positions_e7: [Int32]) -> [(x: Double, y: Double)] {
        guard positions_e7.count >= 2 else { return [] }
        var points: [(x: Double, y: Double)] = []
        points.reserveCapacity(positions_e7.count / 2)
        var longitude = 0.0
        for index in stride(from: 0, to: positions_e7.count - 1, by: 2) {
            let latitude = Double(positions_e7[index + 1]) / 1e7
            if index > 0 {
                var step = (Double(positions_e7[index]) - Double(positions_e7[index - 2])) / 1e7
                if step > 180 { step -= 360 } else if step < -180 { step += 360 }
                longitude += step
            }
            let width = cos(Double(positions_e7[1]) / 1e7 * .pi / 180)
            points.append((x: longitude * width * degree_m, y: latitude * degree_m))
        }
        return points
    }

    private static func piece(_ first: Int, _ last: Int, _ plane: [(x: Double, y: Double)]) -> Piece {
        var found = Piece(first: first, last: last, middle: first, deviation_m: 0)
        for index in first + 1..<max(first + 1, last) {
            let deviation_m = distance_m(plane[index], plane[first], plane[last])
            if deviation_m > found.deviation_m {
                found.middle = index
                found.deviation_m = deviation_m
            }
        }
        return found
    }

    /// From a point to the straight line between two others, which may be at one place.
    private static func distance_m(
        _ point: (x: Double, y: Double), _ a: (x: Double, y: Double), _ b: (x: Double, y: Double)
    ) -> Double {
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        let length = dx * dx + dy * dy
        let t = length > 0 ? min(1, max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length)) : 0
        let (ex, ey) = (point.x - a.x - t * dx, point.y - a.y - t * dy)
        return (ex * ex + ey * ey).squareRoot()
    }
}
