import Forecast
import Geo
import Wire

/// Fixes of the vehicles that the desk follows, and the forecasts that are made at each.
extension Desk {
    mutating func move(_ moved: FollowedFix, step: Engine.Step, into effects: inout EffectBuffer) {
        guard let vehicle = runs[moved.handle]?.vehicle else { return }
        let orders = commands.fix(
            vehicle, moved.fix, isOnMotorway: moved.isOnMotorway, now_ms: step.receivedTime_ms, rules: commandRules)
        perform(orders, step: step, into: &effects)
        let news = runs[moved.handle]?.track.news
        let wasAtStop = runs[moved.handle]?.track.head.isAtSomeStop ?? false
        guard let change = runs[moved.handle]?.track.add(moved.fix, deliverySettings), let run = runs[moved.handle]
        else { return }
        switch change {
        case .tooOld, .duplicate: return
        case .late:
            observe(moved.handle, isLate: true, step, into: &effects)
            updateNext(moved.handle)
        case .newest:
            // Where the visits stay as they are, nothing can come of a fix but a forecast, and the place of a word.
            if run.track.news != news {
                observe(moved.handle, isLate: moved.isLate, step, into: &effects)
            } else if moved.fix.time_ms <= run.wordsUntil_ms {
                observe(moved.handle, concernedBy: moved.fix, isLate: moved.isLate, step, into: &effects)
            }
            if wasAtStop || run.track.head.isAtSomeStop { updateNext(moved.handle) }
            if !moved.isLate, run.track.head.newest == moved.fix {
                drive(moved.handle, moved.fix, step, into: &effects)
            }
        }
    }

    /// The trip goes on to a new fix.
    private mutating func drive(
        _ vehicle: Int32, _ fix: Fix, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard runs[vehicle]?.trip != nil else { return }
        setOut(vehicle, fix, step, into: &effects)
        let update = runs[vehicle]?.trip?.update(PathFix(fix), &learned, zone: settings.localTime)
        if let update { tellDeviation(update, vehicle, fix, step, into: &effects) }
        forecast(vehicle, at: fix.time_ms, step, into: &effects)
    }

    private mutating func tellDeviation(
        _ update: PathUpdate, _ vehicle: Int32, _ fix: Fix, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let run = runs[vehicle], let route = run.tripRoute, let progress = run.trip?.progress else { return }
        let type: EventType
        let since_ms: Int64
        switch update.change {
        case .none: return
        case .deviated(let time_ms): (type, since_ms) = (.routeDeviated, time_ms)
        case .rejoined(let time_ms): (type, since_ms) = (.routeRejoined, time_ms)
        }
        var data: [UInt8] = []
        data.member("route", id: route)
        data.member("position", position: Place(fix))
        data.member("distance_m", progress.distance_m, decimals: 0)
        var cause: [UInt8] = []
        cause.append(decimal: since_ms)
        let event = DeskEvent(
            type: type, subject: .route(route), vehicle: run.vehicle, time_ms: since_ms, cause: cause, data: data)
        emit(event, step: step, into: &effects)
        // Dispatch's own path stays what the vehicle is judged by.
        if type == .routeDeviated, records.routes[route]?.path_e7.isEmpty == true {
            askRoad(for: route, from: fix, step, into: &effects)
        }
    }

    /// Forecasts all stops that are left of a vehicle's trip, and tells what matters of them.
    mutating func forecast(
        _ vehicle: Int32, at time_ms: Int64, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        // A vehicle without a trip has none; what is in the list is another vehicle's.
        guard runs[vehicle]?.trip != nil else { return }
        var forecasts = self.forecasts
        self.forecasts = []
        runs[vehicle]?.trip?.forecast(
            now_ms: time_ms, learned, conditions, zone: settings.localTime, into: &forecasts)
        runs[vehicle]?.forecast_ms = time_ms
        if recording.isOn { note(forecasts, of: vehicle, at: time_ms, into: &effects) }
        let stops = runs[vehicle]?.tripStops ?? []
        for (index, forecast) in forecasts.enumerated() {
            judge(forecast, of: stops[forecast.stop], isNext: index == 0, at: time_ms, step, into: &effects)
        }
        self.forecasts = forecasts
    }

    // MARK: - Trips

    /// Makes the trip of a vehicle's present route, where it is another than before.
    mutating func planTrip(_ vehicle: Int32, _ step: Engine.Step) {
        guard let run = runs[vehicle] else { return }
        let route = run.routes.first { id in
            (records.routes[id]?.stops ?? []).contains {
                deliveries[$0.stop]?.route == id && deliveries[$0.stop]?.isUnderWay == true
            }
        }
        guard let route, let record = records.routes[route] else {
            runs[vehicle]?.trip = nil
            runs[vehicle]?.tripRoute = nil
            runs[vehicle]?.tripStops = []
            pathsVersion &+= 1
            return
        }
        var stops: [DispatchID] = []
        var planned: [PlannedStop] = []
        var done: [Int] = []
        for entry in record.stops where deliveries[entry.stop]?.route == route && planned.count < RoutePlan.stopLimit {
            guard let stop = plannedStop(entry, after: planned.last) else { continue }
            if isDone(entry) { done.append(planned.count) }
            stops.append(entry.stop)
            planned.append(stop)
        }
        let path = roadPath(of: route, record)
        var plan = RoutePlan(vehicle: run.vehicle.bytes, path: path, stops: planned)
        for index in done { plan.setDone(index) }
        if run.tripRoute == route, run.tripStops == stops, run.trip?.plan.path == path,
            run.trip?.plan.stops == plan.stops
        {
            return
        }
        var trip: Trip
        if run.tripRoute == route, let former = run.trip {
            trip = former
            let places = Dictionary(zip(run.tripStops, run.tripStops.indices)) { first, _ in first }
            trip.replan(plan, former: stops.map { places[$0] })
        } else {
            trip = Trip(plan)
            runs[vehicle]?.origin = run.track.head.newest.map { TripOrigin($0) }
        }
        if let newest = run.track.head.newest { _ = trip.update(PathFix(newest), &learned, zone: settings.localTime) }
        if let start_ms = record.plannedStart_ms, routeHasNotBegun(record) { trip.pauseUntil_ms = start_ms }
        pathsVersion &+= 1
        runs[vehicle]?.trip = trip
        runs[vehicle]?.tripRoute = route
        runs[vehicle]?.tripStops = stops
        for stop in stops { syncTrip(vehicle, with: stop) }
    }

    /// Nothing of the route was done: before its planned start the vehicle is expected to wait.
    func routeHasNotBegun(_ record: RouteRecord) -> Bool {
        record.stops.allSatisfy { entry in
            switch deliveries[entry.stop]?.history.state {
            case .enRoute, .arrived, .servicing, .left, .closed: false
            case .planned, .assigned, .loaded, .cancelled, nil: true
            }
        }
    }

    private func isDone(_ entry: RouteRecord.Stop) -> Bool {
        guard entry.order != nil else { return false }
        // What was left without a word is not driven to again.
        return deliveries[entry.stop]?.isUnderWay != true || deliveries[entry.stop]?.history.state.isRemaining != true
    }

    private func plannedStop(_ entry: RouteRecord.Stop, after former: PlannedStop?) -> PlannedStop? {
        if entry.kind == .break {
            guard let place = place(of: entry)?.coordinate ?? former?.place else { return nil }
            return PlannedStop(place: place, break_s: entry.service_s ?? 1800)
        }
        guard let place = place(of: entry), let id = entry.order, let order = records.orders[id] else { return nil }
        let customer = order.customer.flatMap { records.customers[$0] }
        let task = ServiceTask(
            customer: order.customer?.bytes ?? [], kind: Array((customer?.kind ?? "").utf8),
            quantity: Double(order.quantity), planned_s: entry.service_s ?? order.service_s)
        return PlannedStop(
            place: place.coordinate, windowOpen_ms: order.window?.from_ms, windowClose_ms: order.window?.to_ms,
            task: task)
    }

    /// The way over the ground that dispatch gave; nil where there is none.
    private func roadPath(of route: DispatchID, _ record: RouteRecord) -> RoutePath? {
        RoutePath(record.coordinates) ?? roads[route]?.path
    }

    /// Tells the trip how one of its stops stands.
    mutating func syncTrip(_ vehicle: Int32, with stop: DispatchID) {
        guard let run = runs[vehicle], let trip = run.trip, let index = run.tripStops.firstIndex(of: stop),
            let summary = deliveries[stop]?.history.summary, deliveries[stop]?.order != nil
        else { return }
        let isLeft = summary.departed_ms != nil
        if summary.arrived_ms != nil, !isLeft, trip.serving != index, !trip.plan.stops[index].isDone {
            counters.etaErrors.count(trip.predictions(for: index), arrived_ms: summary.arrived_ms ?? 0)
            runs[vehicle]?.trip?.arrived(
                index, at: summary.arrived_ms ?? 0, &learned, zone: settings.localTime)
            // A break that was planned before this stop was taken, or is left out.
            for before in 0..<index where trip.plan.stops[before].break_s != nil {
                runs[vehicle]?.trip?.setDone(before)
            }
        } else if let departed_ms = summary.departed_ms, trip.serving == index {
            runs[vehicle]?.trip?.departed(
                index, at: departed_ms, learnsService: recording.learnsService, &learned)
        } else if summary.state.isFinal, trip.serving != index, !trip.plan.stops[index].isDone {
            runs[vehicle]?.trip?.setDone(index)
        }
        if summary.state == .enRoute || summary.state == .assigned || summary.state == .loaded,
            trip.plan.stops[index].isDone
        {
            runs[vehicle]?.trip?.setDone(index, false)
        }
        if summary.state == .enRoute, trip.pauseUntil_ms != Int64.min { runs[vehicle]?.trip?.pauseUntil_ms = .min }
    }

    /// Ends the trip of a route that is served: the next one, if there is one, begins. Not where a trip is being planned: one
    /// whose open stops have no place any more would be planned for ever.
    mutating func finishTrip(_ vehicle: Int32) {
        guard let run = runs[vehicle], let route = run.tripRoute,
            !run.tripStops.contains(where: { deliveries[$0]?.route == route && deliveries[$0]?.isUnderWay == true })
        else { return }
        runs[vehicle]?.trip = nil
        runs[vehicle]?.tripStops = []
        runs[vehicle]?.tripRoute = nil
        planTrip(vehicle, Engine.Step(ordinal: 0, receivedTime_ms: 0))
    }
}

extension PathFix {
    init(_ fix: Fix) {
        self.init(
            time_ms: fix.time_ms, latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7,
            accuracy_m: fix.accuracy_m ?? 10, speed_kmh: fix.speed_kmh, heading_deg: fix.heading_deg)
    }
}

extension RouteRecord {
    var coordinates: [Coordinate] {
        stride(from: 0, to: path_e7.count - 1, by: 2).map {
            Coordinate(latitude_e7: path_e7[$0 + 1], longitude_e7: path_e7[$0])
        }
    }
}
