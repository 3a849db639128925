import Geo
import TestSupport
import Testing

@Suite struct `Fence set` {
    private func randomFence(_ random: inout SplitMix64, _ id: String) -> Geofence {
        let c = at(121.5 + random.double(-0.2...0.2), 25 + random.double(-0.2...0.2))
        let size = [0.001, 0.01, 0.1][random.int(0...2)]
        switch random.int(0...3) {
        case 0: return Geofence(id: id, shape: .circle(center: c, radius_m: size * 50_000))
        case 1:
            let line = (0..<4).map { _ in
                at(c.longitude + random.double(-size...size), c.latitude + random.double(-size...size))
            }
            return Geofence(id: id, shape: .corridor([line], buffer_m: size * 10_000))
        case 2:
            return Geofence(
                id: id, shape: .multiPolygon(Polygons.nested(&random, center: c, radius: size, corners: 12)))
        default: return Geofence(id: id, shape: .polygon([Polygons.star(&random, center: c, radius: size, corners: 9)]))
        }
    }

    @Test func `changes give what a full rebuild gives, and slots stay`() {
        for seed in UInt64(0)..<6 {
            var random = SplitMix64(seed: 40 + seed)
            var set = FenceSet.empty
            var fences: [String: Geofence] = [:]
            var slots: [String: Int32] = [:]
            for round in 0..<60 {
                var upserts: [Geofence] = []
                for _ in 0..<[1, 2, 40][random.int(0...2)] {
                    upserts.append(randomFence(&random, "f\(random.int(0...120))"))
                }
                if random.int(0...3) == 0 { upserts = [] }
                let removals = (0..<random.int(0...[3, 60][random.int(0...1)])).map { _ in "f\(random.int(0...130))" }
                set = set.applying(upserts: upserts, removals: removals)
                set._checkInvariants()
                let upserted = Set(upserts.map(\.id))
                for id in removals where !upserted.contains(id) {
                    fences[id] = nil
                    slots[id] = nil
                }
                for fence in upserts { fences[fence.id] = fence }
                #expect(set.count == fences.count)
                for (id, fence) in fences {
                    guard let slot = set.slot(ofID: id) else {
                        Issue.record("seed \(40 + seed), round \(round): \(id) has no slot")
                        return
                    }
                    #expect(set.fence(at: slot) == fence)
                    if let old = slots[id] { #expect(old == slot, "seed \(40 + seed): \(id) has moved") }
                    slots[id] = slot
                }
                guard round % 6 == 5 else { continue }
                let rebuilt = FenceSet(fences.values.sorted { $0.id < $1.id })
                for _ in 0..<60 {
                    let p = at(121.5 + random.double(-0.25...0.25), 25 + random.double(-0.25...0.25))
                    let q = at(p.longitude + random.double(-0.05...0.05), p.latitude + random.double(-0.05...0.05))
                    #expect(
                        set.idsContaining(p).sorted() == rebuilt.idsContaining(p).sorted(), "seed \(40 + seed), \(p)")
                    #expect(crossings(set, p, q) == crossings(rebuilt, p, q), "seed \(40 + seed), \(p) \(q)")
                    var found: [Int32] = []
                    set.containing(longitude: p.longitude, latitude: p.latitude, into: &found)
                    #expect(found == found.sorted())
                }
            }
        }
    }

    private func crossings(_ set: FenceSet, _ p: Coordinate, _ q: Coordinate) -> [String] {
        var found: [FenceCrossing] = []
        set.crossings(from: p, to: q, into: &found)
        return found.compactMap { set.fence(at: $0.slot)?.id }.sorted()
    }

    @Test func `a freed slot serves a later change, not the one that frees it`() {
        let circle = Shape.circle(center: at(0, 0), radius_m: 10)
        let first = FenceSet([Geofence(id: "a", shape: circle), Geofence(id: "b", shape: circle)])
        #expect(first.slot(ofID: "a") == 0 && first.slot(ofID: "b") == 1 && first.slots == 2)
        let second = first.applying(upserts: [Geofence(id: "c", shape: circle)], removals: ["a", "unknown"])
        #expect(second.slot(ofID: "c") == 2 && second.slot(ofID: "a") == nil && second.fence(at: 0) == nil)
        let third = second.applying(upserts: [Geofence(id: "d", shape: circle)], removals: [])
        #expect(third.slot(ofID: "d") == 0 && third.slots == 3)
        // An id in both lists is replaced; the snapshots before are as they were.
        let fourth = third.applying(upserts: [Geofence(id: "b", name: "new", shape: circle)], removals: ["b"])
        #expect(fourth.slot(ofID: "b") == 1 && fourth.fence(at: 1)?.name == "new" && first.fence(at: 1)?.name == "b")
        #expect(first.idsContaining(at(0, 0)) == ["a", "b"] && fourth.idsContaining(at(0, 0)) == ["d", "b", "c"])
        #expect(fourth.fence(at: -1) == nil && fourth.fence(at: 3) == nil)
        let none = fourth.applying(upserts: [], removals: ["b", "c", "d"])
        none._checkInvariants()
        #expect(none.count == 0 && none.idsContaining(at(0, 0)).isEmpty)
    }

    @Test func `many equal fences at one place stay small`() {
        var random = SplitMix64(seed: 3)
        let ring = Polygons.star(&random, center: at(121.5, 25), radius: 0.01, corners: 64, least: 0.7)
        let set = FenceSet((0..<300).map { Geofence(id: "\($0)", shape: .polygon([ring])) })
        set._checkInvariants()
        #expect(set.idsContaining(at(121.5, 25)).count == 300)
        #expect(set.idsContaining(at(121.52, 25)).isEmpty)
        #expect(set.idsContaining(ring[0]).isEmpty)
    }

    @Test func `fences of all sizes lie in each other`() {
        var fences: [Geofence] = []
        for i in 0..<24 {
            let r = snapped(170 / Double(1 << i))
            let h = snapped(r / 2)
            let (x, y) = (snapped(3.1), snapped(1.7))
            fences.append(
                Geofence(
                    id: "\(i)",
                    shape: .polygon([
                        [at(x - r, y - h), at(x + r, y - h), at(x + r, y + h), at(x - r, y + h), at(x - r, y - h)]
                    ])))
        }
        let set = FenceSet(fences)
        set._checkInvariants()
        var random = SplitMix64(seed: 5)
        for _ in 0..<3000 {
            let r = 180 / Double(1 << random.int(0...26))
            let p = at(3.1 + random.double(-1...1) * r, 1.7 + random.double(-1...1) * r / 2)
            #expect(set.idsContaining(p) == fences.filter { $0.shape.contains(p) }.map(\.id), "\(p)")
        }
    }
}
