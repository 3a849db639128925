import Testing
import Wire

@testable import FleetCore

@Suite struct `Clocks of trackers` {
    /// Every ten seconds, with a clock that is so many seconds ahead (negative: behind) and delays as given.
    private func drive(
        _ world: inout World, from start: Double, count: Int, ahead: Double, delay: (Int) -> Double = { _ in 1 }
    ) {
        for index in 0..<count {
            let now = start + Double(index) * 10
            world.report(
                "V1", at: now - delay(index) + ahead, north(now * 5), centre.lon, accuracy: 5, received: now)
        }
    }

    private func offsets(_ world: inout World) -> [Double?] {
        world.takeEvents("vehicle.clock_skewed").map { $0.number("offset_s") }
    }

    @Test func `a clock that is off is told once`() {
        var world = World()
        drive(&world, from: 0, count: 40, ahead: -90)
        #expect(offsets(&world) == [91])
    }

    @Test func `ahead, so far that its positions are refused`() {
        var world = World()
        drive(&world, from: 0, count: 20, ahead: 28_800)
        #expect(offsets(&world) == [-28_799])
        #expect(world.counters.acceptedFixes == 0)
    }

    @Test func `below the threshold, and delays that vary, mean nothing`() {
        var world = World()
        drive(&world, from: 0, count: 30, ahead: -58)
        drive(&world, from: 300, count: 30, ahead: 0) { Double($0 % 3) * 40 }
        #expect(offsets(&world) == [])
    }

    @Test func `what was held back is no skew`() {
        var world = World()
        for index in 0..<120 {
            world.report("V1", at: Double(index) * 10, north(Double(index)), centre.lon, received: 2000)
        }
        #expect(offsets(&world) == [])
    }

    @Test func `a clock that is right again is told`() {
        var world = World()
        drive(&world, from: 0, count: 20, ahead: -300)
        drive(&world, from: 200, count: 20, ahead: 0)
        #expect(offsets(&world) == [301, 0])
    }

    @Test func `corrected only where that is configured`() throws {
        var settings = Settings()
        settings.correctsClockSkew = true
        var world = World(settings: settings)
        drive(&world, from: 0, count: 20, ahead: 3600)
        #expect(offsets(&world) == [-3599])
        #expect(world.counters.acceptedFixes > 5)
        world.tick(230)
        let state = try #require(world.takeStates().last)
        let time = try #require(Event.time(state["time"]))
        #expect(time == milliseconds(190))
    }
}
