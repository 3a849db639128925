import Forecast
import Wire

/// Forgetting what is over for long.
extension Desk {
    private static let hour_ms: Int64 = 3_600_000

    /// Forgets deliveries that ended long ago, with their orders, those that nobody tells of any more, and routes of which
    /// nothing is left. O(deliveries + routes).
    mutating func prune(_ step: Engine.Step, into effects: inout EffectBuffer) {
        let limit_ms = step.receivedTime_ms.subtractingClamped(Int64(settings.deliveryRetention_h) * Self.hour_ms)
        conditions.removeExpired(before: step.receivedTime_ms)
        var vehicles: Set<Int32> = []
        for stop in deliveries.keys.sorted() {
            guard let delivery = deliveries[stop], let over_ms = overSince_ms(delivery), over_ms < limit_ms else {
                continue
            }
            vehicles.insert(delivery.vehicle)
            forget(stop, withOrder: true, step, into: &effects)
        }
        for id in records.routes.ids {
            guard let record = records.routes[id],
                !record.stops.contains(where: { deliveries[$0.stop]?.route == id && deliveries[$0.stop]?.order != nil }
                ),
                lastTime_ms(id, record) ?? .max < limit_ms
            else { continue }
            for entry in record.stops where deliveries[entry.stop]?.route == id {
                vehicles.insert(deliveries[entry.stop]?.vehicle ?? -1)
                forget(entry.stop, withOrder: false, step, into: &effects)
            }
            records.routes.remove(id)
            roads[id] = nil
            routesByVehicle[record.vehicle]?.remove(id)
        }
        for (id, history) in routes where records.routes[id] == nil {
            let facts = history.facts
            if max(facts?.began_ms ?? .min, facts?.plannedEnd_ms ?? .min) < limit_ms { routes[id] = nil }
        }
        // Those that are over only take the places of others.
        for id in records.conditions.ids where records.conditions[id]?.window.to_ms ?? .max < step.receivedTime_ms {
            records.conditions.remove(id)
            _ = conditions.remove(id.bytes)
        }
        for driver in cash.keys { cash[driver]?.forget(before_ms: limit_ms) }
        for vehicle in vehicles.sorted() where vehicle >= 0 { replan(vehicle, step, into: &effects) }
    }

    /// When a route is over by what is known of it; nil where nothing is.
    private func lastTime_ms(_ id: DispatchID, _ record: RouteRecord) -> Int64? {
        record.plannedEnd_ms ?? record.plannedStart_ms ?? record.version.updated_ms ?? routes[id]?.facts?.began_ms
    }

    /// Since when nothing more is expected to be told of a delivery; nil for one that may still be served.
    ///
    /// One that nobody ended is given up when everything that was planned of it is past.
    private func overSince_ms(_ delivery: DeskDelivery) -> Int64? {
        let summary = delivery.history.summary
        if summary.state.isFinal { return summary.ended_ms }
        guard let order = delivery.order else { return delivery.route == nil ? .min : nil }
        // On no route it waits for one.
        guard let route = delivery.route, let record = records.routes[route] else { return nil }
        let entry = record.stops.first { $0.stop == delivery.history.stop }
        let times_ms = [
            lastTime_ms(route, record), record.plannedStart_ms, entry?.plannedArrival_ms, summary.assigned_ms,
            summary.arrived_ms, summary.departed_ms, records.orders[order]?.window?.to_ms,
        ]
        return times_ms.compactMap { $0 }.max()
    }

    /// Forgets a delivery, and takes its retained state away.
    mutating func forget(
        _ stop: DispatchID, withOrder: Bool, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let delivery = deliveries.removeValue(forKey: stop) else { return }
        dirty.remove(stop)
        unproven.remove(stop)
        if let order = delivery.order, withOrder {
            if let customer = records.orders[order]?.customer { ordersOfCustomer[customer]?.remove(order) }
            records.orders.remove(order)
            stopOfOrder[order] = nil
        }
        guard delivery.hasState else { return }
        publishState(of: stop, step: step, into: &effects) { _ in }
    }
}
