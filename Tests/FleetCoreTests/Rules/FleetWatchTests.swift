import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What befalls a fleet as a whole.
@Suite struct `Outages and lag` {
    private let moving = ",\"speed_kmh\":36,\"heading_deg\":90"

    /// So many vehicles report every ten seconds, but for those that `isLost` says; the events of the groups asked for.
    private func run(
        vehicles: Int = 40, seconds: Int = 600, rules: String = "{}", shards: Int = 2, age: Double = 0,
        groups: [String] = ["system", "vehicle.position"], cutAt: Int? = nil,
        isLost: (_ vehicle: Int, _ second: Int) -> Bool
    ) throws -> [Event] {
        var world = World(shards: shards)
        world.rules(rules)
        for second in 0..<seconds {
            for vehicle in 0..<vehicles where second % 10 == vehicle % 10 && !isLost(vehicle, second) {
                world.report(
                    "V\(vehicle)", at: Double(second) - age, north(Double(second)), centre.lon, more: moving,
                    received: Double(second))
            }
            world.tick(Double(second) + 0.9)
            if let cutAt, second % 97 == cutAt {
                world.flush()
                let parts = world.processor.snapshot().parts
                world.processor = Processor(topicRoot: "fleets", shardCount: shards + 1, resolveTimeZone: testTimeZone)
                try world.processor.restore(try Snapshot(parts: parts))
            } else if second % 7 == cutAt {
                world.flush()
            }
        }
        return world.takeEvents().filter { event in groups.contains { event.type.hasPrefix($0) } }
    }

    @Test func `many at once are one outage, and nothing is told of each`() throws {
        let events = try run { vehicle, second in vehicle < 30 && (100..<400).contains(second) }
        #expect(events.map(\.type) == ["system.gps_outage", "system.gps_restored"])
        let begin = try #require(events.first)
        #expect((210...240).contains(begin.time), "\(begin.text)")
        #expect(begin.data["fleet"]?.string == "acme" && begin.data["vehicle"] == nil && begin.sequence == 1)
        #expect((12...30).contains(begin.number("vehicles") ?? 0), "\(begin.text)")
        #expect(begin.number("expected_vehicles") == 40)
        let end = try #require(events.last)
        #expect(end.seconds("from_time") == begin.time && end.sequence == 2 && end.id != begin.id)
        #expect((400...420).contains(end.time) && end.number("duration_s") == end.time - begin.time)
        #expect(end.text.contains("\"subject\":\"fleets/acme\""))
    }

    @Test func `fewer, or fewer than the share, or one after the other, are told one by one`() throws {
        let few = try run { vehicle, second in vehicle < 9 && second >= 100 }
        #expect(few.count == 9 && few.allSatisfy { $0.type == "vehicle.position_stale" })
        let share = try run(vehicles: 100, seconds: 400) { vehicle, second in vehicle < 25 && second >= 100 }
        #expect(share.count == 25 && share.allSatisfy { $0.type == "vehicle.position_stale" })
        // One every 15 s: never more than a handful within the window.
        let slow = try run(seconds: 900) { vehicle, second in second >= 100 + vehicle * 15 }
        #expect(slow.count > 30 && !slow.contains { $0.type.hasPrefix("system.gps") }, "\(slow)")
    }

    @Test
    func
        `who stays away when an outage is over is told of then, and only of whom it was told is it told that he is back`()
        throws
    {
        let events = try run(seconds: 700) { vehicle, second in
            vehicle < 30 && (100..<400).contains(second) || vehicle == 0 && (100..<600).contains(second)
        }
        #expect(
            events.map(\.type) == [
                "system.gps_outage", "system.gps_restored", "vehicle.position_stale", "vehicle.position_recovered",
            ])
        #expect(events[1].number("remaining_vehicles") ?? 0 >= 1)
        #expect(events[2].vehicle == "V0" && events[3].vehicle == "V0")
    }

    @Test func `it does not flap where the share wavers`() throws {
        // Between 30 % and half of it.
        let events = try run(seconds: 900) { vehicle, second in
            vehicle < 20 && (100..<300).contains(second) || vehicle < 8 && (100..<800).contains(second)
        }
        #expect(events.filter { $0.type == "system.gps_outage" }.count == 1, "\(events)")
    }

    @Test func `a feed that falls silent is one event, and nobody's position is lost by it`() throws {
        let events = try run(seconds: 700) { _, second in (100..<500).contains(second) }
        #expect(events.map(\.type) == ["system.source_lagging", "system.source_recovered"])
        let begin = try #require(events.first)
        #expect(begin.time == 159 && begin.reason == "silence", "\(begin.text)")
        #expect((160...170).contains(begin.recorded))
        let end = try #require(events.last)
        #expect((500...505).contains(end.time) && end.seconds("from_time") == 159, "\(end.text)")
    }

    @Test func `who does not come back with the feed is told of, counted from its return`() throws {
        let events = try run(seconds: 800) { vehicle, second in
            (100..<500).contains(second) || vehicle == 3 && second >= 100
        }
        #expect(
            events.map(\.type) == [
                "system.source_lagging", "system.source_recovered", "vehicle.position_stale",
            ])
        #expect((620...680).contains(events[2].recorded), "\(events[2].text)")
    }

    @Test func `reports that come late, in the median, are a lag`() throws {
        let events = try run(seconds: 300, age: 150) { _, _ in false }
        #expect(events.map(\.type) == ["system.source_lagging"])
        #expect(events.first?.reason == "age")
        let median = try #require(events.first?.number("median_age_s"))
        #expect(median <= 150 && median > 150 * 7 / 8)
        #expect(try run(seconds: 300, age: 110) { _, _ in false }.isEmpty)
    }

    @Test func `one tracker that uploads late does not make a lag, and the lag ends when reports are prompt`() {
        var world = World(shards: 3)
        for second in 0..<900 {
            for vehicle in 0..<20 where second % 10 == vehicle % 10 {
                // The delay grows to 150 s and shrinks again; no fix is older than the one before it.
                let delay = max(0, min(Double(second - 200) * 0.5, 150 - Double(second - 600) * 0.9))
                let age = vehicle == 0 ? 1000.0 : 1 + delay
                world.report(
                    "V\(vehicle)", at: Double(second) - age, north(Double(second)), centre.lon, more: moving,
                    received: Double(second))
            }
            world.tick(Double(second) + 0.5)
        }
        let events = world.takeEvents("system")
        #expect(events.map(\.type) == ["system.source_lagging", "system.source_recovered"], "\(events)")
    }

    @Test func `switched off, nothing is told, and what is going on ends`() throws {
        let off = #"{"defaults":{"lag":{"enabled":0},"outage":{"enabled":0},"stale":{"enabled":0}}}"#
        #expect(try run(rules: off) { _, second in second >= 100 }.isEmpty)
    }

    @Test func `shards, batches and restarts make no difference`() throws {
        func isLost(_ vehicle: Int, _ second: Int) -> Bool {
            vehicle < 30 && (100..<300).contains(second) || (400..<600).contains(second)
                || vehicle % 7 == 3 && second > 650
        }
        let plain = try run(seconds: 900, shards: 1, isLost: isLost).map(\.text)
        #expect(plain.count >= 8)
        for shards in [2, 7] {
            #expect(try run(seconds: 900, shards: shards, isLost: isLost).map(\.text) == plain)
            for cut in [0, 3] {
                #expect(
                    try run(seconds: 900, shards: shards, cutAt: cut, isLost: isLost).map(\.text) == plain,
                    "\(shards) shards, cut at \(cut)")
            }
        }
    }

    @Test func `a fleet's outage is nothing to another`() {
        var world = World(shards: 2)
        for second in 0..<400 {
            for fleet in ["acme", "bravo"] {
                world.fleet = fleet
                for vehicle in 0..<20 where second % 10 == vehicle % 10 && (fleet == "bravo" || second < 100) {
                    world.report("V\(vehicle)", at: Double(second), north(Double(second)), centre.lon, more: moving)
                }
            }
        }
        let topics = world.takeOutcomes().filter { $0.topic.contains("/system/") }.map(\.topic)
        #expect(topics == ["fleets/acme/events/system/source_lagging"])
    }

    // MARK: - Parts

    @Test func `a range of ages holds its least age, and no age of the range before`() {
        for age_ms in [0, 1, 999, 1000, 1124, 1125, 1999, 2000, 60_000, 120_000, 3_600_000, 86_400_000, Int64.max / 4] {
            let range = Int(AgeHistogram.range(ofAge_ms: age_ms))
            let least = AgeHistogram.leastAge_ms(ofRange: range)
            #expect(least <= age_ms)
            if age_ms < 1 << 37 { #expect(AgeHistogram.leastAge_ms(ofRange: range + 1) > age_ms, "\(age_ms)") }
        }
        #expect(AgeHistogram.range(ofAge_ms: -5000) == 0)
        #expect(AgeHistogram.range(ofAge_ms: .min) == 0)
    }

    @Test(arguments: seeds(30)) func `the median is that of the sorted ages, an eighth below at most`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let ages = (0..<random.int(1...99)).map { _ in Int64(random.int(0...random.pick([500, 5000, 5_000_000]))) }
        var parts = [AgeHistogram(), AgeHistogram(), AgeHistogram()]
        for age in ages { parts[random.int(0...2)].add(range: AgeHistogram.range(ofAge_ms: age)) }
        var whole = AgeHistogram()
        for part in parts { whole += part }
        let exact = ages.sorted()[(ages.count - 1) / 2]
        let median = whole.median_ms ?? -1
        #expect(median <= exact && Double(exact) < max(1000, Double(median) * 9 / 8 + 125), "seed \(seed)")
        #expect(AgeHistogram().median_ms == nil)
    }
}
