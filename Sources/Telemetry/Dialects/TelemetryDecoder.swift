import Wire

/// Decodes a payload of any format into reports and statuses.
///
/// The formats of others are read as tolerantly as their own servers do: numbers may be written as strings, objects may
/// come in an array or alone, of duplicate keys the last counts, a sensor whose value is impossible counts as absent, and a
/// message of a type without position or sensor is counted in `otherTypes` and is no error. What makes a report unusable are
/// a time or a position that cannot be true. An empty payload, which clears a retained message, is ignored.
///
/// Linear in the payload's length. Allocates only where `buffer` has to grow, something is wrong, or keys and numbers are
/// written in rare ways.
package struct TelemetryDecoder: Sendable {
    package let limits: DecodeLimits

    package init(limits: DecodeLimits = DecodeLimits()) {
        self.limits = limits
    }

    /// Appends what the payload holds to `buffer`.
    ///
    /// `receivedTime_ms` stands for the time of a report whose format allows to leave it out (ThingsBoard's).
    /// `namesVehicles` tells that the vehicle is to be found in the payload, so that weaker names count too.
    ///
    /// Throws where the payload is not what the format is made of; the buffer is then as it was before.
    package func decode(
        _ payload: Span<UInt8>, as format: TelemetryFormat, receivedTime_ms: Int64, namesVehicles: Bool = false,
        into buffer: inout ReportBuffer
    ) throws(DecodeError) {
        guard !payload.isEmpty else { return }
        switch format {
        case .native: return try NativeDecoder(limits: limits).decode(payload, into: &buffer)
        case .status:
            let status = try StatusDecoder(limits: limits).decode(payload)
            return buffer.statuses.append(StatusReport(status: status))
        default: break
        }
        guard payload.count <= min(limits.payload_bytes, Int(Int32.max)) else {
            throw DecodeError(reason: .payloadTooLarge, offset: limits.payload_bytes)
        }
        let mark = buffer.mark
        var reader = DialectReader(
            format: format, cursor: JSONCursor(nestingLimit: limits.nesting), receivedTime_ms: receivedTime_ms,
            namesVehicles: namesVehicles, remainingElements: limits.elements)
        do throws(DecodeError) {
            try reader.readPayload(payload, into: &buffer)
        } catch {
            buffer.restore(mark)
            throw error
        }
    }
}

/// Reads one payload of a dialect.
struct DialectReader {
    let format: TelemetryFormat
    var cursor: JSONCursor
    let receivedTime_ms: Int64
    let namesVehicles: Bool
    /// How many more objects may give a report, a status or a problem.
    var remainingElements: Int

    mutating func readPayload(_ payload: Span<UInt8>, into buffer: inout ReportBuffer) throws(DecodeError) {
        cursor.skipWhitespace(in: payload)
        let start = cursor.position
        guard start < payload.count else { return }
        let kind: JSONKind
        do throws(JSONError) {
            kind = try cursor.peekKind(in: payload)
            switch kind {
            case .object: try readObject(.root, payload, into: &buffer)
            case .array: try readObjects(.root, payload, into: &buffer)
            default: try cursor.skipValue(in: payload)
            }
            try cursor.finish(in: payload)
        } catch {
            throw DecodeError(error, in: payload)
        }
        guard kind == .object || kind == .array else {
            throw DecodeError(reason: .rootNotContainer, offset: start)
        }
    }

    /// What an object of the payload is.
    enum Part {
        case root
        case teltonikaRecord(identity: ByteRange)
        case thingsBoardPoint(identity: ByteRange)
    }

    /// Reads an array of objects; what is no object is a problem of its own.
    mutating func readObjects(
        _ part: Part, _ bytes: Span<UInt8>, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        try cursor.beginArray(in: bytes)
        while try cursor.nextElement(in: bytes) {
            if try cursor.peekKind(in: bytes) == .object {
                try readObject(part, bytes, into: &buffer)
            } else {
                try countElement()
                buffer.problems.append(
                    ReportProblem(offset: cursor.position, reason: .elementNotObject, field: ""))
                try cursor.skipValue(in: bytes)
            }
        }
    }

    mutating func countElement() throws(JSONError) {
        guard remainingElements > 0 else { throw JSONError(offset: cursor.position, reason: .tooManyValues) }
        remainingElements -= 1
    }

    mutating func readObject(
        _ part: Part, _ bytes: Span<UInt8>, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        try countElement()
        switch (part, format) {
        case (.teltonikaRecord(let identity), _): try readTeltonikaRecord(bytes, identity: identity, into: &buffer)
        case (.thingsBoardPoint(let identity), _): try readThingsBoardPoint(bytes, identity: identity, into: &buffer)
        case (_, .owntracks): try readOwnTracks(bytes, into: &buffer)
        case (_, .traccar): try readTraccar(bytes, into: &buffer)
        case (_, .teltonika): try readTeltonika(bytes, into: &buffer)
        case (_, .flespi): try readFlespi(bytes, into: &buffer)
        case (_, .thingsboard): try readThingsBoardPoint(bytes, identity: .empty, into: &buffer)
        case (_, .thingsboardGateway): try readThingsBoardGateway(bytes, into: &buffer)
        case (_, .native), (_, .status):
            fatalError("DialectReader: native reports and statuses have decoders of their own")
        }
    }
}
