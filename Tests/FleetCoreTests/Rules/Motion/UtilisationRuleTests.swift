import FleetCore
import Testing

@Suite struct UtilisationRuleTests {
    /// 16 hours after the start the local day ends.
    private static let midnight_s = 57_600.0
    private static let midnight_ms = Drive.start_ms + 57_600_000

    @Test func `a day is told with the first report of the next`() throws {
        var drive = Drive()
        drive.ignition = false
        drive.report(after: 0)
        drive.stand(600)
        drive.ignition = true
        drive.drive(3600, at: 50)
        drive.stand(300)
        drive.ignition = false
        while drive.time_ms < Self.midnight_ms - 60_000 { drive.report(after: 60) }
        #expect(drive.told(.dailySummary).isEmpty)
        drive.report(after: 60)
        let day = try #require(drive.told(.dailySummary).first)
        #expect(day.key_ms == Drive.start_ms - 8 * 3_600_000)
        #expect(day.known("day_started") == Double(day.key_ms))
        #expect(day.time_ms == Self.midnight_ms)
        #expect(abs(day.known("distance_km")! - 50) < 0.05)
        #expect(day.known("driving_s") == 3600)
        #expect(day.known("idle_s") == 300)
        #expect(day.known("standing_s") == Self.midnight_s - 3900)
        #expect(day.known("stops") == 1)
        #expect(day.known("fuel_used_pct") == nil)
        #expect(abs(day.known("engine_hours")! - 1.083_333) < 1e-5)
        drive.stand(3600)
        #expect(drive.told(.dailySummary).count == 1)
    }

    @Test func `an interval with midnight in it belongs to both days`() throws {
        var drive = Drive()
        drive.reportsSpeed = true
        drive.time_ms = Self.midnight_ms - 400_000
        drive.east_m = 1000
        drive.report(after: 0, speed_kmh: 72)
        drive.east_m += 2000
        drive.report(after: 100, speed_kmh: 72)
        // 400 s at 72 km/h, 300 of them before midnight.
        drive.east_m += 8000
        drive.report(after: 400, speed_kmh: 72)
        drive.time_ms += 80_000_000
        drive.report(after: 6400)
        let days = drive.told(.dailySummary)
        #expect(days.count == 2)
        #expect(abs(days[0].known("distance_km")! - 8) < 0.01)
        #expect(abs(days[0].known("driving_s")! - 400) < 0.01)
        #expect(abs(days[1].known("distance_km")! - 2) < 0.01)
        #expect(abs(days[1].known("driving_s")! - 100) < 0.01)
    }

    @Test func `a vehicle that stood silently for days stood all the day of which it tells`() throws {
        var drive = Drive()
        drive.report(after: 0)
        drive.report(after: 3 * 86_400)
        drive.report(after: 86_400)
        let days = drive.told(.dailySummary)
        #expect(days.count == 2)
        #expect(days[0].known("standing_s") == Self.midnight_s)
        #expect(days[1].known("standing_s") == 86_400)
        #expect(days[1].known("engine_hours") == nil)
    }

    @Test func `what happened in silence elsewhere is in no sum`() throws {
        var drive = Drive()
        drive.report(after: 0)
        drive.east_m = 90_000
        drive.report(after: 7200)
        drive.report(after: 86_400)
        let day = try #require(drive.told(.dailySummary).first)
        #expect(day.known("distance_km") == 0)
        #expect(day.known("standing_s") == Self.midnight_s - 7200)
    }

    @Test func `reports without position tell the day, and nothing counts twice`() throws {
        var drive = Drive()
        drive.ignition = false
        drive.report(after: 0)
        drive.report(after: Self.midnight_s - 1000)
        drive.report(after: 2000, hasPosition: false)
        drive.report(after: 2000)
        drive.report(after: 86_400)
        let days = drive.told(.dailySummary)
        #expect(days.map { $0.known("standing_s") } == [Self.midnight_s, 86_400])
    }

    @Test func `odometer, engine hours and fuel go on from day to day`() throws {
        var drive = Drive()
        drive.odometer_m = 1_000_100
        drive.fuel_pct = 50
        var engine_s: UInt32 = 36_000
        for _ in 0..<72 {
            for _ in 0..<6 {
                drive.east_m += 1000
                drive.odometer_m! += 1050
                drive.fuel_pct! -= 0.1
                drive.report(after: 100, speed_kmh: 36) {
                    $0.has.insert(.engineHours)
                    $0.engine_s = engine_s
                }
                engine_s += 90
            }
            for _ in 0..<5 { drive.report(after: 600) }
            if drive.fuel_pct! < 20 { drive.fuel_pct! = 80 }
        }
        drive.report(after: 86_400)
        let days = drive.told(.dailySummary)
        #expect(days.count == 4)
        // 432 reports; the first reading is the first day's beginning, so that one interval is missing.
        func sum(_ name: String) -> Double { days.reduce(0) { $0 + ($1.known(name) ?? 0) } }
        #expect(abs(sum("distance_km") - 452.55) < 0.1)
        #expect(abs(sum("engine_hours") - 10.775) < 1e-6)
        // What is used between a filling and the report before it cannot be seen.
        #expect(abs(sum("fuel_used_pct") - 43.1) < 0.15)
    }

    @Test func `fuel that moves about in the tank is neither used nor filled in`() throws {
        var drive = Drive()
        for step in 0..<960 {
            drive.fuel_pct = 60 + (step % 3 == 0 ? 3 : step % 3 == 1 ? -3 : 0)
            drive.report(after: 60)
        }
        drive.fuel_pct = nil
        drive.report(after: 600)
        let day = try #require(drive.told(.dailySummary).first)
        #expect(day.known("fuel_used_pct")! <= 6)
    }

    @Test func `wandering positions add no distance`() throws {
        var drive = Drive()
        drive.jitter_m = 30
        drive.stand(Self.midnight_s + 10)
        let day = try #require(drive.told(.dailySummary).first)
        #expect(day.known("distance_km") == 0)
        #expect(day.known("driving_s") == 0)
        #expect(day.known("stops") == 0)
    }

    @Test func `the day is that of the vehicle's place`() throws {
        var drive = Drive()
        drive.utcOffset_ms = -10 * 3_600_000
        drive.report(after: 0)
        drive.report(after: 86_400)
        let day = try #require(drive.told(.dailySummary).first)
        // 08:00 in Taiwan is 14:00 of the day before in Honolulu.
        #expect(day.key_ms == Drive.start_ms - 14 * 3_600_000)
        #expect(day.known("standing_s") == 36_000)
    }

    @Test func `switched off it says nothing, and switched on it begins anew`() {
        var drive = Drive { $0.utilisation.enabled = 0 }
        drive.report(after: 0)
        drive.report(after: 86_400)
        #expect(drive.told(.dailySummary).isEmpty)
        drive.limits.utilisation.enabled = 1
        drive.report(after: 86_400)
        #expect(drive.told(.dailySummary).isEmpty)
        drive.report(after: 86_400)
        #expect(drive.told(.dailySummary).count == 1)
    }
}
