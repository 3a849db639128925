import FleetCore
import Window

extension MetricsPage {
    /// Messages to people, and how good forecasts were.
    static func appendDeliveries(_ counters: Counters, _ measured: ServiceMetrics, to text: inout MetricsText) {
        text.family(
            "fleetstream_sms_requests_total", .counter, "Messages to people that were requested, by what they tell.")
        for kind in MessageKind.allCases { text.sample(measured.messageKinds[kind.name] ?? 0, [("kind", kind.name)]) }
        text.family("fleetstream_sms_total", .counter, "Messages to people by what became of them.")
        for (type, result) in [
            (EventType.smsRequested, "requested"), (.smsSuppressed, "suppressed"), (.smsDelivered, "delivered"),
            (.smsFailed, "failed"), (.smsUnconfirmed, "unconfirmed"),
        ] { text.sample(counters.events[Int(type.rawValue)], [("result", result)]) }
        text.family(
            "fleetstream_eta_error_seconds", .histogram,
            "How far off the median of forecasts was, early or late, by the minutes before the arrival.")
        let horizons = Array(zip(ETAErrors.horizons, counters.etaErrors.byHorizon))
        for (name, horizon) in horizons {
            text.sample(
                counts: horizon.counts, bounds: ETAErrors.bounds_s.map(Double.init),
                sum: Double(horizon.sum_ms) / 1000, [("horizon_min", name)])
        }
        text.family(
            "fleetstream_eta_after_p90_total", .counter,
            "Forecasts whose vehicle came after P90: one in ten is right.")
        for (name, horizon) in horizons { text.sample(horizon.afterP90, [("horizon_min", name)]) }
    }
}
