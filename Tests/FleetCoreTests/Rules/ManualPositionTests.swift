import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What a driver tells of the vehicle's place while its own positions stay away.
@Suite struct `Manual positions` {
    private func world(shards: Int = 1) -> World {
        var world = World(shards: shards)
        world.rules(#"{"defaults":{"outage":{"enabled":0},"lag":{"enabled":0}}}"#)
        return world
    }

    private func text(at seconds: Double, _ lat: Double, _ lon: Double = centre.lon) -> String {
        #"{"action":"manual_position","time":\#(milliseconds(seconds)),"lat":\#(lat),"lon":\#(lon)}"#
    }

    private func pass(_ world: inout World, from: Int, to: Int) {
        for second in from...to { world.tick(Double(second)) }
    }

    private let moving = ",\"speed_kmh\":36,\"heading_deg\":90"

    /// Latitude and second of the last state that was published.
    private func shown(_ world: inout World) -> (lat: Double?, second: Double?) {
        let manual = world.takeStates().last?["manual_position"]
        let time = Event.time(manual?["time"]).map { Double($0 - epoch_ms) / 1000 }
        return (manual?["lat"]?.number, time)
    }

    @Test func `it stands in the state while the position is lost, and in the event of the recovery`() throws {
        var world = world()
        world.report("V1", at: 0, centre.lat, centre.lon, more: moving)
        pass(&world, from: 1, to: 200)
        #expect(shown(&world).lat == nil)
        world.send("vehicles/V1/driver", text(at: 195, north(1000)))
        pass(&world, from: 201, to: 220)
        #expect(shown(&world) == (north(1000).asWritten, 195))
        // The newest counts, in whatever order they come.
        world.send("vehicles/V1/driver", text(at: 215, north(1500)))
        world.send("vehicles/V1/driver", text(at: 205, north(1200)))
        pass(&world, from: 221, to: 240)
        #expect(shown(&world) == (north(1500).asWritten, 215))
        world.report("V1", at: 250, centre.lat, centre.lon + 0.02, more: moving)
        pass(&world, from: 251, to: 270)
        let outcomes = world.takeOutcomes()
        let recovered = outcomes.filter { $0.kind == .event }.map { Event($0) }
            .filter { $0.type == "vehicle.position_recovered" }
        #expect(recovered.map(\.line) == ["position_recovered @250.0"])
        let manual = try #require(recovered.first?.data["manual_position"])
        #expect(manual["lat"]?.number == north(1500).asWritten && manual["lon"]?.number == centre.lon)
        #expect(Event.time(manual["time"]) == milliseconds(215))
        let states = outcomes.filter { $0.kind == .state }
        #expect(!states.isEmpty && states.allSatisfy { $0.json["manual_position"] == nil })
    }

    @Test func `told before the loss is noticed, it is shown from then on`() {
        var world = world()
        world.report("V1", at: 0, centre.lat, centre.lon, more: moving)
        pass(&world, from: 1, to: 60)
        world.send("vehicles/V1/driver", text(at: 60, north(500)))
        pass(&world, from: 61, to: 119)
        #expect(shown(&world).lat == nil)
        pass(&world, from: 120, to: 140)
        #expect(shown(&world) == (north(500).asWritten, 60))
    }

    @Test func `a fix that is no older ends it, an older one does not`() {
        for (time, isEnded) in [(99.0, false), (100, true), (101, true)] {
            var world = world()
            world.report("V1", at: 0, centre.lat, centre.lon, more: moving)
            world.send("vehicles/V1/driver", text(at: 100, north(500)), received: 100)
            world.report("V1", at: time, north(400), centre.lon, more: moving, received: 110)
            pass(&world, from: 111, to: 400)
            #expect((shown(&world).lat == nil) == isEnded, "\(time)")
        }
    }

    @Test func `one that is no newer than the fix is not kept`() {
        var world = world()
        world.report("V1", at: 0, centre.lat, centre.lon, more: moving)
        world.send("vehicles/V1/driver", text(at: 0, north(500)))
        world.send("vehicles/V1/driver", text(at: -50, north(500)))
        pass(&world, from: 1, to: 300)
        #expect(shown(&world).lat == nil)
        #expect(world.counters.deadLetters == 0)
    }

    @Test func `it is no fix, no sign of life, in no geofence and on no trip`() {
        func run(_ tells: Bool) -> [String] {
            var world = world()
            world.fence("yard", circle(300, lat: north(5000)))
            world.report("V1", at: 0, centre.lat, centre.lon, more: moving + ",\"ignition\":true")
            for second in 1...700 {
                if tells, second % 20 == 0 {
                    world.send("vehicles/V1/driver", text(at: Double(second), north(5000 + Double(second))))
                }
                world.tick(Double(second))
            }
            world.send("vehicles/new/driver", text(at: 690, north(5000)))
            pass(&world, from: 701, to: 800)
            return world.takeEvents().map { "\($0.vehicle) \($0.line)" }
        }
        #expect(run(true) == run(false))
        #expect(run(true).contains { $0.hasPrefix("V1 offline") })
    }

    @Test func `it stands in an outage too`() {
        var world = World()
        world.rules(#"{"defaults":{"lag":{"enabled":0}}}"#)
        for vehicle in 0..<20 {
            world.report("V\(vehicle)", at: 0, centre.lat, centre.lon, more: moving)
        }
        world.report("alive", at: 0, centre.lat, centre.lon)
        pass(&world, from: 1, to: 200)
        #expect(world.takeEvents("system").map(\.type) == ["system.gps_outage"])
        world.send("vehicles/V7/driver", text(at: 200, north(700)))
        pass(&world, from: 201, to: 220)
        #expect(shown(&world) == (north(700).asWritten, 200))
    }

    @Test func `what cannot be used is a dead letter with its place, what is not known yet is counted`() {
        var world = world()
        world.report("V1", at: 0, centre.lat, centre.lon)
        world.send("vehicles/V1/driver", #"{"action":"manual_position","time":1,"lat":1,"lon":1}"#)
        world.send("vehicles/V1/driver", #"{"action":"manual_position","lat":1,"lon":1}"#)
        world.send("vehicles/V1/driver", text(at: 121, north(0)))
        world.send("vehicles/V1/driver", "hello")
        world.send("vehicles/V1/driver", "")
        world.send("vehicles/V1/driver", #"{"action":"shift_start","driver":"D-07"}"#)
        let letters = world.takeDeadLetters()
        #expect(
            letters.map { $0["reason"]?.string } == ["time_implausible", "missing_time", "future_time", "json_syntax"])
        #expect(letters.map { $0["offset"]?.number } == [35, 0, 35, 0])
        #expect(world.counters.skipped == 1)
    }

    @Test func `a vehicle must be announced where that is asked for`() {
        var settings = Settings()
        settings.registeredOnly = true
        var world = World(settings: settings)
        world.send("vehicles/V1/driver", text(at: 0, north(0)))
        #expect(world.takeDeadLetters().map { $0["reason"]?.string } == ["unregistered_vehicle"])
    }

    /// A random day of losses and drivers' words, on any number of shards, cut anywhere, with restarts.
    @Test(arguments: seeds(20)) func `shards, batches and restarts change nothing`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var script = Script()
        script.rules(#"{"defaults":{"outage":{"vehicles_min":4},"lag":{"enabled":0},"stale":{"stale_after_s":30}}}"#)
        for second in stride(from: 0, to: 900, by: 3) {
            let vehicle = "V\(random.int(0...7))"
            let time = Double(second - random.int(0...40))
            switch random.int(0...9) {
            case 0...3:
                script.report(
                    vehicle, at: time, north(Double(second)), centre.lon, more: moving, received: Double(second))
            case 4...6: script.send("vehicles/\(vehicle)/driver", text(at: time, north(time)), received: Double(second))
            default: script.tick(Double(second))
            }
        }
        let plain = try outcomes(of: script.frames, shards: 1)
        #expect(plain.contains { $0.kind == .state && $0.text.contains("manual_position") }, "seed \(seed)")
        let events = plain.filter { $0.kind == .event }
        let cut = try outcomes(of: script.frames, shards: 3, cut: { $0 % 5 == 0 })
        #expect(cut.filter { $0.kind == .event } == events, "seed \(seed)")
        #expect(cut.filter { $0.kind == .state } == plain.filter { $0.kind == .state }, "seed \(seed)")
        let restarted = try outcomes(
            of: script.frames, shards: 2, restart: { $0 % 37 == Int(seed % 37) ? 1 + $0 % 3 : nil })
        #expect(restarted.filter { $0.kind == .event } == events, "seed \(seed)")
    }
}

extension Double {
    /// As the state writes it.
    fileprivate var asWritten: Double {
        (self * 1e7).rounded() / 1e7
    }
}
