import Geo
import TestSupport
import Testing

@Suite struct `Containment` {
    /// A world of a few hard polygons around one place, indexed together.
    private func world(_ random: inout SplitMix64) -> [[[[Coordinate]]]] {
        let centers = [at(121.5, 25.05), at(0, 0), at(-70.25, -53.1), at(179.5, -17), at(-179.4, 66), at(10, 89.2)]
        let center = centers[random.int(0...(centers.count - 1))]
        let size = [0.3, 0.01, 0.0004][random.int(0...2)]
        var shapes: [[[[Coordinate]]]] = []
        for _ in 0..<random.int(2...6) {
            let c = at(
                center.longitude + random.double(-size...size) * 0.5,
                center.latitude + random.double(-size...size) * 0.5)
            switch random.int(0...5) {
            case 4: shapes.append(Polygons.aligned(&random, c, size))
            case 0: shapes.append([[Polygons.star(&random, center: c, radius: size, corners: random.int(3...80))]])
            case 1: shapes.append(Polygons.nested(&random, center: c, radius: size, corners: random.int(3...30)))
            case 2: shapes.append(Polygons.touchingCorners(c, size))
            case 3: shapes.append(Polygons.sliver(&random, c, size))
            default:
                let w = snapped(c.longitude)
                let s = snapped(c.latitude)
                let e = snapped(w + size)
                let n = snapped(s + size / 2)
                shapes.append([[[at(w, s), at(e, s), at(e, n), at(w, n), at(w, s)]]])
            }
        }
        return shapes
    }

    @Test func `index and shape agree with integer arithmetic on hard positions`() {
        let rounds = max(20, pointCount / 2000)
        for seed in 0..<UInt64(rounds) {
            var random = SplitMix64(seed: 1000 + seed)
            let parts = world(&random)
            let shapes = parts.map(Shape.multiPolygon)
            let oracles = parts.map(IntegerOracle.init)
            let set = FenceSet(shapes.enumerated().map { Geofence(id: "\($0)", shape: $1) })
            set._checkInvariants()
            for _ in 0..<2000 {
                let p = Polygons.hardPoint(&random, parts[random.int(0...(parts.count - 1))])
                guard p.isValid else { continue }
                let expected = oracles.indices.filter { oracles[$0].contains(p) }.map(String.init)
                let found = set.idsContaining(p)
                if found != expected {
                    Issue.record("seed \(1000 + seed), \(p): the index says \(found), the oracle \(expected)")
                    return
                }
                let direct = shapes.indices.filter { shapes[$0].contains(p) }.map(String.init)
                if direct != expected {
                    Issue.record("seed \(1000 + seed), \(p): the shapes say \(direct), the oracle \(expected)")
                    return
                }
            }
        }
    }

    @Test func `a position on an edge or a vertex is outside`() {
        let square = [at(0, 0), at(1, 0), at(1, 1), at(0, 1), at(0, 0)]
        let hole = [at(0.25, 0.25), at(0.75, 0.25), at(0.75, 0.75), at(0.25, 0.75), at(0.25, 0.25)]
        let shape = Shape.polygon([square, hole])
        let set = FenceSet([Geofence(id: "a", shape: shape)])
        for p in [at(0, 0), at(0.5, 0), at(1, 0.5), at(0.25, 0.25), at(0.5, 0.75), at(0.5, 0.5), at(2, 0.5), at(-1, 0)]
        {
            #expect(!shape.contains(p))
            #expect(set.idsContaining(p).isEmpty)
        }
        for p in [at(0.1, 0.5), at(0.9, 0.25), at(0.5, 0.1)] {
            #expect(shape.contains(p))
            #expect(set.idsContaining(p) == ["a"])
        }
    }

    @Test func `a polygon over the antimeridian has no edge there`() {
        // Fiji, roughly: split as RFC 7946 says. The western part reaches farther south than the eastern.
        let parts = [
            [[at(177, -19), at(180, -19), at(180, -16), at(177, -16), at(177, -19)]],
            [[at(-180, -18), at(-178, -18), at(-178, -16), at(-180, -16), at(-180, -18)]],
        ]
        let shape = Shape.multiPolygon(parts)
        let set = FenceSet([Geofence(id: "fiji", shape: shape)])
        for longitude in [180.0, -180] {
            #expect(shape.contains(at(longitude, -17)))
            #expect(set.idsContaining(at(longitude, -17)) == ["fiji"])
            // Where only one part is, and at the seam's ends, it is a boundary.
            for latitude in [-18.5, -18, -16, -19, -15.9] {
                #expect(!shape.contains(at(longitude, latitude)))
                #expect(set.idsContaining(at(longitude, latitude)).isEmpty)
            }
        }
        #expect(set.idsContaining(at(179.999_999_9, -17)) == ["fiji"])
        #expect(set.idsContaining(at(-179.999_999_9, -17)) == ["fiji"])
        // The exit distance goes past the seam: one degree to the north or south, not zero.
        #expect(abs(shape.signedDistance_m(from: at(180, -17)) + Earth.degree_m) < Earth.degree_m * 0.01)
        #expect(abs(shape.signedDistance_m(from: at(179.9, -17)) + Earth.degree_m) < Earth.degree_m * 0.01)
        // South of the eastern part the seam's rest is a boundary.
        #expect(abs(shape.signedDistance_m(from: at(179.99, -18.5))) < 1100)
    }

    @Test func `circles and corridors reach over the antimeridian and the poles`() {
        let fences = [
            Geofence(id: "date line", shape: .circle(center: at(179.99, 10), radius_m: 5000)),
            Geofence(id: "pole", shape: .circle(center: at(40, 89.99), radius_m: 3000)),
            Geofence(
                id: "road",
                shape: .corridor([[at(179.9, 0), at(180, 0)], [at(-180, 0), at(-179.9, 0)]], buffer_m: 500)),
            Geofence(id: "polar road", shape: .corridor([[at(0, 89.9), at(0, 90)]], buffer_m: 2000)),
        ]
        let set = FenceSet(fences)
        set._checkInvariants()
        #expect(set.idsContaining(at(-179.98, 10)) == ["date line"])
        #expect(set.idsContaining(at(-179.9, 10)).isEmpty)
        #expect(set.idsContaining(at(-140, 89.99)) == ["pole", "polar road"])
        #expect(set.idsContaining(at(180, 0.001)) == ["road"])
        #expect(set.idsContaining(at(-179.95, -0.004)) == ["road"])
        #expect(set.idsContaining(at(123, 90)) == ["pole", "polar road"])
        #expect(set.idsContaining(at(180, 0.01)).isEmpty)
    }

    @Test func `circles and corridors in the index are those without it`() {
        for seed in UInt64(0)..<30 {
            var random = SplitMix64(seed: 77 + seed)
            let places = [at(121.5, 25), at(179.95, -40), at(-179.9, 10), at(30, 89.95), at(-100, -89.7), at(5, 60)]
            let place = places[random.int(0...(places.count - 1))]
            var fences: [Geofence] = []
            func near() -> Coordinate {
                let x = place.longitude + random.double(-0.3...0.3)
                return at(Longitude.wrapped(x), min(90, max(-90, place.latitude + random.double(-0.3...0.3))))
            }
            for i in 0..<12 {
                let reach = [30, 800, 20_000][random.int(0...2)] * random.double(0.5...1.5)
                let shape: Shape
                if i % 2 == 0 {
                    shape = .circle(center: near(), radius_m: reach)
                } else {
                    var line = [near()]
                    for _ in 0..<random.int(1...10) {
                        let last = line[line.count - 1]
                        line.append(
                            at(
                                min(180, max(-180, last.longitude + random.double(-0.1...0.1))),
                                min(90, max(-90, last.latitude + random.double(-0.1...0.1)))))
                    }
                    shape = .corridor([line], buffer_m: reach)
                }
                fences.append(Geofence(id: "\(i)", shape: shape))
            }
            let set = FenceSet(fences)
            set._checkInvariants()
            for _ in 0..<500 {
                let p = near()
                let expected = fences.filter { $0.shape.contains(p) }.map(\.id)
                let found = set.idsContaining(p)
                if found != expected {
                    Issue.record("seed \(77 + seed), \(p): the index says \(found), the shapes \(expected)")
                    return
                }
            }
        }
    }

    @Test func `coordinates next to zero count as zero`() {
        let tiny = 1e-300
        let shape = Shape.polygon([[at(-tiny, 0), at(1, tiny), at(1, 1), at(0, 1), at(-tiny, 0)]])
        #expect(!shape.contains(at(tiny, 0.5)) && !shape.contains(at(0.5, -tiny)) && shape.contains(at(1e-50, 0.5)))
        #expect(FenceSet([Geofence(id: "a", shape: shape)]).idsContaining(at(1e-50, 0.5)) == ["a"])
    }

    @Test func `positions that are no positions are outside`() {
        let world = Shape.polygon([[at(-180, -90), at(180, -90), at(180, 90), at(-180, 90), at(-180, -90)]])
        let set = FenceSet([Geofence(id: "world", shape: world)])
        #expect(set.idsContaining(at(0, 0)) == ["world"])
        // The whole world has no boundary: its west and east are one, and so is each pole.
        #expect(world.signedDistance_m(from: at(0, 0)) == -.infinity)
        #expect(set.idsContaining(at(180, 12)) == ["world"])
        for p in [at(.nan, 0), at(0, .nan), at(.infinity, 0), at(181, 0), at(0, -90.1)] {
            #expect(set.idsContaining(p).isEmpty)
            #expect(!world.contains(p))
            #expect(set.signedDistance_m(slot: 0, longitude: p.longitude, latitude: p.latitude) == .infinity)
        }
        #expect(FenceSet.empty.idsContaining(at(0, 0)).isEmpty)
    }
}
