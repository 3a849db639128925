import FleetCore
import Telemetry
import Testing

@Suite struct ScoreRuleTests {
    private func sign(_ drive: inout Drive, _ driver: Int32) {
        drive.report(after: 10) {
            $0.has.insert(.driver)
            $0.driver = driver
        }
    }

    private func shift(_ change: (inout MotionLimits) -> Void = { _ in }) -> Drive {
        var drive = Drive(change)
        drive.report(after: 10)
        sign(&drive, 7)
        return drive
    }

    @Test func `a shift without blame has all points`() throws {
        var drive = shift()
        drive.drive(3600, at: 60)
        sign(&drive, -1)
        let events = drive.told(.driverScored)
        #expect(events.count == 1)
        let event = try #require(events.first)
        #expect(event.text == 7)
        #expect(event.reason == "signed_off")
        #expect(event.known("score") == 100)
        #expect(Drive.seconds(event.key_ms) == 20 && event.known("started") == Double(event.key_ms))
        #expect(event.time_ms == drive.time_ms)
        #expect(abs(event.known("distance_km")! - 60) < 0.1)
    }

    @Test func `the score is what the formula says`() throws {
        var drive = shift()
        // 100 km in 100 minutes with two harsh brakings.
        drive.drive(2400, at: 60)
        drive.report(after: 0.1, speed_kmh: 60, alarms: .harshBraking)
        drive.drive(1800, at: 60)
        drive.report(after: 0.1, speed_kmh: 60, alarms: .harshBraking)
        drive.drive(1740, at: 60)
        // 60 s, of which 50 from the first to the last above, and the step down.
        drive.drive(60, at: 100)
        drive.drive(10, at: 60)
        drive.ignition = true
        drive.stand(600)
        drive.ignition = false
        drive.report(after: 1)
        drive.ignition = nil
        sign(&drive, -1)
        let event = try #require(drive.told(.driverScored).first)
        let driven_s = 6010.2
        let distance_km = event.known("distance_km")!
        #expect(event.known("harsh_braking") == 2)
        #expect(event.known("harsh_acceleration") == 0 && event.known("harsh_cornering") == 0)
        #expect(event.known("speeding_s") == 50)
        #expect(abs(event.known("idle_s")! - 591) <= 10)
        let idle_s = event.known("idle_s")!
        let harsh = 10 / (distance_km / 100)
        let speeding = 10_000 / driven_s
        let idling = 20 * idle_s / (driven_s + idle_s)
        let expected = 100 - harsh - speeding - idling
        #expect(abs(event.known("score")! - expected) < 0.05)
    }

    @Test(arguments: [(4900.0, 0), (5100.0, 1)])
    func `it takes some distance to be scored`(distance_m: Double, count: Int) {
        var drive = shift()
        drive.drive(distance_m / 10, at: 36)
        sign(&drive, -1)
        #expect(drive.told(.driverScored).count == count)
    }

    @Test func `it is never below 0`() throws {
        var drive = shift()
        for _ in 0..<60 {
            drive.drive(20, at: 60)
            drive.report(after: 0.1, speed_kmh: 60, alarms: [.harshBraking, .harshAcceleration, .harshCornering])
        }
        sign(&drive, -1)
        let event = try #require(drive.told(.driverScored).first)
        #expect(event.known("score") == 0)
        #expect(event.known("harsh_cornering") == 60)
    }

    @Test func `another driver ends the shift, the same one does not`() {
        var drive = shift()
        drive.drive(1800, at: 60)
        sign(&drive, 7)
        drive.drive(1800, at: 60)
        sign(&drive, 8)
        drive.drive(1800, at: 60)
        sign(&drive, -1)
        let events = drive.told(.driverScored)
        #expect(events.map(\.text) == [7, 8])
        #expect(events.map(\.reason) == ["driver_changed", "signed_off"])
        #expect(abs((events.first?.known("distance_km") ?? 0) - 60) < 0.1)
    }

    @Test(arguments: [(3.9, 1), (4.0, 2)])
    func `standing for long ends the shift when it came to stand, and moving begins the next`(
        stood_h: Double, shifts: Int
    ) throws {
        var drive = shift()
        drive.drive(1800, at: 60)
        let moved_ms = drive.time_ms
        drive.stand(stood_h * 3600, every: 60)
        drive.drive(1800, at: 60)
        sign(&drive, -1)
        let events = drive.told(.driverScored)
        #expect(events.count == shifts)
        #expect(events.allSatisfy { $0.text == 7 })
        if shifts == 2 {
            #expect(events[0].time_ms == moved_ms && events[0].reason == "standing")
            #expect(events[1].key_ms == moved_ms + 4 * 3_600_000)
        }
    }

    @Test func `a night of silence ends it too`() {
        var drive = shift()
        drive.drive(1800, at: 60)
        let moved_ms = drive.time_ms
        drive.report(after: 40_000)
        #expect(drive.told(.driverScored).map(\.time_ms) == [moved_ms])
    }

    @Test func `without a driver nobody is scored`() {
        var drive = Drive()
        drive.drive(3600, at: 100)
        sign(&drive, -1)
        drive.drive(3600, at: 100)
        sign(&drive, -1)
        #expect(drive.told(.driverScored).isEmpty)
    }
}
