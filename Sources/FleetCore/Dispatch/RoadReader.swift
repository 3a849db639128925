import Wire

/// Reads the JSON of road questions and replies, with their own errors and limits.
struct RoadReader {
    private var cursor = JSONCursor()

    /// Where the last key or element began, for errors.
    private var offset: Int { cursor.position }

    mutating func beginObject(in bytes: Span<UInt8>) throws(RoadReplyError) {
        do throws(JSONError) { try cursor.beginObject(in: bytes) } catch { throw RoadReplyError(error) }
    }

    mutating func nextKey(in bytes: Span<UInt8>) throws(RoadReplyError) -> JSONText? {
        do throws(JSONError) { return try cursor.nextKey(in: bytes) } catch { throw RoadReplyError(error) }
    }

    mutating func skipValue(in bytes: Span<UInt8>) throws(RoadReplyError) {
        do throws(JSONError) { try cursor.skipValue(in: bytes) } catch { throw RoadReplyError(error) }
    }

    mutating func finish(in bytes: Span<UInt8>) throws(RoadReplyError) {
        do throws(JSONError) { try cursor.finish(in: bytes) } catch { throw RoadReplyError(error) }
    }

    mutating func number(in bytes: Span<UInt8>) throws(RoadReplyError) -> Double {
        do throws(JSONError) { return try cursor.readNumber(in: bytes) } catch { throw RoadReplyError(error) }
    }

    mutating func integer(in bytes: Span<UInt8>) throws(RoadReplyError) -> Int64 {
        do throws(JSONError) {
            let decimal = try cursor.readDecimal(in: bytes)
            guard let integer = decimal.integer else {
                throw JSONError(offset: decimal.lower, reason: .numberOutOfRange)
            }
            return integer
        } catch {
            throw RoadReplyError(error)
        }
    }

    /// A text of at most `limit` bytes.
    mutating func text(in bytes: Span<UInt8>, limit: Int) throws(RoadReplyError) -> [UInt8] {
        let text = try jsonText(in: bytes)
        // An escape is longer than what it stands for.
        let unescaped = text.upper - text.lower <= 6 * limit ? text.unescapedBytes(in: bytes) : nil
        guard let unescaped, unescaped.count <= limit else {
            throw RoadReplyError(offset: text.lower, reason: .textTooLong)
        }
        return unescaped
    }

    /// One of several words.
    mutating func choice<Choice>(
        in bytes: Span<UInt8>, _ choices: [Choice], _ name: (Choice) -> StaticString, or reason: RoadReplyError.Reason
    ) throws(RoadReplyError) -> Choice {
        let text = try jsonText(in: bytes)
        for choice in choices where text.matches(name(choice), in: bytes) { return choice }
        throw RoadReplyError(offset: text.lower, reason: reason)
    }

    private mutating func jsonText(in bytes: Span<UInt8>) throws(RoadReplyError) -> JSONText {
        do throws(JSONError) { return try cursor.readString(in: bytes) } catch { throw RoadReplyError(error) }
    }

    /// `[[lon,lat],…]`; a third number of a point, its height, is skipped.
    mutating func points(in bytes: Span<UInt8>, limit: Int) throws(RoadReplyError) -> [RoadPoint] {
        var points: [RoadPoint] = []
        do throws(JSONError) { try cursor.beginArray(in: bytes) } catch { throw RoadReplyError(error) }
        while try nextElement(in: bytes) {
            guard points.count < limit else { throw RoadReplyError(offset: offset, reason: .tooManyPoints) }
            points.append(try point(in: bytes))
        }
        return points
    }

    private mutating func point(in bytes: Span<UInt8>) throws(RoadReplyError) -> RoadPoint {
        let start = offset
        var numbers = InlineArray<2, Double>(repeating: .nan)
        var count = 0
        do throws(JSONError) { try cursor.beginArray(in: bytes) } catch { throw RoadReplyError(error) }
        while try nextElement(in: bytes) {
            let number = try number(in: bytes)
            if count < 2 { numbers[count] = number }
            count += 1
        }
        guard let point = RoadPoint(latitude: numbers[1], longitude: numbers[0]) else {
            throw RoadReplyError(offset: start, reason: .outOfRange)
        }
        return point
    }

    mutating func legs(in bytes: Span<UInt8>) throws(RoadReplyError) -> [RoadAnswer.Leg] {
        var legs: [RoadAnswer.Leg] = []
        do throws(JSONError) { try cursor.beginArray(in: bytes) } catch { throw RoadReplyError(error) }
        while try nextElement(in: bytes) {
            guard legs.count < RoadAnswer.legs_max else { throw RoadReplyError(offset: offset, reason: .tooManyLegs) }
            legs.append(try leg(in: bytes))
        }
        return legs
    }

    private mutating func nextElement(in bytes: Span<UInt8>) throws(RoadReplyError) -> Bool {
        do throws(JSONError) { return try cursor.nextElement(in: bytes) } catch { throw RoadReplyError(error) }
    }

    private mutating func leg(in bytes: Span<UInt8>) throws(RoadReplyError) -> RoadAnswer.Leg {
        var distance_m: Double?
        var duration_s: Double?
        try beginObject(in: bytes)
        while let key = try nextKey(in: bytes) {
            if key.matches("distance_m", in: bytes) {
                distance_m = try number(in: bytes)
            } else if key.matches("duration_s", in: bytes) {
                duration_s = try number(in: bytes)
            } else {
                try skipValue(in: bytes)
            }
        }
        guard let distance_m, let duration_s else { throw RoadReplyError(offset: offset, reason: .missingMember) }
        return RoadAnswer.Leg(distance_m: distance_m, duration_s: duration_s)
    }
}

extension RoadReplyError {
    init(_ error: JSONError) { self.init(offset: error.offset, reason: .json(error.reason)) }
}

extension RoadPoint {
    /// From degrees; nil where they are none of the earth.
    package init?(latitude: Double, longitude: Double) {
        guard abs(latitude) <= 90, abs(longitude) <= 180 else { return nil }
        self.init(latitude_e7: Int32((latitude * 1e7).rounded()), longitude_e7: Int32((longitude * 1e7).rounded()))
    }
}
