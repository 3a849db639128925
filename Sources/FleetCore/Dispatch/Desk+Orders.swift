import Wire

/// Orders and customers.
extension Desk {
    mutating func take(
        _ order: Sourced<OrderRecord>?, as id: DispatchID, answer: QueryAddress?, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        let former = records.orders[id]
        let change = records.orders.take(id, order)
        let stop = stopOfOrder[id] ?? id
        switch change {
        case .stale:
            counters.staleRecords += 1
            return
        case .unknown: return
        case .full:
            let fault = Fault(reason: "too_many_orders", detail: "the fleet has as many orders as are kept")
            return refuse(
                fault, topic: topic("dispatch/orders/", id), payload: order?.payload ?? [], step: step, into: &effects)
        case .removed:
            if let customer = former?.customer { ordersOfCustomer[customer]?.remove(id) }
            if deliveries[stop]?.isCancelled == true {
                // Its place may have gone with it.
                replan(deliveries[stop]?.vehicle ?? -1, step, into: &effects)
            } else {
                cancel(stop, reason: "deleted", at: step.receivedTime_ms, step, into: &effects)
            }
        case .stored(let isNew):
            guard let record = order?.record else { return }
            note(record, former, as: id, step)
            if deliveries[stop] == nil {
                deliveries[stop] = DeskDelivery(fleet: fleet, stop: stop, order: id)
            }
            markDirty(stop)
            if record.status == .cancelled {
                let time_ms = record.version.updated_ms ?? step.receivedTime_ms
                return cancel(stop, reason: record.reason ?? "", at: time_ms, step, into: &effects)
            }
            deliveries[stop]?.isCancelled = false
            refresh(stop, step, into: &effects)
            replan(deliveries[stop]?.vehicle ?? -1, step, into: &effects)
            if let route = deliveries[stop]?.route { askRoadAnew(for: route, step, into: &effects) }
            resume(stop, order: id, step, into: &effects)
            let isUrgent = record.priority == .emergency && (isNew || former?.priority != .emergency)
            if isUrgent, deliveries[stop]?.route == nil {
                propose(id, record, answer, step, into: &effects)
            }
        }
    }

    /// Keeps in mind which orders a customer has, and waits for a customer that is not known.
    private mutating func note(
        _ record: OrderRecord, _ former: OrderRecord?, as id: DispatchID, _ step: Engine.Step
    ) {
        if let old = former?.customer, old != record.customer { ordersOfCustomer[old]?.remove(id) }
        guard let customer = record.customer else { return }
        ordersOfCustomer[customer, default: []].insert(id)
        if record.status == .open, records.customers[customer] == nil {
            waiting.add(.customer(customer, order: id), at: step.receivedTime_ms)
        }
    }

    /// An order is not to be delivered any more.
    mutating func cancel(
        _ stop: DispatchID, reason: String, at time_ms: Int64, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let delivery = deliveries[stop], !delivery.isCancelled else { return }
        deliveries[stop]?.isCancelled = true
        deliveries[stop]?.assigned = nil
        add(.cancelled(reason: Array(reason.utf8)), to: stop, at: time_ms, step, into: &effects)
        perform(messages.withdraw(.stop(stop), now_ms: step.receivedTime_ms), step: step, into: &effects)
        replan(delivery.vehicle, step, into: &effects)
    }

    mutating func take(
        _ customer: Sourced<CustomerRecord>?, as id: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let change = records.customers.take(id, customer)
        switch change {
        case .stale:
            counters.staleRecords += 1
            return
        case .unknown: return
        case .full:
            let fault = Fault(reason: "too_many_customers", detail: "the fleet has as many customers as are kept")
            refuse(
                fault, topic: topic("dispatch/customers/", id), payload: customer?.payload ?? [], step: step,
                into: &effects)
        case .removed, .stored:
            let actions = messages.change(
                id, isDriver: false, to: change == .removed ? nil : self.customer(id), now_ms: step.receivedTime_ms)
            perform(actions, step: step, into: &effects)
            var vehicles: Set<Int32> = []
            var routes: Set<DispatchID> = []
            for order in (ordersOfCustomer[id] ?? []).sorted() {
                let stop = stopOfOrder[order] ?? order
                refresh(stop, step, into: &effects)
                if let vehicle = deliveries[stop]?.vehicle { vehicles.insert(vehicle) }
                if let route = deliveries[stop]?.route { routes.insert(route) }
            }
            for vehicle in vehicles.sorted() { replan(vehicle, step, into: &effects) }
            for route in routes.sorted() { askRoadAnew(for: route, step, into: &effects) }
        }
    }

    mutating func take(
        _ vehicle: Sourced<VehicleRecord>?, as id: DispatchID, handle: Int32, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        switch records.vehicles.take(id, vehicle) {
        case .stale: counters.staleRecords += 1
        case .unknown, .removed, .stored: break
        case .full:
            let fault = Fault(reason: "too_many_vehicles", detail: "the fleet has as many vehicles as are kept")
            refuse(
                fault, topic: topic("dispatch/vehicles/", id), payload: vehicle?.payload ?? [], step: step,
                into: &effects)
        }
        if runs[handle] == nil { runs[handle] = DeskRun(vehicle: id) }
    }

    mutating func take(
        _ driver: Sourced<DriverRecord>?, as id: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let change = records.drivers.take(id, driver)
        switch change {
        case .stale: counters.staleRecords += 1
        case .unknown: break
        case .full:
            let fault = Fault(reason: "too_many_drivers", detail: "the fleet has as many drivers as are kept")
            refuse(
                fault, topic: topic("dispatch/drivers/", id), payload: driver?.payload ?? [], step: step,
                into: &effects)
        case .removed, .stored:
            let recipient = change == .removed ? nil : self.driver(id, nil)
            let actions = messages.change(id, isDriver: true, to: recipient, now_ms: step.receivedTime_ms)
            perform(actions, step: step, into: &effects)
        }
    }

    /// `{root}/{fleet}/{kind}{id}`.
    func topic(_ kind: StaticString, _ id: DispatchID) -> [UInt8] {
        topicPrefix + kind.withUTF8Buffer { Array($0) } + id.bytes
    }

    // MARK: - Evidence

    /// Adds a piece of what dispatch says to a delivery's evidence.
    mutating func add(
        _ kind: DeliveryEvidence.Kind, to stop: DispatchID, at time_ms: Int64, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        guard deliveries[stop] != nil else { return }
        deliveries[stop]?.changes &+= 1
        var cause: [UInt8] = []
        cause.append(ascii: "dispatch ")
        cause.append(decimal: Int64(deliveries[stop]?.changes ?? 0))
        add(DeliveryEvidence(time_ms: time_ms, cause: cause, kind: kind), to: stop, step, into: &effects)
    }

    mutating func add(
        _ piece: DeliveryEvidence, to stop: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let vehicle = deliveries[stop]?.vehicle else { return }
        let events = deliveries[stop]?.history.add(piece, track: runs[vehicle]?.track, deliverySettings) ?? []
        follow(events, of: stop, step, into: &effects)
    }

    /// Tells what a delivery's history says now, and does what follows from it.
    mutating func follow(
        _ events: [DeskEvent], of stop: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        if events.isEmpty { return }
        for event in events {
            emit(event, step: step, into: &effects)
            inform(of: event, stop, step, into: &effects)
        }
        markDirty(stop)
        guard let delivery = deliveries[stop] else { return }
        if recording.isOn { noteArrival(at: delivery.history, into: &effects) }
        let isLate = events.contains { $0.isLate }
        settleMoney(of: stop, isLate: isLate, step, into: &effects)
        if delivery.history.state.isFinal {
            deliveries[stop]?.outlook.clear()
        } else if !delivery.isUnderWay {
            deliveries[stop]?.outlook.clearTimes()
        }
        if delivery.awaitsProof { unproven.insert(stop) } else { unproven.remove(stop) }
        let opensGate = delivery.gate_ms != delivery.history.ended_ms
        if opensGate { deliveries[stop]?.gate_ms = delivery.history.ended_ms }
        // Where a route is being read, the whole vehicle is looked at when all of it is.
        guard delivery.vehicle >= 0, !isPlanning else { return }
        if opensGate { setGates(delivery.vehicle) }
        syncTrip(delivery.vehicle, with: stop)
        finishTrip(delivery.vehicle)
        updateNext(delivery.vehicle)
        if !isObserving, let route = delivery.route { updateRoute(route, isLate: isLate, step, into: &effects) }
    }

    /// Takes over what a delivery says of money.
    private mutating func settleMoney(
        of stop: DispatchID, isLate: Bool, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let collections = deliveries[stop]?.history.summary.collections ?? []
        // A driver who is not named any more has not collected it.
        let payees = Set(collections.compactMap(\.driver)).sorted()
        let all = Set(payees + (deliveries[stop]?.payees ?? [])).sorted()
        deliveries[stop]?.payees = payees
        for driver in all {
            let events = cash[driver, default: ShiftCash(fleet: fleet, driver: driver)]
                .set(collections, of: stop, isLate: isLate)
            for event in events { emit(event, step: step, into: &effects) }
        }
    }

    mutating func markDirty(_ stop: DispatchID) {
        deliveries[stop]?.isDirty = true
        dirty.insert(stop)
    }
}
