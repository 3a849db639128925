/// Writes text into memory that was reserved for it: what the hot paths use in place of many small appends to an array,
/// each of which would ask whether the array is shared and has room.
///
/// Made by `Array.append(atMost:_:)` only, and valid within its closure. Invariant: `start <= next <= end`, and all of
/// `start ..< next` is written. Every method checks its room first, so that a bound that was reckoned too low stops
/// the process instead of writing past the end.
@usableFromInline package struct TextWriter: ~Copyable {
    @usableFromInline let start: UnsafeMutableRawPointer
    @usableFromInline let end: UnsafeMutableRawPointer
    @usableFromInline var next: UnsafeMutableRawPointer

    @inlinable @inline(__always)
    init(_ memory: UnsafeMutableRawBufferPointer) {
        guard let base = memory.baseAddress else { fatalError("TextWriter: no memory") }
        start = base
        end = base + memory.count
        next = base
    }

    /// Stops where there is no room for `count` bytes more.
    @inlinable @inline(__always)
    func require(_ count: Int) {
        if end - next < count { Self.stop() }
    }

    @usableFromInline @inline(never)
    static func stop() -> Never { fatalError("TextWriter: more is written than was reserved") }

    /// The bytes of a literal.
    @inlinable @inline(__always)
    package mutating func write(_ literal: StaticString) {
        let count = literal.utf8CodeUnitCount
        require(count)
        next.copyMemory(from: literal.utf8Start, byteCount: count)
        next += count
    }

    @inlinable @inline(__always)
    package mutating func write(_ byte: UInt8) {
        require(1)
        next.storeBytes(of: byte, as: UInt8.self)
        next += 1
    }

    /// Bytes as they are.
    @inlinable @inline(__always)
    package mutating func write(_ bytes: Span<UInt8>) {
        let count = bytes.count
        require(count)
        bytes.withUnsafeBytes { if let base = $0.baseAddress { next.copyMemory(from: base, byteCount: count) } }
        next += count
    }

    /// Bytes as they are; they must not be part of what is being written.
    @inlinable @inline(__always)
    mutating func write(_ bytes: UnsafeRawBufferPointer) {
        require(bytes.count)
        if let base = bytes.baseAddress { next.copyMemory(from: base, byteCount: bytes.count) }
        next += bytes.count
    }

    /// `value`'s bytes in memory order, of which the first `count` are kept; eight bytes of room are needed.
    @inlinable @inline(__always)
    mutating func write(word value: UInt64, keeping count: Int) {
        require(8)
        next.storeBytes(of: value.littleEndian, as: UInt64.self)
        next += count
    }
}

extension [UInt8] {
    /// Appends what `write` writes. The array grows at most once, and is not asked again for each part.
    ///
    /// - Parameter limit: at least as many bytes as are written, and eight more: numbers are stored in whole words.
    @inlinable @inline(__always)
    package mutating func append(atMost limit: Int, _ write: (inout TextWriter) -> Void) {
        append(addingCapacity: limit) { output in
            output.withUnsafeMutableBufferPointer { memory, count in
                var writer = TextWriter(UnsafeMutableRawBufferPointer(memory))
                write(&writer)
                count = writer.next - writer.start
            }
        }
    }
}

// MARK: - Numbers

/// The eight decimal digits of a number below 10⁸ as ASCII, the first one in the lowest byte.
///
/// The number is halved three times, all halves at once in one word: into two of four digits, four of two, eight of
/// one. Quotients by 100 and 10 are products with rounded-up reciprocals, exact in these ranges (10486 / 2²⁰ below
/// 10,000; 103 / 2¹⁰ below 100). After Paul Khuong, "How to print integers really fast" (2017).
@inlinable @inline(__always)
func eightDigits(_ value: UInt32) -> UInt64 {
    var word = UInt64(value / 10_000) | UInt64(value % 10_000) << 32
    let hundreds = ((word &* 10_486) >> 20) & 0x0000_007F_0000_007F
    word = hundreds | (word &- hundreds &* 100) << 16
    let tens = ((word &* 103) >> 10) & 0x000F_000F_000F_000F
    word = tens | (word &- tens &* 10) << 8
    return word | 0x3030_3030_3030_3030
}

/// 10^`exponent` for 0…8; folded away where the exponent is known.
@inlinable @inline(__always)
func smallPowerOfTen(_ exponent: Int) -> UInt64 {
    switch exponent {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1_000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 10_000_000
    default: 100_000_000
    }
}

extension TextWriter {
    /// The most bytes that a number takes, with the room that its last word needs.
    package static let numberMax = 32

    /// Decimal digits, without leading zeros.
    @inlinable
    package mutating func write(decimal magnitude: UInt64) {
        if magnitude < 100_000_000 { return writeSmall(UInt32(truncatingIfNeeded: magnitude)) }
        let upper = magnitude / 100_000_000
        let lower = UInt32(truncatingIfNeeded: magnitude % 100_000_000)
        write(decimal: upper)
        write(word: eightDigits(lower), keeping: 8)
    }

    /// Below 10⁸: the word of eight digits, shifted by its leading zeros.
    @inlinable @inline(__always)
    mutating func writeSmall(_ value: UInt32) {
        if value < 10 { return write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
        let digits = eightDigits(value)
        let zeros = (digits & 0x0F0F_0F0F_0F0F_0F0F).trailingZeroBitCount / 8
        write(word: digits >> UInt64(8 * zeros), keeping: 8 - zeros)
    }

    /// `value` × 10^-`decimals` (0…8), zeros at the end of the fraction trimmed: 250478000, 7 is `25.0478`.
    @inlinable @inline(__always)
    package mutating func write(fixed value: Int64, decimals: Int) {
        if value < 0 { write(UInt8(ascii: "-")) }
        let power = smallPowerOfTen(decimals)
        let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: power)
        write(decimal: whole)
        if fraction == 0 { return }
        write(UInt8(ascii: "."))
        let digits = eightDigits(UInt32(truncatingIfNeeded: fraction &* smallPowerOfTen(8 - decimals)))
        let zeros = (digits & 0x0F0F_0F0F_0F0F_0F0F).leadingZeroBitCount / 8
        write(word: digits, keeping: 8 - zeros)
    }
}

// MARK: - JSON

extension TextWriter {
    /// The most bytes that text of `count` bytes takes between the quotes of a JSON string: an escaped control
    /// character takes six.
    @inlinable package static func jsonMax(_ count: Int) -> Int { 6 * count }

    /// UTF-8 text as it stands between the quotes of a JSON string; see `Array.appendJSON(stringBytes:)`.
    package mutating func write(jsonContent text: Span<UInt8>) {
        if endOfPlainRun(text, from: 0) == text.count { write(text) } else { writeEscaped(text) }
    }

    @inline(never)
    private mutating func writeEscaped(_ text: Span<UInt8>) {
        var quoted: [UInt8] = []
        quoted.appendJSON(stringBytes: text)
        write(quoted.span.extracting(1..<(quoted.count - 1)))
    }

    /// A string with its quotes.
    package mutating func write(json string: String) {
        var string = string
        write(UInt8(ascii: "\""))
        string.withUTF8 { write(jsonContent: $0.span) }
        write(UInt8(ascii: "\""))
    }
}

// MARK: - Times

extension TextWriter {
    /// The most bytes that `write(time_ms:)` needs.
    package static let timeMax = 32

    /// `time_ms` as `2026-11-20T00:15:30.250Z`; see `RFC3339.append(_:to:)`.
    package mutating func write(time_ms: Int64) {
        let time_ms = Int(min(max(time_ms, RFC3339.minimum_ms), RFC3339.maximum_ms))
        let millisecond = (time_ms % 86_400_000 + 86_400_000) % 86_400_000
        let date = CivilDate.date(days: (time_ms - millisecond) / 86_400_000)
        let second = millisecond / 1_000
        // Eight digits at a time, and the separators between them: `YYYYMMDD`, then `hhmmssff` of `hhmmssfff`.
        let day = eightDigits(UInt32(truncatingIfNeeded: date.year * 10_000 + date.month * 100 + date.day))
        let clock = eightDigits(
            UInt32(
                truncatingIfNeeded: second / 3_600 * 1_000_000 + second / 60 % 60 * 10_000 + second % 60 * 100
                    + millisecond % 1_000 / 10))
        write(word: day, keeping: 4)
        write(UInt8(ascii: "-"))
        write(word: day >> 32, keeping: 2)
        write(UInt8(ascii: "-"))
        write(word: day >> 48, keeping: 2)
        write(UInt8(ascii: "T"))
        write(word: clock, keeping: 2)
        write(UInt8(ascii: ":"))
        write(word: clock >> 16, keeping: 2)
        write(UInt8(ascii: ":"))
        write(word: clock >> 32, keeping: 2)
        write(UInt8(ascii: "."))
        write(word: clock >> 48, keeping: 2)
        write(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: millisecond % 10))
        write(UInt8(ascii: "Z"))
    }
}
