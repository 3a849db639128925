extension [UInt8] {
    /// Appends `string` as a JSON string, quotes included.
    package mutating func appendJSON(string: String) {
        var string = string
        string.withUTF8 { appendJSON(stringBytes: $0.span) }
    }

    /// Appends UTF-8 text as a JSON string, quotes included: quote, backslash and control characters escaped, bytes
    /// that are not UTF-8 replaced by U+FFFD, so that the result is JSON whatever comes in.
    package mutating func appendJSON(stringBytes bytes: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        var runStart = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                index += 1
                continue
            }
            if byte >= 0x80 {
                let length = utf8SequenceLength(bytes, at: index)
                if length > 0 {
                    index += length
                    continue
                }
            }
            append(bytes, runStart..<index)
            appendEscaped(byte)
            index += 1
            runStart = index
        }
        append(bytes, runStart..<index)
        append(UInt8(ascii: "\""))
    }

    /// Appends the shortest decimal that reads back as the same double; `null` for what JSON cannot say.
    package mutating func appendJSON(_ double: Double) {
        guard double.isFinite else { return append(ascii: "null") }
        if double == 0 { return append(ascii: double.sign == .minus ? "-0" : "0") }
        // Most quantities have few decimals. s and 10^d are doubles exactly, so s / 10^d is the double nearest to the
        // decimal that is about to be written: being equal means that it reads back. The smallest d is the shortest.
        for decimals in 0...7 {
            let power = powerOfTen(UInt(decimals))
            let scaled = double * power
            guard scaled.magnitude < 0x1p50 else { break }
            let nearest = Int64(scaled + (scaled < 0 ? -0.5 : 0.5))
            if Double(nearest) / power == double { return append(fixed: nearest, decimals: decimals) }
        }
        // The standard library's description is the shortest that reads back, and has JSON's form.
        var text = double.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        append(contentsOf: text.utf8)
    }

    /// Appends `value` × 10^-`decimals` (0…18), zeros at the end of the fraction trimmed: 250478000, 7 is `25.0478`.
    package mutating func append(fixed value: Int64, decimals: Int) {
        if decimals <= 8 {
            return append(atMost: TextWriter.numberMax) { $0.write(fixed: value, decimals: decimals) }
        }
        if value < 0 { append(UInt8(ascii: "-")) }
        var magnitude = value.magnitude
        var fractionDigits = decimals
        while fractionDigits > 0, magnitude % 10 == 0 {
            magnitude /= 10
            fractionDigits -= 1
        }
        append(digitsOf: magnitude, fractionDigits: fractionDigits)
    }

    package mutating func append(decimal value: Int64) {
        append(atMost: TextWriter.numberMax) { out in
            if value < 0 { out.write(UInt8(ascii: "-")) }
            out.write(decimal: value.magnitude)
        }
    }

    /// Appends 16 lower-case hexadecimal digits.
    package mutating func append(hex value: UInt64) {
        append(atMost: 16) { out in
            for shift in stride(from: 60, through: 0, by: -4) {
                out.write(lowercaseHexDigit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0xF))
            }
        }
    }

    /// Appends the bytes of a literal as they are.
    package mutating func append(ascii literal: StaticString) {
        literal.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends the bytes in `range` as they are.
    package mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    private mutating func append(digitsOf magnitude: UInt64, fractionDigits: Int) {
        // 20 digits of a 64-bit integer and the point.
        var text = InlineArray<24, UInt8>(repeating: 0)
        var start = 24
        var rest = magnitude
        var written = 0
        repeat {
            if written == fractionDigits, written > 0 {
                start -= 1
                text[start] = UInt8(ascii: ".")
            }
            start -= 1
            text[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            written += 1
        } while rest > 0 || written <= fractionDigits
        append(text.span, start..<24)
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(ascii: "\\\"")
        case UInt8(ascii: "\\"): append(ascii: "\\\\")
        case 0x08: append(ascii: "\\b")
        case 0x09: append(ascii: "\\t")
        case 0x0A: append(ascii: "\\n")
        case 0x0C: append(ascii: "\\f")
        case 0x0D: append(ascii: "\\r")
        case 0..<0x20:
            append(ascii: "\\u00")
            append(lowercaseHexDigit(byte >> 4))
            append(lowercaseHexDigit(byte & 0xF))
        default: append(contentsOf: [0xEF, 0xBF, 0xBD])
        }
    }
}

private func lowercaseHexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
