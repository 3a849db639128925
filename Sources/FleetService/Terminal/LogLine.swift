import FleetCore

/// One line of the log. Telephone numbers in its texts are masked.
struct LogLine {
    let time_ms: Int64
    let level: LogLevel
    let message: String
    let fields: KeyValuePairs<String, LogValue>
    let suppressed: Int

    /// With its line feed.
    func text(_ format: LogFormat) -> String {
        switch format {
        case .text: plain
        case .json: json
        }
    }

    /// `2026-11-20T00:15:30.250Z warning broker away host=10.0.0.5 attempt=3`
    private var plain: String {
        var line = "\(isoTime(time_ms)) \(level.rawValue) \(Self.shown(message))"
        for (name, value) in fields { line += " \(shortened(name, to: 64))=\(plainValue(value))" }
        if suppressed > 0 { line += " suppressed=\(suppressed)" }
        return line + "\n"
    }

    /// Quoted where the value would not stand out by itself.
    private func plainValue(_ value: LogValue) -> String {
        switch value {
        case .integer(let number): return "\(number)"
        case .number(let number): return "\(number)"
        case .bool(let flag): return "\(flag)"
        case .payload(let bytes): return jsonString(Self.shown(bytes))
        case .string(let text):
            let short = Self.shown(text)
            let isPlain = !short.isEmpty && !short.contains { $0.isWhitespace || "\"=\\".contains($0) }
            return isPlain ? short : jsonString(short)
        }
    }

    /// `{"time":…,"level":…,"message":…,…}`. A field that has the name of one of ours gets a hyphen before it.
    private var json: String {
        var line = "{\"time\":\"\(isoTime(time_ms))\",\"level\":\"\(level.rawValue)\""
        line += ",\"message\":\(jsonString(Self.shown(message)))"
        for (name, value) in fields {
            let isTaken = ["time", "level", "message", "suppressed"].contains(name)
            line += ",\(jsonString((isTaken ? "-" : "") + shortened(name, to: 64))):\(jsonValue(value))"
        }
        if suppressed > 0 { line += ",\"suppressed\":\(suppressed)" }
        return line + "}\n"
    }

    private func jsonValue(_ value: LogValue) -> String {
        switch value {
        case .integer(let number): "\(number)"
        // JSON has no NaN and no infinity.
        case .number(let number): number.isFinite ? "\(number)" : "null"
        case .bool(let flag): "\(flag)"
        case .payload(let bytes): jsonString(Self.shown(bytes))
        case .string(let text): jsonString(Self.shown(text))
        }
    }

    private static func shown(_ text: String) -> String {
        PhoneNumber.masking(shortened(text, to: Logger.text_max))
    }

    /// The beginning of a payload, printable ASCII as it is and the rest as `\xNN`, and the length if there is more.
    private static func shown(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes.prefix(Logger.payload_max) {
            if (0x20..<0x7F).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += (byte < 16 ? "\\x0" : "\\x") + String(byte, radix: 16)
            }
        }
        text = PhoneNumber.masking(text)
        return bytes.count > Logger.payload_max ? text + "… (\(bytes.count) bytes)" : text
    }
}

/// A JSON string with its quotes. Control characters were replaced before.
private func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        if scalar == "\"" || scalar == "\\" { result += "\\" }
        result.unicodeScalars.append(scalar)
    }
    return result + "\""
}

/// RFC 3339 in UTC with milliseconds. The calendar is the proleptic Gregorian one, by H. Hinnant's `civil_from_days`
/// (howardhinnant.github.io/date_algorithms.html).
func isoTime(_ time_ms: Int64) -> String {
    let day_ms: Int64 = 86_400_000
    let ofDay = Int(((time_ms % day_ms) + day_ms) % day_ms)
    let days = (time_ms - Int64(ofDay)) / day_ms + 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let (hour, minute, second) = (ofDay / 3_600_000, ofDay / 60_000 % 60, ofDay / 1000 % 60)
    let time = [hour, minute, second].map { padded(Int64($0), 2) }.joined(separator: ":")
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(time).\(padded(Int64(ofDay % 1000), 3))Z"
}
