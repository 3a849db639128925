import Geo
import Wire

/// What a customer is told of a delivery: how it stands, and when the vehicle comes. Nothing of it names a vehicle, a driver,
/// a route or another stop.
struct CustomerDelivery: Equatable {
    enum Status: String, CaseIterable {
        case scheduled
        /// The vehicle has set out with it.
        case onTheWay = "on_the_way"
        /// There is no stop before this one any more.
        case next
        case arrived
        /// The vehicle left, and its driver has not said yet what became of it.
        case confirming
        case delivered
        case partiallyDelivered = "partially_delivered"
        case notDelivered = "not_delivered"
        case refused
        case toBeRescheduled = "to_be_rescheduled"
        case cancelled

        /// Nothing more is to come.
        var isFinal: Bool {
            switch self {
            case .delivered, .partiallyDelivered, .notDelivered, .refused, .toBeRescheduled, .cancelled: true
            case .scheduled, .onTheWay, .next, .arrived, .confirming: false
            }
        }
    }

    struct Span: Equatable {
        var from_ms: Int64
        var to_ms: Int64
    }

    /// Where the vehicle is: told while this stop is the next one only, because else it would show where others live.
    struct Vehicle: Equatable {
        var time_ms: Int64
        /// In 1e-4 degree, about 11 m.
        var latitude_e4: Int64
        var longitude_e4: Int64
        /// To the stop, through the air, in steps of 100 m; nil where the stop has no place.
        var distance_m: Int64?
    }

    var status: Status
    /// When the vehicle comes, from the median to the 90th percentile, in steps of five minutes.
    var eta: Span?
    /// What was promised.
    var promise: Span?
    var arrived_ms: Int64?
    var ended_ms: Int64?
    var vehicle: Vehicle?

    private static let step_ms: Int64 = 300_000
    /// An older position is not where the vehicle is.
    private static let positionAge_ms_max: Int64 = 600_000

    /// Reads a stop's retained state; nil where it is none.
    init?(_ payload: [UInt8], now_ms: Int64, vehicle find: ([UInt8]) -> VehicleFacts?) {
        guard let state = try? JSONNode.parse(payload.span), let word = state["status"]?.string else { return nil }
        let isNext = state["next"]?.bool == true
        status = Self.status(word, isNext: isNext)
        promise = Self.span(state["window"], "from", "to")
        arrived_ms = Self.time_ms(state["arrived"])
        ended_ms = Self.time_ms(state["ended"])
        switch status {
        case .scheduled, .onTheWay, .next: eta = Self.span(state["eta"], "p50", "p90").map { Self.rounded($0, now_ms) }
        default: eta = nil
        }
        guard isNext, status == .next || status == .arrived, let id = state["vehicle"]?.string,
            let facts = find(Array(id.utf8))
        else { return }
        vehicle = Self.vehicle(facts, near: state["position"], now_ms)
    }

    private static func status(_ word: String, isNext: Bool) -> Status {
        switch word {
        case "en_route", "approaching": isNext ? .next : .onTheWay
        case "arrived", "servicing": .arrived
        case "departed": .confirming
        case "delivered": .delivered
        case "partially_delivered": .partiallyDelivered
        case "failed": .notDelivered
        case "refused": .refused
        case "reschedule_requested": .toBeRescheduled
        case "cancelled": .cancelled
        default: .scheduled
        }
    }

    private static func time_ms(_ node: JSONNode?) -> Int64? {
        node?.string.flatMap { RFC3339.parse(Array($0.utf8).span) }
    }

    private static func span(_ node: JSONNode?, _ from: String, _ to: String) -> Span? {
        guard let from_ms = time_ms(node?[from]), let to_ms = time_ms(node?[to]), from_ms <= to_ms else { return nil }
        return Span(from_ms: from_ms, to_ms: to_ms)
    }

    /// The steps that it lies in. What is to come does not begin before now.
    private static func rounded(_ span: Span, _ now_ms: Int64) -> Span {
        let from_ms = max(span.from_ms, now_ms) / step_ms * step_ms
        let to_ms = (max(span.to_ms, now_ms) + step_ms - 1) / step_ms * step_ms
        return Span(from_ms: from_ms, to_ms: max(to_ms, from_ms + step_ms))
    }

    private static func vehicle(_ facts: VehicleFacts, near place: JSONNode?, _ now_ms: Int64) -> Vehicle? {
        guard facts.isOnline, facts.hasPosition, let time_ms = facts.time_ms,
            now_ms - time_ms <= positionAge_ms_max
        else { return nil }
        func rounded(_ degree_e7: Int32) -> Int64 { Int64((Double(degree_e7) / 1000).rounded()) }
        var vehicle = Vehicle(
            time_ms: time_ms, latitude_e4: rounded(facts.latitude_e7), longitude_e4: rounded(facts.longitude_e7))
        if let latitude = place?["lat"]?.number, let longitude = place?["lon"]?.number,
            (-90...90).contains(latitude), (-180...180).contains(longitude)
        {
            let here = Coordinate(latitude_e7: facts.latitude_e7, longitude_e7: facts.longitude_e7)
            let distance_m = here.distance_m(to: Coordinate(latitude: latitude, longitude: longitude))
            vehicle.distance_m = Int64((distance_m / 100).rounded()) * 100
        }
        return vehicle
    }

    /// For a portal of the company's own.
    func json(expires_ms: Int64) -> [UInt8] {
        var out = Array("{\"status\":\"\(status.rawValue)\"".utf8)
        func append(_ name: StaticString, time_ms: Int64) {
            out.append(ascii: ",\"")
            out.append(ascii: name)
            out.append(ascii: "\":\"")
            RFC3339.append(time_ms, to: &out)
            out.append(ascii: "\"")
        }
        func append(_ name: StaticString, span: Span) {
            out.append(ascii: ",\"")
            out.append(ascii: name)
            out.append(ascii: "\":{\"from\":\"")
            RFC3339.append(span.from_ms, to: &out)
            out.append(ascii: "\",\"to\":\"")
            RFC3339.append(span.to_ms, to: &out)
            out.append(ascii: "\"}")
        }
        if let eta { append("eta", span: eta) }
        if let promise { append("window", span: promise) }
        if let arrived_ms { append("arrived", time_ms: arrived_ms) }
        if let ended_ms { append("ended", time_ms: ended_ms) }
        if let vehicle {
            out.append(ascii: ",\"vehicle\":{\"lat\":")
            out.append(fixed: vehicle.latitude_e4, decimals: 4)
            out.append(ascii: ",\"lon\":")
            out.append(fixed: vehicle.longitude_e4, decimals: 4)
            if let distance_m = vehicle.distance_m {
                out.append(ascii: ",\"distance_m\":")
                out.append(decimal: distance_m)
            }
            out.append(ascii: ",\"time\":\"")
            RFC3339.append(vehicle.time_ms, to: &out)
            out.append(ascii: "\"}")
        }
        append("link_expires", time_ms: expires_ms)
        out.append(ascii: "}\n")
        return out
    }
}
