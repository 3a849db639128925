package import Wire

/// Why a payload or a part of it cannot be used. The raw value is the code that dead letters carry: it stays.
package enum DecodeReason: String, Error, Sendable, CaseIterable {
    // Of a payload as a whole.
    case emptyPayload = "empty_payload"
    case payloadTooLarge = "payload_too_large"
    case jsonSyntax = "json_syntax"
    case jsonNesting = "json_nesting"
    case invalidUTF8 = "invalid_utf8"
    /// The root is neither an object nor an array.
    case rootNotContainer = "root_not_object_or_array"
    case tooManyElements = "too_many_elements"
    // Of one report.
    case elementNotObject = "element_not_object"
    case wrongType = "wrong_type"
    case numberOutOfRange = "number_out_of_range"
    case notAnInteger = "not_an_integer"
    case outOfRange = "out_of_range"
    case latitudeOutOfRange = "latitude_out_of_range"
    case longitudeOutOfRange = "longitude_out_of_range"
    case missingTime = "missing_time"
    case missingLatitude = "missing_latitude"
    case missingLongitude = "missing_longitude"
    /// A time and nothing else that this version knows.
    case noObservation = "no_position_or_sensor"
    /// A string that is not an RFC 3339 time.
    case invalidTime = "invalid_time"
    /// A number that would be a plausible time if it were seconds; milliseconds are wanted.
    case timeInSeconds = "time_in_seconds"
    /// A time before 2000 or after 2099.
    case timeImplausible = "time_implausible"
    case textTooLong = "text_too_long"
    case tooManyCodes = "too_many_codes"
    /// Written with a key that is not known here.
    case encrypted
    // Of a status.
    case unknownStatus = "unknown_status"
    case missingStatus = "missing_status"
    case conflictingStatus = "conflicting_status"
    // Of a driver's action.
    case missingAction = "missing_action"
    /// Latitude and longitude are both 0.
    case nullIsland = "null_island"
}

/// Why nothing of a payload can be used.
package struct DecodeError: Error, Sendable, Equatable, CustomStringConvertible {
    package var reason: DecodeReason
    /// Byte offset into the payload.
    package var offset: Int
    /// What exactly is wrong with the JSON, where that is the reason.
    package var json: JSONError.Reason?

    package init(reason: DecodeReason, offset: Int, json: JSONError.Reason? = nil) {
        self.reason = reason
        self.offset = offset
        self.json = json
    }

    /// What a fault of the JSON text means for the payload that it stands in.
    package init(_ error: JSONError, in payload: Span<UInt8>) {
        let reason: DecodeReason
        switch error.reason {
        case .emptyInput: reason = .emptyPayload
        case .invalidUTF8: reason = .invalidUTF8
        case .nestingTooDeep: reason = .jsonNesting
        case .tooManyValues: reason = .tooManyElements
        case .numberOutOfRange: reason = .numberOutOfRange
        default:
            // Outside a string the reader sees only an unexpected character; a broken encoding is the better answer.
            let isInvalidUTF8 =
                error.offset < payload.count && payload[error.offset] >= 0x80
                && utf8SequenceLength(payload, at: error.offset) == 0
            reason = isInvalidUTF8 ? .invalidUTF8 : .jsonSyntax
        }
        self.init(reason: reason, offset: error.offset, json: error.reason)
    }

    package var description: String {
        let detail = json.map { " (\($0))" } ?? ""
        return "\(reason.rawValue) at byte \(offset)\(detail)"
    }
}

/// What decoders refuse at the door.
package struct DecodeLimits: Sendable, Equatable {
    package var payload_bytes = 65_536
    package var elements = 10_000
    /// Arrays and objects within each other, those of unknown fields included.
    package var nesting = JSONCursor.defaultNestingLimit

    package init() {}
}
