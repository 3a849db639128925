import Foundation
import Testing

@testable import FleetBenchCases
@testable import FleetCore

@Suite struct `Judging forecasts` {
    private let fleet: [UInt8] = [102]
    private let minute: Int64 = 60_000

    private func expected(
        _ stop: UInt8, made_min: Int64, p50_min: Int64, straight_m: Double = 1000, path_m: Double? = 2000,
        isUnderWay: Bool = true
    ) -> ForecastNote {
        .forecast(
            ForecastNote.Expected(
                fleet: fleet, stop: [stop], made_ms: made_min * minute, p50_ms: p50_min * minute,
                p90_ms: (p50_min + 2) * minute, straight_m: straight_m, path_m: path_m, isUnderWay: isUnderWay))
    }

    private func arrived(_ stop: UInt8, _ arrivals: Int, at_min: Int64) -> ForecastNote {
        .arrival(ForecastNote.Arrived(fleet: fleet, stop: [stop], arrivals: arrivals, arrived_ms: at_min * minute))
    }

    private func all(_ score: ETAScore, _ way: ETAScore.Way = .engine) -> ETAScore.Sums { score.sums(way, bucket: 7) }

    @Test func `each forecast is compared with the arrival that came after it`() {
        var judge = ETAJudge()
        judge.take([
            expected(1, made_min: 0, p50_min: 8), expected(2, made_min: 0, p50_min: 20),
            expected(1, made_min: 5, p50_min: 9, isUnderWay: false), arrived(1, 1, at_min: 10),
            expected(1, made_min: 10, p50_min: 10),
        ])
        judge.finish()
        // The second stop was never reached, and nothing came after the last forecast of the first.
        #expect(judge.forecasts == 4 && all(judge.underWay).count == 1 && all(judge.before).count == 1)
        #expect(all(judge.underWay).mae_s == 120 && all(judge.before).bias_s == 60)
        #expect(judge.days.count == 1 && all(judge.days[0]).count == 1)
    }

    @Test func `an arrival that is corrected counts as it is known in the end`() {
        var judge = ETAJudge()
        judge.take([expected(1, made_min: 0, p50_min: 10), arrived(1, 1, at_min: 14), arrived(1, 1, at_min: 12)])
        judge.settle(now_ms: 60 * minute)
        #expect(all(judge.underWay).count == 0)
        judge.settle(now_ms: 14 * minute + 2 * 3_600_000)
        #expect(all(judge.underWay).count == 1 && all(judge.underWay).mae_s == 120)
    }

    @Test func `an arrival that is taken back counts not, and a second visit has forecasts of its own`() {
        var judge = ETAJudge()
        judge.take([
            expected(1, made_min: 0, p50_min: 10), arrived(1, 1, at_min: 10), arrived(1, 0, at_min: 0),
            expected(2, made_min: 0, p50_min: 10), arrived(2, 1, at_min: 11), expected(2, made_min: 20, p50_min: 30),
            arrived(2, 2, at_min: 31),
        ])
        judge.finish()
        #expect(all(judge.underWay).count == 2 && all(judge.underWay).mae_s == 60)
    }

    @Test func `the fitted speed is that of what was known at the time`() {
        var judge = ETAJudge()
        let prior_ms = ETABaseline.ConstantSpeed().time_ms(path_m: 2000)
        judge.take([expected(1, made_min: 0, p50_min: 10), expected(2, made_min: 0, p50_min: 10)])
        judge.take([arrived(1, 1, at_min: 60), arrived(2, 1, at_min: 60)])
        judge.take([expected(3, made_min: 61, p50_min: 70), arrived(3, 1, at_min: 70)])
        judge.finish()
        // The first two were predicted by the prior, the third by what they took: 20 + 4 km in 30 + 120 min.
        let sums = all(judge.underWay, .constant)
        let fitted_s = 2000 * (1800.0 + 7200) / 14_000
        let expected_s = (2 * (3600 - Double(prior_ms) / 1000) + abs(540 - fitted_s)) / 3
        #expect(abs(sums.mae_s - expected_s) < 1)
    }

    @Test func `a day is 24 hours from the first forecast on, and the report has a line for each`() {
        var judge = ETAJudge()
        for day in Int64(0)..<3 where day != 1 {
            let start = day * 1440
            judge.take([
                expected(UInt8(day), made_min: start, p50_min: start + 9), arrived(UInt8(day), 1, at_min: start + 10),
            ])
        }
        judge.finish()
        #expect(judge.days.map { all($0).count } == [1, 0, 1])
        let report = ETACapture.report(judge, withoutService: judge)
        #expect(report.filter { $0.hasPrefix("  day ") }.count == 2)
        #expect(report.contains { $0 == "forecasts 2, of which 2 were followed by an arrival" })
        #expect(report.last?.count == "checksum ".count + 16)
    }

    @Test func `a capture without stops, and one that is not there, are errors with their reason`() throws {
        let path = NSTemporaryDirectory() + "eta-\(UUID().uuidString).ndjson"
        try Data(#"{"tst":1795132800,"topic":"fleets/a/vehicles/v/status","payload":{"online":true}}"#.utf8)
            .write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        var lines: [String] = []
        let status = BenchCommand.run(
            arguments: ["eta", "--capture", path], print: { _ in }, printError: { lines.append($0) })
        #expect(status == 1 && lines.first?.contains("has no stop that was forecast") == true)
        #expect(
            BenchCommand.run(
                arguments: ["eta", "--capture", path + "x"], print: { _ in }, printError: { lines.append($0) }) == 1)
        #expect(lines.last?.contains("cannot read") == true)
        for wrong in [["fences", "--capture", path], ["eta", "--fleet", "a"], ["eta", "--capture"]] {
            #expect(BenchCommand.run(arguments: wrong, print: { _ in }, printError: { _ in }) == 2)
        }
    }
}
