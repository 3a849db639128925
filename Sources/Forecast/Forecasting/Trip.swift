package import Geo

/// A vehicle on its route, from fix to fix: its plan, its progress, and what is learned on the way.
///
/// All that one route needs between messages. The owner tells it fixes, arrivals and departures in the order of time, and
/// asks for forecasts after each.
package struct Trip: Sendable, Equatable {
    package internal(set) var plan: RoutePlan
    /// Nil without a path.
    package internal(set) var progress: PathProgress?
    var meter = TravelMeter()
    /// For each stop the predictions that wait for its arrival.
    var logs: [PredictionLog]
    var fix: PathFix?
    /// The stop at which the vehicle is, and since when.
    package internal(set) var serving: Int?
    package internal(set) var servingSince_ms: Int64 = 0
    /// Where and when the vehicle last left, and the metres since; nil before it is known.
    var legStart: Coordinate?
    var legStart_ms: Int64 = 0
    var legDriven_m = 0.0
    /// When a break ends that was taken outside of the plan.
    package var pauseUntil_ms = Int64.min

    /// - Parameter offset_m: where along the path the vehicle starts, about.
    package init(_ plan: RoutePlan, near offset_m: Double = 0) {
        self.plan = plan
        progress = plan.path == nil ? nil : PathProgress(near: offset_m)
        logs = Array(repeating: PredictionLog(), count: plan.stops.count)
    }

    /// Takes in a newer fix, and learns from the way since the one before. O(window); see ``PathProgress``.
    package mutating func update(_ fix: PathFix, _ learned: inout LearnedValues, zone: TimeZoneRules) -> PathUpdate {
        guard fix.time_ms > (self.fix?.time_ms ?? Int64.min) else { return PathUpdate() }
        if let last = self.fix, !(fix.isStanding && last.isStanding) {
            legDriven_m += RoutePath.distance_m(last.point, fix.point, nearest: true)
        }
        self.fix = fix
        guard let path = plan.path, var progress else { return PathUpdate() }
        let before_m = progress.offset_m
        let update = progress.update(fix, on: path, isServing: serving != nil)
        self.progress = progress
        if serving != nil || update.isJump || !progress.isOnPath || fix.time_ms < pauseUntil_ms {
            meter.interrupt()
        } else {
            meter.advance(
                from: before_m, to: progress.offset_m, elapsed_ms: update.elapsed_ms, at: fix.time_ms, plan, &learned,
                zone: zone)
        }
        return update
    }

    /// Forecasts for all stops that are left, in place of what is in `forecasts`; none before the first fix.
    ///
    /// - Parameter now_ms: the newest fix's time, or later if it is old.
    package mutating func forecast(
        now_ms: Int64, _ learned: LearnedValues, _ conditions: Conditions, zone: TimeZoneRules,
        into forecasts: inout [StopForecast]
    ) {
        guard let moment = moment(now_ms: now_ms) else { return forecasts.removeAll(keepingCapacity: true) }
        plan.refresh(now_ms: moment.now_ms, learned, conditions)
        Forecaster.forecast(plan, moment, learned, zone: zone, into: &forecasts)
        for forecast in forecasts { logs[forecast.stop].record(forecast, made_ms: moment.now_ms) }
    }

    /// Where along the path the vehicle probably is now; see ``Forecaster/estimatedOffset_m(_:_:_:zone:)``.
    package func estimatedOffset_m(now_ms: Int64, _ learned: LearnedValues, zone: TimeZoneRules) -> Double? {
        moment(now_ms: now_ms).flatMap { Forecaster.estimatedOffset_m(plan, $0, learned, zone: zone) }
    }

    private func moment(now_ms: Int64) -> VehicleMoment? {
        guard let fix else { return nil }
        var moment = VehicleMoment(
            now_ms: max(now_ms, fix.time_ms), fix_ms: fix.time_ms, latitude_e7: fix.latitude_e7,
            longitude_e7: fix.longitude_e7, progress: progress)
        moment.serving = serving
        moment.servingSince_ms = servingSince_ms
        moment.isDrivingOff = serving.map { isDrivingOff(from: plan.stops[$0].place, fix) } ?? false
        moment.liveRatio = meter.liveRatio
        if pauseUntil_ms > fix.time_ms { moment.pause_s = Double(pauseUntil_ms &- fix.time_ms) / 1000 }
        return moment
    }

    /// Whether a fix shows a vehicle that leaves a stop, before that is confirmed: driving beside it, or far from it.
    private func isDrivingOff(from place: Coordinate, _ fix: PathFix) -> Bool {
        let here = Coordinate(latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7)
        let distance_m = here.shortDistance_m(to: place)
        return distance_m > 250 || (distance_m > 30 && (fix.speed_kmh ?? 0) >= 10)
    }

    /// The predictions that wait for the arrival at a stop; see ``PredictionLog/visitErrors(ofArrival:_:)``.
    package func predictions(for stop: Int) -> PredictionLog {
        logs.indices.contains(stop) ? logs[stop] : PredictionLog()
    }

    /// The vehicle is at a stop: scores what was predicted for it, and learns from the way there.
    package mutating func arrived(
        _ stop: Int, at time_ms: Int64, _ learned: inout LearnedValues, zone: TimeZoneRules
    ) {
        guard plan.stops.indices.contains(stop), serving != stop else { return }
        learned.observeArrival(at: time_ms, logs[stop])
        logs[stop] = PredictionLog()
        serving = stop
        servingSince_ms = time_ms
        meter.interrupt()
        if let legStart, time_ms > legStart_ms {
            learned.speeds.observeTrip(
                straight_m: legStart.shortDistance_m(to: plan.stops[stop].place), driven_m: legDriven_m,
                time_s: Double(time_ms &- legStart_ms) / 1000, at: legStart_ms, zone: zone)
        }
        legStart = nil
    }

    /// The vehicle has left the stop at which it was (or the depot, with nil): that stop is done.
    ///
    /// - Parameter learnsService: false if something is known to have held it up, or if its times are told otherwise.
    package mutating func departed(
        _ stop: Int?, at time_ms: Int64, learnsService: Bool = true, _ learned: inout LearnedValues
    ) {
        if let stop, plan.stops.indices.contains(stop) {
            let planned = plan.stops[stop]
            if serving == stop, learnsService, planned.break_s == nil {
                let begun_ms = max(servingSince_ms, planned.windowOpen_ms ?? Int64.min)
                learned.observeService(planned.task, took_s: Double(time_ms &- begun_ms) / 1000)
            }
            plan.setDone(stop)
            if let path = plan.path, plan.offsets[stop].distance_m < 500 {
                progress?.reached(min(path.length_m, plan.offsets[stop].offset_m))
            }
            legStart = planned.place
        } else {
            legStart = fix.map { Coordinate(latitude_e7: $0.latitude_e7, longitude_e7: $0.longitude_e7) }
        }
        serving = nil
        legStart_ms = time_ms
        legDriven_m = 0
        meter.interrupt()
    }

    /// The stop is not driven to any more (or after all): cancelled, failed from afar, moved to another vehicle.
    package mutating func setDone(_ stop: Int, _ isDone: Bool = true) {
        plan.setDone(stop, isDone)
        if serving == stop, isDone { serving = nil }
    }

    /// Dispatch moved a stop's window.
    package mutating func setWindow(_ stop: Int, open_ms: Int64?, close_ms: Int64?) {
        plan.setWindow(stop, open_ms: open_ms, close_ms: close_ms)
    }

    /// Dispatch changed the route, or a router's answer came: another path, other stops, another order.
    ///
    /// What waits for its arrival goes with the stops; the place along the path is kept if the path is, and else found anew.
    /// - Parameter former: for each stop of the new plan which one of the old plan it is; nil for a new one.
    package mutating func replan(_ plan: RoutePlan, former: [Int?]) {
        let old = self
        self = Trip(plan)
        var lastDone_m = 0.0
        for (stop, before) in zip(plan.stops.indices, former) {
            guard let before, old.plan.stops.indices.contains(before) else { continue }
            logs[stop] = old.logs[before]
            if old.plan.stops[before].isDone { self.plan.setDone(stop) }
            if old.serving == before {
                serving = stop
                servingSince_ms = old.servingSince_ms
            }
            if plan.path != nil, serving == stop || self.plan.stops[stop].isDone {
                lastDone_m = max(lastDone_m, plan.offsets[stop].offset_m)
            }
        }
        fix = old.fix
        (legStart, legStart_ms, legDriven_m) = (old.legStart, old.legStart_ms, old.legDriven_m)
        pauseUntil_ms = old.pauseUntil_ms
        meter = old.meter
        if let path = plan.path, path == old.plan.path {
            progress = old.progress
        } else {
            meter.interrupt()
            if let path = plan.path, let fix {
                var found = PathProgress(near: lastDone_m)
                _ = found.update(fix, on: path, isServing: serving != nil)
                progress = found
            }
        }
    }
}
