import TestSupport
import Testing
import Wire

@testable import FleetCore

/// Which fixes count, and which do not.
@Suite struct `Fix time` {
    /// 5 m north a second: believable.
    private func drive(_ world: inout World, at: Double, received: Double? = nil) {
        world.report("V1", at: at, north(at * 5), centre.lon, accuracy: 5, received: received)
    }

    private func positions(_ world: inout World) -> (lat: Double?, time: Double?) {
        world.pass(to: Double(world.now_ms - epoch_ms) / 1000 + 30)
        world.tick(0)
        let state = world.takeStates().last
        return (state?["position"]?["lat"]?.number, Event.time(state?["time"]).map { Double($0 - epoch_ms) / 1000 })
    }

    private func rejections(_ world: inout World) -> [String] { world.takeLines("vehicle.position_rejected") }

    // MARK: - Duplicates and late fixes

    @Test func `an exact duplicate changes nothing at all`() {
        var once = World()
        var twice = World()
        for at in [0.0, 10, 20] {
            drive(&once, at: at)
            for _ in 0..<3 { drive(&twice, at: at) }
        }
        // Also of the older ones.
        drive(&twice, at: 0, received: 20)
        drive(&twice, at: 10, received: 20)
        once.tick(60)
        twice.tick(60)
        once.flush()
        twice.flush()
        #expect(once.outcomes == twice.outcomes)
        #expect(twice.counters.duplicateFixes == 8)
        #expect(twice.counters.acceptedFixes == 3)
    }

    /// A tracker's server forwards the place once for the position and once more for an alarm that came with it.
    @Test(arguments: [false, true]) func `a place that is told again with other sensors moves nothing, and they count`(
        _ isAlarmFirst: Bool
    ) throws {
        var world = World()
        drive(&world, at: 0)
        let alarm = ",\"fuel_pct\":5,\"alarms\":[\"sos\"]"
        for index in 0..<2 {
            let more = (index == 0) == isAlarmFirst ? alarm : ""
            world.report("V1", at: 10, north(50), centre.lon, accuracy: 5, more: more, received: 10)
        }
        let final = FinalStory(world.takeOutcomes())
        #expect(final.faults == [])
        #expect(final.events.values.map(\.type) == ["safety.sos"])
        world.tick(60)
        let state = try #require(world.takeStates().last)
        #expect(state["fuel_pct"]?.number == 5)
        #expect(Event.time(state["time"]) == milliseconds(10))
        #expect(world.counters.rejectedFixes == 0)
    }

    @Test func `the state keeps the newest value of each sensor, whichever came first`() throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            var world = World()
            for index in order {
                let members = ["\"fuel_pct\":50,\"battery_v\":12", "\"fuel_pct\":40", "\"battery_v\":13"][index]
                world.sensors("V1", at: Double(index) * 10, members, received: 30)
            }
            world.tick(60)
            let state = try #require(world.takeStates().last)
            #expect(state["fuel_pct"]?.number == 40, "\(order)")
            #expect(state["battery_v"]?.number == 13, "\(order)")
        }
    }

    @Test func `a duplicate of a late fix is a duplicate`() {
        var world = World()
        for at in [0.0, 20] { drive(&world, at: at) }
        drive(&world, at: 10, received: 21)
        drive(&world, at: 10, received: 22)
        world.flush()
        #expect(world.counters.lateFixes == 1)
        #expect(world.counters.duplicateFixes == 1)
    }

    @Test func `older than the window is rejected, exactly`() throws {
        var world = World()
        drive(&world, at: 0)
        drive(&world, at: 1800)
        world.report("V1", at: 0.001, north(1), centre.lon, received: 1801)
        #expect(rejections(&world) == [])
        world.report("V1", at: -0.001, north(1), centre.lon, received: 1802)
        let event = try #require(world.takeEvents("vehicle.position_rejected").first)
        #expect(event.line == "position_rejected older_than_window @-0.001")
        #expect(event.seconds("newest_time") == 1800)
        #expect(abs((event.number("distance_m") ?? 0) - 8999) < 0.1)
        #expect(abs((event.data["newest_position"]?["lat"]?.number ?? 0) - north(9000)) < 1e-6)
    }

    @Test func `two places at one time: the second is rejected`() {
        var world = World()
        for at in [0.0, 10, 20] { drive(&world, at: at) }
        world.report("V1", at: 20, north(101), centre.lon)
        world.report("V1", at: 10, north(51), centre.lon)
        #expect(
            rejections(&world) == ["position_rejected time_conflict @20.0", "position_rejected time_conflict @10.0"])
        #expect(positions(&world).time == 20)
    }

    @Test func `beyond a full track a late fix is refused`() {
        var settings = Settings()
        settings.trackFixes = 3
        var world = World(settings: settings)
        for at in [10.0, 20, 30, 40] { drive(&world, at: at) }
        drive(&world, at: 5, received: 41)
        #expect(rejections(&world) == ["position_rejected older_than_window @5.0"])
        #expect(world.counters.lateFixes == 0)
        #expect(world.counters.rejectedFixes == 1)
    }

    // MARK: - Not believable

    @Test func `the future begins two minutes ahead`() {
        var world = World()
        drive(&world, at: 0)
        drive(&world, at: 120, received: 0)
        #expect(rejections(&world) == [])
        drive(&world, at: 120.001, received: 0)
        #expect(rejections(&world) == ["position_rejected future_time @120.001"])
        #expect(positions(&world).time == 120)
    }

    @Test func `a first report from the far future brings the vehicle online now`() throws {
        var world = World()
        // 2099-01-01, with a sensor that must not stick.
        world.send(
            "vehicles/V1/telemetry", #"{"time":"2099-01-01T00:00:00Z","lat":25,"lon":121,"fuel_pct":7}"#, received: 10)
        let events = world.takeEvents()
        #expect(events.map(\.type) == ["vehicle.online", "vehicle.position_rejected"])
        #expect(events.first?.time == 10)
        world.report("V1", at: 20, north(0), centre.lon)
        world.tick(40)
        let state = try #require(world.takeStates().last)
        #expect(state["fuel_pct"] == nil)
        #expect(Event.time(state["time"]) == milliseconds(20))
    }

    @Test func `null island is rejected, its neighbourhood is not`() throws {
        var world = World()
        world.report("V1", at: 0, 0, 0)
        world.report("V1", at: 1, -0.0, 0.00000001)
        let events = world.takeEvents("vehicle.position_rejected")
        #expect(events.map(\.reason) == ["null_island", "null_island"])
        #expect(events.first?.data["newest_position"] == nil)
        world.report("V2", at: 2, 0, 0.0001)
        #expect(rejections(&world) == [])
        #expect(world.counters.acceptedFixes == 1)
    }

    @Test func `faster than any vehicle is a teleport`() throws {
        var world = World()
        world.report("V1", at: 0, north(0), centre.lon, accuracy: 5)
        // 250 km/h for 36 s are 2,500 m, and 10 m of accuracy.
        world.report("V1", at: 36, north(2511), centre.lon, accuracy: 5)
        let event = try #require(world.takeEvents("vehicle.position_rejected").first)
        #expect(event.line == "position_rejected teleport @36.0")
        #expect(abs((event.number("distance_m") ?? 0) - 2511) < 0.1)
        world.report("V2", at: 36, north(0), centre.lon, accuracy: 5)
        world.report("V2", at: 72, north(2509), centre.lon, accuracy: 5)
        #expect(rejections(&world) == [])
        #expect(world.counters.acceptedFixes == 3)
    }

    @Test func `agreeing outliers move the vehicle there`() {
        var world = World()
        world.fence("here", circle(100))
        world.fence("between", circle(100, lat: north(20_000)))
        world.fence("there", circle(100, lat: north(40_000)))
        world.report("V1", at: 0, north(0), centre.lon, accuracy: 5)
        for at in [10.0, 20] { world.report("V1", at: at, north(40_000), centre.lon, accuracy: 5) }
        #expect(rejections(&world) == ["position_rejected teleport @10.0", "position_rejected teleport @20.0"])
        world.report("V1", at: 30, north(40_005), centre.lon, accuracy: 5)
        // No line leads there: what lies between was not crossed.
        #expect(world.takeLines("") == ["exited here @30.0", "entered there @30.0"])
        world.report("V1", at: 40, north(40_010), centre.lon, accuracy: 5)
        #expect(rejections(&world) == [])
    }

    @Test func `outliers that do not agree prove nothing, and neither do repeated ones`() {
        var world = World()
        world.report("V1", at: 0, north(0), centre.lon)
        for round in 0..<6 {
            world.report(
                "V1", at: Double(round) * 10 + 10, north(round.isMultiple(of: 2) ? 40_000 : -40_000), centre.lon)
        }
        #expect(rejections(&world).count == 6)
        for _ in 0..<5 { world.report("V1", at: 100, north(90_000), centre.lon) }
        #expect(world.counters.acceptedFixes == 1)
        // A believable fix in between: the count starts over.
        world.report("V1", at: 110, north(90_000), centre.lon)
        world.report("V1", at: 111, north(10), centre.lon)
        for at in [120.0, 130] { world.report("V1", at: at, north(90_000), centre.lon) }
        world.flush()
        #expect(world.counters.acceptedFixes == 2)
        world.report("V1", at: 140, north(90_000), centre.lon)
        world.flush()
        #expect(world.counters.acceptedFixes == 3)
    }

    @Test func `one fix rejected for two reasons is two happenings`() {
        var world = World()
        world.report("V1", at: 0, north(0), centre.lon)
        world.report("V1", at: 300, north(900_000), centre.lon, received: 0)
        world.report("V1", at: 300, north(900_000), centre.lon, received: 300)
        let events = world.takeEvents("vehicle.position_rejected")
        #expect(events.map(\.reason) == ["future_time", "teleport"])
        #expect(Set(events.map(\.id)).count == 2)
    }

    // MARK: - Payloads

    @Test(arguments: seeds(30)) func `an array in any order is as good as sorted`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var times = (0..<random.int(2...40)).map { Double($0) * 7 }
        func payload() -> String {
            let elements = times.map { time in
                let metres = 300 * (time / 40).rounded(.down).truncatingRemainder(dividingBy: 2) + time / 10
                return reportText(
                    at: time, north(metres), centre.lon, accuracy: 20, more: ",\"fuel_pct\":\(Int(time) % 90)")
            }
            return "[\(elements.joined(separator: ","))]"
        }
        func run() -> [Outcome] {
            var world = World()
            world.fence("f", circle(100, "\"dwell_seconds\":30"))
            world.send("vehicles/V1/telemetry", payload(), received: 400)
            world.tick(410)
            world.flush()
            return world.outcomes
        }
        let sorted = run()
        times.shuffle(using: &random)
        #expect(run() == sorted, "seed \(seed)")
        #expect(sorted.count > 2)
    }

    @Test func `sensors alone are taken without a position`() throws {
        var world = World()
        world.sensors("V1", at: 0, #""fuel_pct":50.25,"ignition":true,"door_open":false,"odometer_km":1234.5678"#)
        #expect(world.takeLines("") == ["online @0.0"])
        world.tick(10)
        let state = try #require(world.takeStates().last)
        #expect(state["position"] == nil && state["time"] == nil)
        #expect(state["fuel_pct"]?.number == 50.3)
        #expect(state["odometer_km"]?.number == 1234.568)
        #expect(state["ignition"]?.bool == true)
        #expect(state["door_open"]?.bool == false)
        world.sensors("V1", at: -5, #""fuel_pct":99"#, received: 11)
        world.sensors("V1", at: 12, #""battery_v":12.345"#)
        world.tick(30)
        let later = try #require(world.takeStates().last)
        #expect(later["fuel_pct"]?.number == 50.3)
        #expect(later["battery_v"]?.number == 12.35 || later["battery_v"]?.number == 12.34)
    }
}
