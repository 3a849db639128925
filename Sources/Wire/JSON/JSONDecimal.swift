/// A number as a JSON text writes it: ±`significand` × 10^`exponent`, before any rounding.
@usableFromInline package struct JSONDecimal: Sendable, Equatable, BitwiseCopyable {
    @usableFromInline package var isNegative: Bool
    /// The first 19 significant digits.
    @usableFromInline package var significand: UInt64
    @usableFromInline package var exponent: Int
    /// Whether `significand` holds all digits; false where a digit other than zero had to be left out.
    @usableFromInline package var isExact: Bool
    /// Where the number stands, sign and exponent included.
    @usableFromInline package var lower: Int
    @usableFromInline package var upper: Int

    @inlinable @inline(__always)
    init(isNegative: Bool, significand: UInt64, exponent: Int, isExact: Bool, lower: Int, upper: Int) {
        self.isNegative = isNegative
        self.significand = significand
        self.exponent = exponent
        self.isExact = isExact
        self.lower = lower
        self.upper = upper
    }

    /// The number as an integer; nil where it has a fraction or does not fit.
    @usableFromInline package var integer: Int64? {
        guard isExact, let (magnitude, remainder) = magnitudeTruncated, remainder == 0 else { return nil }
        return signed(magnitude)
    }

    /// The number with its fraction cut off; nil where it does not fit.
    @usableFromInline package var truncated: Int64? {
        guard let (magnitude, _) = magnitudeTruncated else { return nil }
        return signed(magnitude)
    }

    /// The double nearest to the number, ties to even; `bytes` are those it was read from. Allocates only for
    /// numbers of more than 2^53 as a significand or 22 as an exponent. Throws `numberOutOfRange`, nothing else.
    @usableFromInline package func double(in bytes: Span<UInt8>) throws(JSONError) -> Double {
        // Clinger's fast path (How to read floating point numbers accurately, 1990, doi:10.1145/93542.93557): where
        // both factors are doubles exactly, one operation rounds once, which is the right rounding.
        guard isExact, significand <= 1 << 53, exponent >= -22, exponent <= 22 else {
            return try slowDouble(in: bytes)
        }
        if exponent == 0 { return isNegative ? -Double(significand) : Double(significand) }
        let power = powerOfTen(exponent.magnitude)
        let magnitude = exponent < 0 ? Double(significand) / power : Double(significand) * power
        return isNegative ? -magnitude : magnitude
    }

    /// What the fast path cannot do, through the standard library's correctly rounding conversion.
    @inline(never)
    private func slowDouble(in bytes: Span<UInt8>) throws(JSONError) -> Double {
        // 1 ≤ significand < 10^19 where it is not zero: beyond these bounds the answer is known, whatever the digits.
        if significand == 0 || exponent < -400 { return isNegative ? -0.0 : 0.0 }
        guard exponent <= 309, let value = Double(String(copying: bytes, lower..<upper)), value.isFinite else {
            throw JSONError(offset: lower, reason: .numberOutOfRange)
        }
        return value
    }

    /// Integer part, and something other than 0 where there is a fraction. Digits that were left out of an inexact
    /// significand are beyond the 19th, so they reach the integer part only of numbers that do not fit anyway.
    private var magnitudeTruncated: (UInt64, remainder: UInt64)? {
        if significand == 0 || exponent == 0 { return (significand, 0) }
        if exponent < -19 { return (0, 1) }
        if exponent < 0 { return significand.quotientAndRemainder(dividingBy: integerPowersOfTen[-exponent]) }
        guard exponent <= 19 else { return nil }
        let (product, overflow) = significand.multipliedReportingOverflow(by: integerPowersOfTen[exponent])
        return overflow ? nil : (product, 0)
    }

    private func signed(_ magnitude: UInt64) -> Int64? {
        if isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int64(exactly: magnitude)
    }

}

extension JSONCursor {
    /// Reads a number in any of JSON's forms, to the nearest double (ties to even): 0.1, 1e-400 (zero) and 2^53 + 1
    /// come out as `strtod` has them. Too large for a double is `numberOutOfRange`.
    @usableFromInline package mutating func readNumber(in bytes: Span<UInt8>) throws(JSONError) -> Double {
        try readDecimal(in: bytes).double(in: bytes)
    }

    /// Reads a number without rounding it.
    @inlinable @inline(__always)
    package mutating func readDecimal(in bytes: Span<UInt8>) throws(JSONError) -> JSONDecimal {
        if let decimal = readShortDecimal(in: bytes) { return decimal }
        return try readAnyDecimal(in: bytes)
    }

    /// What nearly every number is: at most 15 digits before the point and 7 behind it, without an exponent, and not at
    /// the very end of the text. Nil, the position being as it was, for others and for what is none.
    ///
    /// The digits are taken eight bytes at a time, whatever part of them is digits: the lengths of numbers vary, and a loop
    /// over digits ends with a branch that nothing predicts.
    @inlinable @inline(__always)
    mutating func readShortDecimal(in bytes: Span<UInt8>) -> JSONDecimal? {
        let start = position
        // The sign, sixteen bytes of digits, the point, and eight more bytes: what is loaded below lies in the text.
        guard start >= 0, start + 26 <= bytes.count else { return nil }
        let raw = bytes.bytes
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        func byte(_ offset: Int) -> UInt8 { raw.unsafeLoad(fromByteOffset: offset, as: UInt8.self) }
        let isNegative = byte(start) == UInt8(ascii: "-")
        var index = isNegative ? start + 1 : start
        let whole = DigitRun(word(index))
        guard whole.count > 0, byte(index) != UInt8(ascii: "0") || whole.count == 1 else { return nil }
        var significand = whole.value
        index += whole.count
        if whole.count == 8 {
            let rest = DigitRun(word(index))
            if rest.count == 8 { return nil }
            if rest.count > 0 { significand = significand &* smallPowerOfTen(rest.count) &+ rest.value }
            index += rest.count
        }
        var exponent = 0
        if byte(index) == UInt8(ascii: ".") {
            let fraction = DigitRun(word(index + 1))
            guard fraction.count &- 1 < 7, fraction.count > 0 else { return nil }
            significand = significand &* smallPowerOfTen(fraction.count) &+ fraction.value
            exponent = 0 &- fraction.count
            index += 1 &+ fraction.count
        }
        // Of more than 19 digits the significand does not hold all; sign and point count as digits here.
        guard byte(index) | 0x20 != UInt8(ascii: "e"), index - start <= 19 else { return nil }
        position = index
        return JSONDecimal(
            isNegative: isNegative, significand: significand, exponent: exponent, isExact: true, lower: start,
            upper: index)
    }

    @usableFromInline
    mutating func readAnyDecimal(in bytes: Span<UInt8>) throws(JSONError) -> JSONDecimal {
        skipWhitespace(in: bytes)
        let start = position
        var index = start
        var significand: UInt64 = 0
        let isNegative = index < bytes.count && bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let integerStart = index
        index = Self.endOfDigits(bytes, from: index, &significand)
        try Self.require(index > integerStart, at: index, in: bytes)
        if bytes[integerStart] == UInt8(ascii: "0"), index > integerStart + 1 {
            throw JSONError(offset: integerStart, reason: .invalidNumber)
        }
        var digits = index - integerStart
        var exponent = 0
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            let fractionStart = index + 1
            index = Self.endOfDigits(bytes, from: fractionStart, &significand)
            try Self.require(index > fractionStart, at: index, in: bytes)
            exponent = fractionStart - index
            digits -= exponent
        }
        var isExact = true
        // 19 digits fit into 64 bits. Of more, some were lost: they are gone through again, one by one.
        if digits > 19 {
            (significand, exponent, isExact) = Self.significantDigits(bytes, integerStart..<index)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index = try Self.addExponent(of: bytes, from: index + 1, to: &exponent)
        }
        position = index
        return JSONDecimal(
            isNegative: isNegative, significand: significand, exponent: exponent, isExact: isExact, lower: start,
            upper: index)
    }

    /// Appends the digits from `start` on to `significand`, letting it overflow, and returns the index behind them.
    @inline(__always)
    private static func endOfDigits(_ bytes: Span<UInt8>, from start: Int, _ significand: inout UInt64) -> Int {
        var index = start
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            significand = significand &* 10 &+ UInt64(digit)
            index += 1
        }
        return index
    }

    /// The first 19 significant digits of digits with or without a point, the power of ten that belongs to them, and
    /// whether they are all there is.
    @inline(never)
    private static func significantDigits(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> (significand: UInt64, exponent: Int, isExact: Bool) {
        var significand: UInt64 = 0
        var exponent = 0
        var isExact = true
        var isFraction = false
        for index in range {
            let digit = bytes[index] &- UInt8(ascii: "0")
            if digit >= 10 {
                isFraction = true
            } else if significand < 1_000_000_000_000_000_000 {
                significand = significand * 10 + UInt64(digit)
                if isFraction { exponent -= 1 }
            } else {
                if digit != 0 { isExact = false }
                if !isFraction { exponent += 1 }
            }
        }
        return (significand, exponent, isExact)
    }

    /// Adds the exponent whose sign and digits begin at `start` to `exponent`, and returns the index behind it.
    private static func addExponent(
        of bytes: Span<UInt8>, from start: Int, to exponent: inout Int
    ) throws(JSONError) -> Int {
        var index = start
        var isNegative = false
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") || bytes[index] == UInt8(ascii: "+") {
            isNegative = bytes[index] == UInt8(ascii: "-")
            index += 1
        }
        let digitsStart = index
        var magnitude = 0
        while index < bytes.count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Large enough to outweigh any count of digits that fits into memory, small enough not to overflow.
            if magnitude < 1 << 50 { magnitude = magnitude * 10 + Int(digit) }
            index += 1
        }
        try require(index > digitsStart, at: index, in: bytes)
        exponent += isNegative ? -magnitude : magnitude
        return index
    }

    @inline(__always)
    private static func require(_ hasDigits: Bool, at index: Int, in bytes: Span<UInt8>) throws(JSONError) {
        guard !hasDigits else { return }
        throw JSONError(offset: index, reason: index < bytes.count ? .invalidNumber : .unexpectedEnd)
    }
}

/// The digits at the beginning of eight bytes, and what they say.
@usableFromInline struct DigitRun {
    /// 0…8.
    @usableFromInline let count: Int
    /// Each byte without the high half that digits have.
    @usableFromInline let digits: UInt64

    /// - Parameter word: the bytes, the first one lowest.
    ///
    /// A digit without its high half is 0…9; any other byte becomes 10 or more, which adding 0x76 shows in its highest bit.
    @inlinable @inline(__always)
    init(_ word: UInt64) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        digits = word ^ (ones &* 0x30)
        let others = (((digits & (ones &* 0x7F)) &+ (ones &* 0x76)) | digits) & (ones &* 0x80)
        count = others.trailingZeroBitCount / 8
    }

    /// The number that the digits make; there must be one at least.
    ///
    /// They are moved up to the end of the word, zeros in front, and added up two by two, in three steps. After Daniel
    /// Lemire, "Quickly parsing eight digits" (2018).
    @inlinable @inline(__always)
    var value: UInt64 {
        let aligned = digits &<< UInt64(64 &- 8 &* count)
        let pairs = aligned &* 10 &+ aligned &>> 8
        let mask: UInt64 = 0x0000_00FF_0000_00FF
        return ((pairs & mask) &* 0x000F_4240_0000_0064 &+ (pairs &>> 16 & mask) &* 0x0000_2710_0000_0001) &>> 32
    }
}

/// 10^`exponent` for 0…22, where it is a double exactly.
@inline(__always)
func powerOfTen(_ exponent: UInt) -> Double {
    doublePowersOfTen[Int(exponent)]
}

private let integerPowersOfTen: InlineArray<20, UInt64> = [
    1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
    100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
]

private let doublePowersOfTen: InlineArray<23, Double> = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    1e20, 1e21, 1e22,
]
