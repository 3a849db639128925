import Forecast
import Geo
import Wire

/// Routes: which stops a vehicle is to serve, in which order.
extension Desk {
    mutating func take(
        _ route: Sourced<RouteRecord>?, as id: DispatchID, vehicle: Int32, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        let former = records.routes[id]
        switch records.routes.take(id, route) {
        case .stale:
            counters.staleRecords += 1
            return
        case .unknown: return
        case .full:
            let fault = Fault(reason: "too_many_routes", detail: "the fleet has as many routes as are kept")
            return refuse(
                fault, topic: topic("dispatch/routes/", id), payload: route?.payload ?? [], step: step, into: &effects)
        case .removed, .stored: pathsVersion &+= 1
        }
        let record = route?.record
        if let former { routesByVehicle[former.vehicle]?.remove(id) }
        if let record { routesByVehicle[record.vehicle, default: []].insert(id) }
        if let record, runs[vehicle] == nil { runs[vehicle] = DeskRun(vehicle: record.vehicle) }
        isPlanning = true
        var vehicles: Set<Int32> = vehicle >= 0 ? [vehicle] : []
        let isOpen = record?.status == .open
        let kept = Set(isOpen ? record?.stops.map(\.stop) ?? [] : [])
        for stop in former?.stops ?? [] where !kept.contains(stop.stop) {
            guard deliveries[stop.stop]?.route == id else { continue }
            vehicles.insert(deliveries[stop.stop]?.vehicle ?? -1)
            deliveries[stop.stop]?.route = nil
            refresh(stop.stop, since_ms: record?.version.updated_ms, step, into: &effects)
        }
        if let record, isOpen {
            for stop in record.stops {
                vehicles.insert(place(stop, on: id, vehicle, step, into: &effects))
            }
        }
        isPlanning = false
        if routes[id] == nil, record != nil { routes[id] = RouteHistory(fleet: fleet, route: id) }
        for number in vehicles.sorted() where number >= 0 { replan(number, step, into: &effects) }
        updateRoute(id, isLate: false, step, into: &effects)
        if isOpen { askRoadAnew(for: id, step, into: &effects) } else { roads[id] = nil }
        if let record, isOpen, let former, former.stops.map(\.stop) != record.stops.map(\.stop) {
            informDriver(of: id, record, step, into: &effects)
        }
        for stop in record?.stops ?? [] { resume(stop.stop, order: stop.order, step, into: &effects) }
    }

    /// Puts a stop onto a route. Returns the vehicle that it was on before, -1 for none.
    private mutating func place(
        _ stop: RouteRecord.Stop, on route: DispatchID, _ vehicle: Int32, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) -> Int32 {
        if let order = stop.order {
            // The order may have been under another stop: it is here now.
            let before = stopOfOrder[order] ?? order
            if before != stop.stop, deliveries[before]?.order == order, deliveries[before]?.route != nil {
                deliveries[before]?.route = nil
                refresh(before, since_ms: records.routes[route]?.version.updated_ms, step, into: &effects)
            } else if before != stop.stop, before == order, deliveries[before]?.history.state == .planned {
                forget(before, withOrder: false, step, into: &effects)
            }
            stopOfOrder[order] = stop.stop == order ? nil : stop.stop
        }
        if deliveries[stop.stop] == nil {
            deliveries[stop.stop] = DeskDelivery(fleet: fleet, stop: stop.stop, order: stop.order)
        }
        let former = deliveries[stop.stop]?.vehicle ?? -1
        deliveries[stop.stop]?.order = stop.order
        deliveries[stop.stop]?.route = route
        deliveries[stop.stop]?.vehicle = vehicle
        if let order = stop.order, records.orders[order] == nil {
            waiting.add(.order(order, route: route), at: step.receivedTime_ms)
        }
        refresh(stop.stop, as: stop, step, into: &effects)
        return former
    }

    /// Tells a delivery's history what dispatch says of it now, where that is something else than before.
    ///
    /// - Parameters:
    ///   - entry: what its route says of it, where that need not be looked for.
    ///   - since_ms: the own time of the message that takes the stop off its route. Not that of its receipt: the route that
    ///     names the stop from then on has an older time than that, and its word would be taken for the older one.
    mutating func refresh(
        _ stop: DispatchID, as entry: RouteRecord.Stop? = nil, since_ms: Int64? = nil, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        guard let delivery = deliveries[stop], !delivery.isCancelled else { return }
        let (wanted, time_ms) = facts(of: stop, entry, delivery, since_ms: since_ms ?? step.receivedTime_ms, step)
        guard wanted != delivery.assigned else { return }
        deliveries[stop]?.assigned = wanted
        let isSame = delivery.assigned?.vehicle == wanted?.vehicle && delivery.assigned?.route == wanted?.route
        // What was expected of another vehicle is not expected of this one.
        if !isSame { deliveries[stop]?.outlook.clear() }
        guard let wanted else {
            let reason = Array("off_route".utf8)
            return add(.unassigned(reason: reason), to: stop, at: time_ms, step, into: &effects)
        }
        add(isSame ? .amended(wanted) : .assigned(wanted), to: stop, at: time_ms, step, into: &effects)
    }

    /// What dispatch says of a stop; nil where it is on no route, or where it is not known what is to be done there. With
    /// the time from which on that holds.
    private func facts(
        of stop: DispatchID, _ known: RouteRecord.Stop?, _ delivery: DeskDelivery, since_ms: Int64, _ step: Engine.Step
    ) -> (DeliveryFacts?, Int64) {
        guard let id = delivery.route, let route = records.routes[id], route.status == .open,
            let entry = known ?? route.stops.first(where: { $0.stop == stop })
        else { return (nil, since_ms) }
        let order = entry.order.flatMap { records.orders[$0] }
        guard let orderID = entry.order, let order, order.status == .open, let place = place(of: entry) else {
            return (nil, since_ms)
        }
        var facts = DeliveryFacts(vehicle: route.vehicle)
        facts.route = id
        facts.order = orderID
        facts.customer = order.customer
        facts.driver = route.driver
        facts.place = place
        facts.plannedArrival_ms = entry.plannedArrival_ms
        facts.items = order.items
        facts.cod = order.cod
        return (facts, route.version.updated_ms ?? step.receivedTime_ms)
    }

    /// The circle of a stop; nil where nobody has told its place yet.
    func place(of stop: RouteRecord.Stop) -> JourneyStop? {
        let order = stop.order.flatMap { records.orders[$0] }
        let customer = order?.customer.flatMap { records.customers[$0] }
        guard let place = stop.place ?? order?.place ?? customer?.place else { return nil }
        let kind: JourneyStop.Kind =
            switch stop.kind {
            case .delivery: .delivery
            case .pickup: .pickup
            case .break: .rest
            }
        return circle(stop.stop, place, kind)
    }

    func circle(_ id: DispatchID, _ place: DispatchPlace, _ kind: JourneyStop.Kind) -> JourneyStop {
        JourneyStop(
            id: id, latitude_e7: place.latitude_e7, longitude_e7: place.longitude_e7,
            radius_m: place.radius_m ?? settings.stopRadius_m, kind: kind)
    }

    /// The depot of a route as a place of its vehicle's journey.
    func depot(of route: DispatchID) -> JourneyStop? {
        guard let place = records.routes[route]?.depot else { return nil }
        return circle(DispatchID(Array("depot ".utf8) + route.bytes), place, .depot)
    }

    // MARK: - Runs

    /// Works out anew what a vehicle is to do: its open routes, their stops, and the trip that forecasts are made for.
    mutating func replan(_ vehicle: Int32, _ step: Engine.Step, into effects: inout EffectBuffer) {
        guard var run = runs[vehicle] else { return }
        var open: [(start_ms: Int64, id: DispatchID)] = []
        for id in openRoutes(of: run) {
            open.append((records.routes[id]?.plannedStart_ms ?? .max, id))
        }
        open.sort { $0.start_ms != $1.start_ms ? $0.start_ms < $1.start_ms : $0.id < $1.id }
        run.routes = open.map(\.id)
        var journey: [JourneyStop] = []
        run.stops = []
        for id in run.routes {
            for entry in records.routes[id]?.stops ?? [] where deliveries[entry.stop]?.route == id {
                guard let place = place(of: entry) else { continue }
                run.stops.append(entry.stop)
                journey.append(place)
            }
        }
        let depots = run.routes.compactMap { depot(of: $0) }
        run.track.setStops(depots + journey, deliverySettings)
        runs[vehicle] = run
        setGates(vehicle)
        planTrip(vehicle, step)
        observe(vehicle, isLate: false, step, into: &effects)
        updateNext(vehicle)
    }

    /// The routes of a vehicle on which something is still open, or was until a while ago.
    private func openRoutes(of run: DeskRun) -> [DispatchID] {
        var found: [DispatchID] = []
        for id in (routesByVehicle[run.vehicle] ?? []).sorted() {
            guard let record = records.routes[id], record.status == .open, record.vehicle == run.vehicle else {
                continue
            }
            found.append(id)
        }
        return found
    }

    mutating func setGates(_ vehicle: Int32) {
        guard let run = runs[vehicle] else { return }
        var circles: [DispatchID: JourneyStop] = [:]
        for stop in run.track.head.stops { circles[stop.id] = stop }
        let stops = run.stops.map { stop -> (stop: JourneyStop, ended_ms: Int64?) in
            (
                circles[stop] ?? JourneyStop(id: stop, latitude_e7: 0, longitude_e7: 0, radius_m: 0, kind: .rest),
                deliveries[stop]?.history.ended_ms
            )
        }
        runs[vehicle]?.gates = SharedPlaceGate.gates(of: stops)
    }

    /// Lets the histories of a vehicle's stops see what its fixes show now.
    ///
    /// - Parameter fix: where the visits are as before, the fix that may tell where something was said.
    mutating func observe(
        _ vehicle: Int32, concernedBy fix: Fix? = nil, isLate: Bool, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        guard let run = runs[vehicle] else { return }
        for (index, stop) in run.stops.enumerated() {
            if let fix, deliveries[stop]?.history.isConcerned(by: fix) != true { continue }
            // A delivery that ends opens the gate of the next one at its place.
            let gate = runs[vehicle]?.gates[index] ?? run.gates[index]
            let events =
                deliveries[stop]?.history.observe(
                    run.track, of: run.vehicle, gate: gate, deliverySettings, isLate: isLate) ?? []
            follow(events, of: stop, step, into: &effects)
            // What the first of them says of the route is told with it, the rest once.
            if !events.isEmpty { isObserving = true }
        }
        let hasNews = isObserving
        isObserving = false
        if fix != nil, !hasNews { return }
        for route in run.routes { updateRoute(route, isLate: isLate, step, into: &effects) }
    }

    /// Tells the history of a route how its stops stand.
    mutating func updateRoute(
        _ id: DispatchID, isLate: Bool, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let record = records.routes[id], routes[id] != nil else { return }
        var stops: [RouteStop] = []
        var vehicle: Int32 = -1
        for entry in record.stops where entry.order != nil {
            guard let delivery = deliveries[entry.stop], delivery.route == id, let place = place(of: entry) else {
                continue
            }
            vehicle = delivery.vehicle
            stops.append(RouteStop(stop: place, delivery.history.summary))
        }
        guard record.status == .open, !stops.isEmpty else { return }
        let facts = RouteFacts(
            vehicle: record.vehicle, driver: record.driver,
            began_ms: record.plannedStart_ms.map { min($0, firstAssigned_ms(stops)) } ?? firstAssigned_ms(stops),
            plannedEnd_ms: record.plannedEnd_ms, returnsToDepot: record.returnsToDepot, depot: depot(of: id))
        let events =
            routes[id]?.update(facts, stops: stops, track: runs[vehicle]?.track, isLate: isLate) ?? []
        for event in events { emit(event, step: step, into: &effects) }
    }

    private func firstAssigned_ms(_ stops: [RouteStop]) -> Int64 {
        stops.compactMap { deliveries[$0.stop.id]?.history.summary.assigned_ms }.min() ?? 0
    }
}
