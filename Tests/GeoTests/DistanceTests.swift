import Foundation
import Geo
import TestSupport
import Testing

@Suite struct `Distances` {
    /// Vincenty's inverse formula on the WGS84 ellipsoid (Survey Review 23, 1975): half a millimetre, not near antipodes.
    private func geodesic_m(_ p: Coordinate, _ q: Coordinate) -> Double {
        let (a, f) = (6_378_137.0, 1 / 298.257_223_563)
        let b = a * (1 - f)
        let radians = Double.pi / 180
        let (u1, u2) = (atan((1 - f) * tan(p.latitude * radians)), atan((1 - f) * tan(q.latitude * radians)))
        let l = (q.longitude - p.longitude) * radians
        var lambda = l
        var (sinSigma, cosSigma, sigma, cosSqAlpha, cos2m) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for _ in 0..<200 {
            sinSigma = hypot(cos(u2) * sin(lambda), cos(u1) * sin(u2) - sin(u1) * cos(u2) * cos(lambda))
            if sinSigma == 0 { return 0 }
            cosSigma = sin(u1) * sin(u2) + cos(u1) * cos(u2) * cos(lambda)
            sigma = atan2(sinSigma, cosSigma)
            let sinAlpha = cos(u1) * cos(u2) * sin(lambda) / sinSigma
            cosSqAlpha = 1 - sinAlpha * sinAlpha
            cos2m = cosSqAlpha == 0 ? 0 : cosSigma - 2 * sin(u1) * sin(u2) / cosSqAlpha
            let c = f / 16 * cosSqAlpha * (4 + f * (4 - 3 * cosSqAlpha))
            let next =
                l + (1 - c) * f * sinAlpha
                * (sigma + c * sinSigma * (cos2m + c * cosSigma * (2 * cos2m * cos2m - 1)))
            if abs(next - lambda) < 1e-13 { break }
            lambda = next
        }
        let uSq = cosSqAlpha * (a * a - b * b) / (b * b)
        let big = 1 + uSq / 16384 * (4096 + uSq * (-768 + uSq * (320 - 175 * uSq)))
        let small = uSq / 1024 * (256 + uSq * (-128 + uSq * (74 - 47 * uSq)))
        let delta =
            small * sinSigma
            * (cos2m + small / 4
                * (cosSigma * (2 * cos2m * cos2m - 1)
                    - small / 6 * cos2m * (4 * sinSigma * sinSigma - 3) * (4 * cos2m * cos2m - 3)))
        return b * big * (sigma - delta)
    }

    @Test func `the sphere is within half a per cent of known geodesics`() {
        // Flinders Peak to Buninyong: the geodetic manual's example.
        let flinders = at(144 + 25 / 60.0 + 29.52440 / 3600, -(37 + 57 / 60.0 + 3.72030 / 3600))
        let buninyong = at(143 + 55 / 60.0 + 35.38390 / 3600, -(37 + 39 / 60.0 + 10.15610 / 3600))
        #expect(abs(geodesic_m(flinders, buninyong) - 54_972.271) < 0.01)
        let pairs = [
            (flinders, buninyong), (at(121.517, 25.0478), at(120.302, 22.6394)), (at(121.5, 25), at(121.51, 25)),
            (at(121.5, 25), at(121.5, 25.01)), (at(121.45, 24.98), at(121.62, 25.12)),
            (at(-0.1276, 51.5072), at(2.3522, 48.8566)),
        ]
        for (p, q) in pairs {
            let known = geodesic_m(p, q)
            #expect(abs(p.distance_m(to: q) - known) < known * 0.005, "\(p) \(q)")
            if known < 20_000 { #expect(abs(p.shortDistance_m(to: q) - p.distance_m(to: q)) < known * 0.001) }
        }
        // The worst case on earth, as documented.
        let worst = (at(0, 0), at(0, 0.1))
        #expect(abs(worst.0.distance_m(to: worst.1) / geodesic_m(worst.0, worst.1) - 1) < 0.0057)
    }

    @Test func `small and great distances`() {
        #expect(at(121.5, 25).distance_m(to: at(121.5, 25)) == 0)
        #expect(abs(at(180, 10).distance_m(to: at(-180, 10))) < 1e-6)
        #expect(abs(at(179.99, 0).shortDistance_m(to: at(-179.99, 0)) - 0.02 * Earth.degree_m) < 0.01)
        #expect(abs(at(0, 90).distance_m(to: at(77, -90)) - .pi * Earth.radius_m) < 1)
        #expect(abs(at(0, 0).distance_m(to: at(1e-7, 0)) - 0.011_119_5) < 1e-6)
        #expect(at(170, 1).interpolated(to: at(-170, 3), fraction: 0.75) == at(-175, 2.5))
    }

    /// The distance to a segment by walking along it in small steps.
    private func walked_m(_ p: Coordinate, _ a: Coordinate, _ b: Coordinate) -> Double {
        var (low, high) = (0.0, 1.0)
        var best = Double.infinity
        for _ in 0..<5 {
            var at_ = low
            let step = (high - low) / 400
            for i in 0...400 {
                let t = low + Double(i) * step
                let c = at(a.longitude + (b.longitude - a.longitude) * t, a.latitude + (b.latitude - a.latitude) * t)
                let d = p.distance_m(to: c)
                if d < best { (best, at_) = (d, t) }
            }
            (low, high) = (max(0, at_ - 2 * step), min(1, at_ + 2 * step))
        }
        return best
    }

    @Test func `distance to a line is that of its nearest position`() {
        for seed in UInt64(0)..<1500 {
            var random = SplitMix64(seed: 8000 + seed)
            let latitude = [0, 25, -60, 85, -89.9, 89.99][random.int(0...5)]
            let longitude = [121.5, 179.9, -179.95][random.int(0...2)]
            let size = [0.001, 0.05, 0.5, 20][random.int(0...3)]
            func near() -> Coordinate {
                at(
                    min(180, max(-180, longitude + random.double(-size...size))),
                    min(90, max(-90, latitude + random.double(-size...size))))
            }
            let (a, b, p) = (near(), near(), near())
            let moved = random.int(0...1) == 0 ? p : at(Longitude.wrapped(p.longitude + 2 * size), p.latitude)
            let shape = Shape.corridor([[a, b]], buffer_m: 1)
            let known = walked_m(moved, a, b)
            let found = shape.signedDistance_m(from: moved) + 1
            #expect(
                abs(found - known) <= max(0.02, known * 0.005),
                "seed \(8000 + seed): \(moved) to \(a) \(b): \(found), not \(known)")
        }
    }

    @Test func `the distance to a boundary is negative inside`() {
        let square = Shape.polygon([
            [at(121.5, 25), at(121.51, 25), at(121.51, 25.01), at(121.5, 25.01), at(121.5, 25)],
            [at(121.502, 25.002), at(121.504, 25.002), at(121.504, 25.004), at(121.502, 25.004), at(121.502, 25.002)],
        ])
        #expect(abs(square.signedDistance_m(from: at(121.507, 25.001)) + 0.001 * Earth.degree_m) < 0.5)
        #expect(abs(square.signedDistance_m(from: at(121.505, 24.999)) - 0.001 * Earth.degree_m) < 0.5)
        // In the hole it is outside.
        #expect(abs(square.signedDistance_m(from: at(121.503, 25.0025)) - 0.0005 * Earth.degree_m) < 0.5)
        #expect(square.signedDistance_m(from: at(121.5, 25.005)) == 0)
        let circle = Shape.circle(center: at(121.5, 25), radius_m: 100)
        #expect(circle.signedDistance_m(from: at(121.5, 25)) == -100)
        let set = FenceSet([Geofence(id: "c", shape: circle)])
        #expect(set.signedDistance_m(slot: 0, longitude: 121.5, latitude: 25) == -100)
        #expect(set.signedDistance_m(slot: 1, longitude: 121.5, latitude: 25) == .infinity)
        // A fence of many edges is searched by its runs, with the same result.
        var random = SplitMix64(seed: 12)
        let ring = Polygons.star(&random, center: at(121.5, 25), radius: 0.05, corners: 700, least: 0.8)
        let star = Shape.polygon([ring])
        for _ in 0..<40 {
            let p = at(121.5 + random.double(-0.08...0.08), 25 + random.double(-0.08...0.08))
            let nearest =
                zip(ring, ring.dropFirst()).map {
                    Shape.corridor([[$0, $1]], buffer_m: 1).signedDistance_m(from: p) + 1
                }.min() ?? 0
            #expect(abs(abs(star.signedDistance_m(from: p)) - nearest) < 0.02)
        }
    }
}
