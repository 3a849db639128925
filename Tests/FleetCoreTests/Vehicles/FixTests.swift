import Testing

@testable import FleetCore

@Suite struct `One fix` {
    @Test func `quantities are kept in tenths, and none is told from zero`() {
        let fix = Fix(
            time_ms: 1, latitude_e7: 250_400_000, longitude_e7: -1_215_100_000, accuracy_m: 4.96, speed_kmh: 0,
            heading_deg: 359.94)
        #expect(fix.accuracy_m == 5)
        #expect(fix.speed_kmh == 0)
        #expect(fix.heading_deg == 359.9)
        #expect(fix.latitude == 25.04)
        #expect(fix.longitude == -121.51)
        let bare = Fix(time_ms: 1, latitude_e7: 0, longitude_e7: 0)
        #expect(bare.accuracy_m == nil && bare.speed_kmh == nil && bare.heading_deg == nil)
    }

    @Test func `what is beyond the range is the largest that fits`() {
        #expect(Fix(time_ms: 1, latitude_e7: 0, longitude_e7: 0, accuracy_m: 1e9).accuracy_m == 6553.4)
        #expect(Fix(time_ms: 1, latitude_e7: 0, longitude_e7: 0, accuracy_m: -3).accuracy_m == 0)
        #expect(Fix(time_ms: 1, latitude_e7: 0, longitude_e7: 0, accuracy_m: .nan).accuracy_m == nil)
        #expect(MemoryLayout<Fix>.stride == 24)
    }

    @Test func `between two fixes, also over the antimeridian`() {
        let from = Fix(time_ms: 1000, latitude_e7: 0, longitude_e7: 1_799_000_000)
        let to = Fix(time_ms: 2000, latitude_e7: 100, longitude_e7: -1_799_000_000)
        let middle = Fix.interpolated(from: from, to: to, fraction: 0.75)
        #expect(middle.time_ms == 1750)
        #expect(middle.latitude_e7 == 75)
        #expect(middle.longitude_e7 == -1_799_500_000)
        let back = Fix.interpolated(from: to, to: from, fraction: 0.75)
        #expect(back.longitude_e7 == 1_799_500_000)
        #expect(Fix.interpolated(from: from, to: to, fraction: 0) == from)
        #expect(Fix.interpolated(from: from, to: to, fraction: 1) == to)
    }
}
