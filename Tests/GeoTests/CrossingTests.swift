import Geo
import TestSupport
import Testing

@Suite struct `Crossings` {
    private func crossings(_ set: FenceSet, _ p: Coordinate, _ q: Coordinate) -> [FenceCrossing] {
        var found: [FenceCrossing] = []
        set.crossings(from: p, to: q, into: &found)
        return found
    }

    @Test func `a way through a square, a circle and a corridor`() {
        let set = FenceSet([
            Geofence(id: "square", shape: .polygon([[at(1, 0), at(2, 0), at(2, 1), at(1, 1), at(1, 0)]])),
            Geofence(id: "circle", shape: .circle(center: at(3, 0.5), radius_m: 20_000)),
            Geofence(id: "road", shape: .corridor([[at(4, -1), at(4, 2)]], buffer_m: 1000)),
        ])
        let found = crossings(set, at(0, 0.5), at(5, 0.5))
        #expect(found.map(\.slot) == [0, 1, 2])
        #expect(abs(found[0].enterFraction - 0.2) < 1e-9 && abs(found[0].exitFraction - 0.4) < 1e-9)
        #expect(abs(found[0].chord_m - Earth.degree_m) < 50)
        let half = 20_000 / Earth.degree_m / 5
        #expect(abs(found[1].enterFraction - (0.6 - half)) < 1e-3 && abs(found[1].exitFraction - (0.6 + half)) < 1e-3)
        #expect(abs(found[1].chord_m - 40_000) < 200)
        #expect(abs(found[2].chord_m - 2000) < 100)
        // An end inside is no crossing; a way that stays outside, or touches a corner or a side, neither.
        #expect(crossings(set, at(1.5, 0.5), at(2.5, 0.5)).isEmpty)
        #expect(crossings(set, at(0, 3), at(5, 3)).isEmpty)
        #expect(crossings(set, at(0, 0), at(2, 2)).isEmpty)
        #expect(crossings(set, at(0, 1), at(2.5, 1)).isEmpty)
        #expect(crossings(set, at(1, -1), at(1, 2)).isEmpty)
        #expect(crossings(set, at(0, 0), at(0, 0)).isEmpty)
        #expect(crossings(set, at(.nan, 0), at(5, 0.5)).isEmpty)
        // From boundary to boundary through the inside: neither end is inside.
        #expect(crossings(set, at(1, 0.5), at(2, 0.5)).map(\.slot) == [0])
    }

    @Test func `a concave fence is entered first and left last`() {
        // A U: two legs of width 1, and a gap of 1.
        let u = Shape.polygon([
            [at(0, 0), at(3, 0), at(3, 3), at(2, 3), at(2, 1), at(1, 1), at(1, 3), at(0, 3), at(0, 0)]
        ])
        let set = FenceSet([Geofence(id: "u", shape: u)])
        let found = crossings(set, at(-1, 2), at(4, 2))
        #expect(found.count == 1)
        #expect(abs(found[0].enterFraction - 0.2) < 1e-9 && abs(found[0].exitFraction - 0.8) < 1e-9)
        #expect(abs(found[0].chord_m / (2 * at(0, 2).distance_m(to: at(1, 2))) - 1) < 1e-3)
        #expect(crossings(set, at(1.2, 2), at(1.8, 2)).isEmpty)
        // Through vertices.
        #expect(crossings(set, at(-1, -1), at(4, 4)).count == 1)
    }

    @Test func `a way over the antimeridian takes the short way round`() {
        let parts = [
            [[at(179.5, 0), at(180, 0), at(180, 1), at(179.5, 1), at(179.5, 0)]],
            [[at(-180, 0), at(-179.5, 0), at(-179.5, 1), at(-180, 1), at(-180, 0)]],
        ]
        let set = FenceSet([
            Geofence(id: "seam", shape: .multiPolygon(parts)),
            Geofence(id: "zero", shape: .polygon([[at(-1, 0), at(1, 0), at(1, 1), at(-1, 1), at(-1, 0)]])),
            Geofence(id: "circle", shape: .circle(center: at(-179.9, 0.5), radius_m: 5000)),
        ])
        for (p, q) in [(at(179, 0.5), at(-179, 0.5)), (at(-179, 0.5), at(179, 0.5))] {
            let found = crossings(set, p, q)
            #expect(found.map(\.slot) == [0, 2])
            #expect(abs(found[0].enterFraction - 0.25) < 1e-9 && abs(found[0].exitFraction - 0.75) < 1e-9)
            #expect(abs(found[0].chord_m / Earth.degree_m - 1) < 1e-3)
        }
    }

    @Test func `what small steps along the way find is found`() {
        for seed in UInt64(0)..<40 {
            var random = SplitMix64(seed: 600 + seed)
            let center = at([121.5, 179.9, -60][random.int(0...2)], [25, -70.0][random.int(0...1)])
            var fences: [Geofence] = []
            func near(_ size: Double) -> Coordinate {
                at(
                    min(180, max(-180, center.longitude + random.double(-size...size))),
                    center.latitude + random.double(-size...size))
            }
            for i in 0..<10 {
                let c = near(0.1)
                let shape: Shape
                switch i % 3 {
                case 0: shape = .circle(center: c, radius_m: random.double(50...4000))
                case 1: shape = .corridor([[c, near(0.1), near(0.1)]], buffer_m: random.double(30...500))
                default:
                    let inner = at(min(179.9, c.longitude), c.latitude)
                    shape = .polygon([Polygons.star(&random, center: inner, radius: 0.04, corners: random.int(3...40))])
                }
                fences.append(Geofence(id: "\(i)", shape: shape))
            }
            let set = FenceSet(fences)
            for _ in 0..<12 {
                let p = near(0.15)
                let q = near(0.15)
                let found = crossings(set, p, q)
                #expect(found.map(\.slot) == found.map(\.slot).sorted())
                let steps = 600
                let way = (0...steps).map { p.interpolated(to: q, fraction: Double($0) / Double(steps)) }
                let step_m = p.distance_m(to: q) / Double(steps)
                for (slot, fence) in fences.enumerated() {
                    let inside = way.indices.filter { fence.shape.contains(way[$0]) }
                    let crossing = found.first { $0.slot == slot }
                    if fence.shape.contains(p) || fence.shape.contains(q) {
                        #expect(crossing == nil, "seed \(600 + seed): an end is inside \(slot)")
                        continue
                    }
                    guard let first = inside.first, let last = inside.last else {
                        // A stretch between two steps is allowed.
                        #expect((crossing?.chord_m ?? 0) < 3 * step_m, "seed \(600 + seed), fence \(slot)")
                        continue
                    }
                    guard let crossing else {
                        // Circles and corridors are followed to 5 cm.
                        #expect(inside.count < 2, "seed \(600 + seed): fence \(slot) was missed from \(p) to \(q)")
                        continue
                    }
                    // Not later than the first step inside, not earlier than the last one, and truly on the boundary.
                    let slack = 2 / Double(steps)
                    #expect(crossing.enterFraction < Double(first) / Double(steps) + slack, "seed \(600 + seed)")
                    #expect(crossing.exitFraction > Double(last) / Double(steps) - slack, "seed \(600 + seed)")
                    for fraction in [crossing.enterFraction, crossing.exitFraction] {
                        let edge = fence.shape.signedDistance_m(from: p.interpolated(to: q, fraction: fraction))
                        #expect(abs(edge) < 1, "seed \(600 + seed), fence \(slot): \(edge) m from the boundary")
                    }
                    let chord = Double(inside.count) * step_m
                    #expect(abs(crossing.chord_m - chord) < 8 * step_m + chord * 0.01, "seed \(600 + seed)")
                }
            }
        }
    }
}
