package import FleetCore
import Wire

extension RoadReply {
    /// The payload of the input that carries it into the journal: `RoadReply(json:)` reads it back equal. Not for an answer
    /// with a `problem`.
    package func json() -> [UInt8] {
        var json: [UInt8] = []
        switch self {
        case .answer(let answer): json.append(answer)
        case .failure(let failure):
            json.append(ascii: #"{"error":""#)
            json.append(ascii: failure.reason.name)
            json.append(ascii: #"","detail":"#)
            json.appendJSON(stringBytes: failure.detail.span)
            json.append(UInt8(ascii: "}"))
        }
        return json
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ answer: RoadAnswer) {
        // A point takes at most 25 bytes, mostly 23.
        reserveCapacity(count + 100 + 48 * answer.legs.count + 24 * answer.path.count)
        append(ascii: #"{"source":""#)
        append(ascii: answer.source.name)
        append(ascii: #"","#)
        append(distance_m: answer.distance_m, duration_s: answer.duration_s)
        append(ascii: #","legs":["#)
        for (index, leg) in answer.legs.enumerated() {
            append(ascii: index == 0 ? "{" : ",{")
            append(distance_m: leg.distance_m, duration_s: leg.duration_s)
            append(UInt8(ascii: "}"))
        }
        append(ascii: #"],"path":"#)
        append(points: answer.path)
        append(UInt8(ascii: "}"))
    }

    private mutating func append(distance_m: Double, duration_s: Double) {
        append(ascii: #""distance_m":"#)
        appendTenths(distance_m)
        append(ascii: #","duration_s":"#)
        appendTenths(duration_s)
    }

    /// One digit behind the point at most; 0 for what is no number of a way.
    private mutating func appendTenths(_ value: Double) {
        append(fixed: Int64(exactly: (value * 10).rounded()) ?? 0, decimals: 1)
    }
}
