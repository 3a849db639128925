package import Wire

/// What comes back to a ``RoadQuestion``: the payload of a frame of the kind `FrameKind.roadAnswer`.
///
/// `{"source":"osrm","distance_m":1204.5,"duration_s":181.2,"legs":[{"distance_m":1204.5,"duration_s":181.2}],
/// "path":[[121.517,25.0478],…]}` or `{"error":"no_route","detail":"…"}`.
package enum RoadReply: Sendable, Equatable {
    case answer(RoadAnswer)
    case failure(RoadFailure)

    /// More than the longest path with all legs takes.
    package static let bytes_max = 4 << 20

    /// Reads a payload. Linear in its length; members that are not known are skipped.
    package init(json bytes: Span<UInt8>) throws(RoadReplyError) {
        guard bytes.count <= Self.bytes_max else { throw RoadReplyError(offset: bytes.count, reason: .tooLong) }
        var members = Members()
        try members.read(bytes)
        self = try members.reply()
    }

    /// The members as they were found.
    private struct Members {
        var source: RoadAnswer.Source?
        var distance_m: Double?
        var duration_s: Double?
        var legs: [RoadAnswer.Leg]?
        var path: [RoadPoint]?
        var error: RoadFailure.Reason?
        var detail: [UInt8]?

        mutating func read(_ bytes: Span<UInt8>) throws(RoadReplyError) {
            var reader = RoadReader()
            try reader.beginObject(in: bytes)
            while let key = try reader.nextKey(in: bytes) {
                if key.matches("source", in: bytes) {
                    source = try reader.choice(in: bytes, RoadAnswer.Source.allCases, \.name, or: .unknownSource)
                } else if key.matches("distance_m", in: bytes) {
                    distance_m = try reader.number(in: bytes)
                } else if key.matches("duration_s", in: bytes) {
                    duration_s = try reader.number(in: bytes)
                } else if key.matches("legs", in: bytes) {
                    legs = try reader.legs(in: bytes)
                } else if key.matches("path", in: bytes) {
                    path = try reader.points(in: bytes, limit: RoadAnswer.path_max)
                } else if key.matches("error", in: bytes) {
                    error = try reader.choice(in: bytes, RoadFailure.Reason.allCases, \.name, or: .unknownError)
                } else if key.matches("detail", in: bytes) {
                    detail = try reader.text(in: bytes, limit: RoadFailure.detail_max)
                } else {
                    try reader.skipValue(in: bytes)
                }
            }
            try reader.finish(in: bytes)
        }

        func reply() throws(RoadReplyError) -> RoadReply {
            if let error { return .failure(RoadFailure(reason: error, detail: detail ?? [])) }
            guard let source, let distance_m, let duration_s, let legs, let path else {
                throw RoadReplyError(offset: 0, reason: .missingMember)
            }
            let answer = RoadAnswer(
                source: source, distance_m: distance_m, duration_s: duration_s, legs: legs, path: path)
            if let problem = answer.problem { throw RoadReplyError(offset: 0, reason: problem) }
            return .answer(answer)
        }
    }
}

/// Why a payload is no reply, and where.
package struct RoadReplyError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case tooLong
        case json(JSONError.Reason)
        case missingMember
        case unknownSource
        case unknownError
        case outOfRange
        case noLegs
        case tooManyLegs
        case tooFewPoints
        case tooManyPoints
        case textTooLong
    }

    /// Byte offset into the payload; 0 where it is about the whole.
    package var offset: Int
    package var reason: Reason

    package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String {
        switch reason {
        case .tooLong: "a road answer of more than \(RoadReply.bytes_max) bytes"
        case .json(let reason): "\(reason) at byte \(offset)"
        case .missingMember: "a road answer without source, distance_m, duration_s, legs, path or error"
        case .unknownSource: "an unknown source at byte \(offset)"
        case .unknownError: "an unknown error at byte \(offset)"
        case .outOfRange: "a number out of range"
        case .noLegs: "a way without legs"
        case .tooManyLegs: "a way with more than \(RoadAnswer.legs_max) legs"
        case .tooFewPoints: "a path of less than two points"
        case .tooManyPoints: "a path of too many points"
        case .textTooLong: "a text that is too long at byte \(offset)"
        }
    }
}
