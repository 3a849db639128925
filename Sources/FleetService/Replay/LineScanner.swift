import Wire

/// Finds the members of one object and where their values stand, without looking into them.
struct LineScanner {
    enum Kind { case string, scalar, container }

    /// Where a value stands: of a string what is between the quotes.
    struct Value {
        var range: Range<Int>
        var kind: Kind
        /// Of a string: there are no escapes in it.
        var isPlain = true

        /// Appends the content of a string; an escape that is none stays as it is written.
        func appendContent(_ line: Span<UInt8>, to content: inout [UInt8]) {
            if isPlain { return content.append(line, range) }
            var index = range.lowerBound
            while index < range.upperBound {
                guard line[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
                    content.append(line[index])
                    index += 1
                    continue
                }
                index = LineScanner.appendEscape(line, at: index, end: range.upperBound, to: &content)
            }
        }
    }

    struct Member {
        var key: Value
        var value: Value
    }

    var position = 0
    private var isFirst = true

    init(position: Int = 0) { self.position = position }

    /// Goes into the object.
    mutating func open(_ line: Span<UInt8>) throws(CaptureLine.Fault) {
        skipSpace(line)
        try expect("{", line)
        skipSpace(line)
    }

    /// The next member; nil behind the object.
    mutating func next(_ line: Span<UInt8>) throws(CaptureLine.Fault) -> Member? {
        if isFirst {
            isFirst = false
            if peek(line) == UInt8(ascii: "}") {
                position += 1
                return nil
            }
        } else if peek(line) == UInt8(ascii: ",") {
            position += 1
        } else {
            try expect("}", line)
            return nil
        }
        skipSpace(line)
        let key = try string(line)
        skipSpace(line)
        try expect(":", line)
        skipSpace(line)
        let value = try value(line)
        skipSpace(line)
        return Member(key: key, value: value)
    }

    /// Behind the object there is nothing.
    mutating func expectEnd(_ line: Span<UInt8>) throws(CaptureLine.Fault) {
        skipSpace(line)
        if position < line.count { throw fault("the line goes on after the object") }
    }

    /// Whether a member's key is this one.
    func key(_ member: Member, is name: StaticString, _ line: Span<UInt8>) -> Bool {
        let length = name.utf8CodeUnitCount
        guard member.key.isPlain else {
            var content: [UInt8] = []
            member.key.appendContent(line, to: &content)
            return content.elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: length))
        }
        let range = member.key.range
        guard range.count == length else { return false }
        for index in 0..<length where line[range.lowerBound + index] != name.utf8Start[index] { return false }
        return true
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

    private mutating func string(_ line: Span<UInt8>) throws(CaptureLine.Fault) -> Value {
        try expect("\"", line)
        let start = position
        var isPlain = true
        var index = position
        while index < line.count {
            let byte = line[index]
            if byte == UInt8(ascii: "\"") {
                position = index + 1
                return Value(range: start..<index, kind: .string, isPlain: isPlain)
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                index += 1
            }
            index += 1
        }
        position = line.count
        throw fault("a string is not closed")
    }

    private mutating func value(_ line: Span<UInt8>) throws(CaptureLine.Fault) -> Value {
        let start = position
        switch peek(line) {
        case UInt8(ascii: "\""):
            return try string(line)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try skipContainer(line)
            return Value(range: start..<position, kind: .container)
        default:
            while let byte = peek(line), byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"),
                byte != UInt8(ascii: "]")
            {
                position += 1
            }
            guard position > start else { throw fault("a value is missing") }
            return Value(range: start..<position, kind: .scalar)
        }
    }

    /// Goes behind the object or array that begins here.
    private mutating func skipContainer(_ line: Span<UInt8>) throws(CaptureLine.Fault) {
        var depth = 0
        var index = position
        repeat {
            guard index < line.count else {
                position = line.count
                throw fault("an object or array is not closed")
            }
            switch line[index] {
            case UInt8(ascii: "\""):
                position = index
                _ = try string(line)
                index = position
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                index += 1
            default: index += 1
            }
        } while depth > 0
        position = index
    }

    /// Appends what the escape at `index` stands for and returns where the text goes on.
    private static func appendEscape(
        _ line: Span<UInt8>, at index: Int, end: Int, to content: inout [UInt8]
    ) -> Int {
        if let byte = simpleEscape(line[index + 1]) {
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

    private static func simpleEscape(_ letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "n"): 10
        case UInt8(ascii: "t"): 9
        case UInt8(ascii: "r"): 13
        case UInt8(ascii: "b"): 8
        case UInt8(ascii: "f"): 12
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
        default: nil
        }
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
