import Foundation
import Geo
import TestSupport

extension SplitMix64 {
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func double(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
}

/// Rounds to a multiple of 2⁻⁴⁰ degree, which the integer oracle represents exactly.
func snapped(_ x: Double) -> Double { (x * 0x1p40).rounded() * 0x1p-40 }

func at(_ longitude: Double, _ latitude: Double) -> Coordinate {
    Coordinate(latitude: latitude, longitude: longitude)
}

/// Polygon containment in integers of 2⁻⁴⁰ degree: even-odd over all rings, and outside on any edge. Knows nothing of the code under test.
struct IntegerOracle {
    typealias Point = (x: Int64, y: Int64)
    /// All edges of all rings.
    private let edges: [(a: Point, b: Point)]

    init(_ parts: [[[Coordinate]]]) {
        edges = parts.flatMap { $0 }.flatMap { ring in
            zip(ring, ring.dropFirst()).map { (IntegerOracle.point($0), IntegerOracle.point($1)) }
        }
    }

    static func point(_ c: Coordinate) -> Point {
        let x = c.longitude * 0x1p40
        let y = c.latitude * 0x1p40
        precondition(x == x.rounded() && y == y.rounded(), "not a multiple of 2^-40")
        return (Int64(x), Int64(y))
    }

    static func cross(_ a: Point, _ b: Point, _ c: Point) -> Int {
        let l = Int128(b.x - a.x) * Int128(c.y - a.y)
        let r = Int128(b.y - a.y) * Int128(c.x - a.x)
        return l > r ? 1 : l < r ? -1 : 0
    }

    func contains(_ c: Coordinate) -> Bool {
        let p = IntegerOracle.point(c)
        var inside = false
        for (a, b) in edges {
            if (a.y < p.y && b.y < p.y) || (a.y > p.y && b.y > p.y) { continue }
            let turn = IntegerOracle.cross(a, b, p)
            if turn == 0, min(a.x, b.x) <= p.x, p.x <= max(a.x, b.x) { return false }
            if (a.y <= p.y) != (b.y <= p.y), (b.y > a.y) == (turn > 0) { inside.toggle() }
        }
        return inside
    }
}

/// Random polygons that are valid by construction.
enum Polygons {
    /// A ring around a centre whose corners have ascending angles. Between `least` and `most` times the radius.
    static func star(
        _ random: inout SplitMix64, center: Coordinate, radius: Double, corners: Int, least: Double = 0.4
    ) -> [Coordinate] {
        var ring: [Coordinate] = []
        for i in 0..<corners {
            let angle = (Double(i) + random.double(0.1...0.9)) / Double(corners) * 2 * .pi
            let r = radius * random.double(least...1)
            ring.append(
                at(snapped(center.longitude + r * cos(angle)), snapped(center.latitude + r * sin(angle))))
        }
        return ring + [ring[0]]
    }

    /// Two or three copies of a star, the next one within the last: an area, a hole in it, and an island in the hole.
    static func nested(
        _ random: inout SplitMix64, center: Coordinate, radius: Double, corners: Int
    ) -> [[[Coordinate]]] {
        let outer = star(&random, center: center, radius: radius, corners: corners, least: 0.6)
        let hole = scaled(outer, center, 0.5)
        guard random.int(0...1) == 0 else { return [[outer, hole]] }
        return [[outer, hole], [scaled(outer, center, 0.25)]]
    }

    static func scaled(_ ring: [Coordinate], _ center: Coordinate, _ factor: Double) -> [Coordinate] {
        ring.map {
            at(
                snapped(center.longitude + ($0.longitude - center.longitude) * factor),
                snapped(center.latitude + ($0.latitude - center.latitude) * factor))
        }
    }

    /// Two triangles that touch in one corner, as two parts.
    static func touchingCorners(_ center: Coordinate, _ size: Double) -> [[[Coordinate]]] {
        let s = snapped(size)
        let c = at(snapped(center.longitude), snapped(center.latitude))
        func p(_ x: Double, _ y: Double) -> Coordinate { at(c.longitude + x * s, c.latitude + y * s) }
        return [[[c, p(1, 0), p(1, 1), c]], [[c, p(-1, 0), p(-1, -1), c]]]
    }

    /// A triangle that is long and hardly wider than the grid of the oracle.
    static func sliver(_ random: inout SplitMix64, _ center: Coordinate, _ size: Double) -> [[[Coordinate]]] {
        let a = at(snapped(center.longitude), snapped(center.latitude))
        let b = at(snapped(a.longitude + size), snapped(a.latitude + size * random.double(-1...1)))
        let c = at(b.longitude, b.latitude + 0x1p-40 * Double(random.int(1...2000)))
        return [[[a, b, c, a]]]
    }

    /// A polygon whose corners and edges lie on the middles and corners of the index's own cells.
    static func aligned(_ random: inout SplitMix64, _ center: Coordinate, _ size: Double) -> [[[Coordinate]]] {
        let step = 45 * (size > 0.1 ? 0x1p-11 : size > 0.005 ? 0x1p-16 : 0x1p-20)
        let x = (center.longitude / step).rounded() * step
        let y = (center.latitude / step).rounded() * step
        func p(_ i: Int, _ j: Int) -> Coordinate { at(x + Double(i) * step, y + Double(j) * step) }
        let (w, h) = (random.int(2...8), random.int(2...8))
        switch random.int(0...2) {
        case 0: return [[[p(0, 0), p(w, 0), p(w, h), p(0, h), p(0, 0)]]]
        case 1:
            return [[[p(0, 0), p(w, w), p(2 * w, 0), p(w, -w), p(0, 0)], [p(1, 0), p(w, w - 1), p(w, 0), p(1, 0)]]]
        default: return [[[p(0, 0), p(2 * w, h), p(w, 2 * h), p(0, 0)]]]
        }
    }

    /// Points that are hard: on vertices, on edges or within a few units of them, and anywhere near.
    static func hardPoint(_ random: inout SplitMix64, _ parts: [[[Coordinate]]]) -> Coordinate {
        let part = parts[random.int(0...(parts.count - 1))]
        let ring = part[random.int(0...(part.count - 1))]
        let edge = random.int(0...(ring.count - 2))
        let (a, b) = (ring[edge], ring[edge + 1])
        func jitter(_ units: Int) -> Double { Double(random.int(-units...units)) * 0x1p-40 }
        switch random.int(0...5) {
        case 0: return a
        case 1: return at(a.longitude + jitter(2), a.latitude + jitter(2))
        case 2:
            // On a level or upright line through a vertex, where rays pass through it.
            return random.int(0...1) == 0
                ? at(snapped(b.longitude + random.double(-0.01...0.01)), a.latitude)
                : at(a.longitude, snapped(b.latitude + random.double(-0.01...0.01)))
        case 3, 4:
            let t = random.unit()
            let x = snapped(a.longitude + (b.longitude - a.longitude) * t)
            let y = snapped(a.latitude + (b.latitude - a.latitude) * t)
            return at(x + jitter(2), y + jitter(2))
        default:
            let t = random.double(-0.5...1.5)
            return at(
                snapped(a.longitude + (b.longitude - a.longitude) * t + random.double(-0.001...0.001)),
                snapped(a.latitude + (b.latitude - a.latitude) * t + random.double(-0.001...0.001)))
        }
    }
}

extension FenceSet {
    func idsContaining(_ c: Coordinate) -> [String] {
        var slots: [Int32] = []
        containing(longitude: c.longitude, latitude: c.latitude, into: &slots)
        return slots.compactMap { fence(at: $0)?.id }
    }
}

/// How many positions the comparisons use.
let pointCount = ProcessInfo.processInfo.environment["FLEETSTREAM_GEO_POINTS"].flatMap { Int($0) } ?? 200_000
