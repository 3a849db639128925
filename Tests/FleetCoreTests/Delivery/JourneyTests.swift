import TestSupport
import Testing

@testable import FleetCore

@Suite struct `What fixes show of stops` {
    private let settings = DeliverySettings()
    private let stop = DeliveryDrive.stop("S-1", north_m: 1000)

    private func visits(_ fixes: [Fix], _ stops: [JourneyStop]? = nil) -> [StopVisit] {
        var journey = Journey()
        journey.setStops(stops ?? [stop])
        for fix in fixes { journey.step(fix, settings) }
        return journey.visits(of: stop.id)
    }

    @Test func `a visit has the times of the first fixes of what proved them`() throws {
        let seen = visits([
            DeliveryDrive.fix(0, north_m: 500, speed_kmh: 40), DeliveryDrive.fix(30, north_m: 950, speed_kmh: 20),
            DeliveryDrive.fix(40, north_m: 1000, speed_kmh: 0), DeliveryDrive.fix(60, north_m: 1001, speed_kmh: 0),
            DeliveryDrive.fix(110, north_m: 1001, speed_kmh: 0), DeliveryDrive.fix(130, north_m: 1070, speed_kmh: 20),
            DeliveryDrive.fix(140, north_m: 1150, speed_kmh: 30),
        ])
        let visit = try #require(seen.first)
        #expect(seen.count == 1)
        #expect(visit.entered == .init(time_ms: DeliveryDrive.time(30), known_ms: DeliveryDrive.time(30)))
        #expect(visit.arrived == .init(time_ms: DeliveryDrive.time(40), known_ms: DeliveryDrive.time(60)))
        #expect(visit.service == .init(time_ms: DeliveryDrive.time(100), known_ms: DeliveryDrive.time(110)))
        // 10 m outside is within the exit buffer; the next one is out beyond doubt.
        #expect(visit.left == .init(time_ms: DeliveryDrive.time(140), known_ms: DeliveryDrive.time(140)))
        #expect(visit.arrivalDistance_m == 1)
    }

    @Test func `driving through is a visit without arrival, and an unsure fix alone is none`() {
        let through = visits([
            DeliveryDrive.fix(0, north_m: 900, speed_kmh: 40), DeliveryDrive.fix(5, north_m: 960, speed_kmh: 40),
            DeliveryDrive.fix(10, north_m: 1020, speed_kmh: 40), DeliveryDrive.fix(15, north_m: 1100, speed_kmh: 40),
        ])
        #expect(through.count == 1)
        #expect(through.first?.arrived == nil)
        #expect(through.first?.left != nil)
        let unsure = visits([
            DeliveryDrive.fix(0, north_m: 900, speed_kmh: 40),
            DeliveryDrive.fix(5, north_m: 960, speed_kmh: 40, accuracy_m: 30),
            DeliveryDrive.fix(10, north_m: 1100, speed_kmh: 40),
        ])
        #expect(unsure.isEmpty)
    }

    @Test(arguments: [(19.999, false), (20.0, true)]) func `standing counts from 20 s on`(
        _ stood_s: Double, _ arrives: Bool
    ) {
        let seen = visits([
            DeliveryDrive.fix(0, north_m: 500, speed_kmh: 40), DeliveryDrive.fix(100, north_m: 1000, speed_kmh: 4.9),
            DeliveryDrive.fix(100 + stood_s, north_m: 1000, speed_kmh: 4.9),
            DeliveryDrive.fix(130, north_m: 1200, speed_kmh: 40),
        ])
        #expect((seen.first?.arrived != nil) == arrives)
    }

    @Test(arguments: [(4.9, true), (5.0, false)]) func `standing is slower than 5 km an hour`(
        _ speed_kmh: Float, _ stands: Bool
    ) {
        let seen = visits([
            DeliveryDrive.fix(0, north_m: 1000, speed_kmh: speed_kmh),
            DeliveryDrive.fix(40, north_m: 1000, speed_kmh: speed_kmh),
        ])
        #expect((seen.first?.arrived != nil) == stands)
        // With the ignition off the speed does not matter.
        let off = visits([
            DeliveryDrive.fix(0, north_m: 1000, speed_kmh: speed_kmh, flags: .ignitionOff),
            DeliveryDrive.fix(40, north_m: 1000, speed_kmh: speed_kmh, flags: .ignitionOff),
        ])
        #expect(off.first?.arrived != nil)
    }

    @Test(arguments: [(29.5, true), (30.5, false)]) func `without speeds, standing is staying within 30 m`(
        _ moved_m: Double, _ stands: Bool
    ) {
        let seen = visits([DeliveryDrive.fix(0, north_m: 990), DeliveryDrive.fix(40, north_m: 990 + moved_m)])
        #expect((seen.first?.arrived != nil) == stands)
    }

    @Test func `two slow fixes far apart are two places`() {
        let wide = DeliveryDrive.stop("S-1", north_m: 1000, radius_m: 400)
        let seen = visits(
            [DeliveryDrive.fix(0, north_m: 900, speed_kmh: 0), DeliveryDrive.fix(60, north_m: 1010, speed_kmh: 0)],
            [wide])
        #expect(seen.first?.arrived == nil)
    }

    @Test(arguments: [(179.0, false), (180.0, true)]) func `being there for long is an arrival without standing`(
        _ stayed_s: Double, _ arrives: Bool
    ) {
        let seen = visits([
            DeliveryDrive.fix(0, north_m: 1000, speed_kmh: 8), DeliveryDrive.fix(90, north_m: 1010, speed_kmh: 8),
            DeliveryDrive.fix(stayed_s, north_m: 1000, speed_kmh: 8),
        ])
        #expect(seen.first?.arrived?.time_ms == (arrives ? DeliveryDrive.time(0) : nil))
    }

    @Test func `a stop can be visited again, and both of two stops at one place are`() {
        var journey = Journey()
        let twin = DeliveryDrive.stop("S-2", north_m: 1010)
        journey.setStops([stop, twin])
        for lap in 0..<3 {
            let start_s = Double(lap) * 1000
            for (time_s, north_m) in [(0.0, 500.0), (100, 1000), (130, 1000), (200, 500)] {
                journey.step(DeliveryDrive.fix(start_s + time_s, north_m: north_m), settings)
            }
        }
        #expect(
            journey.visits(of: stop.id).map { $0.arrived?.time_ms } == [100, 1100, 2100].map { DeliveryDrive.time($0) })
        #expect(
            journey.visits(of: twin.id).map { $0.arrived?.time_ms } == [100, 1100, 2100].map { DeliveryDrive.time($0) })
        #expect(journey.visits(of: DispatchID("S-3")).isEmpty)
    }

    @Test func `visits of one stop are limited, and those with an arrival stay`() {
        var journey = Journey()
        journey.setStops([stop])
        journey.step(DeliveryDrive.fix(0, north_m: 1000), settings)
        journey.step(DeliveryDrive.fix(50, north_m: 1000), settings)
        for lap in 1...30 {
            journey.step(DeliveryDrive.fix(Double(lap) * 100, north_m: 500), settings)
            journey.step(DeliveryDrive.fix(Double(lap) * 100 + 50, north_m: 1000), settings)
        }
        journey.step(DeliveryDrive.fix(9000, north_m: 500), settings)
        let seen = journey.visits(of: stop.id)
        #expect(seen.count == StopSight.visitsMax)
        #expect(seen.first?.arrived?.time_ms == DeliveryDrive.time(0))
    }

    @Test func `one jump is not believed, several that agree are`() {
        let home = [DeliveryDrive.fix(0, north_m: 0), DeliveryDrive.fix(10, north_m: 10)]
        #expect(visits(home + [DeliveryDrive.fix(11, north_m: 1000), DeliveryDrive.fix(20, north_m: 10)]).isEmpty)
        let carried = home + [11, 12, 13, 50].map { DeliveryDrive.fix($0, north_m: 1000) }
        #expect(visits(carried).first?.entered.time_ms == DeliveryDrive.time(13))
    }

    @Test func `distance counts what was driven, not what a standing vehicle seems to move`() {
        var journey = Journey()
        for time in 0...60 {
            journey.step(DeliveryDrive.fix(Double(time * 5), north_m: Double(time % 2) * 8, speed_kmh: 0), settings)
        }
        #expect(journey.odometer == .init())
        for time in 1...10 {
            journey.step(
                DeliveryDrive.fix(300 + Double(time * 10), north_m: Double(time) * 100, speed_kmh: 36), settings)
        }
        #expect(abs(journey.odometer.distance_m - 1000) < 2)
        #expect(journey.odometer.driving_ms == 100_000)
        // A silence is not driving.
        journey.step(DeliveryDrive.fix(2000, north_m: 1500, speed_kmh: 36), settings)
        #expect(journey.odometer.driving_ms == 100_000)
        #expect(abs((journey.distance_m(to: stop.id) ?? -1) - 0) == 1)
    }
}
