import Wire

/// Values as trackers write them: numbers and flags in any form that leaves no doubt. Nil is what is not one; the value is
/// read past in any case.
extension JSONCursor {
    /// A number, or a string that holds one and nothing else.
    mutating func readLenientNumber(in bytes: Span<UInt8>) throws(JSONError) -> Double? {
        switch try peekKind(in: bytes) {
        case .number:
            let decimal = try readDecimal(in: bytes)
            return try? decimal.double(in: bytes)
        case .string:
            let text = try readString(in: bytes)
            return text.hasEscapes ? nil : Self.number(bytes, text.range)
        default:
            try skipValue(in: bytes)
            return nil
        }
    }

    /// true and false, a number (0 is false), or a word for one of them.
    mutating func readLenientFlag(in bytes: Span<UInt8>) throws(JSONError) -> Bool? {
        switch try peekKind(in: bytes) {
        case .bool: return try readBool(in: bytes)
        case .string:
            let text = try readString(in: bytes)
            if let word = flagWords.member(for: text, in: bytes) { return word }
            return text.hasEscapes ? nil : Self.number(bytes, text.range).map { $0 != 0 }
        default: return try readLenientNumber(in: bytes).map { $0 != 0 }
        }
    }

    /// The number that a range of the bytes holds, white space around it allowed.
    static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Double? {
        var cursor = JSONCursor(position: range.lowerBound)
        cursor.skipWhitespace(in: bytes)
        guard cursor.position < range.upperBound, let decimal = try? cursor.readDecimal(in: bytes),
            decimal.upper <= range.upperBound
        else { return nil }
        cursor.skipWhitespace(in: bytes)
        guard cursor.position >= range.upperBound else { return nil }
        return try? decimal.double(in: bytes)
    }

    /// A time: seconds or milliseconds since 1970, told apart by their size, as a number or a string; or ISO 8601.
    ///
    /// A plausible time in the one unit is centuries away in the other: 2000 … 2099 as seconds are ten digits, as
    /// milliseconds twelve or thirteen.
    mutating func readLenientTime(in bytes: Span<UInt8>) throws(JSONError) -> Result<Int64, DecodeReason>? {
        switch try peekKind(in: bytes) {
        case .null:
            try readNull(in: bytes)
            return nil
        case .number:
            guard let number = try readLenientNumber(in: bytes) else { return .failure(.timeImplausible) }
            return Self.epochTime(number)
        case .string:
            let text = try readString(in: bytes)
            guard !text.hasEscapes else { return .failure(.invalidTime) }
            if let number = Self.number(bytes, text.range) { return Self.epochTime(number) }
            guard let time_ms = Self.isoTime_ms(bytes, text.range) else { return .failure(.invalidTime) }
            return ReportTime.isPlausible(time_ms) ? .success(time_ms) : .failure(.timeImplausible)
        default:
            try skipValue(in: bytes)
            return .failure(.wrongType)
        }
    }

    private static func epochTime(_ number: Double) -> Result<Int64, DecodeReason> {
        guard abs(number) < 1e15 else { return .failure(.timeImplausible) }
        let asMilliseconds = Int64(number.rounded())
        if ReportTime.isPlausible(asMilliseconds) { return .success(asMilliseconds) }
        let asSeconds = Int64((number * 1000).rounded())
        return ReportTime.isPlausible(asSeconds) ? .success(asSeconds) : .failure(.timeImplausible)
    }

    /// RFC 3339, or the same with an offset without its colon (`+0000`), as Java's libraries write it.
    private static func isoTime_ms(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        if let time_ms = RFC3339.parse(bytes, range) { return time_ms }
        guard range.count > 5 else { return nil }
        let sign = range.upperBound - 5
        guard bytes[sign] == UInt8(ascii: "+") || bytes[sign] == UInt8(ascii: "-") else { return nil }
        var text: [UInt8] = []
        text.append(bytes, range.lowerBound..<(range.upperBound - 2))
        text.append(UInt8(ascii: ":"))
        text.append(bytes, (range.upperBound - 2)..<range.upperBound)
        return RFC3339.parse(text.span)
    }
}

private let flagWords = KeyTable<Bool>([
    ("true", true), ("on", true), ("yes", true), ("false", false), ("off", false), ("no", false),
])
