import Geo
import Glibc

/// Fences made from a seed, with positions to look up.
struct FenceWorld {
    var fences: [Geofence]
    var points: [Coordinate]

    var edges: Int {
        fences.reduce(0) { $0 + $1.shape.vertexCount - ($1.shape.kind == .polygon ? $1.shape.lineCount : 0) }
    }
}

/// Worlds of fences around Taiwan.
enum GeneratedFences {
    // MARK: Villages

    /// Irregular polygons of about seven edges that share their borders and leave no gaps; some quarters are twenty times denser than
    /// others. Positions: most where polygons are small, the rest anywhere.
    static func villages(_ count: Int, points: Int, seed: UInt64) -> FenceWorld {
        var random = BenchRandom(seed: seed)
        let side = max(2, Int(Double(count).squareRoot().rounded()))
        let corners = VillageCorners(side: side, &random)
        var fences: [Geofence] = []
        for row in 0..<side {
            for column in 0..<side {
                var ring: [Coordinate] = []
                ring += corners.border(column, row, column + 1, row)
                ring += corners.border(column + 1, row, column + 1, row + 1)
                ring += corners.border(column, row + 1, column + 1, row + 1).reversed()
                ring += corners.border(column, row, column, row + 1).reversed()
                // Each border brings both its ends.
                let unique = ring.indices.filter { $0 == 0 || ring[$0] != ring[$0 - 1] }.map { ring[$0] }
                fences.append(Geofence(id: String(fences.count), shape: .polygon([unique])))
            }
        }
        let positions = (0..<points).map { i in
            let (x, y) = (random.double(-0.02...1.02), random.double(-0.02...1.02))
            return i % 10 < 7 ? corners.place(x, y) : corners.placeEvenly(x, y)
        }
        return FenceWorld(fences: fences, points: positions)
    }

    // MARK: Depots

    /// Overlapping polygons of 36 vertices, of which 2.5 contain a position on average.
    static func depots(_ count: Int, points: Int, seed: UInt64) -> FenceWorld {
        stars(count, corners: 36, hits: 2.5, points: points, seed: seed)
    }

    /// Polygons of `corners` vertices and very different sizes in an area that grows with their number.
    static func stars(_ count: Int, corners: Int, hits: Double, points: Int, seed: UInt64) -> FenceWorld {
        var random = BenchRandom(seed: seed)
        let area = Area(fences: count)
        // The mean area of a star with radii of 0.6…1 of a size of s·0.5…1.5 degrees.
        let meanArea = 0.5 * Double(corners) * sin(2 * Double.pi / Double(corners)) * 0.64 * 13 / 12
        let size = (hits * area.square / Double(count) / meanArea).squareRoot()
        let fences = (0..<count).map { i in
            let radius = size * random.double(0.5...1.5)
            return Geofence(id: String(i), shape: .polygon([star(&random, area.place(&random), radius, corners)]))
        }
        return FenceWorld(fences: fences, points: (0..<points).map { _ in area.place(&random) })
    }

    static func star(
        _ random: inout BenchRandom, _ center: Coordinate, _ radius: Double, _ corners: Int
    ) -> [Coordinate] {
        let start = random.double(0...1)
        return (0..<corners).map { corner in
            let angle = (Double(corner) + start) / Double(corners) * 2 * Double.pi
            let r = radius * random.double(0.6...1)
            return Coordinate(latitude: center.latitude + r * sin(angle), longitude: center.longitude + r * cos(angle))
        }
    }

    // MARK: Mixed

    /// A third polygons of 8–64 vertices, a third circles, a third corridors of 2–12 segments.
    static func mixed(_ count: Int, points: Int, seed: UInt64) -> FenceWorld {
        var random = BenchRandom(seed: seed)
        let area = Area(fences: count)
        let fences = (0..<count).map { i in
            let center = area.place(&random)
            let shape: Shape
            switch i % 3 {
            case 0: shape = .polygon([star(&random, center, random.double(0.002...0.01), 8 + random.int(below: 57))])
            case 1: shape = .circle(center: center, radius_m: random.double(100...1500))
            default:
                var line = [center]
                for _ in 0...random.int(below: 12) {
                    let last = line[line.count - 1]
                    line.append(
                        Coordinate(
                            latitude: last.latitude + random.double(-0.005...0.005),
                            longitude: last.longitude + random.double(-0.005...0.005)))
                }
                shape = .corridor([line], buffer_m: random.double(30...200))
            }
            return Geofence(id: String(i), shape: shape)
        }
        return FenceWorld(fences: fences, points: (0..<points).map { _ in area.place(&random) })
    }

    /// A square with room for a number of fences: always as many to the square degree.
    struct Area {
        let side: Double
        init(fences: Int) { side = (Double(fences) / 10_000).squareRoot() * 2 }
        var square: Double { side * side }

        func place(_ random: inout BenchRandom) -> Coordinate {
            Coordinate(
                latitude: 23.5 + (random.unit() - 0.5) * side, longitude: 121 + (random.unit() - 0.5) * side)
        }
    }
}

/// A net of corners that are moved at random, and bends in most of the borders between them.
private struct VillageCorners {
    private let side: Int
    private var corners: [Coordinate] = []
    private var bends: [Int: Coordinate] = [:]

    init(side: Int, _ random: inout BenchRandom) {
        self.side = side
        for row in 0...side {
            for column in 0...side {
                corners.append(
                    place(
                        (Double(column) + random.double(-0.3...0.3)) / Double(side),
                        (Double(row) + random.double(-0.3...0.3)) / Double(side)))
            }
        }
        for row in 0...side {
            for column in 0...side {
                for direction in 0..<2 where random.unit() < 0.72 {
                    let (x, y) = direction == 0 ? (column + 1, row) : (column, row + 1)
                    guard x <= side, y <= side else { continue }
                    let (a, b) = (corner(column, row), corner(x, y))
                    let (dx, dy) = (b.longitude - a.longitude, b.latitude - a.latitude)
                    let (t, off) = (random.double(0.35...0.65), random.double(-0.1...0.1))
                    bends[(row * (side + 1) + column) * 2 + direction] = Coordinate(
                        latitude: a.latitude + dy * t + dx * off, longitude: a.longitude + dx * t - dy * off)
                }
            }
        }
    }

    private func corner(_ column: Int, _ row: Int) -> Coordinate { corners[row * (side + 1) + column] }

    /// From one corner to a neighbour to the east or north, both included.
    func border(_ column: Int, _ row: Int, _ toColumn: Int, _ toRow: Int) -> [Coordinate] {
        let bend = bends[(row * (side + 1) + column) * 2 + (toColumn > column ? 0 : 1)]
        return [corner(column, row)] + (bend.map { [$0] } ?? []) + [corner(toColumn, toRow)]
    }

    /// A place from 0…1 both ways, warped so that it is dense in some quarters.
    func place(_ x: Double, _ y: Double) -> Coordinate {
        func warp(_ t: Double) -> Double { t + 0.85 * sin(6 * Double.pi * t) / (6 * Double.pi) }
        return placeEvenly(warp(x), warp(y))
    }

    /// Over about 3 by 3.5 degrees.
    func placeEvenly(_ x: Double, _ y: Double) -> Coordinate {
        Coordinate(latitude: 21.9 + 3.4 * y, longitude: 119.9 + 2.1 * x)
    }
}
