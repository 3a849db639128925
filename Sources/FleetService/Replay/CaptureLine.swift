import Wire

/// One line of a capture, as `mosquitto_sub -F %j` or `-F %J` prints it: a JSON object with `tst`, `topic` and `payload`.
///
/// The payload is a JSON value (`%J`: its text is the message) or a string (`%j`: its content is the message). Such
/// strings may hold bytes that are not UTF-8, because mosquitto prints them as they came; that is for the decoder to
/// judge, so that this reader lets them pass.
struct CaptureLine {
    /// Received time, ms since 1970; nil where the line has none.
    var time_ms: Int64?
    var topic: [UInt8] = []
    var payload: [UInt8] = []
    var responseTopic: [UInt8] = []
    var correlation: [UInt8] = []
    var isRetained = false

    /// Why a line is not one of a capture.
    struct Fault: Error {
        var detail: String
        var offset: Int
    }

    init(_ line: Span<UInt8>) throws(Fault) {
        var scanner = LineScanner()
        var hasTopic = false
        var hasPayload = false
        try scanner.forEachMember(of: line) { key, value, kind throws(Fault) in
            switch key {
            case "tst", "timestamp":
                guard let time = Self.time(line, value, kind) else {
                    throw Fault(detail: "tst is neither an RFC 3339 time nor a number", offset: value.lowerBound)
                }
                time_ms = time
            case "topic":
                guard kind == .string else { throw Fault(detail: "topic is not a string", offset: value.lowerBound) }
                topic = LineScanner.unescape(line, value)
                hasTopic = true
            case "payload":
                hasPayload = true
                if kind == .string {
                    payload = LineScanner.unescape(line, value)
                } else if !Self.isNull(line, value) {
                    payload.append(line, value)
                }
            case "retain":
                isRetained = value.count == 1 && line[value.lowerBound] == UInt8(ascii: "1")
            case "properties":
                try readProperties(line, value, kind)
            default:
                break
            }
        }
        guard hasTopic else { throw Fault(detail: "topic is missing", offset: 0) }
        guard hasPayload else { throw Fault(detail: "payload is missing", offset: 0) }
    }

    private mutating func readProperties(
        _ line: Span<UInt8>, _ range: Range<Int>, _ kind: LineScanner.Kind
    ) throws(Fault) {
        guard kind == .container else { return }
        var scanner = LineScanner(position: range.lowerBound)
        try scanner.forEachMember(of: line, isWhole: false) { key, value, kind throws(Fault) in
            guard kind == .string else { return }
            if key == "response-topic" { responseTopic = LineScanner.unescape(line, value) }
            if key == "correlation-data" { correlation = LineScanner.unescape(line, value) }
        }
    }

    private static func isNull(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let word: StaticString = "null"
        guard range.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where line[range.lowerBound + index] != word.utf8Start[index] { return false }
        return true
    }

    /// RFC 3339; `…Z+0800`, which mosquitto prints for local time with an offset; seconds or milliseconds since 1970.
    static func time(_ line: Span<UInt8>, _ range: Range<Int>, _ kind: LineScanner.Kind) -> Int64? {
        switch kind {
        case .string:
            if let time_ms = RFC3339.parse(line, range) { return time_ms }
            // …Z±HHMM → …±HH:MM
            guard range.count > 6, line[range.upperBound - 6] == UInt8(ascii: "Z") else { return nil }
            var text: [UInt8] = []
            text.append(line, range.lowerBound..<(range.upperBound - 6))
            text.append(line, (range.upperBound - 5)..<(range.upperBound - 2))
            text.append(UInt8(ascii: ":"))
            text.append(line, (range.upperBound - 2)..<range.upperBound)
            return RFC3339.parse(text.span)
        case .scalar:
            var cursor = JSONCursor(position: range.lowerBound)
            guard let number = try? cursor.readNumber(in: line), number >= 0, number < 1e15 else { return nil }
            return Int64((number < 1e11 ? number * 1000 : number).rounded())
        case .container:
            return nil
        }
    }
}

/// Finds the members of one object and where their values stand, without looking into them.
struct LineScanner {
    enum Kind { case string, scalar, container }

    var position = 0

    /// Calls `body` with each key, the range of its value (of a string: between the quotes) and its kind.
    mutating func forEachMember(
        of line: Span<UInt8>, isWhole: Bool = true,
        _ body: (String, Range<Int>, Kind) throws(CaptureLine.Fault) -> Void
    ) throws(CaptureLine.Fault) {
        skipSpace(line)
        try expect("{", line)
        skipSpace(line)
        if peek(line) == UInt8(ascii: "}") {
            position += 1
        } else {
            while true {
                skipSpace(line)
                let key = try string(line)
                skipSpace(line)
                try expect(":", line)
                skipSpace(line)
                let (range, kind) = try value(line)
                try body(String(decoding: Self.unescape(line, key), as: UTF8.self), range, kind)
                skipSpace(line)
                if peek(line) == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                try expect("}", line)
                break
            }
        }
        skipSpace(line)
        if isWhole, position < line.count { throw fault("the line goes on after the object") }
    }

    private func fault(_ detail: String) -> CaptureLine.Fault { CaptureLine.Fault(detail: detail, offset: position) }

    private func peek(_ line: Span<UInt8>) -> UInt8? { position < line.count ? line[position] : nil }

    private mutating func skipSpace(_ line: Span<UInt8>) {
        while position < line.count, line[position] <= 0x20 { position += 1 }
    }

    private mutating func expect(_ character: Unicode.Scalar, _ line: Span<UInt8>) throws(CaptureLine.Fault) {
        guard peek(line) == UInt8(ascii: character) else { throw fault("'\(character)' expected") }
        position += 1
    }

    /// The range between the quotes.
    private mutating func string(_ line: Span<UInt8>) throws(CaptureLine.Fault) -> Range<Int> {
        try expect("\"", line)
        let start = position
        while position < line.count {
            switch line[position] {
            case UInt8(ascii: "\\"):
                position += 2
            case UInt8(ascii: "\""):
                position += 1
                return start..<(position - 1)
            default:
                position += 1
            }
        }
        position = line.count
        throw fault("a string is not closed")
    }

    private mutating func value(_ line: Span<UInt8>) throws(CaptureLine.Fault) -> (Range<Int>, Kind) {
        switch peek(line) {
        case UInt8(ascii: "\""):
            return (try string(line), .string)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let start = position
            var depth = 0
            repeat {
                switch peek(line) {
                case nil: throw fault("an object or array is not closed")
                case UInt8(ascii: "\""): _ = try string(line)
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    position += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    position += 1
                default: position += 1
                }
            } while depth > 0
            return (start..<position, .container)
        default:
            let start = position
            while let byte = peek(line), byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"),
                byte != UInt8(ascii: "]")
            {
                position += 1
            }
            guard position > start else { throw fault("a value is missing") }
            return (start..<position, .scalar)
        }
    }

    /// The content of a string; an escape that is none stays as it is written.
    static func unescape(_ line: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
        var isPlain = true
        for index in range where line[index] == UInt8(ascii: "\\") { isPlain = false }
        var content: [UInt8] = []
        if isPlain {
            content.append(line, range)
            return content
        }
        var index = range.lowerBound
        while index < range.upperBound {
            guard line[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
                content.append(line[index])
                index += 1
                continue
            }
            index = appendEscape(line, at: index, end: range.upperBound, to: &content)
        }
        return content
    }

    /// Appends what the escape at `index` stands for and returns where the text goes on.
    private static func appendEscape(
        _ line: Span<UInt8>, at index: Int, end: Int, to content: inout [UInt8]
    ) -> Int {
        let simple: [UInt8: UInt8] = [
            UInt8(ascii: "n"): 10, UInt8(ascii: "t"): 9, UInt8(ascii: "r"): 13, UInt8(ascii: "b"): 8,
            UInt8(ascii: "f"): 12, UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
            UInt8(ascii: "/"): UInt8(ascii: "/"),
        ]
        if let byte = simple[line[index + 1]] {
            content.append(byte)
            return index + 2
        }
        guard line[index + 1] == UInt8(ascii: "u"), let high = hex(line, index + 2, end) else {
            content.append(line[index])
            return index + 1
        }
        if high & 0xFC00 == 0xD800, index + 7 < end, line[index + 6] == UInt8(ascii: "\\"),
            line[index + 7] == UInt8(ascii: "u"), let low = hex(line, index + 8, end), low & 0xFC00 == 0xDC00,
            let scalar = Unicode.Scalar(0x10000 + (high & 0x3FF) << 10 + (low & 0x3FF))
        {
            content.append(contentsOf: String(scalar).utf8)
            return index + 12
        }
        content.append(contentsOf: String(Unicode.Scalar(high) ?? "\u{FFFD}").utf8)
        return index + 6
    }

    private static func hex(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> UInt32? {
        guard start + 4 <= end else { return nil }
        var value: UInt32 = 0
        for index in start..<(start + 4) {
            guard let digit = Character(Unicode.Scalar(line[index])).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
