import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `The course of a route` {
    private let settings = DeliverySettings()
    private let depot = DeliveryDrive.stop("D", north_m: 0, radius_m: 100, kind: .depot)
    private let places = [500.0, 1000, 1500].enumerated().map { DeliveryDrive.stop("S-\($0 + 1)", north_m: $1) }

    private func facts(returns: Bool = false) -> RouteFacts {
        RouteFacts(
            vehicle: DispatchID("V-1"), driver: DispatchID("D-1"), began_ms: DeliveryDrive.time(0),
            plannedEnd_ms: DeliveryDrive.time(450), returnsToDepot: returns, depot: depot)
    }

    /// From the depot at 100 to 1500 m at 400, a stop of a hundred seconds there, and back in its circle at 780.
    private let drive: [Fix] =
        stride(from: 0.0, through: 80, by: 20).map { DeliveryDrive.fix($0, north_m: 0, speed_kmh: 0) }
        + (0...15).map { DeliveryDrive.fix(100 + Double($0) * 20, north_m: 100 * Double($0), speed_kmh: 18) }
        + (1...5).map { DeliveryDrive.fix(400 + Double($0) * 20, north_m: 1500, speed_kmh: 0) }
        + (1...15).map { DeliveryDrive.fix(500 + Double($0) * 20, north_m: 1500 - 100 * Double($0), speed_kmh: 18) }

    private func track(until time_s: Double = 10_000) -> RunTrack {
        RunTrack(drive.filter { $0.time_ms <= DeliveryDrive.time(time_s) }, stops: [depot] + places)
    }

    private func stops(_ ended_s: [Double?], _ outcomes: [DeliveryOutcome?] = []) -> [RouteStop] {
        places.indices.map { index in
            RouteStop(
                stop: places[index], ended_ms: ended_s[index].map { DeliveryDrive.time($0) },
                outcome: ended_s[index] == nil ? nil : outcomes.isEmpty ? .delivered : outcomes[index], service_s: 60)
        }
    }

    private func brief(_ events: [DeskEvent]) -> [String] {
        events.map { "\(($0.time_ms - DeliveryDrive.epoch_ms) / 1000) \($0.type.name)" }
    }

    @Test func `it leaves, is served, completed with its costs, and comes back`() throws {
        var route = RouteHistory(fleet: [], route: DispatchID("R-1"))
        let left = route.update(facts(), stops: stops([nil, nil, nil]), track: track(until: 200), isLate: false)
        #expect(brief(left) == ["140 departed_depot"])
        #expect(left.allSatisfy { $0.subject == .route(DispatchID("R-1")) && $0.vehicle == DispatchID("V-1") })
        let none = route.update(facts(), stops: stops([210, nil, nil]), track: nil, isLate: false)
        #expect(none.isEmpty)
        let done = route.update(
            facts(), stops: stops([210, 310, 470], [.delivered, .failed, .partiallyDelivered]), track: track(),
            isLate: false)
        #expect(brief(done) == ["470 completed", "780 returned_to_depot"])
        let data = try #require(done.first.map { String(decoding: $0.data, as: UTF8.self) })
        #expect(
            data.hasSuffix(
                #""distance_km":1.3,"duration_s":330,"driving_s":260,"service_s":180,"stops":3,"delivered":2,"failed":1,"overtime_s":20"#
            ),
            "\(data)")
        // A stop that is added opens it again.
        let more = route.update(
            facts(), stops: stops([210, 310, 470]) + [RouteStop(stop: DeliveryDrive.stop("S-9", north_m: 9000))],
            track: nil,
            isLate: false)
        #expect(more.map(\.type) == [.routeRetracted])
    }

    @Test func `a route that ends at the depot is completed there`() throws {
        var route = RouteHistory(fleet: [], route: DispatchID("R-1"))
        let there = route.update(
            facts(returns: true), stops: stops([210, 310, 470]), track: track(until: 600), isLate: false)
        #expect(brief(there) == ["140 departed_depot"])
        let back = route.update(facts(returns: true), stops: stops([210, 310, 470]), track: track(), isLate: false)
        #expect(Set(brief(back)) == ["780 returned_to_depot", "780 completed"])
        let data = try #require(
            back.first { $0.type == .routeCompleted }.map { String(decoding: $0.data, as: UTF8.self) })
        #expect(data.contains(#""distance_km":2.7,"duration_s":640,"driving_s":560,"service_s":180"#), "\(data)")
    }

    @Test func `what was done before it began, or with nothing to do, is not this route's`() {
        var early = facts()
        early.began_ms = DeliveryDrive.time(200)
        var route = RouteHistory(fleet: [], route: DispatchID("R-1"))
        #expect(brief(route.update(early, stops: stops([nil, nil, nil]), track: track(), isLate: false)).isEmpty)
        var idle = RouteHistory(fleet: [], route: DispatchID("R-1"))
        let cancelled = idle.update(
            facts(), stops: stops([50, 60, 70], [nil, nil, nil]), track: track(), isLate: false)
        #expect(cancelled.isEmpty)
    }

    @Test func `a stop that was passed over is told once, and taken back where it was served in time after all`() {
        var route = RouteHistory(fleet: [], route: DispatchID("R-1"))
        let passed = route.update(facts(), stops: stops([nil, 300, 400]), track: nil, isLate: false)
        #expect(brief(passed) == ["300 out_of_sequence"])
        #expect(String(decoding: passed[0].data, as: UTF8.self).hasSuffix(#""stop":"S-2","expected_stop":"S-1""#))
        let served = route.update(facts(), stops: stops([200, 300, 400]), track: nil, isLate: true)
        #expect(served.map(\.type) == [.routeCompleted, .routeRetracted])
        // One that was cancelled before is not passed over, and neither is one at the same place.
        var cancelled = RouteHistory(fleet: [], route: DispatchID("R-2"))
        #expect(
            brief(
                cancelled.update(
                    facts(), stops: stops([100, 300, nil], [nil, .failed, nil]), track: nil, isLate: false)
            ).isEmpty)
        var twins = RouteHistory(fleet: [], route: DispatchID("R-3"))
        let pair = [
            RouteStop(stop: places[0]),
            RouteStop(
                stop: DeliveryDrive.stop("T", north_m: 510), ended_ms: DeliveryDrive.time(9), outcome: .delivered),
        ]
        #expect(brief(twins.update(facts(), stops: pair, track: nil, isLate: false)).isEmpty)
    }

    @Test func `goods that came and went are told once`() {
        var route = RouteHistory(fleet: [], route: DispatchID("R-1"))
        let word = RouteWord(time_ms: DeliveryDrive.time(9), cause: [1], kind: .loaded, items: Goods.cylinders(4))
        #expect(brief(route.add(word)) == ["9 loaded"])
        let again = route.add(word)
        #expect(again.isEmpty)
        let back = route.add(
            RouteWord(time_ms: DeliveryDrive.time(5), cause: [2], kind: .returned, items: Goods.cylinders(1)))
        #expect(brief(back) == ["5 returned"])
        #expect(back[0].isLate)
        #expect(
            String(decoding: back[0].data, as: UTF8.self)
                == #","route":"R-1","items":[{"product":"LPG-20","quantity":1}]"#)
    }

    @Test(arguments: seeds(20)) func `it goes on from a snapshot, and hostile bytes are errors`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var route = RouteHistory(fleet: [], route: DispatchID("R-1"))
        _ = route.update(facts(), stops: stops([210, nil, nil]), track: track(until: 300), isLate: false)
        _ = route.add(RouteWord(time_ms: DeliveryDrive.time(9), cause: [1], kind: .loaded, items: Goods.cylinders(4)))
        var writer = ByteWriter()
        route.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        var read = try RouteHistory(from: &reader, fleet: [])
        #expect(reader.isAtEnd && read == route)
        let next = (facts(returns: true), stops([210, 310, 470]))
        #expect(
            read.update(next.0, stops: next.1, track: track(), isLate: true)
                == route.update(next.0, stops: next.1, track: track(), isLate: true))
        for _ in 0..<200 {
            var bytes = writer.bytes
            for _ in 0..<random.int(1...3) { bytes[random.int(0...(bytes.count - 1))] = UInt8(random.int(0...255)) }
            if random.chance(30) { bytes.removeLast(random.int(1...bytes.count)) }
            var reader = ByteReader(bytes)
            guard var odd = try? RouteHistory(from: &reader, fleet: []) else { continue }
            _ = odd.update(facts(), stops: stops([210, 310, 470]), track: nil, isLate: true)
        }
    }
}
