import Foundation
import TestSupport
import Testing
import Wire

@Suite struct `RFC 3339 times` {
    @Test(
        arguments: [
            ("2026-11-20T08:15:30.250+08:00", 1_795_133_730_250), ("2026-11-20T00:15:30.25Z", 1_795_133_730_250),
            ("2026-11-20t00:15:30.2z", 1_795_133_730_200), ("2026-11-20 00:15:30Z", 1_795_133_730_000),
            ("2026-11-20T00:15:30.250999999Z", 1_795_133_730_250), ("2026-11-19T20:30:30-03:45", 1_795_133_730_000),
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("1970-01-01T00:00:00-00:00", 0),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("2024-02-29T12:00:00Z", 1_709_208_000_000), ("2000-02-29T00:00:00Z", 951_782_400_000),
            ("2016-12-31T23:59:60Z", 1_483_228_799_999), ("2017-01-01T08:59:60.5+09:00", 1_483_228_799_999),
        ] as [(String, Int64)])
    func `are read`(text: String, time_ms: Int64) {
        #expect(parseTime(text) == time_ms)
    }

    @Test(arguments: [
        "", "2026", "2026-11-20", "2026-11-20T08:15:30", "2026-11-20T08:15Z", "2026-11-20T08:15:30.Z",
        "2026-11-20T08:15:30.1234567890Z", "2026-11-20T08:15:30,5Z", "2026-11-20T08:15:30+0800",
        "2026-11-20T08:15:30+08",
        "2026-11-20T08:15:30+8:00", "2026-11-20T24:00:00Z", "2026-11-20T08:60:00Z", "2026-11-20T08:15:61Z",
        "2026-11-20T08:15:60Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-00T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2026-11-20T08:15:30+24:00",
        "2026-11-20T08:15:30+08:60",
        "2026-11-20T08:15:30Z ", " 2026-11-20T08:15:30Z", "2026-11-20T08:15:30ZZ", "20261120T081530Z",
        "+2026-11-20T08:15:30Z", "-2026-11-20T08:15:30Z", "2026/11/20T08:15:30Z", "2026-11-20_08:15:30Z",
        "２026-11-20T08:15:30Z", "2026-1a-20T08:15:30Z", "2026-W47-5T08:15:30Z",
    ])
    func `what is not one is refused`(text: String) {
        #expect(parseTime(text) == nil)
    }

    @Test func `every day of 800 years is the C library's, both ways`() throws {
        for day in stride(from: -150_000, to: 150_000, by: 1) {
            var seconds = time_t(day) * 86_400 + 3_661
            var fields = tm()
            gmtime_r(&seconds, &fields)
            let date = CivilDate.date(days: day)
            let isSame =
                date.year == Int(fields.tm_year) + 1_900 && date.month == Int(fields.tm_mon) + 1
                && date.day == Int(fields.tm_mday)
                && CivilDate.days(year: date.year, month: date.month, day: date.day) == day
            if !isSame { #expect(Bool(false), "day \(day): \(date)") }
        }
    }

    @Test func `random times read back as they were written, and are the C library's`() throws {
        let seed: UInt64 = 3_339
        var random = SplitMix64(seed: seed)
        for round in 0..<10_000 {
            let time_ms = Int64.random(in: RFC3339.minimum_ms...RFC3339.maximum_ms, using: &random)
            let text = RFC3339.string(time_ms)
            #expect(parseTime(text) == time_ms, "seed \(seed), round \(round): \(text)")
            var seconds = time_t((time_ms - (time_ms % 1_000 + 1_000) % 1_000) / 1_000)
            var fields = tm()
            gmtime_r(&seconds, &fields)
            var buffer = [CChar](repeating: 0, count: 32)
            strftime(&buffer, 32, "%m-%dT%H:%M:%S", &fields)
            let expected = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            #expect(text.dropFirst(5).prefix(14) == expected, "seed \(seed), round \(round): \(text)")
        }
    }

    @Test func `every truncation and every single altered byte is safe`() {
        let text = Array("2026-11-20T08:15:30.250+08:00".utf8)
        for length in 0..<text.count {
            #expect(RFC3339.parse(text.span, 0..<length) == nil)
        }
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var altered = text
                altered[index] = byte
                if let time_ms = RFC3339.parse(altered.span) {
                    #expect(parseTime(RFC3339.string(time_ms)) == time_ms)
                }
            }
        }
    }

    @Test func `times beyond four digits of a year are written as the bound`() {
        #expect(RFC3339.string(.min) == "0001-01-01T00:00:00.000Z")
        #expect(RFC3339.string(.max) == "9999-12-31T23:59:59.999Z")
    }
}
