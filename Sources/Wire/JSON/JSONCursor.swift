/// What the next value is, told by its first byte.
@usableFromInline package enum JSONKind: Sendable {
    case null, bool, number, string, array, object
}

/// A pull reader over JSON text (RFC 8259, strict) that allocates nothing.
///
/// The cursor holds a position only; every method takes the bytes, and must be given the same ones each time. A whole
/// text is read as
///
///     var cursor = JSONCursor()
///     try cursor.beginObject(in: bytes)
///     while let key = try cursor.nextKey(in: bytes) {
///         if key.matches("lat", in: bytes), try cursor.peekKind(in: bytes) == .number {
///             latitude = try cursor.readNumber(in: bytes)
///         } else {
///             try cursor.skipValue(in: bytes)
///         }
///     }
///     try cursor.finish(in: bytes)
///
/// After each key or element exactly one value is to be read or skipped. What is skipped is checked as strictly as what
/// is read, except that the magnitude of a skipped number is not looked at. Duplicate keys are all reported: the caller
/// who overwrites lets the last one win. All methods leave the position undefined when they throw.
@usableFromInline package struct JSONCursor: Sendable, BitwiseCopyable {
    @usableFromInline package static let defaultNestingLimit = 32

    /// Byte offset of what is read next.
    @usableFromInline package var position: Int
    /// How many arrays and objects may be open at a time.
    @usableFromInline package let nestingLimit: Int
    /// How many arrays and objects are open.
    @usableFromInline package internal(set) var depth = 0
    /// Whether the innermost container was just opened, so that neither comma nor member precede.
    @usableFromInline var isFirst = false

    @inlinable package init(position: Int = 0, nestingLimit: Int = JSONCursor.defaultNestingLimit) {
        self.position = position
        self.nestingLimit = nestingLimit
    }

    /// Skips whitespace and tells what kind of value begins here, judged by its first byte.
    @inlinable @inline(__always)
    package mutating func peekKind(in bytes: Span<UInt8>) throws(JSONError) -> JSONKind {
        let byte = try peekByte(in: bytes)
        if byte &- UInt8(ascii: "0") < 10 { return .number }
        return switch byte {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"): .number
        default: throw JSONError(offset: position, reason: .unexpectedCharacter)
        }
    }

    /// Opens an object: what follows are `nextKey` and its values until `nextKey` is nil.
    @inlinable package mutating func beginObject(in bytes: Span<UInt8>) throws(JSONError) {
        try begin(UInt8(ascii: "{"), in: bytes)
    }

    /// Opens an array: what follows are `nextElement` and its values until `nextElement` is false.
    @inlinable package mutating func beginArray(in bytes: Span<UInt8>) throws(JSONError) {
        try begin(UInt8(ascii: "["), in: bytes)
    }

    /// The key of the object's next member, its colon consumed; nil when the object has ended.
    @inlinable @inline(__always)
    package mutating func nextKey(in bytes: Span<UInt8>) throws(JSONError) -> JSONText? {
        guard try advance(closing: UInt8(ascii: "}"), in: bytes) else { return nil }
        let key = try readKey(in: bytes)
        try expect(UInt8(ascii: ":"), in: bytes)
        return key
    }

    /// Whether the array has a further element, the position then being before it; false when the array has ended.
    @inlinable @inline(__always)
    package mutating func nextElement(in bytes: Span<UInt8>) throws(JSONError) -> Bool {
        try advance(closing: UInt8(ascii: "]"), in: bytes)
    }

    @usableFromInline package mutating func readNull(in bytes: Span<UInt8>) throws(JSONError) {
        _ = try peekByte(in: bytes)
        try readLiteral("null", in: bytes)
    }

    @usableFromInline package mutating func readBool(in bytes: Span<UInt8>) throws(JSONError) -> Bool {
        if try peekByte(in: bytes) == UInt8(ascii: "t") {
            try readLiteral("true", in: bytes)
            return true
        }
        try readLiteral("false", in: bytes)
        return false
    }

    /// Reads past one value of any kind and checks its syntax. Linear in its length; the stack grows with its nesting.
    @usableFromInline package mutating func skipValue(in bytes: Span<UInt8>) throws(JSONError) {
        switch try peekKind(in: bytes) {
        case .null: try readNull(in: bytes)
        case .bool: _ = try readBool(in: bytes)
        case .number: _ = try readDecimal(in: bytes)
        case .string: _ = try readString(in: bytes)
        case .array:
            try beginArray(in: bytes)
            while try nextElement(in: bytes) { try skipValue(in: bytes) }
        case .object:
            try beginObject(in: bytes)
            while try nextKey(in: bytes) != nil { try skipValue(in: bytes) }
        }
    }

    /// Checks that nothing but whitespace follows the value that was read.
    @inlinable package mutating func finish(in bytes: Span<UInt8>) throws(JSONError) {
        skipWhitespace(in: bytes)
        guard position == bytes.count else { throw JSONError(offset: position, reason: .trailingContent) }
    }

    /// Skips space, tab, line feed and carriage return, the only whitespace that JSON knows.
    @inlinable package mutating func skipWhitespace(in bytes: Span<UInt8>) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte > 0x20 { return }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    /// Skips whitespace and looks at the byte after it.
    @inlinable @inline(__always)
    mutating func peekByte(in bytes: Span<UInt8>) throws(JSONError) -> UInt8 {
        // Most texts come without whitespace.
        if position < bytes.count, bytes[position] > 0x20 { return bytes[position] }
        skipWhitespace(in: bytes)
        guard position < bytes.count else { throw JSONError(offset: position, reason: .unexpectedEnd) }
        return bytes[position]
    }

    @inlinable @inline(__always)
    mutating func expect(_ byte: UInt8, in bytes: Span<UInt8>) throws(JSONError) {
        guard try peekByte(in: bytes) == byte else {
            throw JSONError(offset: position, reason: .unexpectedCharacter)
        }
        position += 1
    }

    @inlinable @inline(__always)
    mutating func begin(_ opening: UInt8, in bytes: Span<UInt8>) throws(JSONError) {
        try expect(opening, in: bytes)
        guard depth < nestingLimit else { throw JSONError(offset: position - 1, reason: .nestingTooDeep) }
        depth += 1
        isFirst = true
    }

    /// Moves to the next member or element of the innermost container; false when its closing byte was consumed.
    @inlinable @inline(__always)
    mutating func advance(closing: UInt8, in bytes: Span<UInt8>) throws(JSONError) -> Bool {
        let byte = try peekByte(in: bytes)
        if byte == closing {
            position += 1
            depth -= 1
            isFirst = false
            return false
        }
        if isFirst {
            isFirst = false
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw JSONError(offset: position, reason: .unexpectedCharacter) }
        position += 1
        return true
    }

    private mutating func readLiteral(_ literal: StaticString, in bytes: Span<UInt8>) throws(JSONError) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard position < bytes.count else { throw JSONError(offset: position, reason: .unexpectedEnd) }
            guard bytes[position] == literal.utf8Start[index] else {
                throw JSONError(offset: position, reason: .unexpectedCharacter)
            }
            position += 1
        }
    }
}
