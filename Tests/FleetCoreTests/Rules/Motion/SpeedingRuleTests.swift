import FleetCore
import Testing

@Suite struct SpeedingRuleTests {
    @Test func `it is told from the first fix above to the first below, with what was between`() throws {
        var drive = Drive()
        drive.drive(60, at: 80)
        drive.drive(20, at: 100)
        drive.drive(20, at: 110)
        drive.drive(20, at: 91)
        drive.drive(20, at: 80)
        let events: [RuleEvent] = drive.told(.speedingStarted, .speedingEnded)
        #expect(events.map(\.type) == [.speedingStarted, .speedingEnded])
        #expect(Drive.seconds(events[0].time_ms) == 70)
        #expect(events[0].place?.time_ms == events[0].time_ms)
        #expect(events[0].known("limit_kmh") == 90)
        #expect(events[0].known("speed_kmh") == 100)
        let end = events[1]
        #expect(end.key_ms == events[0].key_ms)
        #expect(Drive.seconds(end.time_ms) == 130)
        #expect(end.known("peak_kmh") == 110)
        // 70…120 s: 100, 100, 110, 110, 91, 91 km/h, each interval at the mean of its ends.
        #expect(end.known("duration_s") == 50)
        let mean_kmh = 101.3
        #expect(abs(end.known("average_kmh")! - mean_kmh) < 0.01)
        let way_m = 5020 / 3.6
        #expect(abs(end.known("distance_m")! - way_m) < 1)
    }

    @Test(arguments: [(95.0, 0), (95.1, 1)])
    func `it takes more than limit and tolerance`(speed_kmh: Double, count: Int) {
        var drive = Drive()
        drive.drive(100, at: speed_kmh)
        #expect(drive.told(.speedingStarted).count == count)
    }

    @Test(arguments: [(9, 0), (10, 1)])
    func `it takes the duration`(seconds: Int, count: Int) {
        var drive = Drive()
        drive.drive(1, at: 80, every: 1)
        drive.drive(Double(seconds) + 1, at: 100, every: 1)
        drive.drive(5, at: 80, every: 1)
        #expect(drive.told(.speedingStarted).count == count)
        #expect(drive.told(.speedingEnded).count == count)
    }

    @Test func `with a duration of 0 one report is enough`() {
        var drive = Drive { $0.speeding.duration_s = 0 }
        drive.drive(10, at: 100)
        drive.drive(10, at: 50)
        let events: [RuleEvent] = drive.told(.speedingStarted, .speedingEnded)
        #expect(events.count == 2)
        #expect(events.last?.known("duration_s") == 0)
        #expect(events.last?.known("average_kmh") == 100)
    }

    @Test func `speeds about the limit do not flap`() {
        var drive = Drive()
        for step in 0..<300 {
            drive.drive(10, at: step % 2 == 0 ? 97 : 92)
        }
        #expect(drive.told(.speedingStarted).isEmpty, "never above for long enough")
        drive.drive(20, at: 97)
        for step in 0..<300 { drive.drive(10, at: step % 2 == 0 ? 97 : 90.5) }
        #expect(drive.types(.speedingStarted, .speedingEnded) == [.speedingStarted])
    }

    @Test func `the lowest limit counts, and the factor of the conditions`() {
        func limit(_ zone_kmh: Double, _ own_kmh: Double, _ factor: Double) -> Double? {
            var drive = Drive {
                $0.speeding.limit_kmh = own_kmh
                $0.speeding.conditionFactor = factor
            }
            drive.zoneLimit_kmh = zone_kmh
            drive.drive(30, at: 150)
            return drive.told(.speedingStarted).first.flatMap { $0.known("limit_kmh") }
        }
        #expect(limit(0, 90, 1) == 90)
        #expect(limit(50, 90, 1) == 50)
        #expect(limit(100, 90, 1) == 90)
        #expect(limit(50, 0, 1) == 50)
        #expect(limit(0, 0, 1) == nil)
        #expect(limit(50, 90, 0.8) == 40)
        #expect(limit(1e9, 0, 1) == nil, "a limit beyond any speed")
    }

    @Test func `the limit told at the end is the one that was exceeded most`() throws {
        var drive = Drive()
        drive.drive(30, at: 100)
        drive.zoneLimit_kmh = 50
        drive.drive(30, at: 90)
        drive.drive(10, at: 20)
        let end = try #require(drive.told(.speedingEnded).first)
        #expect(end.known("limit_kmh") == 50)
        #expect(end.known("peak_kmh") == 100)
    }

    @Test func `silence, jumps and reports without speed end it at the last fix that was above`() throws {
        for what in 0..<3 {
            var drive = Drive()
            drive.drive(50, at: 100)
            let last_ms = drive.time_ms
            drive.east_m += 3000
            drive.reportsSpeed = what != 2
            drive.report(after: what == 0 ? 121 : 100, speed_kmh: 100, jumped: what == 1)
            let end = try #require(drive.told(.speedingEnded).first)
            #expect(end.time_ms == last_ms)
            #expect(end.known("duration_s") == 40)
        }
        var drive = Drive()
        drive.drive(50, at: 100)
        drive.east_m += 3000
        drive.report(after: 120, speed_kmh: 100)
        #expect(drive.told(.speedingEnded).isEmpty)
    }

    @Test func `reports without position change nothing`() {
        var drive = Drive()
        for _ in 0..<10 {
            drive.drive(10, at: 100)
            drive.report(after: 1, hasPosition: false)
        }
        #expect(drive.types(.speedingStarted, .speedingEnded) == [.speedingStarted])
    }
}
