import FleetSimulation
import Testing

/// What the traffic does to drives, and drivers to closed roads.
@Suite struct TrafficTests {
    private static let midnight_ms: Int64 = 1_795_104_000_000

    private func path(_ world: FleetWorld, _ random: inout TestRandom) -> DrivePath {
        while true {
            let from = world.customers[random.below(world.customers.count)]
            let to = world.customers[random.below(world.customers.count)]
            let path = world.path(from: from, to: to)
            if path.segments.count > 10 { return path }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `rush hours are slow, areas slower, and what roads are used to is the same on another day`(seed: UInt64) throws
    {
        let world = try FleetWorld.make(.small(seed: seed))
        var random = TestRandom(seed: seed)
        let path = path(world, &random)
        var today = TrafficPattern(seed: seed, day: 1, start_ms: Self.midnight_ms)
        let tomorrow = TrafficPattern(seed: seed, day: 2, start_ms: Self.midnight_ms)
        func mean(_ paces: [Double]) -> Double { paces.reduce(0, +) / Double(paces.count) }
        let night = today.paces(of: path, from: 4 * 3_600, driver: 1)
        let rush = today.paces(of: path, from: 8.2 * 3_600, driver: 1)
        #expect(rush.allSatisfy { $0 >= 0.1 && $0 <= 1 })
        #expect(mean(rush) < 0.85 * mean(night), "seed \(seed)")
        // A slow driver, so that no pace is cut off at the limit: only the day's factor is then different.
        let slow = today.paces(of: path, from: 4 * 3_600, driver: 0.5)
        let other = tomorrow.paces(of: path, from: 4 * 3_600, driver: 0.5)
        let ratios = zip(slow, other).map { $0 / $1 }
        #expect(ratios.allSatisfy { abs($0 - ratios[0]) < 1e-9 } && abs(ratios[0] - 1) > 1e-6, "seed \(seed)")
        today.areas = [
            TrafficArea(
                id: "t", centre: path.points[0], radius_m: 100_000, from_s: 8 * 3_600, to_s: 9 * 3_600,
                speedFactor: 0.5, isClosed: false, kind: "traffic")
        ]
        #expect(mean(today.paces(of: path, from: 8.2 * 3_600, driver: 1)) < 0.6 * mean(rush))
        #expect(today.paces(of: path, from: 4 * 3_600, driver: 1) == night)
    }

    @Test(arguments: [4, 5] as [UInt64])
    func `a drive keeps to its paces, and takes longer for them`(seed: UInt64) throws {
        let world = try FleetWorld.make(.small(seed: seed))
        var random = TestRandom(seed: seed)
        var draws = RandomSource(seed: seed, purpose: .vehicle)
        let style = DriverStyle(vehicleClass: .van, random: &draws)
        for _ in 0..<10 {
            let path = path(world, &random)
            let paces = path.segments.map { _ in 0.2 + 0.8 * random.unit() }
            let plan = DrivePlan(
                path: path, start_s: 0, style: style, lights: world.network.lights, paces: paces)
            // Without lights, which a slow vehicle may happen to find green.
            func duration_s(_ paces: [Double]) -> Double {
                let dark = path.segments.reduce(into: DrivePath(start: path.points[0])) { dark, segment in
                    dark.append(to: path.points[dark.points.count], roadClass: segment.roadClass)
                }
                return DrivePlan(path: dark, start_s: 0, style: style, lights: [], paces: paces).end_s
            }
            #expect(duration_s(paces) > duration_s([]), "seed \(seed)")
            var phase = 0
            var cursor = 0
            for second in 0..<Int(plan.end_s) {
                let motion = plan.motion(at: Double(second), phaseCursor: &phase, segmentCursor: &cursor)
                let segment = path.segments[motion.segment]
                let before = path.segments[max(0, motion.segment - 1)]
                let limit_mps = max(
                    segment.roadClass.speedLimit_mps * paces[motion.segment],
                    before.roadClass.speedLimit_mps * paces[max(0, motion.segment - 1)])
                #expect(motion.speed_mps <= limit_mps * style.limitShare + 1e-6, "seed \(seed), \(second) s")
            }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `drivers go round closed roads where there is another way`(seed: UInt64) throws {
        let world = try FleetWorld.make(.small(seed: seed))
        let network = world.network
        var random = TestRandom(seed: seed)
        var avoided = 0
        for _ in 0..<8 {
            let from = world.customers[random.below(world.customers.count)].node
            let to = world.customers[random.below(world.customers.count)].node
            let usual = world.routes.route(from: from, to: to)
            guard usual.count > 6 else { continue }
            var isClosed = [Bool](repeating: false, count: network.arcCount)
            for arc in usual[2..<(usual.count - 2)] { isClosed[arc] = true }
            let finder = RouteFinder(network: network, isClosed: isClosed)
            let other = finder.route(from: from, to: to)
            #expect(Int(network.arcHead[other[other.count - 1]]) == to)
            func cost_s(_ arcs: [Int]) -> Double { arcs.reduce(0) { $0 + finder.cost_s(ofArc: $1) } }
            #expect(cost_s(other) <= cost_s(usual), "seed \(seed)")
            if !other.contains(where: { isClosed[$0] }) { avoided += 1 }
        }
        #expect(avoided >= 3, "seed \(seed): \(avoided)")
    }
}
