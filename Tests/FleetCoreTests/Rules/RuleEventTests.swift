import Testing
import Wire

@testable import FleetCore

/// Rules at work in the engine: what they find becomes events, late data change them, a restart does not.
@Suite struct `Rules in the engine` {
    /// North at a speed, a fix every 10 s, with what else each report holds.
    private func drive(
        _ world: inout World, from start: Double, seconds: Int, kmh: Double, at place: Double, more: String = "",
        received: Double? = nil
    ) -> Double {
        var metres = place
        for index in 0...(seconds / 10) {
            let time = start + Double(index) * 10
            metres = place + kmh / 3.6 * Double(index) * 10
            world.report(
                "V1", at: time, north(metres), centre.lon, accuracy: 5, more: ",\"speed_kmh\":\(kmh)\(more)",
                received: received)
        }
        return metres
    }

    /// A stand of five minutes, a drive of five, and a stand that ends the trip.
    private func day(_ world: inout World) {
        var place = drive(&world, from: 0, seconds: 290, kmh: 0, at: 0)
        place = drive(&world, from: 300, seconds: 290, kmh: 50, at: place)
        _ = drive(&world, from: 600, seconds: 600, kmh: 0, at: place)
    }

    @Test func `a trip is told with its distance and times`() throws {
        var world = World()
        day(&world)
        let events = world.takeEvents("vehicle.trip")
        #expect(events.map(\.type) == ["vehicle.trip_started", "vehicle.trip_ended"])
        let ended = try #require(events.last)
        #expect(abs((ended.number("distance_m") ?? 0) - 4028) < 60)
        #expect(ended.seconds("started") == events[0].time)
        #expect(ended.data["position"] != nil)
    }

    @Test func `speeding carries the last minute of the track`() throws {
        var world = World()
        _ = drive(&world, from: 0, seconds: 300, kmh: 120, at: 0)
        let started = try #require(world.takeEvents("safety.speeding_started").first)
        let track = try #require(started.data["track"]?.array)
        #expect(track.count >= 2 && track.count <= 7)
        let times = track.compactMap { Event.time($0["time"]) }
        #expect(times == times.sorted())
        #expect(track.allSatisfy { $0["speed_kmh"]?.number == 120 && $0["lat"]?.number != nil })
    }

    @Test func `a suspected crash carries the minute before the stop, although it is told a minute later`() throws {
        var world = World()
        for second in 0..<300 {
            let metres = min(Double(second), 120) * 20
            world.report(
                "V1", at: Double(second), north(metres), centre.lon, accuracy: 5,
                more: ",\"speed_kmh\":\(second <= 120 ? 72 : 0)")
        }
        let crash = try #require(world.takeEvents("safety.crash_suspected").first)
        let track = try #require(crash.data["track"]?.array)
        let times = track.compactMap { Event.time($0["time"]) }
        #expect(times.first == milliseconds(crash.time - 60) && times.last == milliseconds(crash.time + 10))
        #expect(track.count == 71 && track.filter { $0["speed_kmh"]?.number == 72 }.count == 60)
    }

    @Test func `permits and the calendar hold for vehicles that tell nothing but positions`() {
        var world = World()
        world.rules(
            #"{"defaults":{"hazmat":{"require_corridor":1},"maintenance":{"every_days":30,"base_date":20261001}}}"#)
        _ = drive(&world, from: 0, seconds: 300, kmh: 50, at: 0)
        #expect(world.takeEvents("safety.permit_violated").map(\.reason) == ["outside_corridor"])
        var protected = World()
        protected.fence("school", circle(300, "\"kind\":\"protected\""))
        _ = drive(&protected, from: 0, seconds: 900, kmh: 0, at: 0)
        #expect(protected.takeEvents("safety").map(\.type) == ["safety.protected_parking"])
    }

    @Test func `a limit of a zone counts for those inside`() {
        var world = World()
        world.fence("z", box(south: 25, west: 121.4, north: 25.2, east: 121.6, "\"speed_limit_kmh\":40"))
        _ = drive(&world, from: 0, seconds: 300, kmh: 60, at: 0)
        let started = world.takeEvents("safety.speeding_started")
        #expect(started.map { $0.number("limit_kmh") } == [40])
        var free = World()
        _ = drive(&free, from: 0, seconds: 300, kmh: 60, at: 0)
        #expect(free.takeEvents("safety.speeding_started").isEmpty)
    }

    @Test func `codes come and go by name`() {
        var world = World()
        for (index, codes) in ["[]", "[\"P0420\"]", "[\"P0301\",\"P0420\"]", "[\"P0301\"]", "[]"].enumerated() {
            for step in 0..<30 {
                world.sensors("V1", at: Double(index * 300 + step * 10), "\"dtc\":\(codes)")
            }
        }
        let lines = world.takeEvents("condition.dtc").map { event in
            "\(event.type) \(event.data["dtc"]?.array?.compactMap(\.string) ?? [])"
        }
        #expect(
            lines == [
                "condition.dtc_raised [\"P0420\"]", "condition.dtc_raised [\"P0301\"]",
                "condition.dtc_cleared [\"P0420\"]", "condition.dtc_cleared [\"P0301\"]",
            ])
    }

    @Test func `drivers are told by name, on every shard and after a restart`() throws {
        var script = Script()
        for index in 0..<2000 {
            let time = Double(index) * 10
            script.report(
                "V1", at: time, north(time * 10), centre.lon, accuracy: 5,
                more: ",\"speed_kmh\":36,\"ignition\":true,\"driver\":\"陳 D-07\"")
        }
        let plain = try outcomes(of: script.frames, shards: 1)
        let exceeded = plain.map { Event($0) }.filter { $0.type == "safety.driving_hours_exceeded" }
        #expect(!exceeded.isEmpty)
        #expect(exceeded.allSatisfy { $0.data["driver"]?.string == "陳 D-07" })
        let restarted = try outcomes(of: script.frames, shards: 1, restart: { $0 == 700 ? 5 : nil })
        #expect(plain.filter { $0.kind == .event } == restarted.filter { $0.kind == .event })
    }

    @Test func `late fixes correct the trip that they belong to`() throws {
        var world = World()
        var place = drive(&world, from: 0, seconds: 290, kmh: 0, at: 0)
        place = drive(&world, from: 300, seconds: 100, kmh: 50, at: place)
        // A tunnel: the way in between is not a straight line.
        let exit = place + 2000
        let end = drive(&world, from: 600, seconds: 100, kmh: 50, at: exit)
        _ = drive(&world, from: 710, seconds: 600, kmh: 0, at: end)
        let first = try #require(world.takeEvents("vehicle.trip_ended").last)
        for (index, metres) in [300.0, 700, 1100, 1500, 1800].enumerated() {
            world.report(
                "V1", at: 430 + Double(index) * 30, north(place + metres), centre.lon + 0.004, accuracy: 5,
                more: ",\"speed_kmh\":50", received: 1320)
        }
        let corrections = world.takeEvents("vehicle.trip_ended")
        #expect(!corrections.isEmpty)
        let final = FinalStory(world.outcomes)
        #expect(final.faults == [])
        let ended = final.events.values.filter { $0.type == "vehicle.trip_ended" }
        #expect(ended.count == 1)
        #expect((ended[0].number("distance_m") ?? 0) > (first.number("distance_m") ?? .infinity) + 300)
    }

    @Test func `vehicles that tell nothing of their condition keep no memory for it`() {
        var world = World()
        _ = drive(&world, from: 0, seconds: 100, kmh: 30, at: 0)
        world.flush()
        #expect(MemoryLayout<Vehicle>.stride < 1024, "a vehicle takes \(MemoryLayout<Vehicle>.stride) bytes")
    }
}
