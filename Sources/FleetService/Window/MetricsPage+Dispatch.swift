import FleetCore
import Window

extension MetricsPage {
    /// Dispatch and the road router. The labels are this program's own words.
    static func appendDispatch(_ dispatch: ServiceStatus.Dispatch, to text: inout MetricsText) {
        text.family("fleetstream_deliveries", .gauge, "Deliveries that are kept, by status.")
        for status in DispatchCensus.statuses {
            text.sample(dispatch.deliveries[status] ?? 0, [("status", status)])
        }
        text.single(
            "fleetstream_deliveries_at_risk", .gauge, "Deliveries under way whose window will probably be missed.",
            Double(dispatch.atRisk))
        text.single(
            "fleetstream_vehicles_on_trip", .gauge, "Vehicles that left with a delivery that has not ended.",
            Double(dispatch.vehiclesOnTrip))
        text.family("fleetstream_sms_open", .gauge, "Messages to people: waiting here, or requested without a receipt.")
        text.sample(dispatch.messagesWaiting, [("where", "waiting")])
        text.sample(dispatch.messagesUnderWay, [("where", "under_way")])
        text.single(
            "fleetstream_commands_open", .gauge, "Commands between request and end.", Double(dispatch.openCommands))
        text.single(
            "fleetstream_waiting_for_reference", .gauge, "What names an order or a customer that is not known yet.",
            Double(dispatch.waitingForReference))
        if let roads = dispatch.roads { appendRoads(roads, to: &text) }
    }

    private static func appendRoads(_ roads: RoadStatistics, to text: inout MetricsText) {
        text.single("fleetstream_road_questions_total", .counter, "Ways that were asked for.", Double(roads.questions))
        text.single("fleetstream_road_answers_total", .counter, "Of them those found.", Double(roads.answers))
        text.family("fleetstream_road_failures_total", .counter, "Of them those not found, by reason.")
        for (reason, count) in roads.failures.sorted(by: { $0.key < $1.key }) {
            text.sample(count, [("reason", reason)])
        }
        text.single(
            "fleetstream_road_cache_hits_total", .counter, "Ways that the cache knew.", Double(roads.cacheHits))
        text.single(
            "fleetstream_road_requests_total", .counter, "Requests to the road router.", Double(roads.requests))
        text.single(
            "fleetstream_road_breaker_closed", .gauge, "1 while the road router is asked, 0 while it is left alone.",
            roads.breaker == "closed" ? 1 : 0)
        text.single(
            "fleetstream_road_latency_p99_seconds", .gauge, "Of the last requests that were answered.",
            roads.latency_ms_p99 / 1000)
    }
}
