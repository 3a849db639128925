import Wire

/// What a driver did, as `vehicles/{vehicle}/driver` says.
package enum DriverAction: Sendable, Equatable {
    /// The driver says where the vehicle is.
    case manualPosition(ManualPosition)
    /// An action that this version knows nothing of.
    case other
}

/// Where a driver says that the vehicle is. It is no fix: it has no accuracy, and nobody measured it.
package struct ManualPosition: Sendable, Equatable, BitwiseCopyable {
    /// Milliseconds since 1970.
    package var time_ms: Int64
    /// Degrees times 10⁷, as fixes have them.
    package var latitude_e7: Int32
    package var longitude_e7: Int32
    /// Where the value of `time` stands in the payload it came from.
    package var timeOffset: Int32 = 0

    package init(time_ms: Int64, latitude_e7: Int32, longitude_e7: Int32) {
        self.time_ms = time_ms
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
    }
}

/// Decodes the payloads of `vehicles/{vehicle}/driver`: an object with the member `action`, a word, and what the action
/// needs. `manual_position` needs `time`, `lat` and `lon`, written as in a report.
///
/// Unknown members are skipped; of duplicate keys the last counts; `null` is the same as absence. Linear in the payload;
/// allocates, for drivers act seldom.
package struct DriverActionDecoder: Sendable {
    package let limits: DecodeLimits

    package init(limits: DecodeLimits = DecodeLimits()) {
        self.limits = limits
    }

    package func decode(_ payload: Span<UInt8>) throws(DecodeError) -> DriverAction {
        guard payload.count <= min(limits.payload_bytes, Int(Int32.max)) else {
            throw DecodeError(reason: .payloadTooLarge, offset: limits.payload_bytes)
        }
        let node: JSONNode
        do throws(JSONError) {
            node = try JSONNode.parse(payload, nestingLimit: limits.nesting, valueLimit: limits.elements)
        } catch {
            throw DecodeError(error, in: payload)
        }
        guard node.object != nil else { throw DecodeError(reason: .wrongType, offset: node.offset) }
        guard let action = Self.member("action", of: node) else {
            throw DecodeError(reason: .missingAction, offset: node.offset)
        }
        guard let word = action.string else { throw DecodeError(reason: .wrongType, offset: action.offset) }
        guard word == "manual_position" else { return .other }
        return .manualPosition(try Self.position(node, in: payload))
    }

    private static func position(_ node: JSONNode, in payload: Span<UInt8>) throws(DecodeError) -> ManualPosition {
        guard let time = member("time", of: node) else {
            throw DecodeError(reason: .missingTime, offset: node.offset)
        }
        guard let latitude = member("lat", of: node) else {
            throw DecodeError(reason: .missingLatitude, offset: node.offset)
        }
        guard let longitude = member("lon", of: node) else {
            throw DecodeError(reason: .missingLongitude, offset: node.offset)
        }
        let latitude_deg = try degrees(latitude, upTo: 90, else: .latitudeOutOfRange)
        let longitude_deg = try degrees(longitude, upTo: 180, else: .longitudeOutOfRange)
        // The place where broken receivers are: nobody delivers gas there.
        if latitude_deg == 0, longitude_deg == 0 { throw DecodeError(reason: .nullIsland, offset: latitude.offset) }
        var position = ManualPosition(
            time_ms: try milliseconds(time, in: payload), latitude_e7: Int32((latitude_deg * 1e7).rounded()),
            longitude_e7: Int32((longitude_deg * 1e7).rounded()))
        position.timeOffset = Int32(time.offset)
        return position
    }

    private static func member(_ key: String, of node: JSONNode) -> JSONNode? {
        guard let member = node[key], !member.isNull else { return nil }
        return member
    }

    private static func degrees(
        _ node: JSONNode, upTo limit: Double, else reason: DecodeReason
    ) throws(DecodeError) -> Double {
        guard let degrees = node.number else { throw DecodeError(reason: .wrongType, offset: node.offset) }
        guard abs(degrees) <= limit else { throw DecodeError(reason: reason, offset: node.offset) }
        return degrees
    }

    private static func milliseconds(_ node: JSONNode, in payload: Span<UInt8>) throws(DecodeError) -> Int64 {
        let result: Result<Int64, DecodeReason>
        do throws(JSONError) {
            var cursor = JSONCursor(position: node.offset)
            result = try ReportTime.read(&cursor, try cursor.peekKind(in: payload), in: payload)
        } catch {
            throw DecodeError(error, in: payload)
        }
        switch result {
        case .success(let time_ms): return time_ms
        case .failure(let reason): throw DecodeError(reason: reason, offset: node.offset)
        }
    }
}
