import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Recent track` {
    private func fix(_ time: Int64, _ place: Int32 = 0) -> Fix {
        Fix(time_ms: time, latitude_e7: place, longitude_e7: place)
    }

    @Test func `late fixes take their place in time`() {
        var track = Track()
        #expect(track.place(fix(10), limit: 8) == .placed(at: 0))
        #expect(track.place(fix(30), limit: 8) == .placed(at: 1))
        #expect(track.place(fix(20), limit: 8) == .placed(at: 1))
        #expect(track.place(fix(5), limit: 8) == .placed(at: 0))
        #expect(track.fixes.map(\.time_ms) == [5, 10, 20, 30])
        #expect(track.index(of: 20) == 2)
        #expect(track.index(of: 21) == 3)
        #expect(track.index(of: 99) == 4)
    }

    @Test func `duplicates and conflicts are told apart and change nothing`() {
        var track = Track()
        for time: Int64 in [10, 20, 30] { _ = track.place(fix(time, 7), limit: 8) }
        let before = track
        #expect(track.place(fix(20, 7), limit: 8) == .duplicate)
        #expect(track.place(fix(20, 8), limit: 8) == .conflict)
        #expect(track.place(fix(30, 7), limit: 8) == .duplicate)
        #expect(track.place(fix(30, 8), limit: 8) == .conflict)
        #expect(track == before)
    }

    @Test func `a full track drops its oldest fix, and takes none that is older still`() {
        var track = Track()
        for time: Int64 in [10, 20, 30] { _ = track.place(fix(time), limit: 3) }
        #expect(track.place(fix(5), limit: 3) == .beyondTrack)
        #expect(track.place(fix(40), limit: 3) == .placed(at: 2))
        #expect(track.fixes.map(\.time_ms) == [20, 30, 40])
        #expect(track.place(fix(25), limit: 3) == .placed(at: 0))
        #expect(track.fixes.map(\.time_ms) == [25, 30, 40])
        #expect(track.place(fix(40), limit: 3) == .duplicate)
    }

    @Test func `a limit that was lowered holds from the next newest fix on`() {
        var track = Track()
        for time: Int64 in 1...20 { _ = track.place(fix(time), limit: 20) }
        #expect(track.place(fix(30), limit: 4) == .placed(at: 3))
        #expect(track.fixes.map(\.time_ms) == [18, 19, 20, 30])
        #expect(track.place(fix(31), limit: 0) == .placed(at: 0))
        #expect(track.fixes.map(\.time_ms) == [31])
    }

    /// Against the plain rule: all distinct times, the first place of each counts, the newest `limit` of them are kept.
    @Test(arguments: seeds(100)) func `random order against a sorted list`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limit = random.int(1...12)
        var track = Track()
        var kept: [Fix] = []
        for _ in 0..<80 {
            let candidate = fix(Int64(random.int(1...40)), Int32(random.int(0...1)))
            let placement = track.place(candidate, limit: limit)
            track._checkInvariants()
            if let same = kept.first(where: { $0.time_ms == candidate.time_ms }) {
                #expect(placement == (same.isAt(candidate) ? .duplicate : .conflict), "seed \(seed)")
            } else if kept.count == limit, candidate.time_ms < kept[0].time_ms {
                #expect(placement == .beyondTrack, "seed \(seed)")
            } else {
                kept.append(candidate)
                kept.sort { $0.time_ms < $1.time_ms }
                if kept.count > limit { kept.removeFirst() }
                #expect(placement == .placed(at: kept.firstIndex(of: candidate) ?? -1), "seed \(seed)")
            }
            #expect(track.fixes == kept, "seed \(seed)")
        }
    }
}

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
