import FleetCore
import Foundation
import Wire

/// What a router sent back, and what it means. Pure: the same bytes always mean the same.
struct RoadResponse: Sendable, Equatable {
    var status: Int
    /// The header `Retry-After` as it came.
    var retryAfter: String?
    var body: [UInt8]

    init(status: Int, retryAfter: String? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    /// Values of a body that are looked at: a way of the longest path has three a point.
    private static let values_max = 4 * RoadAnswer.path_max

    /// The outcome of a request with so many points, at a time of the system's clock.
    func outcome(_ kind: RoadAnswer.Source, points: Int, utc_ms: Int64) -> RoadMachine.Outcome {
        switch status {
        case 429, 503:
            return .putOff(
                retryAfter_ms: retryAfter.flatMap { Self.pause_ms($0, utc_ms: utc_ms) },
                detail: "the router answered \(status)")
        case 500...:
            return .fault(RoadFailure(.refused, "the router answered \(status)"))
        case 200..<300, 400..<500:
            return understood(kind, points: points)
        default:
            return .no(RoadFailure(.refused, "the router answered \(status)"))
        }
    }

    private func understood(_ kind: RoadAnswer.Source, points: Int) -> RoadMachine.Outcome {
        let isSuccess = status < 400
        do throws(JSONError) {
            let document = try JSONNode.parse(body.span, valueLimit: Self.values_max)
            switch kind {
            case .osrm: return OSRMResponse.outcome(document, isSuccess: isSuccess, status: status, points: points)
            case .valhalla:
                return ValhallaResponse.outcome(document, isSuccess: isSuccess, status: status, points: points)
            }
        } catch {
            // A proxy's own page, or a path that the server does not know.
            if !isSuccess { return .no(RoadFailure(.refused, "the router answered \(status)")) }
            return .fault(RoadFailure(.invalid, "the answer is no JSON: \(error)"))
        }
    }

    /// `Retry-After` (RFC 9110, 10.2.3): seconds, or a date. Nil where it is neither.
    static func pause_ms(_ text: String, utc_ms: Int64) -> Int64? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let seconds = Int64(text) {
            return seconds < 0 ? nil : min(seconds, RoadOptions.retryAfter_ms_max / 1000) * 1000
        }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        guard let date = format.date(from: text) else { return nil }
        let pause_ms = date.timeIntervalSince1970 * 1000 - Double(utc_ms)
        return Int64(min(max(pause_ms, 0), Double(RoadOptions.retryAfter_ms_max)))
    }

    /// The answer, where its numbers are those of a way through so many points.
    static func checked(_ answer: RoadAnswer, points: Int) -> RoadMachine.Outcome {
        if let problem = answer.problem {
            return .fault(RoadFailure(.invalid, "\(RoadReplyError(offset: 0, reason: problem))"))
        }
        guard answer.fits(points: points) else {
            return .fault(RoadFailure(.invalid, "\(answer.legs.count) legs between \(points) points"))
        }
        // Routers round each leg for itself.
        let legs = answer.legs.reduce((0.0, 0.0)) { ($0.0 + $1.distance_m, $0.1 + $1.duration_s) }
        let slack = 2 * Double(answer.legs.count)
        guard abs(legs.0 - answer.distance_m) <= slack + answer.distance_m / 100,
            abs(legs.1 - answer.duration_s) <= slack + answer.duration_s / 100
        else { return .fault(RoadFailure(.invalid, "the legs are not the whole way")) }
        return .answer(answer)
    }

    static func invalid(_ detail: String) -> RoadMachine.Outcome { .fault(RoadFailure(.invalid, detail)) }
}
