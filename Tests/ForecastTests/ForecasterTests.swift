import Geo
import TestSupport
import Testing
import Wire

@testable import Forecast

@Suite struct `Forecasts` {
    private let learned = LearnedValues()
    /// 25 km/h.
    private let pace = 0.144

    private func plan(
        _ stops: [PlannedStop], _ points: [(Double, Double)] = [(0, 0), (20_000, 0)], base: [BaseTime] = []
    ) throws -> RoutePlan {
        var plan = RoutePlan(vehicle: [86], path: try Ground.path(points, base: base), stops: stops)
        plan.refresh(now_ms: monday_ms, learned, Conditions())
        return plan
    }

    private func stop(_ east: Double, open: Int64? = nil, break_s: Double? = 300) -> PlannedStop {
        PlannedStop(place: Ground.at(east, 10), windowOpen_ms: open, break_s: break_s)
    }

    private func moment(_ plan: RoutePlan, at_m: Double, _ time_ms: Int64, age_s: Double = 0) -> VehicleMoment {
        let place = plan.path?.coordinate(at: at_m) ?? Ground.at(at_m, 0)
        let progress = plan.path == nil ? nil : PathProgress(near: at_m)
        return VehicleMoment(
            now_ms: time_ms + Int64(age_s * 1000), fix_ms: time_ms, latitude_e7: Int32(place.latitude * 1e7),
            longitude_e7: Int32(place.longitude * 1e7), progress: progress)
    }

    private func forecast(_ plan: RoutePlan, _ moment: VehicleMoment) -> [StopForecast] {
        var forecasts: [StopForecast] = []
        Forecaster.forecast(plan, moment, learned, zone: taipei, into: &forecasts)
        return forecasts
    }

    /// Seconds from the fix to the forecasts' medians.
    private func seconds(_ plan: RoutePlan, at_m: Double = 0, _ time_ms: Int64 = clock(0, 10)) -> [Double] {
        forecast(plan, moment(plan, at_m: at_m, time_ms)).map { Double($0.p50_ms - time_ms) / 1000 }
    }

    private func expect(_ found: [Double], _ wanted: [Double], _ tolerance_s: Double = 10) {
        #expect(found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < tolerance_s }, "\(found)")
    }

    @Test func `travel, and service at the stops before`() throws {
        let plan = try plan([stop(2000), stop(5000), stop(9000)])
        expect(seconds(plan), [2000 * pace, 5000 * pace + 300, 9000 * pace + 600])
        expect(seconds(plan, at_m: 1000), [1000 * pace, 4000 * pace + 300, 8000 * pace + 600])
        let all = forecast(plan, moment(plan, at_m: 0, clock(0, 10)))
        #expect(all.map(\.stop) == [0, 1, 2] && all.map(\.hasStopsBefore) == [false, true, true])
        #expect(all.allSatisfy { $0.p90_ms > $0.p50_ms })
    }

    @Test func `a plan without learned services takes the planned ones`() throws {
        let planned = PlannedStop(place: Ground.at(2000, 0), task: ServiceTask(planned_s: 600))
        let found = seconds(try plan([planned, stop(4000)]))
        #expect(found[1] - found[0] > 2000 * pace + 300 && found[1] - found[0] < 2000 * pace + 601)
    }

    @Test func `done stops are passed over`() throws {
        var plan = try plan([stop(2000), stop(5000), stop(9000)])
        plan.setDone(1)
        plan.setDone(77)
        expect(seconds(plan), [2000 * pace, 9000 * pace + 300])
    }

    @Test func `a window that is not open is waited for, and takes up delay`() throws {
        let open = clock(0, 11)
        let plan = try plan([stop(2000, open: open), stop(5000)])
        let now = clock(0, 10)
        expect(seconds(plan), [2000 * pace, 3600 + 300 + 3000 * pace])
        let waiting = forecast(plan, moment(plan, at_m: 0, now))
        #expect(abs(Double(waiting[1].uncertain_s) - (300 + 3000 * pace)) < 10)
        // A window that opened before changes nothing.
        let early = try self.plan([stop(2000, open: now), stop(5000)])
        expect(seconds(early), [2000 * pace, 5000 * pace + 300])
    }

    @Test func `standing at a stop, what is left of the service counts`() throws {
        let plan = try plan([stop(2000), stop(5000)])
        var now = moment(plan, at_m: 2000, clock(0, 10))
        now.serving = 0
        now.servingSince_ms = clock(0, 10) - 100_000
        let found = forecast(plan, now)
        #expect(found.map(\.stop) == [1])
        expect(found.map { Double($0.p50_ms - clock(0, 10)) / 1000 }, [200 + 3000 * pace])
        // A break outside of the plan comes on top.
        now.pause_s = 500
        expect(forecast(plan, now).map { Double($0.p50_ms - clock(0, 10)) / 1000 }, [500 + 3000 * pace])
    }

    @Test func `at the window of a stop where it waits already`() throws {
        let plan = try plan([stop(2000, open: clock(0, 11)), stop(5000)])
        var now = moment(plan, at_m: 2000, clock(0, 10))
        now.serving = 0
        now.servingSince_ms = clock(0, 9.9)
        expect(forecast(plan, now).map { Double($0.p50_ms - clock(0, 10)) / 1000 }, [3600 + 300 + 3000 * pace])
    }

    @Test func `the half hour in which the vehicle would be there counts`() throws {
        var learned = LearnedValues()
        let key = SegmentKey(latitude: 0, longitude: 0, octant: 0)
        for i in 0..<20_000 {
            let hour = i % 2 == 0 ? 10.0 : 10.5
            learned.speeds.observe(
                key, vehicle: [UInt8(i % 200), UInt8(i % 7)], at: clock(0, hour), distance_m: 250,
                time_s: hour == 10 ? 20 : 100, base_s: nil, zone: taipei)
        }
        let slow = learned.speeds.fleet.pace_s_m(slot: 21)
        let fast = learned.speeds.fleet.pace_s_m(slot: 20)
        #expect(slow > 3 * fast)
        var plan = RoutePlan(vehicle: [1], path: try Ground.path([(0, 0), (20_000, 0)]), stops: [stop(15_000)])
        plan.refresh(now_ms: monday_ms, learned, Conditions())
        var found: [StopForecast] = []
        let start = clock(0, 10) + 1_200_000
        Forecaster.forecast(plan, moment(plan, at_m: 0, start), learned, zone: taipei, into: &found)
        // Ten minutes at the fast pace, the rest at the slow one.
        let wanted = 600 + (15_000 - 600 / fast) * slow
        if wanted < 2400 { expect([Double(found[0].p50_ms - start) / 1000], [wanted], 20) }
        #expect(Double(found[0].p50_ms - start) / 1000 > 15_000 * fast + 100)
    }

    @Test func `areas slow down what lies inside, while they hold`() throws {
        let area = Shape.circle(center: Ground.at(3000, 0), radius_m: 1000)
        func found(_ area: ConditionArea) throws -> [StopForecast] {
            var conditions = Conditions()
            let isTaken = conditions.upsert(area)
            #expect(isTaken)
            var plan = try plan([stop(1500), stop(6000)])
            plan.refresh(now_ms: monday_ms, learned, conditions)
            return forecast(plan, moment(plan, at_m: 0, clock(0, 10)))
        }
        func seconds(_ forecasts: [StopForecast]) -> [Double] {
            forecasts.map { Double($0.p50_ms - clock(0, 10)) / 1000 }
        }
        let free = [1500 * pace, 6000 * pace + 300]
        let half = try found(ConditionArea(id: [1], shape: area, speedFactor: 0.5, isClosed: false))
        expect(seconds(half), [free[0], free[1] + 2000 * pace], 15)
        let over = try found(
            ConditionArea(id: [1], shape: area, speedFactor: 0.5, isClosed: false, to_ms: clock(0, 10)))
        expect(seconds(over), free)
        // It ends while the vehicle is in it: 600 s are at 2000 m (with the stop), so 80 s or 278 m in it.
        let ends = try found(
            ConditionArea(id: [1], shape: area, speedFactor: 0.5, isClosed: false, to_ms: clock(0, 10) + 668_000))
        expect(seconds(ends), [free[0], free[1] + 40], 15)
        let later = try found(
            ConditionArea(id: [1], shape: area, speedFactor: 0.5, isClosed: false, from_ms: clock(0, 12)))
        expect(seconds(later), free)
        let closed = try found(ConditionArea(id: [1], shape: area, speedFactor: 1, isClosed: true))
        expect(seconds(closed), [free[0], free[1] + 2000 * pace * 4], 30)
        #expect(closed.map(\.isThroughClosure) == [false, true] && half.allSatisfy { !$0.isThroughClosure })
    }

    @Test(arguments: UInt64(1)...10) func `the stretches in an area are those that brute force finds`(_ seed: UInt64)
        throws
    {
        var random = SplitMix64(seed: seed)
        let path = try Ground.path((0..<15).map { _ in (random.double(0...3000), random.double(0...3000)) })
        let center = (random.double(500...2500), random.double(500...2500))
        let shapes = [
            Shape.circle(center: Ground.at(center.0, center.1), radius_m: random.double(100...900)),
            .polygon([[Ground.at(500, 500), Ground.at(2500, 700), Ground.at(1200, 2400)]]),
            .corridor([[Ground.at(0, 1500), Ground.at(3000, 1400)]], buffer_m: 120),
        ]
        for shape in shapes {
            var spans: [ConditionSpan] = []
            let area = ConditionArea(id: [1], shape: shape, speedFactor: 0.5, isClosed: false)
            ConditionSpan.find(area, on: path, into: &spans, limit: 1000)
            #expect(zip(spans, spans.dropFirst()).allSatisfy { $0.end_m < $1.start_m })
            for offset in stride(from: 5.0, to: path.length_m, by: 10) {
                let isIn = shape.contains(path.coordinate(at: offset))
                let isFound = spans.contains { $0.start_m <= offset && offset < $0.end_m }
                // Within 25 m of its edge either is right.
                if isIn != isFound {
                    #expect(abs(shape.signedDistance_m(from: path.coordinate(at: offset))) < 27, "seed \(seed)")
                }
            }
        }
    }

    @Test func `without a path the way is a straight line and a detour`() {
        let stops = [stop(2000), stop(5000)]
        let plan = RoutePlan(vehicle: [1], path: nil, stops: stops)
        expect(seconds(plan), [2000 * 1.35 * pace, 5000 * 1.35 * pace + 300])
    }

    @Test func `off the path it first comes back`() throws {
        let plan = try plan([stop(5000)])
        var now = moment(plan, at_m: 0, clock(0, 10))
        let place = Ground.at(1000, 600)
        now.latitude_e7 = Int32(place.latitude * 1e7)
        now.longitude_e7 = Int32(place.longitude * 1e7)
        var progress = PathProgress(near: 500)
        progress.isDeviated = true
        progress.nearest_m = 1000
        now.progress = progress
        expect(forecast(plan, now).map { Double($0.p50_ms - now.fix_ms) / 1000 }, [600 * 1.35 * pace + 4000 * pace])
    }

    @Test func `a router's times count where nothing was learned`() throws {
        let plan = try plan(
            [stop(10_000)], [(0, 0), (10_000, 0), (20_000, 0)], base: [BaseTime(endVertex: 1, duration_s: 1000)])
        expect(seconds(plan), [1300], 20)
    }

    @Test func `when positions stop coming it runs on and widens`() throws {
        let plan = try plan([stop(5000), stop(8000)])
        let fix = clock(0, 10)
        var last: [StopForecast] = []
        for age in stride(from: 0.0, through: 3600, by: 60) {
            let found = forecast(plan, moment(plan, at_m: 0, fix, age_s: age))
            let now = fix + Int64(age * 1000)
            #expect(found.allSatisfy { $0.p50_ms >= now && $0.p90_ms >= $0.p50_ms })
            #expect(found[1].p50_ms >= found[0].p50_ms)
            if let before = last.first {
                #expect(found[0].p90_ms > before.p90_ms)
                if now < before.p50_ms - 1000 { #expect(found[0].p50_ms == before.p50_ms) }
            }
            last = found
        }
        let estimate = Forecaster.estimatedOffset_m(plan, moment(plan, at_m: 0, fix, age_s: 288), learned, zone: taipei)
        #expect(abs((estimate ?? 0) - 2000) < 10)
        let atStop = Forecaster.estimatedOffset_m(plan, moment(plan, at_m: 0, fix, age_s: 9999), learned, zone: taipei)
        #expect(abs((atStop ?? 0) - 5000) < 10)
    }

    @Test func `nonsense that was imported, and times at the ends of what there is, give forecasts all the same`()
        throws
    {
        let text = #"""
            {"format":"fleetstream-learned","version":1,"fleet":{"weekday":[2e9,0],"weekday_10:00":[0,2e9]},
            "open_road":{"weekday":[2e9,0]},"detours":{"all":[2e9,0]},"router":{"all":[2e9,0]},
            "vehicles":[{"vehicle":"V","ratio":[2e9,0]}],"service":{"all":[2e9,0],"plans":[2e9,0]},
            "customers":[{"customer":"C","ratio":[2e9,0]}]}
            """#
        let learned = try LearnedValues(json: Array(text.utf8).span)
        let never = Coordinate(latitude: .nan, longitude: 500)
        let stops = [
            PlannedStop(place: Ground.at(5000, 0), task: ServiceTask(customer: [67], planned_s: 1e9)),
            PlannedStop(place: Ground.at(9000, 0), windowOpen_ms: .max, windowClose_ms: .min),
            PlannedStop(place: never),
        ]
        for path in [try Ground.path([(0, 0), (20_000, 0)], base: [BaseTime(endVertex: 1, duration_s: 9e6)]), nil] {
            var plan = RoutePlan(vehicle: [86], path: path, stops: stops)
            plan.refresh(now_ms: monday_ms, learned, Conditions())
            let written = bytes { plan.write(to: &$0) }
            var reader = ByteReader(written)
            let read = try RoutePlan(from: &reader)
            #expect(read == plan)
            for age_s in [0, 1e12] {
                var now = moment(plan, at_m: 0, clock(0, 10), age_s: age_s)
                now.liveRatio = .nan
                var found: [StopForecast] = []
                Forecaster.forecast(plan, now, learned, zone: taipei, into: &found)
                #expect(found.count == 3 && found.allSatisfy { $0.p50_ms >= now.now_ms })
            }
        }
    }

    @Test(arguments: UInt64(1)...30) func `any input gives times in order, not before now`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let stops = (0..<20).map { _ in
            PlannedStop(
                place: Ground.at(random.double(-5000...25_000), random.double(-3000...3000)),
                windowOpen_ms: random.unit() < 0.3 ? clock(0, random.double(-50...50)) : nil,
                task: ServiceTask(quantity: random.double(0...1000)),
                break_s: random.unit() < 0.2 ? random.double(0...1e6) : nil)
        }
        var plan = try plan(stops)
        for stop in stops.indices where random.unit() < 0.3 { plan.setDone(stop) }
        for _ in 0..<20 {
            var now = moment(plan, at_m: random.double(0...20_000), clock(0, random.double(0...24)))
            now.now_ms = now.fix_ms + Int64(random.double(0...1e7))
            now.serving = random.unit() < 0.3 ? Int(random.next() % 30) : nil
            now.servingSince_ms = random.unit() < 0.5 ? clock(0, random.double(-100...100)) : Int64.min
            now.liveRatio = random.double(0.4...3)
            let found = forecast(plan, now)
            #expect(found.count == stops.indices.count { !plan.stops[$0].isDone && $0 != now.serving })
            #expect(found.allSatisfy { $0.p50_ms >= now.now_ms && $0.p90_ms >= $0.p50_ms }, "seed \(seed)")
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.p50_ms <= $1.p50_ms && $0.p90_ms <= $1.p90_ms })
        }
    }
}
