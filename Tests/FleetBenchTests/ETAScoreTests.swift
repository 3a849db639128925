import Testing

@testable import FleetBenchCases

@Suite struct `Score of forecasts` {
    private let stop: [UInt8] = [83]
    private let minute: Int64 = 60_000

    private func prediction(_ made_min: Int64, p50: Int64, p90: Int64, line: Int64, constant: Int64)
        -> ETAScore.Prediction
    {
        ETAScore.Prediction(
            made_ms: made_min * minute, p50_ms: p50 * minute, p90_ms: p90 * minute, line_ms: line * minute,
            constant_ms: constant * minute)
    }

    @Test func `each prediction counts in the bucket of the time that was really left`() {
        var score = ETAScore()
        score.predicted(stop, prediction(0, p50: 18, p90: 21, line: 10, constant: 26))
        score.predicted(stop, prediction(16, p50: 22, p90: 23, line: 18, constant: 21))
        score.predicted([1], prediction(0, p50: 1, p90: 1, line: 1, constant: 1))
        score.arrived(stop, at: 20 * minute)
        let far = score.sums(.engine, bucket: 4)
        #expect(far.count == 1 && far.mae_s == 120 && far.bias_s == 120 && abs(far.mape - 0.1) < 1e-9)
        #expect(far.nearShare == 1 && far.coverage == 1)
        let near = score.sums(.engine, bucket: 1)
        #expect(near.count == 1 && near.bias_s == -120 && near.nearShare == 0 && near.mape == 0.5)
        #expect(score.sums(.line, bucket: 4).mae_s == 600 && score.sums(.line, bucket: 4).nearShare == 0)
        #expect(score.sums(.constant, bucket: 1).mae_s == 60 && score.sums(.constant, bucket: 1).nearShare == 1)
        let all = score.sums(.engine, bucket: 7)
        #expect(all.count == 2 && all.bias_s == 0 && all.mae_s == 120)
        #expect(!score.isBestEverywhere)
    }

    @Test func `an arrival takes its predictions with it, and what was made after it does not count`() {
        var score = ETAScore()
        score.predicted(stop, prediction(0, p50: 5, p90: 4, line: 9, constant: 9))
        score.predicted(stop, prediction(5, p50: 5, p90: 6, line: 9, constant: 9))
        score.arrived(stop, at: 5 * minute)
        score.arrived(stop, at: 6 * minute)
        #expect(score.sums(.engine, bucket: 7).count == 1)
        #expect(score.sums(.engine, bucket: 7).coverage == 0 && score.isBestEverywhere)
    }

    @Test func `the table has a line for each bucket of each way`() {
        var score = ETAScore()
        score.predicted(stop, prediction(0, p50: 18, p90: 21, line: 10, constant: 26))
        score.arrived(stop, at: 20 * minute)
        let lines = score.table()
        #expect(lines.count == 3 * 10)
        let row = lines.first { $0.hasPrefix("  15-30") }?.split(separator: " ").map(String.init)
        #expect(row == ["15-30", "1", "120.0", "10.0", "120.0", "100.0", "100.0"])
    }

    @Test func `the baselines`() {
        #expect(ETABaseline.line_ms(straight_m: 1000) == 156_000)
        var speed = ETABaseline.ConstantSpeed()
        #expect(speed.time_ms(path_m: 1000) == 180_000)
        for _ in 0..<1000 { speed.observe(path_m: 10_000, took_s: 3600) }
        speed.observe(path_m: .nan, took_s: 1)
        speed.observe(path_m: 1, took_s: -1)
        #expect(abs(speed.time_ms(path_m: 1000) - 360_000) < 1000)
    }
}
