import CAllocationCount
import Forecast
import Geo
import Glibc

/// Forecasts of arrivals.
enum ETACases {
    static let all: [BenchCase] = [
        BenchCase(name: "eta/forecast", help: "P50 and P90 of 25 stops on a path of 60 km, and what goes before") {
            (size) throws(BenchError) in
            try ETAMeasurement(size: size).rows()
        }
    ]
}

/// A route of 25 stops through streets of unlike speeds, all of them learned.
struct ETAMeasurement {
    private static let stopCount = 25
    private static let zone = TimeZoneRules(fixedOffset_s: 28_800)
    /// Friday, 20 November 2026, 7:50 in Taipei: the rush hour is on the way.
    private static let start_ms: Int64 = 1_795_132_200_000

    private let size: BenchSize
    private let path: RoutePath
    private let stops: [PlannedStop]
    private var learned = LearnedValues()
    private var plan: RoutePlan

    init(size: BenchSize) throws(BenchError) {
        self.size = size
        var random = BenchRandom(seed: size.seed)
        // Eastward and back, ten streets, a vertex every 25 m.
        let coordinates = (0..<2400).map { i in
            let row = i / 240
            let column = row % 2 == 0 ? i % 240 : 239 - i % 240
            return Coordinate(
                latitude: 25 + Double(row) * 0.004 + random.double(-2e-5...2e-5),
                longitude: 121.5 + Double(column) * 0.000_25)
        }
        guard let path = RoutePath(coordinates) else { throw BenchError("eta: the path is no line") }
        self.path = path
        stops = (0..<Self.stopCount).map { i in
            PlannedStop(
                place: path.coordinate(at: path.length_m * (Double(i) + 0.9) / Double(Self.stopCount)),
                task: ServiceTask(customer: [UInt8(i)], kind: [1], quantity: Double(i % 5)))
        }
        plan = RoutePlan(vehicle: [86], path: path, stops: stops)
        learn(&random)
        plan.refresh(now_ms: Self.start_ms, learned, Conditions())
    }

    /// Two weeks of passages, each street with speeds of its own, the mornings slower.
    private mutating func learn(_ random: inout BenchRandom) {
        for offset in stride(from: 30, to: path.length_m, by: 120) {
            let own = random.double(0.06...0.3)
            for passage in 0..<20 {
                let time_ms = Self.start_ms - Int64(passage) * 50_000_000
                learned.speeds.observe(
                    key(at: offset), vehicle: [UInt8(passage)], at: time_ms, distance_m: 120,
                    time_s: 120 * own * random.double(0.7...1.5) * (passage % 5 == 0 ? 2 : 1), base_s: nil,
                    zone: Self.zone)
            }
        }
        for i in 0..<500 {
            learned.observeService(
                ServiceTask(customer: [UInt8(i % 25)], kind: [1], quantity: Double(i % 5)),
                took_s: random.double(60...400))
        }
    }

    /// Streets run east or west, and north between them.
    private func key(at offset_m: Double) -> SegmentKey {
        let place = path.coordinate(at: offset_m)
        let next = path.coordinate(at: min(path.length_m, offset_m + 10))
        let east = next.longitude - place.longitude
        let isNorthward = next.latitude - place.latitude > abs(east)
        return SegmentKey(
            latitude: place.latitude, longitude: place.longitude, octant: isNorthward ? 0 : east >= 0 ? 2 : 6)
    }

    private func moment(at offset_m: Double, _ time_ms: Int64) -> VehicleMoment {
        let place = path.coordinate(at: offset_m)
        return VehicleMoment(
            now_ms: time_ms, fix_ms: time_ms, latitude_e7: Int32(place.latitude * 1e7),
            longitude_e7: Int32(place.longitude * 1e7), progress: PathProgress(near: offset_m))
    }

    func rows() throws(BenchError) -> [BenchRow] {
        let count = size.count(2000, least: 20)
        // All before the first stop, so that all 25 are left.
        let moments = (0..<count).map { i in
            moment(at: path.length_m * 0.03 * Double(i) / Double(count), Self.start_ms + Int64(i) * 1000)
        }
        var areas = Conditions()
        for i in 0..<10 {
            let center = path.coordinate(at: path.length_m * Double(i) / 10)
            let area = ConditionArea(
                id: [UInt8(i)], shape: .circle(center: center, radius_m: 400), speedFactor: 0.5, isClosed: false)
            guard areas.upsert(area) else { throw BenchError("eta: an area was not taken") }
        }
        var slowed = plan
        slowed.refresh(now_ms: Self.start_ms, learned, areas)
        let loose = RoutePlan(vehicle: [86], path: nil, stops: stops)
        let checksum = try judge(moments)
        return [
            .measured("eta.forecast", forecast(plan, moments), "ns/25_stops"),
            .measured("eta.forecast.ten_areas", forecast(slowed, moments), "ns/25_stops"),
            .measured("eta.forecast.no_path", forecast(loose, moments), "ns/25_stops"),
            .measured("eta.progress", progress(), "ns/fix"),
            .measured("eta.refresh", refresh(), "ns/plan"),
            .count("eta.forecast.allocations", try allocations(moments), ""),
            .checksum("eta.forecast.checksum", checksum),
        ]
    }

    private func forecast(_ plan: RoutePlan, _ moments: [VehicleMoment]) -> [Double] {
        var forecasts: [StopForecast] = []
        var sum: Int64 = 0
        return Measure.each_ns(moments.count, size.repetitions) {
            for moment in moments {
                Forecaster.forecast(plan, moment, learned, zone: Self.zone, into: &forecasts)
                sum &+= forecasts[forecasts.count - 1].p90_ms
            }
        }
    }

    /// None, once the array of forecasts has grown.
    private func allocations(_ moments: [VehicleMoment]) throws(BenchError) -> Int {
        var forecasts: [StopForecast] = []
        Forecaster.forecast(plan, moments[0], learned, zone: Self.zone, into: &forecasts)
        allocation_count_begin()
        for moment in moments { Forecaster.forecast(plan, moment, learned, zone: Self.zone, into: &forecasts) }
        let count = allocation_count_end()
        guard count <= 0 || !Allocations.isOptimised else {
            throw BenchError("eta: \(count) allocations of forecasts; there should be none")
        }
        return count
    }

    private func progress() -> [Double] {
        let fixes = stride(from: 0, to: path.length_m, by: 100).enumerated().map { number, offset in
            let place = path.coordinate(at: offset)
            return PathFix(
                time_ms: Self.start_ms + Int64(number) * 10_000, latitude_e7: Int32(place.latitude * 1e7) + 300,
                longitude_e7: Int32(place.longitude * 1e7), speed_kmh: 36)
        }
        return Measure.each_ns(fixes.count, size.repetitions) {
            var progress = PathProgress()
            for fix in fixes { _ = progress.update(fix, on: path) }
        }
    }

    private func refresh() -> [Double] {
        var plan = plan
        var time_ms = Self.start_ms
        return Measure.each_ns(20, size.repetitions) {
            for _ in 0..<20 {
                time_ms += RoutePlan.refresh_ms
                plan.refresh(now_ms: time_ms, learned, Conditions())
            }
        }
    }

    /// Drives ahead ten metres at a time and asks the learned speeds each time: the forecast must agree within 3 %.
    private func judge(_ moments: [VehicleMoment]) throws(BenchError) -> UInt64 {
        var forecasts: [StopForecast] = []
        var checksum: UInt64 = 0
        for (number, moment) in moments.enumerated() {
            Forecaster.forecast(plan, moment, learned, zone: Self.zone, into: &forecasts)
            guard forecasts.count == Self.stopCount else { throw BenchError("eta: not all stops have a forecast") }
            for forecast in forecasts {
                checksum &+= Checksum.pair(number * 64 + forecast.stop, Int32(truncatingIfNeeded: forecast.p50_ms))
            }
            guard number < 5 else { continue }
            var time_s = 0.0
            var offset_m = moment.progress?.offset_m ?? 0
            for (stop, forecast) in forecasts.enumerated() {
                while offset_m < plan.offsets[stop].offset_m {
                    let now_ms = moment.fix_ms + Int64(time_s * 1000)
                    let step_m = min(10, plan.offsets[stop].offset_m - offset_m)
                    time_s += learned.speeds.pace_s_m(key(at: offset_m), at: now_ms, zone: Self.zone) * step_m
                    offset_m += step_m
                }
                let error_s = Double(forecast.raw_ms - moment.fix_ms) / 1000 - time_s
                guard abs(error_s) < 20 + 0.03 * time_s else {
                    throw BenchError("eta: the forecast for stop \(stop) is \(error_s) s off what brute force says")
                }
                time_s += learned.service.expected_s(stops[stop].task)
            }
        }
        return checksum
    }
}
