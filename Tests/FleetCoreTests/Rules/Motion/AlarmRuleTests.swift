import FleetCore
import Telemetry
import Testing

@Suite struct AlarmRuleTests {
    @Test(arguments: [
        (DeviceAlarms.sos, EventType.sos, nil), (.tamper, .tamper, "tamper"), (.powerCut, .tamper, "power_cut"),
        (.jamming, .jammingSuspected, nil),
    ])
    func `each is told once while it lasts`(alarm: DeviceAlarms, type: EventType, word: String?) {
        var drive = Drive()
        drive.drive(30, at: 50)
        for _ in 0..<100 { drive.report(after: 10, alarms: alarm) }
        let events: [RuleEvent] = drive.told(type)
        #expect(events.count == 1)
        #expect(events.first?.reason == word)
        #expect(events.first?.place != nil)
    }

    @Test(arguments: [(290.0, 1), (300.0, 2)])
    func `it is over when reports have come without it for long enough`(clear_s: Double, count: Int) {
        var drive = Drive()
        drive.report(after: 10, alarms: .sos)
        drive.report(after: 10)
        drive.stand(clear_s - 10)
        drive.report(after: 10, alarms: .sos)
        #expect(drive.told(.sos).count == count)
    }

    @Test func `silence is not being without it`() {
        var drive = Drive()
        drive.report(after: 10, alarms: .jamming)
        drive.report(after: 10_000, alarms: .jamming)
        drive.report(after: 10_000, alarms: .jamming, hasPosition: false)
        #expect(drive.types(.jammingSuspected) == [.jammingSuspected])
    }

    @Test func `an alarm that comes and goes is one`() {
        var drive = Drive()
        for step in 0..<100 { drive.report(after: 60, alarms: step % 3 == 0 ? .tamper : []) }
        #expect(drive.types(.tamper) == [.tamper])
    }

    @Test func `all at once, without a position or a place`() {
        var drive = Drive()
        drive.report(after: 1, alarms: [.sos, .tamper, .powerCut, .jamming], hasPosition: false)
        #expect(drive.events.map(\.type) == [.sos, .tamper, .jammingSuspected])
        #expect(drive.events.allSatisfy { $0.place == nil })
    }

    @Test func `each can be switched off, and other alarms are none`() {
        var drive = Drive {
            $0.alarms.sos = 0
            $0.alarms.tamper = 0
            $0.alarms.jamming = 0
        }
        drive.report(after: 1, alarms: [.sos, .tamper, .powerCut, .jamming])
        var other = Drive()
        other.report(after: 1, alarms: [.door, .lowBattery, .overspeed])
        var off = Drive { $0.alarms.enabled = 0 }
        off.report(after: 1, alarms: .sos)
        #expect(drive.events.isEmpty && other.events.isEmpty && off.events.isEmpty)
    }
}

@Suite struct TowRuleTests {
    private func parked() -> Drive {
        var drive = Drive()
        drive.ignition = true
        drive.drive(60, at: 40)
        drive.ignition = false
        drive.stand(600)
        return drive
    }

    @Test func `motion without ignition is told once, and again only after the ignition was on`() throws {
        var drive = parked()
        drive.drive(600, at: 30)
        drive.stand(600)
        drive.drive(600, at: 30)
        let events: [RuleEvent] = drive.told(.towSuspected)
        #expect(events.count == 1)
        #expect(events[0].reason == "computed")
        #expect(Drive.seconds(events[0].key_ms) == 70)
        #expect(events[0].known("distance_m")! >= 200)
        drive.ignition = true
        drive.stand(60)
        drive.ignition = false
        drive.stand(60)
        drive.drive(600, at: 30)
        #expect(drive.told(.towSuspected).count == 2)
    }

    @Test(arguments: [(195.0, 0), (205.0, 1)])
    func `it takes the distance, in two reports`(away_m: Double, count: Int) {
        var drive = parked()
        drive.east_m += away_m
        drive.report(after: 10, speed_kmh: 30)
        #expect(drive.told(.towSuspected).isEmpty)
        drive.report(after: 10, speed_kmh: 30)
        #expect(drive.told(.towSuspected).count == count)
    }

    @Test func `inaccurate positions and single wrong ones are not towing`() {
        var drive = parked()
        for step in 0..<100 {
            drive.north_m = step % 2 == 0 ? 400 : 0
            drive.report(after: 10)
        }
        drive.accuracy_m = 500
        drive.north_m = 600
        drive.stand(100)
        #expect(drive.told(.towSuspected).isEmpty)
    }

    @Test func `without a known ignition motion is no towing`() {
        var drive = Drive()
        drive.stand(600)
        drive.drive(600, at: 30)
        #expect(drive.told(.towSuspected).isEmpty)
    }

    @Test func `the tracker's alarm counts unless the ignition is on`() {
        for ignition in [nil, false, true] as [Bool?] {
            var drive = Drive()
            drive.ignition = ignition
            for step in 0..<60 { drive.report(after: 10, alarms: step % 2 == 1 ? .towing : []) }
            let events: [RuleEvent] = drive.told(.towSuspected)
            #expect(events.map(\.reason) == (ignition == true ? [] : ["device"]))
        }
    }

    @Test func `where no ignition is told the alarm can come again after an hour without it`() {
        var drive = Drive()
        drive.report(after: 10, alarms: .towing)
        drive.stand(3590)
        drive.report(after: 1, alarms: .towing)
        #expect(drive.told(.towSuspected).count == 1)
        drive.stand(3600)
        drive.report(after: 1, alarms: .towing)
        #expect(drive.told(.towSuspected).count == 2)
    }
}
