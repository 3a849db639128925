import Wire

/// What time brings.
extension Desk {
    /// A forecast without new fixes is made again after so long.
    private static let forecastPeriod_ms: Int64 = 60_000
    /// How often what is over for long is looked for.
    private static let prunePeriod_ms: Int64 = 600_000

    mutating func tick(_ step: Engine.Step, into effects: inout EffectBuffer) {
        let now_ms = step.receivedTime_ms
        giveUpWaiting(step, into: &effects)
        for stop in unproven.sorted() { missProof(stop, step, into: &effects) }
        for (vehicle, run) in runs.sorted(by: { $0.key < $1.key }) where run.trip != nil {
            guard let newest_ms = run.track.head.newest?.time_ms,
                now_ms - max(run.forecast_ms, newest_ms) >= Self.forecastPeriod_ms
            else { continue }
            forecast(vehicle, at: now_ms, step, into: &effects)
        }
        askAgain(step, into: &effects)
        perform(commands.tick(now_ms: now_ms, rules: commandRules), step: step, into: &effects)
        perform(messages.tick(now_ms: now_ms), step: step, into: &effects)
        if now_ms.subtractingClamped(pruned_ms) >= Self.prunePeriod_ms {
            pruned_ms = now_ms
            prune(step, into: &effects)
        }
        publishStates(step, into: &effects)
    }

    private mutating func missProof(_ stop: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer) {
        guard deliveries[stop]?.order != nil,
            let event = deliveries[stop]?.history.proofMissing(at: step.receivedTime_ms, deliverySettings)
        else { return }
        emit(event, step: step, into: &effects)
        unproven.remove(stop)
        markDirty(stop)
    }

    /// What waited for too long for what it refers to is a dead letter.
    private mutating func giveUpWaiting(_ step: Engine.Step, into effects: inout EffectBuffer) {
        let limit_ms = step.receivedTime_ms - Int64(settings.referenceWait_s) * 1000
        let due = waiting.removeDue(limit_ms)
        for reference in due.references {
            switch reference {
            case .order(let order, let route):
                guard records.orders[order] == nil,
                    records.routes[route]?.stops.contains(where: { $0.order == order }) == true
                else { continue }
                let detail = "the order '\(order.text)' on the route '\(route.text)' is not known"
                refuse(
                    Fault(reason: "unknown_reference", detail: detail), topic: topic("dispatch/routes/", route),
                    payload: records.routes.payload(of: route), step: step, into: &effects)
            case .customer(let customer, let order):
                guard records.customers[customer] == nil, records.orders[order]?.customer == customer else { continue }
                let detail = "the customer '\(customer.text)' of the order '\(order.text)' is not known"
                refuse(
                    Fault(reason: "unknown_reference", detail: detail), topic: topic("dispatch/orders/", order),
                    payload: records.orders.payload(of: order), step: step, into: &effects)
            }
        }
        for told in due.reports {
            let name = (told.report.stop ?? told.report.order)?.text ?? ""
            let fault = Fault(
                reason: "unknown_reference", detail: "the stop or order '\(name)' is not known, or on no route")
            refuse(fault, topic: reportTopic(told), payload: told.payload, step: step, into: &effects)
        }
    }
}

/// The retained states of stops.
extension Desk {
    private mutating func publishStates(_ step: Engine.Step, into effects: inout EffectBuffer) {
        if dirty.isEmpty { return }
        let now_ms = step.receivedTime_ms
        for stop in dirty.sorted() {
            guard let delivery = deliveries[stop], delivery.order != nil else {
                dirty.remove(stop)
                continue
            }
            guard
                delivery.published_ms == .min
                    || now_ms - delivery.published_ms >= Int64(settings.stateInterval_s) * 1000
            else { continue }
            dirty.remove(stop)
            deliveries[stop]?.isDirty = false
            deliveries[stop]?.published_ms = now_ms
            deliveries[stop]?.hasState = true
            deliveries[stop]?.outlook.shown_ms = delivery.outlook.p50_ms
            let isNext = runs[delivery.vehicle]?.next == stop && nextStop(of: delivery.vehicle) == stop
            publishState(of: stop, step: step, into: &effects) { out in
                out.write(delivery, order: delivery.order.flatMap { records.orders[$0] }, isNext: isNext, at: now_ms)
            }
        }
    }
}

extension [UInt8] {
    /// A stop as its retained state has it.
    fileprivate mutating func write(
        _ delivery: DeskDelivery, order: OrderRecord?, isNext: Bool, at now_ms: Int64
    ) {
        let summary = delivery.history.summary
        append(ascii: "{\"stop\":")
        appendJSON(stringBytes: delivery.history.stop.bytes.span)
        if let id = delivery.order { member("order", id: id) }
        if let route = delivery.route { member("route", id: route) }
        if let vehicle = delivery.history.vehicle { member("vehicle", id: vehicle) }
        if let driver = summary.facts?.driver { member("driver", id: driver) }
        if let customer = order?.customer { member("customer", id: customer) }
        member("status")
        append(ascii: "\"")
        append(ascii: summary.state.word)
        append(ascii: "\"")
        if isNext { member("next", flag: true) }
        if let place = summary.facts?.place {
            member("position", position: Place(latitude_e7: place.latitude_e7, longitude_e7: place.longitude_e7))
        }
        if let priority = order?.priority { member("priority", string: priority.rawValue) }
        if let planned_ms = summary.facts?.plannedArrival_ms { member("planned_arrival", time_ms: planned_ms) }
        if let window = order?.window { member("window", window: window) }
        if let p50_ms = delivery.outlook.p50_ms, let p90_ms = delivery.outlook.p90_ms, delivery.isUnderWay,
            summary.state.isRemaining
        {
            member("eta")
            append(ascii: "{\"p50\":\"")
            RFC3339.append(p50_ms, to: &self)
            append(ascii: "\",\"p90\":\"")
            RFC3339.append(p90_ms, to: &self)
            append(ascii: "\",\"updated\":\"")
            RFC3339.append(delivery.outlook.made_ms, to: &self)
            append(ascii: "\"}")
            member("at_risk", flag: delivery.outlook.isAtRisk)
        }
        if let arrived_ms = summary.arrived_ms { member("arrived", time_ms: arrived_ms) }
        if let departed_ms = summary.departed_ms { member("departed", time_ms: departed_ms) }
        if let ended_ms = summary.ended_ms { member("ended", time_ms: ended_ms) }
        member("updated", time_ms: now_ms)
        append(ascii: "}")
    }
}
