import FleetCore
import Testing

@Suite struct IdleRuleTests {
    private func arrived(_ change: (inout MotionLimits) -> Void = { _ in }) -> Drive {
        var drive = Drive(change)
        drive.ignition = true
        drive.drive(300, at: 50)
        return drive
    }

    @Test func `it is told from when the vehicle came to stand until it moves`() throws {
        var drive = arrived()
        drive.stand(600)
        let start = try #require(drive.told(.idleStarted).first)
        #expect(Drive.seconds(start.time_ms) == 300)
        drive.drive(60, at: 50)
        let end = try #require(drive.told(.idleEnded).first)
        #expect(Drive.seconds(end.time_ms) == 900)
        #expect(end.key_ms == start.key_ms)
        #expect(end.known("duration_s") == 600)
    }

    @Test(arguments: [(170.0, 0), (180.0, 1)])
    func `it takes the duration`(stood_s: Double, count: Int) {
        var drive = arrived()
        drive.stand(stood_s)
        #expect(drive.told(.idleStarted).count == count)
    }

    @Test func `it counts from when the engine was started, also by a report without position`() throws {
        var drive = Drive()
        drive.ignition = false
        drive.stand(3600)
        drive.ignition = true
        drive.report(after: 5, hasPosition: false)
        drive.stand(170)
        #expect(drive.told(.idleStarted).isEmpty)
        drive.stand(20)
        let start = try #require(drive.told(.idleStarted).first)
        #expect(Drive.seconds(start.time_ms) == 3605)
    }

    @Test func `switching the engine off ends it at that report`() throws {
        var drive = arrived()
        drive.stand(300)
        drive.ignition = false
        drive.report(after: 7, hasPosition: false)
        let end = try #require(drive.told(.idleEnded).first)
        #expect(Drive.seconds(end.time_ms) == 607)
        #expect(end.place != nil)
    }

    @Test func `silence ends it at the last report of it`() throws {
        var drive = arrived()
        drive.stand(300)
        drive.report(after: 5000)
        let end = try #require(drive.told(.idleEnded).first)
        #expect(Drive.seconds(end.time_ms) == 600)
        drive.stand(200)
        #expect(drive.types(.idleStarted, .idleEnded) == [.idleStarted, .idleEnded, .idleStarted])
    }

    @Test func `noise of position and speed does not part it`() {
        var drive = arrived()
        drive.jitter_m = 12
        for step in 0..<300 { drive.report(after: 10, speed_kmh: step % 4 == 0 ? 6 : 1) }
        #expect(drive.types(.idleStarted, .idleEnded) == [.idleStarted])
    }

    @Test func `no engine, no idling`() {
        for ignition in [nil, false] as [Bool?] {
            var drive = arrived()
            drive.ignition = ignition
            if ignition == nil { drive = Drive() }
            drive.stand(3600)
            #expect(drive.told(.idleStarted).isEmpty)
        }
    }

    @Test func `revolutions decide where they are told`() {
        var drive = arrived()
        drive.rpm = 0
        drive.stand(600)
        #expect(drive.told(.idleStarted).isEmpty)
        drive.rpm = 650
        drive.stand(600)
        drive.rpm = 299
        drive.stand(10)
        #expect(drive.types(.idleStarted, .idleEnded) == [.idleStarted, .idleEnded])
        var trusting = arrived { $0.idle.minimum_rpm = 0 }
        trusting.rpm = 0
        trusting.stand(600)
        #expect(trusting.types(.idleStarted) == [.idleStarted])
    }
}

@Suite struct ParkingRuleTests {
    @Test func `it is told once, with the time when it began`() throws {
        var drive = Drive()
        drive.ignition = true
        drive.drive(300, at: 50)
        drive.stand(60)
        drive.ignition = false
        drive.fuel_pct = 42
        drive.stand(590)
        #expect(drive.told(.parked).isEmpty)
        drive.stand(7200)
        let events: [RuleEvent] = drive.told(.parked)
        #expect(events.count == 1)
        // The first report with the ignition off.
        #expect(Drive.seconds(events[0].time_ms) == 370)
        #expect(events[0].known("fuel_pct") == 42)
    }

    @Test(arguments: [(600.0, 0), (610.0, 1)])
    func `it takes the duration`(stood_s: Double, count: Int) {
        var drive = Drive()
        drive.ignition = false
        drive.stand(stood_s)
        #expect(drive.told(.parked).count == count)
    }

    @Test func `a tracker that sleeps has parked`() {
        var drive = Drive()
        drive.drive(300, at: 50)
        drive.report(after: 10)
        drive.report(after: 40_000)
        #expect(drive.types(.parked) == [.parked])
    }

    @Test func `the ignition on without moving is the same parking`() {
        var drive = Drive()
        drive.ignition = false
        drive.stand(700)
        drive.ignition = true
        drive.stand(60)
        drive.ignition = false
        drive.stand(1200)
        #expect(drive.types(.parked) == [.parked])
        drive.ignition = true
        drive.drive(100, at: 30)
        drive.ignition = false
        drive.stand(1200)
        #expect(drive.types(.parked) == [.parked, .parked])
    }

    @Test func `wandering positions do not end it`() {
        var drive = Drive()
        drive.jitter_m = 70
        drive.stand(50_000, every: 60)
        #expect(drive.types(.parked) == [.parked])
    }

    @Test func `an engine that runs is not parked`() {
        var drive = Drive()
        drive.ignition = true
        drive.stand(7200)
        #expect(drive.told(.parked).isEmpty)
    }
}
