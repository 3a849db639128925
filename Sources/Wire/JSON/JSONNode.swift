/// A JSON value as a tree, with the place of every value: for configuration, geofences, master data. Reports come
/// through `JSONCursor`, which allocates nothing.
package struct JSONNode: Sendable, Equatable {
    /// Where the value begins: byte offset into the text.
    package let offset: Int
    package let value: JSONValue

    package init(offset: Int, value: JSONValue) {
        self.offset = offset
        self.value = value
    }

    /// Parses a whole text. Linear in its length; `valueLimit` bounds the memory, `nestingLimit` the stack.
    package static func parse(
        _ bytes: Span<UInt8>, nestingLimit: Int = JSONCursor.defaultNestingLimit, valueLimit: Int = 1_000_000
    ) throws(JSONError) -> JSONNode {
        var parser = JSONTreeParser(
            cursor: JSONCursor(nestingLimit: nestingLimit), remainingValues: valueLimit)
        parser.cursor.skipWhitespace(in: bytes)
        guard parser.cursor.position < bytes.count else { throw JSONError(offset: 0, reason: .emptyInput) }
        let node = try parser.parseValue(in: bytes)
        try parser.cursor.finish(in: bytes)
        return node
    }

    /// The value of the member `key`, the last one where there are several; nil in anything but an object. Linear.
    package subscript(key: String) -> JSONNode? {
        object?.last { $0.key == key }?.value
    }

    package var isNull: Bool { if case .null = value { true } else { false } }
    package var bool: Bool? { if case .bool(let bool) = value { bool } else { nil } }
    package var number: Double? { if case .number(let number) = value { number } else { nil } }
    package var string: String? { if case .string(let string) = value { string } else { nil } }
    package var array: [JSONNode]? { if case .array(let elements) = value { elements } else { nil } }
    package var object: [JSONMember]? { if case .object(let members) = value { members } else { nil } }
}

package indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONNode])
    /// All members in the text's order, duplicates included.
    case object([JSONMember])
}

package struct JSONMember: Sendable, Equatable {
    package let key: String
    /// Where the key's opening quote stands: byte offset into the text.
    package let keyOffset: Int
    package let value: JSONNode

    package init(key: String, keyOffset: Int, value: JSONNode) {
        self.key = key
        self.keyOffset = keyOffset
        self.value = value
    }
}

private struct JSONTreeParser {
    var cursor: JSONCursor
    var remainingValues: Int

    mutating func parseValue(in bytes: Span<UInt8>) throws(JSONError) -> JSONNode {
        let kind = try cursor.peekKind(in: bytes)
        let offset = cursor.position
        guard remainingValues > 0 else { throw JSONError(offset: offset, reason: .tooManyValues) }
        remainingValues -= 1
        switch kind {
        case .null:
            try cursor.readNull(in: bytes)
            return JSONNode(offset: offset, value: .null)
        case .bool: return JSONNode(offset: offset, value: .bool(try cursor.readBool(in: bytes)))
        case .number: return JSONNode(offset: offset, value: .number(try cursor.readNumber(in: bytes)))
        case .string:
            return JSONNode(offset: offset, value: .string(try cursor.readString(in: bytes).string(in: bytes)))
        case .array: return JSONNode(offset: offset, value: .array(try parseElements(in: bytes)))
        case .object: return JSONNode(offset: offset, value: .object(try parseMembers(in: bytes)))
        }
    }

    private mutating func parseElements(in bytes: Span<UInt8>) throws(JSONError) -> [JSONNode] {
        var elements: [JSONNode] = []
        try cursor.beginArray(in: bytes)
        while try cursor.nextElement(in: bytes) { elements.append(try parseValue(in: bytes)) }
        return elements
    }

    private mutating func parseMembers(in bytes: Span<UInt8>) throws(JSONError) -> [JSONMember] {
        var members: [JSONMember] = []
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            members.append(
                JSONMember(
                    key: key.string(in: bytes), keyOffset: key.lower - 1, value: try parseValue(in: bytes)))
        }
        return members
    }
}
