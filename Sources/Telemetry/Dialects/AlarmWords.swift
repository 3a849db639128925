import Wire

/// The alarms by the words that the formats have for them: Traccar's, and our own. What they name besides, such as
/// `geofenceEnter` or `idle`, is decided here from the positions.
let alarmWords = KeyTable<DeviceAlarms>(
    DeviceAlarms.words.map { ($0.word, $0.alarm) } + [
        ("tampering", .tamper), ("removing", .tamper), ("powerCut", .powerCut), ("powerOff", .powerCut),
        ("hardBraking", .harshBraking), ("hardAcceleration", .harshAcceleration), ("hardCornering", .harshCornering),
        ("tow", .towing), ("lowBattery", .lowBattery), ("lowPower", .lowBattery), ("fallDown", .accident),
    ])

extension JSONCursor {
    /// One word, words with commas or spaces between them, or an array of words. Nil where the value is none of these.
    mutating func readAlarms(in bytes: Span<UInt8>) throws(JSONError) -> DeviceAlarms? {
        switch try peekKind(in: bytes) {
        case .string: return Self.alarms(try readString(in: bytes), in: bytes)
        case .array:
            var alarms: DeviceAlarms = []
            try beginArray(in: bytes)
            while try nextElement(in: bytes) {
                if try peekKind(in: bytes) == .string {
                    alarms.formUnion(Self.alarms(try readString(in: bytes), in: bytes))
                } else {
                    try skipValue(in: bytes)
                }
            }
            return alarms
        default:
            try skipValue(in: bytes)
            return nil
        }
    }

    private static func alarms(_ text: JSONText, in bytes: Span<UInt8>) -> DeviceAlarms {
        if text.hasEscapes {
            let unescaped = text.unescapedBytes(in: bytes)
            return alarms(unescaped.span, 0..<unescaped.count)
        }
        return alarms(bytes, text.range)
    }

    private static func alarms(_ bytes: Span<UInt8>, _ range: Range<Int>) -> DeviceAlarms {
        var alarms: DeviceAlarms = []
        var start = range.lowerBound
        for index in range.lowerBound...range.upperBound {
            let isEnd = index == range.upperBound
            guard isEnd || bytes[index] == UInt8(ascii: ",") || bytes[index] == UInt8(ascii: " ") else { continue }
            if let alarm = alarmWords.member(bytes, start..<index) { alarms.formUnion(alarm) }
            start = index + 1
        }
        return alarms
    }
}
