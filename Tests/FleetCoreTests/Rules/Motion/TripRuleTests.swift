import FleetCore
import Testing

@Suite struct TripRuleTests {
    private func stoodFirst(_ change: (inout MotionLimits) -> Void = { _ in }) -> Drive {
        var drive = Drive(change)
        drive.stand(60)
        return drive
    }

    @Test func `a trip is told from leaving to standing, each with its own time`() throws {
        var drive = stoodFirst()
        drive.drive(600, at: 36)
        drive.stand(300)
        let events: [RuleEvent] = drive.told(.tripStarted, .tripEnded)
        #expect(events.map(\.type) == [.tripStarted, .tripEnded])
        let start = try #require(events.first)
        let end = try #require(events.last)
        // It reported standing last at 60 s and driving last at 660 s.
        #expect(Drive.seconds(start.time_ms) == 60)
        #expect(start.key_ms == start.time_ms && end.key_ms == start.key_ms)
        #expect(Drive.seconds(end.time_ms) == 660)
        #expect(end.known("started").map { Drive.seconds($0) } == 60)
        #expect(abs(end.known("distance_m")! - 6000) < 6)
        #expect(end.known("duration_s") == 600)
        #expect(end.known("driving_s") == 600)
        #expect(end.known("idle_s") == 0)
        #expect(end.known("max_speed_kmh") == 36)
        #expect(end.known("fuel_used_pct") == nil && end.known("odometer_km") == nil)
        #expect(end.reason == "stopped")
        #expect(start.place == Drive.fix(time_ms: start.time_ms, east_m: 0, north_m: 0, speed_kmh: 0))
    }

    @Test(arguments: [(195.0, 0), (205.0, 1)])
    func `it takes the start distance`(distance_m: Double, trips: Int) {
        var drive = stoodFirst()
        drive.drive(distance_m / 10, at: 36, every: 1)
        drive.east_m = distance_m
        drive.report(after: 1, speed_kmh: 18)
        #expect(drive.told(.tripStarted).count == trips)
    }

    @Test(arguments: [(170.0, 0), (180.0, 1)])
    func `it takes the stop duration`(stood_s: Double, ends: Int) {
        var drive = stoodFirst()
        drive.drive(300, at: 50)
        drive.stand(stood_s)
        #expect(drive.told(.tripEnded).count == ends)
    }

    @Test func `with the ignition off a short stop ends it`() throws {
        var drive = stoodFirst()
        drive.ignition = true
        drive.drive(300, at: 50)
        drive.ignition = false
        drive.stand(50)
        #expect(drive.told(.tripEnded).isEmpty)
        drive.stand(10)
        let end = try #require(drive.told(.tripEnded).first)
        #expect(end.reason == "ignition_off")
        #expect(Drive.seconds(end.time_ms) == 360)
    }

    @Test func `a report without position can end it where the ignition is off`() {
        var drive = stoodFirst()
        drive.ignition = true
        drive.drive(300, at: 50)
        drive.report(after: 70, hasPosition: false)
        #expect(drive.told(.tripEnded).isEmpty)
        drive.ignition = false
        drive.report(after: 1, hasPosition: false)
        #expect(drive.types(.tripEnded) == [.tripEnded])
    }

    @Test func `lights on the way are idle time within one trip`() throws {
        var drive = stoodFirst()
        for _ in 0..<5 {
            drive.drive(120, at: 40)
            drive.stand(90)
        }
        drive.drive(60, at: 40)
        drive.stand(300)
        #expect(drive.types(.tripStarted, .tripEnded) == [.tripStarted, .tripEnded])
        let end = try #require(drive.told(.tripEnded).first)
        #expect(abs(end.known("idle_s")! - 450) <= 60)
        let sum_s = end.known("idle_s")! + end.known("driving_s")!
        #expect(sum_s == end.known("duration_s"))
        let way_m = 660 / 3.6 * 40
        #expect(abs(end.known("distance_m")! - way_m) < 10)
    }

    @Test(arguments: [true, false])
    func `wandering positions of a standing vehicle are neither trip nor distance`(reportsSpeed: Bool) throws {
        var drive = Drive()
        drive.reportsSpeed = reportsSpeed
        drive.jitter_m = reportsSpeed ? 60 : 30
        drive.stand(7200)
        #expect(drive.events.filter { $0.type == .tripStarted }.isEmpty)
        drive.drive(300, at: 60)
        drive.stand(7200)
        let end = try #require(drive.told(.tripEnded).first)
        #expect(drive.told(.tripStarted).count == 1)
        #expect(abs(end.known("distance_m")! - 5000) < 250)
    }

    @Test func `a speed that a standing receiver makes up is no motion`() {
        var drive = Drive()
        drive.jitter_m = 10
        for step in 0..<500 { drive.report(after: 5, speed_kmh: step % 3 == 0 ? 7 : 0) }
        #expect(drive.events.allSatisfy { $0.type != .tripStarted })
        #expect(drive.types(.parked) == [.parked])
    }

    @Test func `one wrong position far away is no trip`() {
        for reportsSpeed in [true, false] {
            var drive = Drive()
            drive.reportsSpeed = reportsSpeed
            drive.stand(120)
            drive.north_m = 600
            drive.report(after: 10)
            drive.north_m = 0
            drive.stand(600)
            #expect(drive.told(.tripStarted).isEmpty, "speed reported: \(reportsSpeed)")
        }
    }

    @Test func `silence ends a trip at the last fix before it, and what follows is another`() throws {
        var drive = stoodFirst()
        drive.drive(300, at: 60)
        let last_ms = drive.time_ms
        drive.east_m += 20_000
        drive.report(after: 1200, speed_kmh: 60)
        let end = try #require(drive.told(.tripEnded).first)
        #expect(end.time_ms == last_ms)
        #expect(end.reason == "silence")
        #expect(abs(end.known("distance_m")! - 5000) < 10)
        drive.drive(300, at: 60)
        drive.stand(200)
        #expect(drive.types(.tripStarted, .tripEnded) == [.tripStarted, .tripEnded, .tripStarted, .tripEnded])
    }

    @Test func `a shorter gap is part of the trip`() throws {
        var drive = stoodFirst()
        drive.drive(300, at: 60)
        drive.east_m += 10_000
        drive.report(after: 600, speed_kmh: 60)
        drive.drive(300, at: 60)
        drive.stand(200)
        let ends: [RuleEvent] = drive.told(.tripEnded)
        #expect(ends.count == 1)
        #expect(abs(ends[0].known("distance_m")! - 20_000) < 20)
    }

    @Test func `a jump ends it, for no line leads on`() {
        var drive = stoodFirst()
        drive.drive(300, at: 60)
        drive.east_m += 100_000
        drive.report(after: 10, speed_kmh: 60, jumped: true)
        let ends: [RuleEvent] = drive.told(.tripEnded)
        #expect(ends.count == 1)
        #expect(ends.first?.reason == "jump")
    }

    @Test func `rare positions without speed make trips too`() throws {
        var drive = Drive()
        drive.reportsSpeed = false
        drive.stand(1200, every: 300)
        drive.drive(1200, at: 40, every: 300)
        drive.stand(1200, every: 300)
        #expect(drive.types(.tripStarted, .tripEnded) == [.tripStarted, .tripEnded])
        let end = try #require(drive.told(.tripEnded).first)
        #expect(abs(end.known("distance_m")! - 13_333) < 15)
        #expect(end.known("duration_s") == 1200)
    }

    @Test func `motion with the ignition off begins none unless it need not be on`() {
        for needed in [1.0, 0] {
            var drive = Drive { $0.trip.ignitionNeeded = needed }
            drive.ignition = false
            drive.stand(60)
            drive.drive(300, at: 40)
            #expect(drive.told(.tripStarted).count == (needed == 0 ? 1 : 0))
        }
    }

    @Test func `the odometer counts where it was told at both ends and agrees`() throws {
        // It runs 4 % above the straight lines between the fixes.
        for (first, factor, isBelieved) in [
            (12_345_678.0, 1.04, true), (12_345_678, 9, false), (4_000_000, 1.04, false),
        ] {
            var drive = stoodFirst()
            drive.odometer_m = first
            drive.fuel_pct = 60
            drive.stand(10)
            for _ in 0..<10 {
                drive.odometer_m! += 600 * (factor - 1)
                drive.drive(60, at: 36)
            }
            drive.fuel_pct = 58.5
            if first == 4_000_000 { drive.odometer_m = 4_006_000 }
            drive.stand(200)
            let end = try #require(drive.told(.tripEnded).first)
            let expected_m: Double = isBelieved ? 6240 : 6000
            #expect(abs(end.known("distance_m")! - expected_m) < 15)
            #expect(abs(end.known("fuel_used_pct")! - 1.5) < 1e-9)
            #expect(end.known("odometer_km") != nil)
        }
    }

    @Test func `an odometer that was not told where it left is not subtracted`() throws {
        var drive = stoodFirst()
        drive.odometer_m = 1_000_123
        drive.drive(600, at: 36)
        drive.stand(200)
        let end = try #require(drive.told(.tripEnded).first)
        #expect(abs(end.known("distance_m")! - 6000) < 6)
    }

    @Test func `a creeping queue without speeds is no string of trips`() {
        var drive = Drive()
        drive.reportsSpeed = false
        drive.stand(300)
        for _ in 0..<20 {
            drive.east_m += 90
            drive.report(after: 180)
        }
        #expect(drive.told(.tripStarted).isEmpty)
    }

    @Test func `switched off it says nothing`() {
        var drive = stoodFirst { $0.trip.enabled = 0 }
        drive.drive(600, at: 60)
        drive.stand(600)
        #expect(drive.told(.tripStarted, .tripEnded).isEmpty)
    }
}
