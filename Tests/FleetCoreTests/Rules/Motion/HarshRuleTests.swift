import FleetCore
import Telemetry
import Testing

@Suite struct HarshRuleTests {
    /// One step of a vehicle that changes its speed evenly.
    private func step(
        _ drive: inout Drive, from_kmh: Double, to_kmh: Double, in seconds: Double, heading_deg: Double? = nil,
        alarms: DeviceAlarms = []
    ) {
        drive.east_m += (from_kmh + to_kmh) / 7.2 * seconds
        drive.report(after: seconds, speed_kmh: to_kmh, heading_deg: heading_deg, alarms: alarms)
    }

    private static let all: [EventType] = [.harshBraking, .harshAcceleration, .harshCornering]
    private func told(_ drive: Drive) -> [EventType] { drive.events.map(\.type).filter { Self.all.contains($0) } }

    @Test(arguments: [(3.45, 0), (3.55, 1), (11.9, 1), (12.2, 0)])
    func `braking is told from its threshold to what cannot be`(deceleration_ms2: Double, count: Int) throws {
        var drive = Drive()
        drive.drive(10, at: 80, every: 1)
        step(&drive, from_kmh: 80, to_kmh: 80 - deceleration_ms2 * 3.6, in: 1)
        #expect(told(drive).count == count)
        if let event = drive.told(.harshBraking).first {
            #expect(abs(event.known("acceleration_ms2")! - deceleration_ms2) < 0.03)
            #expect(event.known("speed_before_kmh") == 80)
            #expect(event.reason == "computed")
            #expect(event.key_ms == drive.time_ms)
        }
    }

    @Test(arguments: [(2.75, 0), (2.85, 1)])
    func `acceleration likewise`(acceleration_ms2: Double, count: Int) {
        var drive = Drive()
        drive.drive(10, at: 20, every: 1)
        step(&drive, from_kmh: 20, to_kmh: 20 + acceleration_ms2 * 3.6, in: 1)
        #expect(told(drive) == Array(repeating: .harshAcceleration, count: count))
    }

    @Test(arguments: [(90.0, 98.0, 0), (90, 100, 1), (359, 9, 1), (9, 359, 1), (90, 270, 0)])
    func `cornering is speed times rate of turn, the short way round`(from: Double, to: Double, count: Int) {
        // 72 km/h: 20 m/s; 8° a second are 2.8 m/s², 10° are 3.5 m/s², and a reversal is an error.
        var drive = Drive()
        step(&drive, from_kmh: 72, to_kmh: 72, in: 1, heading_deg: from)
        step(&drive, from_kmh: 72, to_kmh: 72, in: 1, heading_deg: to)
        #expect(told(drive) == Array(repeating: .harshCornering, count: count))
    }

    @Test(arguments: [(3.0, 1), (3.1, 0), (0.4, 0)])
    func `reports too far apart or too close say nothing`(seconds: Double, count: Int) {
        var drive = Drive()
        drive.drive(10, at: 80, every: 1)
        step(&drive, from_kmh: 80, to_kmh: 80 - 4 * 3.6 * seconds, in: seconds)
        #expect(told(drive).count == count)
    }

    @Test func `slow vehicles and headings of standing ones are not harsh`() {
        var drive = Drive()
        for step in 0..<200 {
            self.step(
                &drive, from_kmh: 10, to_kmh: step % 2 == 0 ? 19 : 0, in: 1, heading_deg: Double(step * 77 % 360))
        }
        #expect(told(drive).isEmpty)
    }

    @Test func `a speed that fails for one fix is not braking`() {
        var drive = Drive()
        drive.drive(30, at: 60, every: 3)
        drive.east_m += 50
        drive.report(after: 3, speed_kmh: 15)
        drive.east_m += 50
        drive.report(after: 3, speed_kmh: 60)
        #expect(told(drive).isEmpty)
    }

    @Test func `one happening is told once, whoever saw it`() {
        var drive = Drive()
        drive.drive(10, at: 90, every: 1)
        for speed in stride(from: 90.0, to: 30, by: -15) {
            step(&drive, from_kmh: speed, to_kmh: speed - 15, in: 1, alarms: .harshBraking)
        }
        #expect(told(drive) == [.harshBraking])
        drive.report(after: 9, speed_kmh: 30, alarms: .harshBraking)
        #expect(told(drive) == [.harshBraking])
        drive.report(after: 10.1, speed_kmh: 30, alarms: .harshBraking)
        #expect(told(drive) == [.harshBraking, .harshBraking])
    }

    @Test func `the tracker's alarms count, also without a position, unless switched off`() {
        let alarms: DeviceAlarms = [.harshBraking, .harshAcceleration, .harshCornering]
        for device in [1.0, 0] {
            var drive = Drive { $0.harsh.device = device }
            drive.report(after: 10, alarms: alarms, hasPosition: false)
            #expect(told(drive) == (device == 1 ? Self.all : []))
            #expect(drive.events.allSatisfy { $0.reason == "device" && $0.place == nil })
        }
    }

    @Test func `thresholds of 0 leave it to the tracker`() {
        var drive = Drive {
            $0.harsh.braking_ms2 = 0
            $0.harsh.acceleration_ms2 = 0
            $0.harsh.cornering_ms2 = 0
        }
        drive.drive(10, at: 80, every: 1)
        step(&drive, from_kmh: 80, to_kmh: 50, in: 1, heading_deg: 100)
        step(&drive, from_kmh: 50, to_kmh: 80, in: 1, heading_deg: 90)
        #expect(told(drive).isEmpty)
    }
}

@Suite struct CrashRuleTests {
    private func stopped(from_kmh: Double, in seconds: Double) -> Drive {
        var drive = Drive()
        drive.drive(20, at: from_kmh, every: 1)
        drive.east_m += from_kmh / 7.2 * seconds
        drive.report(after: seconds, speed_kmh: 0)
        return drive
    }

    @Test func `a stop harder than brakes can and no motion after it`() throws {
        var drive = stopped(from_kmh: 60, in: 1)
        let impact_ms = drive.time_ms
        drive.stand(50)
        #expect(drive.told(.crashSuspected).isEmpty)
        drive.stand(3600)
        let events: [RuleEvent] = drive.told(.crashSuspected)
        #expect(events.count == 1)
        #expect(events[0].time_ms == impact_ms && events[0].key_ms == impact_ms)
        #expect(events[0].known("speed_before_kmh") == 60)
        #expect(abs(events[0].known("deceleration_ms2")! - 16.67) < 0.02)
        #expect(events[0].known("still_s") == 60)
        #expect(events[0].reason == "computed")
    }

    @Test(arguments: [(7.9, 0), (8.1, 1)])
    func `it takes the deceleration`(deceleration_ms2: Double, count: Int) {
        var drive = stopped(from_kmh: deceleration_ms2 * 3.6 * 2, in: 2)
        drive.stand(70)
        #expect(drive.told(.crashSuspected).count == count)
    }

    @Test func `a hard stop from a low speed, or over many seconds, is none`() {
        var slow = stopped(from_kmh: 29, in: 0.8)
        slow.stand(100)
        #expect(slow.told(.crashSuspected).isEmpty)
        var sparse = stopped(from_kmh: 100, in: 10)
        sparse.stand(100)
        #expect(sparse.told(.crashSuspected).isEmpty)
    }

    @Test func `who drives on has not crashed`() {
        var drive = stopped(from_kmh: 60, in: 1)
        drive.stand(40)
        drive.drive(20, at: 20)
        drive.stand(300)
        #expect(drive.told(.crashSuspected).isEmpty)
    }

    @Test func `an alarm of the tracker needs no motion after it too, and is one while it lasts`() {
        var drive = Drive()
        drive.drive(60, at: 50)
        for _ in 0..<30 { drive.report(after: 10, alarms: .accident) }
        drive.drive(60, at: 50)
        for _ in 0..<30 { drive.report(after: 10, alarms: .accident) }
        let events: [RuleEvent] = drive.told(.crashSuspected)
        #expect(events.map(\.reason) == ["device", "device"])
        var driving = Drive()
        for _ in 0..<30 {
            driving.east_m += 200
            driving.report(after: 10, speed_kmh: 72, alarms: .accident)
        }
        for _ in 0..<30 { driving.report(after: 10, alarms: .accident) }
        #expect(driving.told(.crashSuspected).isEmpty)
    }

    @Test func `silence after it is no motion when the vehicle is found where it was`() {
        var drive = stopped(from_kmh: 60, in: 1)
        drive.report(after: 4000)
        #expect(drive.types(.crashSuspected) == [.crashSuspected])
        var gone = stopped(from_kmh: 60, in: 1)
        gone.east_m += 5000
        gone.report(after: 4000)
        gone.stand(100)
        #expect(gone.told(.crashSuspected).isEmpty)
    }
}
