extension JSONCursor {
    /// Reads a string and checks all of it: escapes, surrogate pairs, UTF-8, no control characters below U+0020.
    @usableFromInline package mutating func readString(in bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        guard try peekByte(in: bytes) == UInt8(ascii: "\"") else {
            throw JSONError(offset: position, reason: .unexpectedCharacter)
        }
        let start = position + 1
        var index = start
        var hasEscapes = false
        while index < bytes.count {
            index = endOfPlainRun(bytes, from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                position = index + 1
                return JSONText(range: start..<index, hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index = try Self.endOfEscape(at: index, in: bytes)
            } else if byte >= 0x80 {
                let length = utf8SequenceLength(bytes, at: index)
                guard length > 0 else { throw JSONError(offset: index, reason: .invalidUTF8) }
                index += length
            } else {
                guard byte >= 0x20 else { throw JSONError(offset: index, reason: .controlCharacter) }
                index += 1
            }
        }
        throw JSONError(offset: bytes.count, reason: .unexpectedEnd)
    }

    /// The same as `readString`, quickly for what keys mostly are: at most 15 plain characters.
    @inlinable @inline(__always)
    mutating func readKey(in bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        if position + 17 <= bytes.count, bytes[position] == UInt8(ascii: "\"") {
            let start = position + 1
            var end = start
            var found = specialBytes(
                UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)))
            if found == 0 {
                end += 8
                found = specialBytes(
                    UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: end, as: UInt64.self)))
            }
            end += found.trailingZeroBitCount / 8
            if found != 0, bytes[end] == UInt8(ascii: "\"") {
                position = end + 1
                return JSONText(range: Range(uncheckedBounds: (start, end)), hasEscapes: false)
            }
        }
        return try readString(in: bytes)
    }

    /// The index behind the escape sequence at `index`; a surrogate pair counts as one.
    private static func endOfEscape(at index: Int, in bytes: Span<UInt8>) throws(JSONError) -> Int {
        guard index + 1 < bytes.count else { throw JSONError(offset: bytes.count, reason: .unexpectedEnd) }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            guard let unit = hexQuad(bytes, at: index + 2) else {
                throw JSONError(offset: index, reason: .invalidEscape)
            }
            guard unit & 0xF800 == 0xD800 else { return index + 6 }
            guard unit & 0xFC00 == 0xD800, index + 7 < bytes.count, bytes[index + 6] == UInt8(ascii: "\\"),
                bytes[index + 7] == UInt8(ascii: "u"), let low = hexQuad(bytes, at: index + 8), low & 0xFC00 == 0xDC00
            else { throw JSONError(offset: index, reason: .loneSurrogate) }
            return index + 12
        default:
            throw JSONError(offset: index, reason: .invalidEscape)
        }
    }
}

/// The lowest bit that is set stands for the first byte of the word that a string cannot hold as it is; those above it
/// may be carried over. Zero where there is none.
///
/// After Sean Eron Anderson, Bit Twiddling Hacks, "Determine if a word has a byte less than n".
@inlinable @inline(__always)
func specialBytes(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let backslashes = word ^ (ones &* 0x5C)
    return
        (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes) | ((word &- ones &* 0x20) & ~word)
        | word) & (ones &* 0x80)
}

/// The index of the first byte from `start` on that a string cannot hold as it is: quote, backslash, control character,
/// or part of a longer UTF-8 sequence; `bytes.count` where there is none. Eight bytes at a time.
@inline(__always)
func endOfPlainRun(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index + 8 <= bytes.count {
        let found = specialBytes(
            UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)))
        if found != 0 { return index + found.trailingZeroBitCount / 8 }
        index += 8
    }
    while index < bytes.count {
        let byte = bytes[index]
        if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return index }
        index += 1
    }
    return index
}
