import Geo
import TestSupport
import Testing

@Suite struct `Batches of positions` {
    /// Every position of a batch, one at a time, and by the shapes alone.
    private func check(_ set: FenceSet, _ points: [Coordinate], _ matches: inout FenceMatches, _ note: String) {
        set.containing(points.span, into: &matches)
        #expect(matches.pointCount == points.count)
        for (i, p) in points.enumerated() {
            let batched = matches.range(ofPoint: i).map { matches.slot($0) }
            var single: [Int32] = []
            set.containing(longitude: p.longitude, latitude: p.latitude, into: &single)
            let shapes = set.fences.filter { $0.fence.shape.contains(p) }.map(\.slot)
            if batched != single || single != shapes {
                Issue.record("\(note), \(p): \(batched) in a batch, \(single) alone, \(shapes) by the shapes")
                return
            }
        }
    }

    private func fence(_ random: inout SplitMix64, _ id: Int, around c: Coordinate) -> Geofence {
        func near(_ size: Double) -> Coordinate {
            at(
                min(180, max(-180, c.longitude + random.double(-size...size))),
                min(90, max(-90, c.latitude + random.double(-size...size))))
        }
        let center = near(0.1)
        let size = [0.0005, 0.01, 0.08][random.int(0...2)]
        let inner = at(min(179.9, max(-179.9, center.longitude)), min(89.9, max(-89.9, center.latitude)))
        let shape: Shape
        switch random.int(0...4) {
        case 0: shape = .circle(center: center, radius_m: size * 80_000)
        case 1: shape = .corridor([[center, near(0.1), near(0.1)]], buffer_m: size * 10_000)
        case 2: shape = .multiPolygon(Polygons.aligned(&random, inner, min(size, 0.006)))
        case 3: shape = .multiPolygon(Polygons.nested(&random, center: inner, radius: size, corners: 40))
        default: shape = .polygon([Polygons.star(&random, center: inner, radius: size, corners: random.int(3...70))])
        }
        return Geofence(id: "\(id)", shape: shape)
    }

    @Test func `a batch gives what positions give one at a time, and what the shapes say`() {
        var matches = FenceMatches()
        for seed in UInt64(0)..<12 {
            var random = SplitMix64(seed: 900 + seed)
            let c = at([121.5, 179.95, -60, 0][random.int(0...3)], [25, -70.0, 89.95, 0][random.int(0...3)])
            var set = FenceSet((0..<60).map { fence(&random, $0, around: c) })
            for round in 0..<3 {
                set._checkInvariants()
                let vertices = set.fences.filter { $0.fence.shape.kind == .polygon }.flatMap(\.fence.shape.vertices)
                var points = (0..<300).map { _ in
                    at(
                        Longitude.wrapped(c.longitude + random.double(-0.15...0.15)),
                        min(90, max(-90, c.latitude + random.double(-0.15...0.15))))
                }
                for _ in 0..<200 where !vertices.isEmpty {
                    let v = vertices[random.int(0...(vertices.count - 1))]
                    let w = vertices[random.int(0...(vertices.count - 1))]
                    points.append(
                        [v, at(v.longitude, w.latitude), at(v.longitude.nextUp, v.latitude)][random.int(0...2)])
                }
                points += [
                    at(.nan, 0), at(0, .infinity), at(181, 0), at(180, c.latitude), at(-180, c.latitude), at(0, 90),
                ]
                check(set, points, &matches, "seed \(900 + seed), round \(round)")
                // Several layers, with dead fences in them.
                let upserts = (0..<3).map { _ in fence(&random, random.int(0...80), around: c) }
                set = set.applying(upserts: upserts, removals: (0..<4).map { _ in "\(random.int(0...80))" })
            }
        }
    }

    @Test func `none, one, and more than a chunk`() {
        var matches = FenceMatches()
        let square = Geofence(id: "a", shape: .polygon([[at(0, 0), at(1, 0), at(1, 1), at(0, 1)]]))
        for set in [FenceSet.empty, FenceSet([square])] {
            for count in [0, 1, 127, 128, 129, 1000] {
                let points = (0..<count).map { at(Double($0) * 0.003, 0.5) }
                check(set, points, &matches, "\(count) positions")
            }
        }
    }

    @Test func `more hits than there was room for`() {
        var matches = FenceMatches()
        let fences = (0..<500).map { Geofence(id: "\($0)", shape: .circle(center: at(0, 0), radius_m: Double($0 + 1))) }
        check(FenceSet(fences), (0..<50).map { at(Double($0) * 0.000_1, 0) }, &matches, "circles in each other")
    }

    @Test func `villages share their borders`() {
        var random = SplitMix64(seed: 8)
        let side = 12
        var corners: [Coordinate] = []
        for y in 0...side {
            for x in 0...side {
                corners.append(
                    at(
                        snapped(121 + (Double(x) + random.double(-0.3...0.3)) * 0.01),
                        snapped(25 + (Double(y) + random.double(-0.3...0.3)) * 0.01)))
            }
        }
        var fences: [Geofence] = []
        var oracles: [IntegerOracle] = []
        for y in 0..<side {
            for x in 0..<side {
                let i = y * (side + 1) + x
                let ring = [corners[i], corners[i + 1], corners[i + side + 2], corners[i + side + 1], corners[i]]
                fences.append(Geofence(id: "\(fences.count)", shape: .polygon([ring])))
                oracles.append(IntegerOracle([[ring]]))
            }
        }
        let set = FenceSet(fences)
        set._checkInvariants()
        let points = (0..<3000).map { i in
            i % 3 == 0
                ? Polygons.hardPoint(&random, [[Array(fences[random.int(0...(fences.count - 1))].shape.vertices)]])
                : at(snapped(121 + random.double(-0.01...0.13)), snapped(25 + random.double(-0.01...0.13)))
        }
        var matches = FenceMatches()
        set.containing(points.span, into: &matches)
        for (i, p) in points.enumerated() {
            let expected = oracles.indices.filter { oracles[$0].contains(p) }.map { Int32($0) }
            #expect(matches.range(ofPoint: i).map { matches.slot($0) } == expected, "\(p)")
        }
    }
}
