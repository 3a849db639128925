import Wire

/// A vehicle that answers a query, as its shard tells it.
struct QueryCandidate: Sendable {
    var vehicle: [UInt8]
    var distance_m: Double?
    var fix: Fix
    var isOnline: Bool
    var group: String?

    /// The order of an answer: by distance where there is one, then by id. The same however the vehicles are sharded.
    static func precedes(_ left: QueryCandidate, _ right: QueryCandidate) -> Bool {
        if let nearer = left.distance_m, let further = right.distance_m, nearer != further { return nearer < further }
        return left.vehicle.lexicographicallyPrecedes(right.vehicle)
    }

    fileprivate func write(to out: inout [UInt8]) {
        out.append(ascii: "{\"vehicle\":")
        out.appendJSON(stringBytes: vehicle.span)
        if let distance_m { out.member("distance_m", distance_m, decimals: 1) }
        out.member("position", position: Place(fix))
        out.member("time", time_ms: fix.time_ms)
        out.member("online", flag: isOnline)
        if let group { out.member("group", string: group) }
        if let speed_kmh = fix.speed_kmh { out.member("speed_kmh", speed_kmh, decimals: 1) }
        if let heading_deg = fix.heading_deg { out.member("heading_deg", heading_deg, decimals: 1) }
        out.append(ascii: "}")
    }
}

/// One shard's part of an answer: at most `limit` candidates, and how many there were.
struct PartialAnswer: Sendable {
    var candidates: [QueryCandidate] = []
    var total = 0
    /// The query names a fence that is not there.
    var isFenceUnknown = false

    /// Brings the candidates into the order of the answer and keeps no more than the limit.
    mutating func cut(to limit: Int) {
        candidates.sort(by: QueryCandidate.precedes)
        if candidates.count > limit { candidates.removeSubrange(limit...) }
    }

    /// The exact answer from the parts of all shards: every shard gave its first `limit`, so that the first `limit` of
    /// all are among them.
    static func merge(_ parts: [PartialAnswer], limit: Int) -> PartialAnswer {
        var whole = PartialAnswer()
        for part in parts {
            whole.candidates += part.candidates
            whole.total += part.total
            whole.isFenceUnknown = whole.isFenceUnknown || part.isFenceUnknown
        }
        whole.cut(to: limit)
        return whole
    }

    /// The answer as JSON.
    func json(id: [UInt8], query: Query, receivedTime_ms: Int64) -> [UInt8] {
        var out = Self.opening(id: id, receivedTime_ms: receivedTime_ms)
        if isFenceUnknown, case .geofence(let fence) = query.area {
            out.append(ascii: ",\"error\":{\"reason\":\"unknown_geofence\"")
            out.member("detail", string: "there is no geofence '\(fence)'")
            out.append(ascii: "}}")
            return out
        }
        out.member("count")
        out.append(decimal: Int64(candidates.count))
        let isNearest = if case .nearest = query.area { true } else { false }
        out.member("truncated", flag: !isNearest && total > candidates.count)
        out.member("vehicles")
        out.append(ascii: "[")
        for (index, candidate) in candidates.enumerated() {
            if index > 0 { out.append(ascii: ",") }
            candidate.write(to: &out)
        }
        out.append(ascii: "]}")
        return out
    }

    /// The answer to a query that could not be understood.
    static func refusal(id: [UInt8], problem: Query.Problem, receivedTime_ms: Int64) -> [UInt8] {
        var out = opening(id: id, receivedTime_ms: receivedTime_ms)
        out.append(ascii: ",\"error\":{\"reason\":\"invalid_query\"")
        out.member("detail", string: problem.detail)
        out.member("offset")
        out.append(decimal: Int64(problem.offset))
        out.append(ascii: "}}")
        return out
    }

    private static func opening(id: [UInt8], receivedTime_ms: Int64) -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"query\":")
        out.appendJSON(stringBytes: id.span)
        out.member("time", time_ms: receivedTime_ms)
        return out
    }
}
