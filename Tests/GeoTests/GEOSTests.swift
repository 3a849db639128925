import Geo
import TestSupport
import Testing

@Suite struct `Against GEOS` {
    @Test func `positions are contained as GEOS says`() {
        guard Shapely.isAvailable else { return }
        let rounds = 12
        let each = max(1000, pointCount / rounds)
        for seed in 0..<UInt64(rounds) {
            var random = SplitMix64(seed: 500 + seed)
            let center = at(random.double(-179...178), random.double(-80...80))
            var parts: [[[Coordinate]]]
            switch seed % 4 {
            case 0: parts = [[Polygons.star(&random, center: center, radius: 0.5, corners: 200, least: 0.1)]]
            case 1: parts = Polygons.nested(&random, center: center, radius: 0.01, corners: 40)
            case 2: parts = Polygons.touchingCorners(center, 0.3)
            default: parts = Polygons.sliver(&random, center, 0.2)
            }
            // Full doubles, not only those on the integer oracle's grid.
            if seed % 4 < 2 {
                parts = parts.map { $0.map { ring in jittered(ring, &random) } }
            }
            guard Shape.multiPolygon(parts).validityProblem() == nil else { continue }
            var points: [Coordinate] = []
            while points.count < each {
                var p = Polygons.hardPoint(&random, parts)
                if random.int(0...2) == 0 { p.longitude = p.longitude.nextUp }
                if p.isValid { points.append(p) }
            }
            guard let expected = Shapely.contains(parts, points) else {
                Issue.record("shapely failed on seed \(500 + seed)")
                return
            }
            let set = FenceSet([Geofence(id: "a", shape: .multiPolygon(parts))])
            for (p, inside) in zip(points, expected) where !set.idsContaining(p).isEmpty != inside {
                Issue.record("seed \(500 + seed), \(p): GEOS says \(inside)")
                return
            }
        }
    }

    private func jittered(_ ring: [Coordinate], _ random: inout SplitMix64) -> [Coordinate] {
        let open = ring.dropLast().map {
            at($0.longitude * (1 + 0x1p-50 * random.unit()), $0.latitude * (1 + 0x1p-50 * random.unit()))
        }
        return open + [open[0]]
    }

    @Test func `polygons are valid as GEOS says`() {
        guard Shapely.isAvailable else { return }
        var random = SplitMix64(seed: 9)
        var shapes: [[[[Coordinate]]]] = []
        for _ in 0..<8000 { shapes.append(randomShape(&random)) }
        shapes += knownShapes
        guard let expected = Shapely.isValid(shapes) else {
            Issue.record("shapely failed")
            return
        }
        var counts = [true: 0, false: 0]
        for (shape, isValid) in zip(shapes, expected) {
            counts[isValid, default: 0] += 1
            let problem = Shape.multiPolygon(shape).validityProblem()
            if (problem == nil) != isValid {
                Issue.record("GEOS says \(isValid), we \(String(describing: problem)): \(text(shape))")
                return
            }
        }
        // The comparison is worth something only if both answers are common.
        #expect(counts[true, default: 0] > 500 && counts[false, default: 0] > 500, "\(counts)")
    }

    /// Small whole numbers, so that rings meet in vertices and edges all the time.
    private func randomShape(_ random: inout SplitMix64) -> [[[Coordinate]]] {
        func ring(_ x: Int, _ y: Int, _ size: Int) -> [Coordinate] {
            func p() -> Coordinate { at(Double(x + random.int(0...size)), Double(y + random.int(0...size))) }
            let ring: [Coordinate]
            switch random.int(0...3) {
            case 0: ring = (0..<random.int(3...6)).map { _ in p() }
            case 1:
                let (w, s) = (Double(x + random.int(0...size / 2)), Double(y + random.int(0...size / 2)))
                let (e, n) = (w + Double(random.int(1...size / 2 + 1)), s + Double(random.int(1...size / 2 + 1)))
                ring = [at(w, s), at(e, s), at(e, n), at(w, n)]
            default: ring = [p(), p(), p()]
            }
            let turned = random.int(0...1) == 0 ? ring : ring.reversed()
            return turned + [turned[0]]
        }
        func part(_ x: Int, _ y: Int) -> [[Coordinate]] {
            var rings: [[Coordinate]] = []
            if random.int(0...2) == 0 {
                rings.append(ring(x, y, 8))
            } else {
                let (w, s) = (Double(x), Double(y))
                rings.append([at(w, s), at(w + 8, s), at(w + 8, s + 8), at(w, s + 8), at(w, s)])
            }
            for _ in 0..<random.int(0...4) { rings.append(ring(x, y, 8)) }
            return rings
        }
        return (0..<random.int(1...3)).map { _ in part(random.int(0...2) * 5, random.int(0...1) * 5) }
    }

    private var knownShapes: [[[[Coordinate]]]] {
        func ring(_ values: [(Double, Double)]) -> [Coordinate] { values.map { at($0.0, $0.1) } }
        let square = ring([(0, 0), (8, 0), (8, 8), (0, 8), (0, 0)])
        let diamond = ring([(4, 0), (8, 4), (4, 8), (0, 4), (4, 0)])
        let inner = ring([(2, 2), (6, 2), (6, 6), (2, 6), (2, 2)])
        return [
            [[square]], [[square, inner]],
            // A hole that touches the outer ring in four places, in one, and a chain of holes from side to side.
            [[square, diamond]], [[square, ring([(4, 0), (5, 2), (3, 2), (4, 0)])]],
            [[square, ring([(0, 4), (4, 3), (4, 4), (0, 4)]), ring([(4, 4), (8, 4), (4, 5), (4, 4)])]],
            // An island in the hole, and one that fills it.
            [[square, inner], [ring([(3, 3), (5, 3), (5, 5), (3, 5), (3, 3)])]],
            [[square, inner], [inner]], [[square], [inner]],
            [[square, inner], [ring([(2, 4), (4, 2), (6, 4), (4, 6), (2, 4)])]],
            // A hole outside, a bow tie, a spike, a ring that touches itself, repeated positions.
            [[square, ring([(9, 9), (10, 9), (10, 10), (9, 9)])]], [[ring([(0, 0), (4, 4), (4, 0), (0, 4), (0, 0)])]],
            [[ring([(0, 0), (4, 0), (4, 4), (4, 6), (4, 4), (0, 4), (0, 0)])]],
            [[ring([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4), (0, 0)])]],
            [[ring([(0, 0), (0, 0), (4, 0), (4, 4), (4, 4), (0, 4), (0, 0)])]],
            [[ring([(0, 0), (8, 0), (8, 8), (4, 4), (6, 6), (0, 8), (0, 0)])]],
        ]
    }

    private func text(_ shape: [[[Coordinate]]]) -> String {
        let parts = shape.map {
            "("
                + $0.map { "(" + $0.map { "\($0.longitude) \($0.latitude)" }.joined(separator: ",") + ")" }.joined(
                    separator: ",") + ")"
        }
        return "MULTIPOLYGON(" + parts.joined(separator: ",") + ")"
    }
}
