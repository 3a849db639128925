/// A string of a JSON text where it stands: the bytes between the quotes, already checked.
@usableFromInline package struct JSONText: Sendable, Hashable, BitwiseCopyable {
    /// Byte range between the quotes.
    @usableFromInline package var lower: Int
    @usableFromInline package var upper: Int
    /// Whether the bytes hold escape sequences, so that they are not the string itself.
    @usableFromInline package var hasEscapes: Bool

    @inlinable package init(range: Range<Int>, hasEscapes: Bool) {
        lower = range.lowerBound
        upper = range.upperBound
        self.hasEscapes = hasEscapes
    }

    @inlinable package var range: Range<Int> { lower..<upper }

    /// Whether the string equals `literal`. Allocates only where the string is written with escapes.
    @inlinable @inline(__always)
    package func matches(_ literal: StaticString, in bytes: Span<UInt8>) -> Bool {
        if hasEscapes { return matchesUnescaped(literal, in: bytes) }
        guard upper - lower == literal.utf8CodeUnitCount else { return false }
        return hasBytes(of: literal, bytes, at: lower)
    }

    @usableFromInline
    func matchesUnescaped(_ literal: StaticString, in bytes: Span<UInt8>) -> Bool {
        let unescaped = unescapedBytes(in: bytes)
        return unescaped.count == literal.utf8CodeUnitCount && hasBytes(of: literal, unescaped.span, at: 0)
    }

    /// The string itself, in UTF-8. Linear in its length.
    @usableFromInline package func unescapedBytes(in bytes: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(upper - lower)
        var index = lower
        while index < upper {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\") {
                index = appendEscape(at: index, of: bytes, to: &result)
            } else {
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    /// The string itself. Linear in its length.
    @usableFromInline package func string(in bytes: Span<UInt8>) -> String {
        if hasEscapes { return String(decoding: unescapedBytes(in: bytes), as: UTF8.self) }
        return String(copying: bytes, range)
    }

    /// Appends what the escape at `index` stands for and returns the index behind it. The reader has checked it.
    private func appendEscape(at index: Int, of bytes: Span<UInt8>, to result: inout [UInt8]) -> Int {
        let escape = bytes[index + 1]
        switch escape {
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "u"):
            var scalar = UInt32(hexQuad(bytes, at: index + 2) ?? 0xFFFD)
            var next = index + 6
            if scalar & 0xFC00 == 0xD800 {
                let low = UInt32(hexQuad(bytes, at: next + 2) ?? 0xDC00)
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                next += 6
            }
            result.append(contentsOf: (Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            return next
        default: result.append(escape)
        }
        return index + 2
    }
}

extension String {
    /// A string of the bytes in `range`, which are UTF-8; bytes that are not become U+FFFD.
    @usableFromInline package init(copying bytes: Span<UInt8>, _ range: Range<Int>) {
        self = bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}

/// Whether the bytes from `start` on are those of `literal`; there must be as many.
///
/// Two words that overlap cover any length from 8 to 16, two half words any from 4 to 8: no loop for what keys are.
@inlinable @inline(__always)
package func hasBytes(of literal: StaticString, _ bytes: Span<UInt8>, at start: Int) -> Bool {
    let expected = UnsafeRawPointer(literal.utf8Start)
    let count = literal.utf8CodeUnitCount
    func equal<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: T.Type) -> Bool {
        bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start + offset, as: T.self)
            == expected.loadUnaligned(fromByteOffset: offset, as: T.self)
    }
    switch count {
    case 8...16: return equal(0, UInt64.self) && equal(count - 8, UInt64.self)
    case 4..<8: return equal(0, UInt32.self) && equal(count - 4, UInt32.self)
    default:
        for index in 0..<count where bytes[start + index] != literal.utf8Start[index] { return false }
        return true
    }
}

/// The value of the four hexadecimal digits at `index`; nil where there are not four.
func hexQuad(_ bytes: Span<UInt8>, at index: Int) -> UInt16? {
    guard index >= 0, index + 4 <= bytes.count else { return nil }
    var value: UInt16 = 0
    for offset in 0..<4 {
        let byte = bytes[index + offset]
        let digit: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
        default: return nil
        }
        value = value << 4 | UInt16(digit)
    }
    return value
}
