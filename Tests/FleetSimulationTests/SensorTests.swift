import FleetSimulation
import Testing

@Suite struct SensorTests {
    private func state(speed_mps: Double, isIgnitionOn: Bool = true, isTunnel: Bool = false) -> VehicleJourney.State {
        VehicleJourney.State(
            activity: .driving, position: PlanePoint(x_m: 100, y_m: -50), heading_deg: 271, speed_mps: speed_mps,
            acceleration_mps2: 0, isIgnitionOn: isIgnitionOn, isTunnel: isTunnel, roadClass: .arterial, distance_m: 0,
            engine_s: 0, loading_s: 0)
    }

    private func sensor(_ settings: Scenario.Positioning, seed: UInt64) -> PositionSensor {
        PositionSensor(settings: settings, random: RandomSource(seed: seed, purpose: .positioning), start_s: 0)
    }

    @Test(arguments: [false, true])
    func `68 % of the fixes are within the accuracy that they report`(isTunnel: Bool) {
        var sensor = sensor(Scenario.Positioning(), seed: 3)
        let truth = state(speed_mps: 10, isTunnel: isTunnel)
        var inside = 0
        var accuracies = 0.0
        let count = 40_000
        for index in 1...count {
            let fix = sensor.measure(truth, at: Double(index) * 40)
            inside += fix.position.distance_m(to: truth.position) <= fix.accuracy_m ? 1 : 0
            accuracies += fix.accuracy_m
            #expect(fix.accuracy_m > 0)
        }
        #expect(abs(Double(inside) / Double(count) - 0.68) < 0.02)
        let mean_m = accuracies / Double(count)
        #expect(abs(mean_m / (isTunnel ? 30 : 5) - 1.046) < 0.06)
    }

    @Test func `errors a second apart are alike, and minutes apart are not`() {
        var settings = Scenario.Positioning()
        settings.correlation_s = 30
        func correlation(step_s: Double) -> Double {
            var sensor = sensor(settings, seed: 8)
            let truth = state(speed_mps: 10)
            var previous = 0.0
            var products = 0.0
            var squares = 0.0
            for index in 1...50_000 {
                let fix = sensor.measure(truth, at: Double(index) * step_s)
                let error = (fix.position.x_m - truth.position.x_m) / fix.accuracy_m
                products += error * previous
                squares += error * error
                previous = error
            }
            return products / squares
        }
        #expect(correlation(step_s: 1) > 0.94)
        #expect(abs(correlation(step_s: 300)) < 0.03)
    }

    @Test func `speed and heading are measured around the truth, and frozen at a standstill`() {
        var sensor = sensor(Scenario.Positioning(), seed: 1)
        var speeds = 0.0
        var headings = 0.0
        for index in 1...5_000 {
            let fix = sensor.measure(state(speed_mps: 12), at: Double(index))
            speeds += fix.speed_kmh
            headings += fix.heading_deg
            #expect(fix.heading_deg >= 0 && fix.heading_deg < 360)
        }
        #expect(abs(speeds / 5_000 - 43.2) < 0.1)
        #expect(abs(headings / 5_000 - 271) < 0.3)
        let moving = sensor.measure(state(speed_mps: 12), at: 5_001)
        let parked = sensor.measure(state(speed_mps: 0, isIgnitionOn: false), at: 5_100)
        #expect(parked.speed_kmh == 0)
        #expect(parked.heading_deg == moving.heading_deg)
    }

    @Test func `fuel falls with the way, the odometer and engine hours rise, and the tank is filled at the depot`() {
        var condition = VehicleCondition(
            vehicleClass: .gasTruck, random: RandomSource(seed: 2, purpose: .condition), start_s: 0)
        var truth = state(speed_mps: 15)
        let first = condition.read(truth, at: 0, hourOfDay: 8)
        truth.distance_m = 50_000
        truth.engine_s = 3_600
        let second = condition.read(truth, at: 3_600, hourOfDay: 9)
        #expect(abs(second.odometer_km - first.odometer_km - 50) < 0.001)
        #expect(abs(second.engine_hours - first.engine_hours - 1) < 0.001)
        // 8 l for the way and 1.2 l for the hour, of a tank of 80 l.
        #expect(abs(first.fuel_pct - second.fuel_pct - 11.5) < 3)
        #expect(second.coolant_c > 80)
        truth.distance_m = 250_000
        truth.loading_s = 300
        #expect(condition.read(truth, at: 9_000, hourOfDay: 11).fuel_pct > 90)
    }

    @Test func `a buffer gives back what it was given, in either order, in arrays of the size asked for`() {
        for newestFirst in [false, true] {
            var buffer = ReportBuffer(limit: 100)
            for number in 0..<25 { buffer.append(Array("\(number)".utf8)) }
            let arrays = buffer.takeArrays(newestFirst: newestFirst, arrayMax: 10)
            #expect(buffer.isEmpty)
            #expect(arrays.count == 3)
            let numbers = arrays.flatMap { array in
                String(decoding: array.dropFirst().dropLast(), as: UTF8.self).split(separator: ",").compactMap {
                    Int($0)
                }
            }
            #expect(numbers == (newestFirst ? Array((0..<25).reversed()) : Array(0..<25)))
        }
    }

    @Test func `a full buffer loses the oldest and says how many`() {
        var buffer = ReportBuffer(limit: 4)
        for number in 0..<11 { buffer.append(Array("\(number)".utf8)) }
        #expect(buffer.count == 4)
        #expect(buffer.dropped == 7)
        let array = buffer.takeArrays(newestFirst: false, arrayMax: 50)
        #expect(array == [Array("[7,8,9,10]".utf8)])
        #expect(buffer.takeArrays(newestFirst: false, arrayMax: 50).isEmpty)
    }

    @Test func `arrays stay below the size that a processor takes`() {
        var buffer = ReportBuffer(limit: 1_000)
        for _ in 0..<500 { buffer.append([UInt8](repeating: UInt8(ascii: "1"), count: 300)) }
        let arrays = buffer.takeArrays(newestFirst: false, arrayMax: 1_000)
        #expect(arrays.allSatisfy { $0.count <= 61_000 })
        #expect(arrays.count == 3)
    }

    @Test func `coverage is lost as often and as long as the scenario says`() {
        var settings = Scenario.Coverage()
        settings.lossesPerHour = 6
        settings.lossMean_s = 120
        var covered = 0
        var losses = 0
        for vehicle in UInt64(0)..<20 {
            var schedule = CoverageSchedule(
                settings: settings, random: RandomSource(seed: 1, purpose: .reporting, number: vehicle))
            var was = true
            for second in 0..<36_000 {
                let isCovered = schedule.isCovered(at: Double(second), isTunnel: false)
                covered += isCovered ? 1 : 0
                losses += was && !isCovered ? 1 : 0
                was = isCovered
            }
        }
        // 200 hours of 600 s with and 120 s without on average: 5 losses an hour, 83 % covered.
        #expect(abs(Double(covered) / 720_000 - 0.833) < 0.02)
        #expect(abs(Double(losses) / 200 - 5) < 0.5)
    }

    @Test func `tunnels and scheduled losses have no coverage`() {
        var settings = Scenario.Coverage()
        settings.scheduledStart_s = 300
        settings.scheduledDuration_s = 1_200
        var schedule = CoverageSchedule(settings: settings, random: RandomSource(seed: 1, purpose: .reporting))
        let seen = [0.0, 299.9, 300, 1_499.9, 1_500].map { schedule.isCovered(at: $0, isTunnel: false) }
        #expect(seen == [true, true, false, false, true])
        let underground = schedule.isCovered(at: 1_501, isTunnel: true)
        #expect(!underground)
    }
}
