import Foundation
import Geo
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// Random fleets, asked everything, against a list of all vehicles; with 1, 2 and 7 shards.
@Suite struct `Queries against brute force` {
    private struct Truck {
        var id: String
        var lat: Double
        var lon: Double
        var time: Double
        var isOnline = true
        var group: String?
    }

    private func fleet(_ random: inout SplitMix64) -> [Truck] {
        let isAtSeam = random.chance(25)
        var trucks: [Truck] = []
        for number in 0..<random.int(1...150) {
            // A grid, so that many stand at the same place and at the same distance.
            let east = Double(random.int(-12...12)) * 0.01
            var lon = (isAtSeam ? 179.97 : 121.5) + east
            if lon > 180 { lon -= 360 }
            trucks.append(
                Truck(
                    id: "V\(number * 7919 % 1000)", lat: 25 + Double(random.int(-12...12)) * 0.01,
                    lon: (lon * 1e7).rounded() / 1e7, time: Double(random.int(0...400)), isOnline: random.chance(70),
                    group: random.chance(50) ? random.pick(["a", "b"]) : nil))
        }
        return trucks
    }

    private func filter(_ random: inout SplitMix64) -> (text: String, holds: (Truck) -> Bool) {
        var parts: [String] = []
        let group = random.chance(30) ? "a" : nil
        let online = random.chance(30) ? random.chance(50) : nil
        let age = random.chance(30) ? Double(random.int(0...500)) : nil
        if let group { parts.append("\"group\":\"\(group)\"") }
        if let online { parts.append("\"online\":\(online)") }
        if let age { parts.append("\"max_age_s\":\(age)") }
        return (
            "{\(parts.joined(separator: ","))}",
            { truck in
                (group == nil || truck.group == group) && (online == nil || truck.isOnline == online)
                    && (age == nil || 500 - truck.time <= age ?? 0)
            }
        )
    }

    /// A query and the ids that answer it, in order.
    private func question(_ random: inout SplitMix64, _ trucks: [Truck]) -> (text: String, ids: [String]) {
        let (filterText, holds) = filter(&random)
        let wanted = trucks.filter(holds)
        let place = random.pick(trucks)
        let center = Coordinate(latitude: place.lat, longitude: place.lon)
        func distance(_ truck: Truck) -> Double {
            center.distance_m(to: Coordinate(latitude: truck.lat, longitude: truck.lon))
        }
        let byDistance = wanted.sorted { (distance($0), $0.id) < (distance($1), $1.id) }
        let byID = wanted.sorted { $0.id < $1.id }
        let at = "\"lat\":\(place.lat),\"lon\":\(place.lon)"
        let tail = "\"filter\":\(filterText)"
        let limit = random.int(1...40)
        switch random.int(0...3) {
        case 0:
            let most = random.chance(50) ? Double(random.int(0...8000)) : 1e7
            return (
                "{\"nearest\":{\(at),\"k\":\(limit),\"max_distance_m\":\(most)},\(tail)}",
                byDistance.filter { distance($0) <= most }.prefix(limit).map(\.id)
            )
        case 1:
            let radius = Double(random.int(0...9000))
            return (
                "{\"within\":{\(at),\"radius_m\":\(radius)},\"limit\":\(limit),\(tail)}",
                byDistance.filter { distance($0) <= radius }.prefix(limit).map(\.id)
            )
        case 2:
            let south = 25 + Double(random.int(-13...0)) * 0.01
            let north = 25 + Double(random.int(0...13)) * 0.01
            let west = random.pick(trucks).lon
            let east = random.pick(trucks).lon
            let inBox = byID.filter {
                $0.lat >= south && $0.lat <= north
                    && (west <= east ? $0.lon >= west && $0.lon <= east : $0.lon >= west || $0.lon <= east)
            }
            return (
                "{\"box\":{\"south\":\(south),\"north\":\(north),\"west\":\(west),\"east\":\(east)},\"limit\":\(limit),\(tail)}",
                inBox.prefix(limit).map(\.id)
            )
        default:
            let fence = Coordinate(latitude: 25, longitude: 121.5)
            let inFence = byID.filter {
                fence.distance_m(to: Coordinate(latitude: $0.lat, longitude: $0.lon)) < 6000
            }
            return ("{\"geofence\":\"f\",\"limit\":\(limit),\(tail)}", inFence.prefix(limit).map(\.id))
        }
    }

    @Test(arguments: seeds(15)) func `random fleets`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let trucks = fleet(&random)
        var script = Script()
        script.fence("f", circle(6000, lat: 25, lon: 121.5))
        for truck in trucks.sorted(by: { $0.time < $1.time }) {
            if let group = truck.group { script.register(truck.id, group: group) }
            script.report(truck.id, at: truck.time, truck.lat, truck.lon)
        }
        script.resumed(500)
        for truck in trucks { script.status(truck.id, truck.isOnline ? "online" : "offline") }
        var expected: [[String]] = []
        var texts: [String] = []
        for number in 0..<25 {
            let (text, ids) = question(&random, trucks)
            script.query("q\(number)", text)
            expected.append(ids)
            texts.append(text)
        }
        var first: [Outcome]?
        for shards in [1, 2, 7] {
            let answers = try outcomes(of: script.frames, shards: shards).filter { $0.kind == .answer }
            for (number, answer) in answers.enumerated() {
                let ids = answer.json["vehicles"]?.array?.compactMap { $0["vehicle"]?.string }
                #expect(ids == expected[number], "seed \(seed), \(shards) shards: \(texts[number])")
            }
            #expect(answers.count == 25)
            if first == nil { first = answers }
            #expect(answers == first, "seed \(seed), \(shards) shards")
        }
    }
}
