import FleetSimulation
import Testing

@Suite struct DrivingTests {
    private func journey(_ seed: UInt64, world: FleetWorld) -> (VehicleJourney, DriverStyle) {
        var random = RandomSource(seed: seed, purpose: .vehicle)
        let kinds: [VehicleClass] = [.gasTruck, .van, .scooter]
        let style = DriverStyle(vehicleClass: kinds[Int(seed) % kinds.count], random: &random)
        let journey = VehicleJourney(
            world: world, style: style, habits: Scenario.Tours().habits, depot: world.depots[0], start_s: 0,
            random: RandomSource(seed: seed, purpose: .driving))
        return (journey, style)
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `speed and acceleration stay within the law, the style, and physics`(seed: UInt64) throws {
        let world = try FleetWorld.make(.small(seed: seed))
        var (journey, style) = journey(seed, world: world)
        let step_s = 0.25
        var previous = journey.advance(to: 0)
        var driven_m = 0.0
        for step in 1...Int(2 * 3_600 / step_s) {
            let state = journey.advance(to: Double(step) * step_s)
            let limit_mps = max(state.roadClass.speedLimit_mps, previous.roadClass.speedLimit_mps)
            #expect(state.speed_mps <= limit_mps * style.limitShare + 1e-6, "seed \(seed), step \(step)")
            let change_mps2 = (state.speed_mps - previous.speed_mps) / step_s
            #expect(change_mps2 <= 2 + 1e-6, "seed \(seed), step \(step): \(change_mps2)")
            #expect(change_mps2 >= -3 - 1e-6, "seed \(seed), step \(step): \(change_mps2)")
            let moved_m = state.position.distance_m(to: previous.position)
            #expect(moved_m <= max(state.speed_mps, previous.speed_mps) * step_s + 0.5 * 3 * step_s * step_s + 1e-6)
            let odometer_m = state.distance_m - previous.distance_m
            #expect(odometer_m >= moved_m - 1e-6, "seed \(seed), step \(step)")
            #expect(state.engine_s >= previous.engine_s - 1e-9)
            #expect(state.engine_s - previous.engine_s <= step_s + 1e-9)
            if state.speed_mps > 0 { #expect(state.isIgnitionOn) }
            driven_m += odometer_m
            previous = state
        }
        #expect(driven_m > 5_000, "seed \(seed): \(driven_m) m in two hours")
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `true positions are on the roads, and the heading is that of the movement`(seed: UInt64) throws {
        let world = try FleetWorld.make(.small(seed: seed))
        var (journey, _) = journey(seed, world: world)
        var compared = 0
        for step in 1...150 {
            let time_s = Double(step) * 23.7
            let state = journey.advance(to: time_s)
            #expect(distanceToRoads_m(state.position, world) < 0.01, "seed \(seed) at \(time_s) s")
            #expect(state.heading_deg >= 0 && state.heading_deg < 360)
            let next = journey.advance(to: time_s + 0.05)
            guard state.speed_mps > 2, next.heading_deg == state.heading_deg else { continue }
            let difference = abs(state.position.heading_deg(to: next.position) - state.heading_deg)
            #expect(min(difference, 360 - difference) < 0.01, "seed \(seed) at \(time_s) s")
            compared += 1
        }
        #expect(compared > 20, "seed \(seed)")
    }

    @Test func `a journey does not depend on how often it is asked`() throws {
        let world = try FleetWorld.make(.small(seed: 9))
        var (often, _) = journey(9, world: world)
        var (seldom, _) = journey(9, world: world)
        for step in 0...7_200 {
            let state = often.advance(to: Double(step))
            guard step % 900 == 0 else { continue }
            let same = seldom.advance(to: Double(step))
            #expect(same.position == state.position)
            #expect(same.speed_mps == state.speed_mps)
            #expect(abs(same.engine_s - state.engine_s) < 1e-6)
            #expect(abs(same.distance_m - state.distance_m) < 1e-6)
        }
    }

    @Test func `vehicles load, drive, and serve customers for two to twelve minutes`() throws {
        let world = try FleetWorld.make(.small(seed: 4))
        var (journey, _) = journey(4, world: world)
        var stays: [(VehicleJourney.Activity, Double)] = []
        var since_s = 0.0
        var activity = VehicleJourney.Activity.loading
        var offAtStops = 0
        for second in 1...(6 * 3_600) {
            let state = journey.advance(to: Double(second))
            if state.activity == .serving, !state.isIgnitionOn { offAtStops += 1 }
            guard state.activity != activity else { continue }
            stays.append((activity, Double(second) - since_s))
            activity = state.activity
            since_s = Double(second)
        }
        let served = stays.filter { $0.0 == .serving }.map(\.1)
        #expect(served.count > 8)
        #expect(served.allSatisfy { $0 >= 119 && $0 <= 721 })
        #expect(stays.dropFirst().contains { $0.0 == .loading })
        #expect(offAtStops > 600)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `nobody drives through a red light that could be seen in time`(seed: UInt64) throws {
        let world = try FleetWorld.make(.small(seed: seed))
        var random = TestRandom(seed: seed)
        var passed = 0
        var stopped = 0
        for trip in 0..<30 {
            let from = world.customers[random.below(world.customers.count)]
            let to = world.customers[random.below(world.customers.count)]
            let path = world.path(from: from, to: to)
            var draws = RandomSource(seed: seed, purpose: .vehicle, number: UInt64(trip))
            let style = DriverStyle(vehicleClass: .van, random: &draws)
            let plan = DrivePlan(path: path, start_s: random.unit() * 1_000, style: style, lights: world.network.lights)
            var phase = 0
            var cursor = 0
            var time_s = plan.phases.first?.start_s ?? 0
            for (index, segment) in path.segments.enumerated() where segment.lightIndex >= 0 {
                guard index + 1 < path.segments.count else { continue }
                let end_m = segment.start_m + segment.length_m
                while plan.motion(at: time_s, phaseCursor: &phase, segmentCursor: &cursor).distance_m < end_m + 0.01 {
                    time_s += 0.05
                }
                let motion = plan.motion(at: time_s, phaseCursor: &phase, segmentCursor: &cursor)
                let light = world.network.lights[Int(segment.lightIndex)]
                let wait_s = light.wait_s(at: time_s, isEastWest: segment.isEastWest)
                passed += 1
                stopped += motion.speed_mps < 1.5 ? 1 : 0
                guard wait_s > 0 else { continue }
                // A stop at a later light can delay the passing of one shortly before by a few seconds: the amber.
                let share = segment.isEastWest ? 1 - light.eastWestShare : light.eastWestShare
                #expect(light.cycle_s * share - wait_s < 12, "seed \(seed), trip \(trip), segment \(index)")
            }
        }
        #expect(passed > 50, "seed \(seed)")
        #expect(stopped > 5, "seed \(seed)")
    }

    @Test func `a path without length is a plan that is over`() {
        var random = RandomSource(seed: 1, purpose: .vehicle)
        let style = DriverStyle(vehicleClass: .scooter, random: &random)
        var path = DrivePath(start: PlanePoint(x_m: 3, y_m: 4))
        path.append(to: PlanePoint(x_m: 3, y_m: 4.001), roadClass: .lane)
        let plan = DrivePlan(path: path, start_s: 10, style: style, lights: [])
        #expect(plan.end_s == 10)
        var phase = 0
        var segment = 0
        let motion = plan.motion(at: 11, phaseCursor: &phase, segmentCursor: &segment)
        #expect(plan.point(at: motion) == PlanePoint(x_m: 3, y_m: 4))
    }
}
