import TestSupport
import Testing
import Wire

@testable import Forecast

@Suite struct `Service times` {
    private func task(_ customer: String, _ kind: String = "delivery", quantity: Double = 1, planned: Double? = nil)
        -> ServiceTask
    { ServiceTask(customer: Array(customer.utf8), kind: Array(kind.utf8), quantity: quantity, planned_s: planned) }

    @Test func `an unknown customer is like its kind, an unknown kind like all, and nothing like the prior`() {
        var service = ServiceTimes()
        #expect(abs(service.expected_s(task("A")) - 195) < 1e-9)
        for i in 0..<100 {
            service.observe(task("C\(i)", "delivery"), took_s: 120)
            service.observe(task("P\(i)", "pickup"), took_s: 600)
        }
        #expect(abs(service.expected_s(task("new", "delivery")) - 120) < 40)
        #expect(abs(service.expected_s(task("new", "pickup")) - 600) < 60)
        let unknown = service.expected_s(task("new", "other"))
        #expect(unknown > 250 && unknown < 450)
        service.checkInvariants()
    }

    @Test func `a customer's own times count more with each visit`() {
        var service = ServiceTimes()
        for i in 0..<100 { service.observe(task("C\(i)"), took_s: 120) }
        var last = abs(service.expected_s(task("slow")) - 900)
        for _ in 0..<8 {
            service.observe(task("slow"), took_s: 900)
            let error = abs(service.expected_s(task("slow")) - 900)
            #expect(error < last)
            last = error
        }
        #expect(last < 250)
    }

    @Test(arguments: UInt64(1)...5) func `each piece takes what the quantities say`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var service = ServiceTimes()
        for i in 0..<1500 {
            let quantity = Double(1 + random.next() % 8)
            service.observe(
                task("C\(i % 300)", quantity: quantity), took_s: 100 + 40 * quantity + random.normal() * 20)
        }
        #expect(abs(service.pieces.each_s - 40) < 5, "seed \(seed)")
        #expect(abs(service.expected_s(task("C1", quantity: 10)) - 500) < 60, "seed \(seed)")
    }

    @Test func `a plan counts as much as it is right`() {
        var right = ServiceTimes()
        var wrong = ServiceTimes()
        var random = SplitMix64(seed: 1)
        for i in 0..<300 {
            let took = random.double(60...900)
            right.observe(task("C\(i)", planned: took / 1.5), took_s: took)
            wrong.observe(task("C\(i)", planned: random.double(60...900)), took_s: took)
        }
        #expect(abs(right.expected_s(task("new", planned: 600)) - 900) < 120)
        let mean = wrong.expected_s(task("new"))
        #expect(abs(wrong.expected_s(task("new", planned: 900)) - mean) < 350)
    }

    @Test func `what is left of a service shrinks, and never ends before the vehicle leaves`() {
        var spread = ServiceSpread()
        var random = SplitMix64(seed: 2)
        for _ in 0..<500 { spread.observe(random.double(0.7...1.3)) }
        #expect(spread.remaining_s(expected_s: 300, elapsed_s: 0) == 300)
        let halfway = spread.remaining_s(expected_s: 300, elapsed_s: 150)
        #expect(abs(halfway - 150) < 45)
        for elapsed in stride(from: 10.0, to: 1e5, by: 997) {
            #expect(spread.remaining_s(expected_s: 300, elapsed_s: elapsed) >= 15)
        }
    }

    @Test func `what is no service teaches nothing`() {
        var service = ServiceTimes()
        let before = service
        for took in [0, -5, .nan, .infinity, 86_400.0] { service.observe(task("A"), took_s: took) }
        #expect(service == before)
        #expect(ServiceTask(quantity: .nan, planned_s: -3) == ServiceTask())
    }
}

@Suite struct `Errors of forecasts` {
    @Test func `quantiles go from the prior to what was seen`() {
        var residuals = Residuals()
        let prior = residuals.corrections_s(horizon_s: 600, hasStopsBefore: false)
        #expect(prior.median == 0 && abs(prior.ninety - 0.4 * 660) < 1e-9)
        var random = SplitMix64(seed: 4)
        for _ in 0..<3000 {
            for horizon in [450.0, 750, 1300] {
                residuals.observe(
                    horizon_s: horizon, hasStopsBefore: false, error_s: (horizon + 60) * random.double(-0.1...0.4))
            }
        }
        let seen = residuals.corrections_s(horizon_s: 600, hasStopsBefore: false)
        #expect(abs(seen.median - 0.15 * 660) < 20 && abs(seen.ninety - 0.35 * 660) < 20)
        #expect(residuals.corrections_s(horizon_s: 600, hasStopsBefore: true) == prior)
    }

    @Test func `what is given as P90 moves until one in ten comes later`() {
        var residuals = Residuals()
        var random = SplitMix64(seed: 8)
        var later = 0
        for i in 0..<20_000 {
            // Told with half as much again on top, as one that is kept in order with others is.
            let told_s = residuals.corrections_s(horizon_s: 500, hasStopsBefore: true).ninety + 40
            let error_s = 300 * random.double(0...1)
            residuals.observe(
                horizon_s: 500, hasStopsBefore: true, error_s: error_s, isAfterP90: error_s > told_s)
            if i >= 10_000, error_s > told_s { later += 1 }
        }
        #expect((700...1300).contains(later))
    }

    @Test func `they follow a change`() {
        var residuals = Residuals()
        for _ in 0..<5000 { residuals.observe(horizon_s: 90, hasStopsBefore: false, error_s: 0) }
        for _ in 0..<9000 { residuals.observe(horizon_s: 90, hasStopsBefore: false, error_s: 75) }
        #expect(abs(residuals.corrections_s(horizon_s: 90, hasStopsBefore: false).median - 75) < 8)
    }

    @Test func `what cannot be teaches nothing`() {
        var residuals = Residuals()
        for (horizon, error) in [(-1.0, 0.0), (.nan, 0), (.infinity, 0), (10, .nan), (10, .infinity)] {
            residuals.observe(horizon_s: horizon, hasStopsBefore: false, error_s: error)
        }
        #expect(residuals == Residuals())
        residuals.observe(horizon_s: 100, hasStopsBefore: true, error_s: -1e300)
        residuals.observe(horizon_s: 100, hasStopsBefore: true, error_s: 1e300)
        #expect(residuals.histograms.allSatisfy { $0.isValid })
    }

    @Test func `a log keeps one prediction a minute and stays small`() throws {
        var log = PredictionLog()
        let forecast = StopForecast(
            stop: 0, p50_ms: 0, p90_ms: 0, raw_ms: monday_ms, uncertain_s: 5, hasStopsBefore: false,
            isThroughClosure: false)
        for second in 0..<100_000 { log.record(forecast, made_ms: monday_ms + Int64(second) * 1000) }
        #expect(log.count <= 64 && log.count > 30)
        let gaps = zip(log.predictions, log.predictions.dropFirst()).map { $1.made_ms - $0.made_ms }
        #expect(gaps.allSatisfy { $0 >= 60_000 })
        let written = bytes { log.write(to: &$0) }
        var reader = ByteReader(written)
        let read = try PredictionLog(from: &reader)
        #expect(read == log)
    }
}
