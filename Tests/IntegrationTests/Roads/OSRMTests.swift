import FleetCore
import FleetService
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: OSRM.folder != nil, "needs PyPI's osrm-bindings"), .serialized)
struct `A real osrm-routed` {
    /// Routes asked for on each town.
    private static let routes = 60

    @Test(arguments: [1, 2] as [UInt64]) func `gives the quickest way, and we read it as it is`(seed: UInt64) throws {
        print("seed \(seed)")
        let programs = try #require(OSRM.folder)
        let town = StreetGrid(columns: 8, rows: 7, seed: seed)
        let router = try OSRMRouter(programs: programs, xml: town.xml, profile: StreetGrid.profile)
        let asker = Asker(router.url)
        var random = SplitMix64(seed: seed)
        // Two to five places, no two neighbours the same.
        let stops = (0..<Self.routes).map { _ in
            var stops: [Int] = []
            while stops.count < 2 + Int.random(in: 0...3, using: &random) || stops.count < 2 {
                let street = town.streets.indices.randomElement(using: &random) ?? 0
                if street != stops.last { stops.append(street) }
            }
            return stops
        }
        for (index, stops) in stops.enumerated() { asker.ask("\(index)", stops.map(town.middle)) }
        let answers = try asker.answers(stops.count)
        let own = try router.answers(stops.map { path($0.map(town.middle)) })
        for (index, stops) in stops.enumerated() {
            guard case .answer(let answer) = answers["\(index)"] else {
                Issue.record("seed \(seed), \(stops): \(String(describing: answers["\(index)"]))")
                continue
            }
            try compare(answer, own[index])
            compare(answer, town, stops, seed)
        }
        // Streets in one direction only make some ways longer than their reversal: they are really there.
        #expect(town.streets.contains { $0.isOneWay })
    }

    /// With the router's own words, as another JSON reader has them.
    private func compare(_ answer: RoadAnswer, _ own: [String: Any]) throws {
        let route = try #require((own["routes"] as? [[String: Any]])?.first)
        let number = { (object: [String: Any], key: String) in (object[key] as? NSNumber)?.doubleValue ?? .nan }
        #expect(abs(answer.distance_m - number(route, "distance")) <= 0.05 + 1e-9)
        #expect(abs(answer.duration_s - number(route, "duration")) <= 0.05 + 1e-9)
        let legs = try #require(route["legs"] as? [[String: Any]])
        #expect(legs.count == answer.legs.count)
        for (leg, theirs) in zip(answer.legs, legs) {
            #expect(abs(leg.distance_m - number(theirs, "distance")) <= 0.05 + 1e-9)
            #expect(abs(leg.duration_s - number(theirs, "duration")) <= 0.05 + 1e-9)
        }
        let line = try #require((route["geometry"] as? [String: Any])?["coordinates"] as? [[NSNumber]])
        let path = line.map {
            RoadPoint(
                latitude_e7: Int32(($0[1].doubleValue * 1e7).rounded()),
                longitude_e7: Int32(($0[0].doubleValue * 1e7).rounded()))
        }
        #expect(answer.path == path)
    }

    /// With our own quickest ways.
    private func compare(_ answer: RoadAnswer, _ town: StreetGrid, _ stops: [Int], _ seed: UInt64) {
        for (leg, ends) in zip(answer.legs, zip(stops, stops.dropFirst())) {
            let expected_s = town.seconds(from: ends.0, to: ends.1)
            // The router rounds the time of each street to 0.1 s, and its earth is 0.03 % larger.
            let slack_s = 0.05 * 20 + expected_s * 0.0005
            #expect(abs(leg.duration_s - expected_s) <= slack_s, "seed \(seed), \(stops), \(ends)")
        }
        #expect(town.isDrivable(answer.path), "seed \(seed), \(stops): \(answer.path)")
        let length_m = StreetGrid.length_m(answer.path)
        #expect(abs(answer.distance_m - length_m) <= 1 + length_m * 0.005, "seed \(seed), \(stops)")
        #expect(answer.path.first.map { distance_m($0, town.middle(stops[0])) < 2 } == true)
        #expect(answer.path.last.map { distance_m($0, town.middle(stops[stops.count - 1])) < 2 } == true)
    }

    @Test func `knows no way to an island, and is missed when it is gone`() throws {
        let programs = try #require(OSRM.folder)
        let town = StreetGrid(columns: 4, rows: 4, seed: 3)
        let router = try OSRMRouter(programs: programs, xml: town.xml, profile: StreetGrid.profile)
        let asker = Asker(router.url) { $0.cacheEntries = 0 }
        #expect(try asker.word("a", [town.middle(0), StreetGrid.island]) == "no_route")
        #expect(try asker.word("b", [town.middle(0), town.middle(5)]) == "ok")
        // Its own limit for the points of a question.
        let many = (0..<101).map { town.middle($0 % town.streets.count) }
        #expect(try asker.word("c", many) == "refused" && asker.client.statistics.requests == 2)
        #expect(try asker.word("d", Array(many.prefix(100))) == "ok")
        router.stop()
        #expect(try asker.word("e", [town.middle(0), town.middle(5)]) == "refused")
    }

    private func path(_ points: [RoadPoint]) -> String {
        let places = points.map { "\(Double($0.longitude_e7) / 1e7),\(Double($0.latitude_e7) / 1e7)" }
        return "/route/v1/driving/\(places.joined(separator: ";"))?overview=full&geometries=geojson"
    }
}
