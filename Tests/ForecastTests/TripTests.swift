import Geo
import TestSupport
import Testing

@testable import Forecast

@Suite struct `Trips` {
    private var learned = LearnedValues()

    private func plan(_ east: [Double], path: Bool = true, north: Double = 0) throws -> RoutePlan {
        RoutePlan(
            vehicle: [86], path: path ? try Ground.path([(0, north), (10_000, north)]) : nil,
            stops: east.map { PlannedStop(place: Ground.at($0, 10), break_s: 60) })
    }

    private func fix(_ east: Double, _ time_s: Double) -> PathFix {
        PathFix(Ground.at(east, 0), at: time_s, speed_kmh: 36, heading_deg: 90)
    }

    private mutating func forecasts(_ trip: inout Trip, _ time_s: Double) -> [StopForecast] {
        var forecasts: [StopForecast] = []
        trip.forecast(
            now_ms: monday_ms + Int64(time_s * 1000), learned, Conditions(), zone: taipei, into: &forecasts)
        return forecasts
    }

    @Test mutating func `nothing is forecast before the first fix`() throws {
        var trip = Trip(try plan([2000, 5000]))
        #expect(forecasts(&trip, 0).isEmpty)
        _ = trip.update(fix(100, 10), &learned, zone: taipei)
        #expect(forecasts(&trip, 10).map(\.stop) == [0, 1])
    }

    @Test mutating func `an arrival scores what was predicted, and a departure makes the stop done`() throws {
        var trip = Trip(try plan([2000, 5000]))
        for i in 0..<20 {
            _ = trip.update(fix(Double(i) * 100, Double(i) * 60), &learned, zone: taipei)
            _ = forecasts(&trip, Double(i) * 60)
        }
        let before = learned.residuals
        trip.arrived(0, at: monday_ms + 1_200_000, &learned, zone: taipei)
        #expect(learned.residuals != before && trip.serving == 0)
        // A second time it changes nothing.
        let once = learned
        trip.arrived(0, at: monday_ms + 1_300_000, &learned, zone: taipei)
        #expect(learned == once)
        #expect(forecasts(&trip, 1200).map(\.stop) == [1])
        trip.departed(0, at: monday_ms + 1_500_000, &learned)
        #expect(trip.serving == nil && trip.plan.stops[0].isDone)
        #expect(abs((trip.progress?.offset_m ?? 0) - 2000) < 20)
    }

    /// The departure is confirmed only some fixes later; until then forecasts must not put the vehicle back to the stop.
    @Test mutating func `of a vehicle that drives off nothing is left of the service`() throws {
        var trip = Trip(try plan([2000, 5000]))
        _ = trip.update(fix(1900, 0), &learned, zone: taipei)
        trip.arrived(0, at: monday_ms + 10_000, &learned, zone: taipei)
        let standing = PathFix(Ground.at(2000, 0), at: 20, speed_kmh: 0)
        _ = trip.update(standing, &learned, zone: taipei)
        let there = try #require(forecasts(&trip, 20).first)
        // Beside the stop, but slow: it may be parking anew.
        _ = trip.update(PathFix(Ground.at(2040, 0), at: 25, speed_kmh: 5), &learned, zone: taipei)
        let parking = try #require(forecasts(&trip, 25).first)
        _ = trip.update(fix(2060, 30), &learned, zone: taipei)
        let leaving = try #require(forecasts(&trip, 30).first)
        #expect(there.stop == 1 && parking.stop == 1 && leaving.stop == 1 && trip.serving == 0)
        #expect(abs(there.p50_ms - parking.p50_ms) < 10_000)
        // 30 s of the minute's break are left out.
        #expect(there.p50_ms - leaving.p50_ms > 20_000)
    }

    @Test mutating func `driving teaches the speeds of the pieces, waiting and stops do not`() throws {
        var trip = Trip(try plan([9000]))
        for i in 0...60 { _ = trip.update(fix(Double(i) * 100, Double(i) * 10), &learned, zone: taipei) }
        #expect(learned.speeds.segmentCount > 15)
        let key = SegmentKey(latitude: 25.04, longitude: 121.53, octant: 2)
        #expect(learned.speeds.segments.index.place(of: key) != nil)
        let before = learned
        // Ten minutes without coming forward, then on.
        for i in 1...60 {
            let standing = PathFix(Ground.at(6000, 0), at: 600 + Double(i) * 10, speed_kmh: 0)
            _ = trip.update(standing, &learned, zone: taipei)
        }
        _ = trip.update(fix(6050, 1210), &learned, zone: taipei)
        #expect(learned == before)
        trip.arrived(0, at: monday_ms + 1_220_000, &learned, zone: taipei)
        let arrived = learned.speeds.segments
        for i in 1...20 { _ = trip.update(fix(6050 + Double(i) * 50, 1220 + Double(i) * 60), &learned, zone: taipei) }
        #expect(learned.speeds.segments == arrived)
    }

    @Test mutating func `what an unknown id or stop asks for does nothing`() throws {
        var trip = Trip(try plan([2000]))
        _ = trip.update(fix(100, 10), &learned, zone: taipei)
        let before = trip
        trip.arrived(7, at: monday_ms, &learned, zone: taipei)
        trip.arrived(-1, at: monday_ms, &learned, zone: taipei)
        trip.setDone(9)
        trip.setWindow(9, open_ms: nil, close_ms: nil)
        #expect(trip == before)
    }

    @Test mutating func `another order of stops keeps the place and what waits for its arrival`() throws {
        var trip = Trip(try plan([2000, 5000, 8000]))
        for i in 0..<30 {
            _ = trip.update(fix(Double(i) * 100, Double(i) * 60), &learned, zone: taipei)
            if i == 20 {
                trip.arrived(0, at: monday_ms + 1_200_000, &learned, zone: taipei)
                trip.departed(0, at: monday_ms + 1_200_001, &learned)
            }
            _ = forecasts(&trip, Double(i) * 60)
        }
        let logs = trip.logs
        trip.replan(try plan([8000, 6000, 2000]), former: [2, nil, 0])
        #expect(trip.logs[0] == logs[2] && trip.logs[1].count == 0)
        #expect(trip.plan.stops.map(\.isDone) == [false, false, true])
        #expect(abs((trip.progress?.offset_m ?? 0) - 2900) < 20)
        #expect(forecasts(&trip, 1800).map(\.stop) == [0, 1])
    }

    @Test mutating func `a path that comes later is found from the newest fix`() throws {
        var trip = Trip(try plan([2000, 5000], path: false))
        for i in 0..<30 { _ = trip.update(fix(Double(i) * 100, Double(i) * 10), &learned, zone: taipei) }
        trip.setDone(0)
        trip.replan(try plan([2000, 5000]), former: [0, 1])
        #expect(abs((trip.progress?.offset_m ?? 0) - 2900) < 20)
        let found = forecasts(&trip, 290)
        #expect(found.map(\.stop) == [1])
        let ahead_s = Double(found[0].p50_ms - monday_ms) / 1000 - 290
        #expect(abs(ahead_s - 2100 * 0.144) < 30)
    }

    @Test func `a proposal without a route takes the learned detour and speed`() {
        let seconds = LearnedValues().openTravel_s(
            from: Ground.at(0, 0), to: Ground.at(3000, 4000), at: clock(0, 9), zone: taipei)
        #expect(abs(seconds - 5000 * 1.35 * 0.144) < 5)
    }
}
