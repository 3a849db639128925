import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Anomaly rule` {
    private var script = ConditionScript<AnomalyRule> {
        $0.segment_km = 20
        $0.temperature = 1
        $0.tank_l = 200
    }
    private var km = 0.0
    private var fuel_pct = 90.0
    private var minute = 0

    /// One segment after another, in reports of every kilometre; fuel is filled up where it runs low.
    private mutating func drive(_ segments: Int, pct_per_100km: Double, noise: () -> Double = { 0 }) {
        for _ in 0..<(segments * 20) {
            km += 1
            minute += 1
            fuel_pct -= pct_per_100km / 100
            if fuel_pct < 20 { fuel_pct = 90 }
            script.see(Seen(Double(minute) * 60, km: km, kmh: 60)) { $0.fuel_pct = fuel_pct + noise() }
        }
    }

    @Test mutating func `consumption unlike the vehicle's own is told once, until it is ordinary again`() throws {
        drive(12, pct_per_100km: 12)
        #expect(script.events.isEmpty)
        drive(3, pct_per_100km: 24)
        try #require(script.types == [.consumptionAnomalous])
        #expect(script.words == ["high"])
        let event = script.events[0]
        #expect(abs((event.value("usual_pct_per_100km") ?? 0) - 12) < 0.5)
        #expect(abs((event.value("usual_l_per_100km") ?? 0) - 24) < 1)
        #expect((event.value("z_score") ?? 0) > 3.5)
        drive(4, pct_per_100km: 12)
        drive(2, pct_per_100km: 4)
        #expect(script.words == ["high", "low"])
    }

    @Test mutating func `a new ordinary is learned`() {
        drive(10, pct_per_100km: 10)
        drive(30, pct_per_100km: 20)
        #expect(script.words == ["high"])
        drive(3, pct_per_100km: 10)
        #expect(script.words == ["high", "low"])
    }

    @Test mutating func `between the two scores nothing changes`() {
        drive(12, pct_per_100km: 12)
        drive(1, pct_per_100km: 30)
        drive(2, pct_per_100km: 16)
        drive(1, pct_per_100km: 30)
        #expect(script.words == ["high"])
        drive(2, pct_per_100km: 12)
        drive(1, pct_per_100km: 30)
        drive(1, pct_per_100km: 12)
        #expect(script.words == ["high", "high"])
    }

    @Test mutating func `with little history nothing is told`() {
        drive(7, pct_per_100km: 10)
        drive(1, pct_per_100km: 60)
        #expect(script.events.isEmpty)
    }

    @Test(arguments: seeds(20))
    func `sloshing makes the history wide, and tells nothing`(seed: UInt64) {
        var test = `Anomaly rule`()
        test.script.limits.threshold = 6
        var random = SplitMix64(seed: seed)
        test.drive(60, pct_per_100km: 12) { Double(random.int(-100...100)) / 100 }
        #expect(test.script.events.isEmpty, "seed \(seed)")
    }

    @Test mutating func `the hourly mean temperature against those before`() {
        func see(_ hour: Int, _ cargo_c: Double) {
            for part in 0..<4 {
                script.see(Seen(Double(hour) * 3600 + Double(part) * 900)) {
                    $0.cargo_c = cargo_c + (part == hour % 4 ? 0.4 : 0)
                }
            }
        }
        for hour in 0..<20 { see(hour, 4 + Double(hour % 3) * 0.3) }
        for hour in 20..<23 { see(hour, 9) }
        for hour in 23..<30 { see(hour, 4.3) }
        #expect(script.types == [.temperatureAnomalous])
        #expect(script.events[0].key_s == 20 * 3600)
        #expect(script.events[0].at_s == 21 * 3600)
        #expect(script.events[0].value("temperature_c") == 9.1)
    }

    @Test mutating func `temperature is looked at only where it is asked for`() {
        script.limits.temperature = 0
        for hour in 0..<60 { script.see(Seen(Double(hour) * 3600)) { $0.cargo_c = hour == 50 ? 90 : 4 } }
        #expect(script.events.isEmpty)
    }

    @Test func `the score is the modified z-score`() {
        var history = RobustHistory()
        for value: Int16 in [100, 104, 96, 102, 98, 110, 90] { history.add(value) }
        #expect(history.score(120, leastDeviation: 1) == nil)
        history.add(101)
        // Median 100.5; deviations 0.5 0.5 1.5 2.5 3.5 4.5 9.5 10.5, whose median is 3.
        let score = history.score(120, leastDeviation: 1)
        #expect(score?.median == 100.5)
        #expect(abs((score?.z ?? 0) - 0.6745 * 19.5 / 3) < 1e-9)
        #expect(abs((history.score(120, leastDeviation: 6)?.z ?? 0) - 0.6745 * 19.5 / 6) < 1e-9)
    }

    @Test(arguments: seeds(20))
    func `medians and the history's window against sorting`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var history = RobustHistory()
        var all: [Int16] = []
        func middle(_ values: [Double]) -> Double {
            let sorted = values.sorted()
            return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        }
        for _ in 0..<60 {
            let value = random.chance(10) ? random.pick([Int16.min, .max]) : Int16(random.int(-50...50))
            let window = all.suffix(16).map(Double.init)
            if window.count >= 8 {
                let median = middle(window)
                let spread = max(middle(window.map { abs($0 - median) }), 1)
                let score = history.score(value, leastDeviation: 1)
                #expect(score?.median == median, "seed \(seed)")
                #expect(abs((score?.z ?? .nan) - 0.6745 * (Double(value) - median) / spread) < 1e-9, "seed \(seed)")
            }
            history.add(value)
            all.append(value)
        }
    }
}
