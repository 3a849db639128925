/// Times as RFC 3339 writes them, to and from milliseconds since 1970-01-01T00:00:00Z.
package enum RFC3339 {
    /// 0001-01-01T00:00:00.000Z
    package static let minimum_ms: Int64 = -62_135_596_800_000
    /// 9999-12-31T23:59:59.999Z
    package static let maximum_ms: Int64 = 253_402_300_799_999

    /// Reads the whole of `range` as a time; nil where it is not one.
    ///
    /// `2026-11-20T08:15:30.250+08:00`: also `t` or a space for `T`, `Z` or `z` for the offset, 1…9 digits of fraction
    /// (cut off after the third). The date must be one of the calendar, the instant within years 0001…9999 of UTC. A
    /// leap second, 23:59:60 UTC, is taken as 23:59:59.999, because the count of milliseconds has none.
    package static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var reader = DigitReader(position: range.lowerBound, end: range.upperBound)
        guard let year = reader.number(4, in: bytes), reader.skip("-", in: bytes),
            let month = reader.number(2, in: bytes), reader.skip("-", in: bytes),
            let day = reader.number(2, in: bytes),
            reader.skip("T", in: bytes) || reader.skip("t", in: bytes) || reader.skip(" ", in: bytes),
            let hour = reader.number(2, in: bytes), reader.skip(":", in: bytes),
            let minute = reader.number(2, in: bytes), reader.skip(":", in: bytes),
            let second = reader.number(2, in: bytes),
            let fraction_ms = reader.fraction_ms(in: bytes),
            let offset_min = reader.offset_min(in: bytes), reader.position == reader.end
        else { return nil }
        guard year >= 1, month >= 1, month <= 12, day >= 1, day <= CivilDate.daysInMonth(year: year, month: month),
            hour <= 23, minute <= 59, second <= 60
        else { return nil }
        let minutes = (CivilDate.days(year: year, month: month, day: day) * 24 + hour) * 60 + minute - offset_min
        var time_ms = Int64(minutes) * 60_000
        if second == 60 {
            let minuteOfDay = (minutes % 1_440 + 1_440) % 1_440
            guard minuteOfDay == 1_439 else { return nil }
            time_ms += 59_999
        } else {
            time_ms += Int64(second * 1_000 + fraction_ms)
        }
        return time_ms >= minimum_ms && time_ms <= maximum_ms ? time_ms : nil
    }

    package static func parse(_ bytes: Span<UInt8>) -> Int64? {
        parse(bytes, 0..<bytes.count)
    }

    /// Appends `time_ms` as `2026-11-20T00:15:30.250Z`, always in UTC and with three decimals: 24 bytes. Times outside
    /// `minimum_ms ... maximum_ms` are written as the nearer bound.
    package static func append(_ time_ms: Int64, to bytes: inout [UInt8]) {
        bytes.append(atMost: TextWriter.timeMax) { $0.write(time_ms: time_ms) }
    }

    /// `time_ms` as text, for messages; the hot path appends to its buffer.
    package static func string(_ time_ms: Int64) -> String {
        var bytes: [UInt8] = []
        append(time_ms, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Reads the parts of a time, each of which is nil or false where the bytes are something else.
private struct DigitReader {
    var position: Int
    let end: Int

    @inline(__always)
    mutating func number(_ digits: Int, in bytes: Span<UInt8>) -> Int? {
        guard end - position >= digits else { return nil }
        var value = 0
        for _ in 0..<digits {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
            position += 1
        }
        return value
    }

    @inline(__always)
    mutating func skip(_ character: Unicode.Scalar, in bytes: Span<UInt8>) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// The optional fraction of a second, cut off after the millisecond; nil where a point has no or too many digits.
    mutating func fraction_ms(in bytes: Span<UInt8>) -> Int? {
        guard skip(".", in: bytes) else { return 0 }
        var value = 0
        var count = 0
        while position < end {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            count += 1
            if count <= 3 { value = value * 10 + Int(digit) }
            position += 1
        }
        switch count {
        case 1: return value * 100
        case 2: return value * 10
        case 3...9: return value
        default: return nil
        }
    }

    /// The offset from UTC in minutes, east positive.
    mutating func offset_min(in bytes: Span<UInt8>) -> Int? {
        if skip("Z", in: bytes) || skip("z", in: bytes) { return 0 }
        let isWest = skip("-", in: bytes)
        guard isWest || skip("+", in: bytes), let hours = number(2, in: bytes), skip(":", in: bytes),
            let minutes = number(2, in: bytes), hours <= 23, minutes <= 59
        else { return nil }
        return (hours * 60 + minutes) * (isWest ? -1 : 1)
    }
}
