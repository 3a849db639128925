import Wire

/// Whether a vehicle's tracker is connected, as it or its last will says.
package struct VehicleStatus: Sendable, Equatable, BitwiseCopyable {
    package var isOnline: Bool
    /// When it said so, milliseconds since 1970; nil where it does not tell, as a last will cannot.
    package var time_ms: Int64?

    package init(isOnline: Bool, time_ms: Int64? = nil) {
        self.isOnline = isOnline
        self.time_ms = time_ms
    }
}

/// Decodes the payloads of `vehicles/{vehicle}/status`.
///
/// A word: `online`, `1`, `true` or `offline`, `0`, `false`, in any case, with whitespace around it, bare or as a JSON
/// string. Or an object: `online` with true, false, 1 or 0, or `status` with a word; and optionally `time`. Both at
/// once must agree. Unknown members are skipped; of duplicate keys the last counts; `null` is the same as absence.
package struct StatusDecoder: Sendable {
    package let limits: DecodeLimits

    package init(limits: DecodeLimits = DecodeLimits()) {
        self.limits = limits
    }

    package func decode(_ payload: Span<UInt8>) throws(DecodeError) -> VehicleStatus {
        guard payload.count <= min(limits.payload_bytes, Int(Int32.max)) else {
            throw DecodeError(reason: .payloadTooLarge, offset: limits.payload_bytes)
        }
        var cursor = JSONCursor(nestingLimit: limits.nesting)
        cursor.skipWhitespace(in: payload)
        let start = cursor.position
        guard start < payload.count else { throw DecodeError(reason: .emptyPayload, offset: start) }
        switch payload[start] {
        case UInt8(ascii: "{"), UInt8(ascii: "\""), UInt8(ascii: "["):
            return try decodeJSON(payload, &cursor)
        default:
            var end = payload.count
            while end > start, payload[end - 1] <= 0x20 { end -= 1 }
            guard let isOnline = Self.meaning(of: payload, start..<end) else {
                throw DecodeError(reason: .unknownStatus, offset: start)
            }
            return VehicleStatus(isOnline: isOnline)
        }
    }

    private func decodeJSON(_ payload: Span<UInt8>, _ cursor: inout JSONCursor) throws(DecodeError) -> VehicleStatus {
        let start = cursor.position
        var members = StatusMembers()
        let kind: JSONKind
        do throws(JSONError) {
            kind = try cursor.peekKind(in: payload)
            switch kind {
            case .object: try members.read(&cursor, in: payload)
            case .string: members.status = try StatusMembers.word(&cursor, in: payload)
            default: try cursor.skipValue(in: payload)
            }
            try cursor.finish(in: payload)
        } catch {
            throw DecodeError(error, in: payload)
        }
        guard kind != .array else { throw DecodeError(reason: .wrongType, offset: start) }
        return try members.status(objectOffset: start)
    }

    /// Whether a word means online or offline; nil for other words.
    fileprivate static func meaning(of bytes: Span<UInt8>, _ range: Range<Int>) -> Bool? {
        func isWord(_ word: StaticString) -> Bool {
            guard range.count == word.utf8CodeUnitCount else { return false }
            for index in 0..<range.count where lowercased(bytes[range.lowerBound + index]) != word.utf8Start[index] {
                return false
            }
            return true
        }
        if isWord("online") || isWord("1") || isWord("true") { return true }
        if isWord("offline") || isWord("0") || isWord("false") { return false }
        return nil
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}

/// What the members of a status object said.
private struct StatusMembers {
    enum Value<Wrapped> {
        case absent
        case value(Wrapped)
        case fault(DecodeReason, offset: Int)
    }

    var online = Value<Bool>.absent
    var status = Value<Bool>.absent
    var time = Value<Int64>.absent

    mutating func read(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) {
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            let kind = try cursor.peekKind(in: bytes)
            if key.matches("online", in: bytes) {
                online = try Self.flag(&cursor, kind, in: bytes)
            } else if key.matches("status", in: bytes) {
                status = try Self.word(&cursor, in: bytes)
            } else if key.matches("time", in: bytes), kind != .null {
                let offset = cursor.position
                switch try ReportTime.read(&cursor, kind, in: bytes) {
                case .success(let time_ms): time = .value(time_ms)
                case .failure(let reason): time = .fault(reason, offset: offset)
                }
            } else {
                if key.matches("time", in: bytes) { time = .absent }
                try cursor.skipValue(in: bytes)
            }
        }
    }

    /// What the members mean together.
    func status(objectOffset: Int) throws(DecodeError) -> VehicleStatus {
        let online = try Self.checked(online)
        let status = try Self.checked(status)
        let time_ms = try Self.checked(time)
        if let online, let status, online != status {
            throw DecodeError(reason: .conflictingStatus, offset: objectOffset)
        }
        guard let isOnline = online ?? status else {
            throw DecodeError(reason: .missingStatus, offset: objectOffset)
        }
        return VehicleStatus(isOnline: isOnline, time_ms: time_ms)
    }

    private static func checked<T>(_ value: Value<T>) throws(DecodeError) -> T? {
        switch value {
        case .absent: return nil
        case .value(let value): return value
        case .fault(let reason, let offset): throw DecodeError(reason: reason, offset: offset)
        }
    }

    private static func flag(
        _ cursor: inout JSONCursor, _ kind: JSONKind, in bytes: Span<UInt8>
    ) throws(JSONError) -> Value<Bool> {
        let offset = cursor.position
        switch kind {
        case .bool: return .value(try cursor.readBool(in: bytes))
        case .number:
            switch try cursor.readDecimal(in: bytes).integer {
            case 1: return .value(true)
            case 0: return .value(false)
            default: return .fault(.unknownStatus, offset: offset)
            }
        case .null:
            try cursor.readNull(in: bytes)
            return .absent
        default:
            try cursor.skipValue(in: bytes)
            return .fault(.wrongType, offset: offset)
        }
    }

    static func word(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) -> Value<Bool> {
        let kind = try cursor.peekKind(in: bytes)
        guard kind == .string else { return try flag(&cursor, kind, in: bytes) }
        let offset = cursor.position
        let text = try cursor.readString(in: bytes)
        let meaning: Bool?
        if text.hasEscapes {
            let unescaped = text.unescapedBytes(in: bytes)
            meaning = StatusDecoder.meaning(of: unescaped.span, 0..<unescaped.count)
        } else {
            meaning = StatusDecoder.meaning(of: bytes, text.range)
        }
        return meaning.map(Value.value) ?? .fault(.unknownStatus, offset: offset)
    }
}
