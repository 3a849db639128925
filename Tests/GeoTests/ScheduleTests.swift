import Foundation
import Geo
import TestSupport
import Testing

@Suite struct `Schedules` {
    private func time(_ text: String) -> Int64 {
        let formatter = ISO8601DateFormatter()
        guard let date = formatter.date(from: text) else { preconditionFailure(text) }
        return Int64(date.timeIntervalSince1970 * 1000)
    }

    private func hours(_ texts: String...) -> [DayHours] { texts.compactMap(DayHours.init) }
    private let taipei = TimeZoneRules(fixedOffset_s: 28_800)

    @Test func `open and closed in local time`() {
        let schedule = Schedule(
            days: WeekdaySet([.mon, .tue, .wed, .thu, .fri]), hours: hours("08:00-12:00", "13:00-18:00"),
            timeZone: "Asia/Taipei", rules: taipei)
        // 20 November 2026 is a Friday.
        for (text, isOpen) in [
            ("2026-11-20T07:59:59+08:00", false), ("2026-11-20T08:00:00+08:00", true),
            ("2026-11-20T11:59:59+08:00", true),
            ("2026-11-20T12:00:00+08:00", false), ("2026-11-20T13:00:00+08:00", true),
            ("2026-11-20T18:00:00+08:00", false),
            ("2026-11-21T09:00:00+08:00", false), ("2026-11-22T09:00:00+08:00", false),
            ("2026-11-23T09:00:00+08:00", true),
            ("2026-11-20T01:00:00Z", true), ("1969-12-31T09:00:00+08:00", true), ("1970-01-03T09:00:00+08:00", false),
        ] {
            #expect(schedule.isOpen(at: time(text)) == isOpen, "\(text)")
        }
        #expect(schedule.periodStart_ms(at: time("2026-11-20T09:30:00+08:00")) == time("2026-11-20T08:00:00+08:00"))
        #expect(schedule.periodStart_ms(at: time("2026-11-20T08:00:00+08:00")) == time("2026-11-20T08:00:00+08:00"))
        #expect(schedule.periodStart_ms(at: time("2026-11-20T12:30:00+08:00")) == time("2026-11-20T12:00:00+08:00"))
        // The weekend is one period.
        #expect(schedule.periodStart_ms(at: time("2026-11-22T23:00:00+08:00")) == time("2026-11-20T18:00:00+08:00"))
    }

    @Test func `hours over midnight belong to the day they start on`() {
        let schedule = Schedule(
            days: WeekdaySet([.sat]), hours: hours("22:00-06:00"), timeZone: "UTC",
            rules: TimeZoneRules(fixedOffset_s: 0))
        for (text, isOpen) in [
            ("2026-11-21T05:00:00Z", false), ("2026-11-21T22:00:00Z", true), ("2026-11-22T05:59:59Z", true),
            ("2026-11-22T06:00:00Z", false), ("2026-11-22T22:00:00Z", false),
        ] {
            #expect(schedule.isOpen(at: time(text)) == isOpen, "\(text)")
        }
        #expect(schedule.periodStart_ms(at: time("2026-11-22T03:00:00Z")) == time("2026-11-21T22:00:00Z"))
        #expect(schedule.periodStart_ms(at: time("2026-11-28T21:00:00Z")) == time("2026-11-22T06:00:00Z"))
        // Two ranges that meet at midnight are one period.
        let joined = Schedule(
            hours: hours("20:00-24:00", "00:00-04:00"), timeZone: "UTC", rules: TimeZoneRules(fixedOffset_s: 0))
        #expect(joined.isOpen(at: time("2026-11-20T23:59:59Z")) && joined.isOpen(at: time("2026-11-21T00:00:00Z")))
        #expect(joined.periodStart_ms(at: time("2026-11-21T02:00:00Z")) == time("2026-11-20T20:00:00Z"))
    }

    @Test func `a schedule that never changes has no start`() {
        let always = Schedule(timeZone: "UTC", rules: TimeZoneRules(fixedOffset_s: 0))
        #expect(always.isOpen(at: 0) && always.periodStart_ms(at: time("2026-11-20T12:00:00Z")) == 0)
    }

    @Test func `the clock's jumps are followed`() throws {
        // Berlin 2026: to summer time on 29 March 01:00 UTC, back on 25 October 01:00 UTC.
        let rules = try #require(
            TimeZoneRules(
                transitions_ms: [time("2026-03-29T01:00:00Z"), time("2026-10-25T01:00:00Z")],
                offsets_s: [3600, 7200, 3600]))
        let schedule = Schedule(hours: hours("02:30-12:00"), timeZone: "Europe/Berlin", rules: rules)
        // 02:30 does not occur on 29 March: open from 03:00 on, which is the jump.
        #expect(!schedule.isOpen(at: time("2026-03-29T00:59:59Z")) && schedule.isOpen(at: time("2026-03-29T01:00:00Z")))
        #expect(schedule.periodStart_ms(at: time("2026-03-29T05:00:00Z")) == time("2026-03-29T01:00:00Z"))
        #expect(schedule.isOpen(at: time("2026-03-29T09:59:59Z")) && !schedule.isOpen(at: time("2026-03-29T10:00:00Z")))
        // On 25 October 02:30 comes twice.
        #expect(schedule.isOpen(at: time("2026-10-25T00:45:00Z")) && !schedule.isOpen(at: time("2026-10-25T01:15:00Z")))
        #expect(schedule.isOpen(at: time("2026-10-25T01:30:00Z")))
        #expect(schedule.periodStart_ms(at: time("2026-10-25T06:00:00Z")) == time("2026-10-25T01:30:00Z"))
        #expect(TimeZoneRules(transitions_ms: [2, 1], offsets_s: [0, 0, 0]) == nil)
        #expect(TimeZoneRules(transitions_ms: [1], offsets_s: [0]) == nil)
    }

    @Test func `the start of a period is that of a walk by minutes`() {
        var random = SplitMix64(seed: 88)
        for _ in 0..<20 {
            let (a, b, c) = (random.int(0...23), random.int(0...23), random.int(0...59))
            let text = String(format: "%02d:%02d-%02d:30", a, c == 30 && a == b ? 0 : c, b)
            let days = WeekdaySet(Weekday.allCases.filter { _ in random.int(0...1) == 0 } + [.wed])
            let schedule = Schedule(
                days: days, hours: hours(text), timeZone: "+05:30", rules: TimeZoneRules(fixedOffset_s: 19_800))
            let now = time("2026-11-20T12:00:00Z") + Int64(random.int(0...10_080)) * 60_000
            var start = now
            while schedule.isOpen(at: start - 60_000) == schedule.isOpen(at: now), now - start < Schedule.search_ms {
                start -= 60_000
            }
            if now - start >= Schedule.search_ms { start = 0 }
            #expect(schedule.periodStart_ms(at: now) == start, "\(text)")
        }
    }

    @Test func `hours and offsets that are none`() {
        for text in [
            "", "8:00-9:00", "08:00-08:00", "08:60-09:00", "24:00-25:00", "08:00–09:00", "08:00-24:01", "ab:cd-ef:gh",
        ] {
            #expect(DayHours(text) == nil, "\(text)")
        }
        #expect(DayHours("00:00-24:00") == .wholeDay && DayHours("22:00-00:00")?.endsNextDay == true)
        for name in ["", "+8:00", "+25:00", "08:00", "+08:60", "Asia/Taipei", "+0800"] {
            #expect(TimeZoneRules(fixedOffset: name) == nil, "\(name)")
        }
        #expect(
            TimeZoneRules(fixedOffset: "-03:30")?.offset_s(at: 0) == -12_600
                && TimeZoneRules(fixedOffset: "Z")?.offset_s(at: 0) == 0)
    }
}
