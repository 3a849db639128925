import Geo
import TestSupport
import Testing
import Wire

@testable import Forecast

/// A fleet in the synthetic city, forecast minute by minute with nothing but its past.
struct FleetRun {
    struct Prediction {
        var made_ms: Int64
        var stop: Int
        var engine_ms: Int64
        var late_ms: Int64
        var line_ms: Int64
        var constant_ms: Int64
    }

    struct Score {
        var horizon_s: Double
        var engine_s: Double
        var line_s: Double
        var constant_s: Double
        var isBeforeP90: Bool
    }

    private struct Vehicle {
        var drive: SyntheticCity.Drive
        var trip: Trip
        var made: [Prediction] = []
        var lastMade_ms = Int64.min
        var lastFix: PathFix?
        var begun_ms: Int64 = 0
    }

    var learned = LearnedValues()
    var scores: [Score] = []
    /// Metres and seconds of all drives that are over: for the speed of the second baseline.
    private var driven_m = 20_000.0
    private var driven_s = 4800.0
    private var vehicles: [Vehicle] = []
    private var forecasts: [StopForecast] = []
    /// Whether trips go through a snapshot now and then.
    var restarts = false
    var hasPaths = true

    mutating func day(_ city: SyntheticCity, _ day: Int, scoring: Bool) throws {
        vehicles = try (0..<8).map { number in
            let drive = try city.drive(vehicle: number, day: day, start_h: 6.5 + Double(number) * 1.4)
            let plan = RoutePlan(vehicle: drive.vehicle, path: hasPaths ? drive.path : nil, stops: drive.stops)
            return Vehicle(drive: drive, trip: Trip(plan))
        }
        var order: [(time_ms: Int64, vehicle: Int, index: Int)] = []
        for (number, vehicle) in vehicles.enumerated() {
            for (index, happening) in vehicle.drive.happenings.enumerated() {
                order.append((happening.time_ms, number, index))
            }
        }
        order.sort { $0 < $1 }
        for entry in order { try step(entry.vehicle, entry.index, scoring: scoring) }
    }

    private mutating func step(_ number: Int, _ index: Int, scoring: Bool) throws {
        let (time_ms, what) = vehicles[number].drive.happenings[index]
        switch what {
        case .departed(let stop):
            if stop == nil { vehicles[number].begun_ms = time_ms }
            vehicles[number].trip.departed(stop, at: time_ms, &learned)
        case .arrived(let stop):
            vehicles[number].trip.arrived(stop, at: time_ms, &learned, zone: taipei)
            if scoring { score(number, stop, at: time_ms) }
            if let offset_m = vehicles[number].trip.plan.offsets.last?.offset_m, stop == 9 {
                driven_m += offset_m
                driven_s += Double(time_ms - vehicles[number].begun_ms) / 1000
            }
        case .fix(let fix):
            _ = vehicles[number].trip.update(fix, &learned, zone: taipei)
            guard time_ms >= vehicles[number].lastMade_ms + 60_000 else { return }
            vehicles[number].lastMade_ms = time_ms
            if restarts, time_ms % 7 == 0 {
                var reader = ByteReader(bytes { vehicles[number].trip.write(to: &$0) })
                vehicles[number].trip = try Trip(from: &reader)
            }
            predict(number, fix)
        }
    }

    private mutating func predict(_ number: Int, _ fix: PathFix) {
        vehicles[number].trip.forecast(
            now_ms: fix.time_ms, learned, Conditions(), zone: taipei, into: &forecasts)
        let trip = vehicles[number].trip
        let here = Coordinate(latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7)
        for forecast in forecasts {
            let line_m = here.shortDistance_m(to: trip.plan.stops[forecast.stop].place)
            let path_m = trip.progress.map { trip.plan.offsets[forecast.stop].offset_m - $0.offset_m } ?? line_m * 1.3
            vehicles[number].made.append(
                Prediction(
                    made_ms: fix.time_ms, stop: forecast.stop, engine_ms: forecast.p50_ms, late_ms: forecast.p90_ms,
                    line_ms: fix.time_ms + Int64(line_m * 1.3 * 120),
                    constant_ms: fix.time_ms + Int64(max(0, path_m) * 1000 * driven_s / driven_m)))
        }
    }

    private mutating func score(_ number: Int, _ stop: Int, at arrived_ms: Int64) {
        for made in vehicles[number].made where made.stop == stop {
            func error_s(_ time_ms: Int64) -> Double { Double(abs(time_ms - arrived_ms)) / 1000 }
            scores.append(
                Score(
                    horizon_s: Double(arrived_ms - made.made_ms) / 1000, engine_s: error_s(made.engine_ms),
                    line_s: error_s(made.line_ms), constant_s: error_s(made.constant_ms),
                    isBeforeP90: arrived_ms <= made.late_ms))
        }
    }

    /// The mean of something over the scores of a horizon bucket.
    func mean(_ bucket: Int, _ value: (Score) -> Double) -> Double {
        let chosen = scores.filter { Residuals.bucket($0.horizon_s) == bucket }
        return chosen.reduce(0) { $0 + value($1) } / Double(max(1, chosen.count))
    }

    var coverage: Double { Double(scores.count { $0.isBeforeP90 }) / Double(max(1, scores.count)) }
}

@Suite struct `A fleet in a synthetic city` {
    private func run(_ seed: UInt64, hasPaths: Bool = true, restarts: Bool = false, days: [Int], scored: Int) throws
        -> FleetRun
    {
        let city = SyntheticCity(seed: seed)
        var run = FleetRun()
        run.hasPaths = hasPaths
        run.restarts = restarts
        for (number, day) in days.enumerated() {
            try run.day(city, day, scoring: number >= days.count - scored)
        }
        run.learned.checkInvariants()
        return run
    }

    @Test(arguments: UInt64(1)...3) func `forecasts are better than both baselines, and nine of ten come before P90`(
        _ seed: UInt64
    ) throws {
        // A week to learn, two days to be judged; what is learned goes on being learned.
        let run = try run(seed, days: [0, 1, 2, 3, 4, 7, 8], scored: 2)
        for bucket in 0..<Residuals.bucketCount {
            let engine = run.mean(bucket) { $0.engine_s }
            let line = run.mean(bucket) { $0.line_s }
            let constant = run.mean(bucket) { $0.constant_s }
            #expect(engine < line && engine < constant, "seed \(seed), \(Residuals.bucketNames[bucket]) min")
        }
        #expect((0.85...0.95).contains(run.coverage), "seed \(seed): \(run.coverage)")
    }

    @Test func `without paths too they are better than the straight line`() throws {
        let run = try run(5, hasPaths: false, days: [0, 1, 2, 3], scored: 1)
        for bucket in 1..<Residuals.bucketCount {
            let name = Residuals.bucketNames[bucket]
            #expect(run.mean(bucket) { $0.engine_s } < run.mean(bucket) { $0.line_s }, "\(name) min")
        }
    }

    @Test func `restarts change nothing, and the same day gives the same values`() throws {
        let through = try run(6, days: [0, 1], scored: 1)
        let restarted = try run(6, restarts: true, days: [0, 1], scored: 1)
        #expect(through.learned == restarted.learned && !through.scores.isEmpty)
        let isSame = zip(through.scores, restarted.scores).allSatisfy {
            $0.engine_s == $1.engine_s && $0.isBeforeP90 == $1.isBeforeP90
        }
        #expect(isSame && through.scores.count == restarted.scores.count)
    }

    @Test(arguments: [1, 2, 4])
    func `the place along the path is right at every arrival, and nobody is said to deviate`(
        _ every: Int
    ) throws {
        // A fix every 15, 30 and 60 s, on streets that many paths run along twice.
        let reach_m = Double(every) * 15 * 20 + 100
        for seed in UInt64(1)...6 {
            let city = SyntheticCity(seed: seed)
            for number in 0..<4 {
                let drive = try city.drive(vehicle: number, day: 1, start_h: 8)
                var learned = LearnedValues()
                var trip = Trip(RoutePlan(vehicle: drive.vehicle, path: drive.path, stops: drive.stops))
                var fixes = 0
                for (time_ms, what) in drive.happenings {
                    switch what {
                    case .fix(let fix):
                        fixes += 1
                        guard fixes % every == 0 else { continue }
                        let update = trip.update(fix, &learned, zone: taipei)
                        #expect(update.change == .none, "seed \(seed)")
                    case .arrived(let stop):
                        let ahead_m = (trip.progress?.offset_m ?? 0) - trip.plan.offsets[stop].offset_m
                        #expect(ahead_m < 150 && ahead_m > -reach_m, "seed \(seed), stop \(stop)")
                        trip.arrived(stop, at: time_ms, &learned, zone: taipei)
                    case .departed(let stop): trip.departed(stop, at: time_ms, &learned)
                    }
                }
            }
        }
    }

    @Test func `a trip's hostile bytes are errors, and what is read can be used`() throws {
        let drive = try SyntheticCity(seed: 3).drive(vehicle: 1, day: 0, start_h: 9)
        var learned = LearnedValues()
        var trip = Trip(RoutePlan(vehicle: drive.vehicle, path: drive.path, stops: drive.stops))
        for (time_ms, what) in drive.happenings.prefix(200) {
            switch what {
            case .fix(let fix): _ = trip.update(fix, &learned, zone: taipei)
            case .arrived(let stop): trip.arrived(stop, at: time_ms, &learned, zone: taipei)
            case .departed(let stop): trip.departed(stop, at: time_ms, &learned)
            }
        }
        var forecasts: [StopForecast] = []
        trip.forecast(now_ms: clock(0, 10), learned, Conditions(), zone: taipei, into: &forecasts)
        let written = bytes { trip.write(to: &$0) }
        var reader = ByteReader(written)
        let same = try Trip(from: &reader)
        #expect(same == trip && reader.isAtEnd)
        var random = SplitMix64(seed: 11)
        for round in 0..<300 {
            var broken = written
            broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next())
            if round % 5 == 0 { broken.removeLast(Int(random.next() % 400)) }
            var reader = ByteReader(broken)
            guard var read = try? Trip(from: &reader) else { continue }
            _ = read.update(PathFix(Ground.at(500, 500), at: 80_000), &learned, zone: taipei)
            read.forecast(now_ms: clock(0, 23), learned, Conditions(), zone: taipei, into: &forecasts)
            read.arrived(5, at: clock(0, 23), &learned, zone: taipei)
            read.departed(5, at: clock(0, 23.5), &learned)
        }
        learned.checkInvariants()
    }
}
