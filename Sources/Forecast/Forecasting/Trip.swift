package import Geo
package import Wire

/// A vehicle on its route, from fix to fix: its plan, its progress, and what is learned on the way.
///
/// All that one route needs between messages. The owner tells it fixes, arrivals and departures in the order of time, and
/// asks for forecasts after each.
package struct Trip: Sendable, Equatable {
    package private(set) var plan: RoutePlan
    /// Nil without a path.
    package private(set) var progress: PathProgress?
    private var meter = TravelMeter()
    /// For each stop the predictions that wait for its arrival.
    private var logs: [PredictionLog]
    private var fix: PathFix?
    /// The stop at which the vehicle is, and since when.
    package private(set) var serving: Int?
    package private(set) var servingSince_ms: Int64 = 0
    /// Where and when the vehicle last left, and the metres since; nil before it is known.
    private var legStart: Coordinate?
    private var legStart_ms: Int64 = 0
    private var legDriven_m = 0.0
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
        moment.liveRatio = meter.liveRatio
        if pauseUntil_ms > fix.time_ms { moment.pause_s = Double(pauseUntil_ms &- fix.time_ms) / 1000 }
        return moment
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

    package func write(to writer: inout ByteWriter) {
        plan.write(to: &writer)
        writer.write(optional: progress) { $1.write(to: &$0) }
        meter.write(to: &writer)
        for log in logs { log.write(to: &writer) }
        writer.write(optional: fix) { writer, fix in
            writer.write(fix.time_ms)
            writer.write(fix.latitude_e7)
            writer.write(fix.longitude_e7)
            writer.write(fix.accuracy_m)
            writer.write(optional: fix.speed_kmh) { $0.write($1) }
            writer.write(optional: fix.heading_deg) { $0.write($1) }
        }
        writer.write(optional: serving) { $0.write(UInt32($1)) }
        writer.write(servingSince_ms)
        writer.write(optional: legStart) { writer, place in
            writer.write(place.latitude)
            writer.write(place.longitude)
        }
        writer.write(legStart_ms)
        writer.write(legDriven_m)
        writer.write(pauseUntil_ms)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(try RoutePlan(from: &reader))
        let progress = try reader.optional { reader throws(SnapshotError) in try PathProgress(from: &reader) }
        guard (progress == nil) == (plan.path == nil), (progress?.offset_m ?? 0) <= plan.path?.length_m ?? 0 else {
            throw SnapshotError(reason: "a trip's progress is not on its path")
        }
        self.progress = progress
        meter = try TravelMeter(from: &reader)
        for stop in logs.indices { logs[stop] = try PredictionLog(from: &reader) }
        fix = try reader.optional { reader throws(SnapshotError) in try PathFix(from: &reader) }
        let serving: UInt32? = try reader.optional { reader throws(SnapshotError) in try reader.integer() }
        self.serving = serving.map { Int($0) }
        guard self.serving.map(plan.stops.indices.contains) ?? true else {
            throw SnapshotError(reason: "a trip is at a stop that it has not")
        }
        servingSince_ms = try reader.time_ms()
        legStart = try reader.optional { reader throws(SnapshotError) in
            let place = Coordinate(latitude: try reader.double(), longitude: try reader.double())
            guard place.isValid else { throw SnapshotError(reason: "a trip began outside of the world") }
            return place
        }
        legStart_ms = try reader.time_ms()
        legDriven_m = try reader.double(in: 0...1e9)
        pauseUntil_ms = try reader.timeOrNever_ms()
    }
}

extension PathFix {
    init(from reader: inout ByteReader) throws(SnapshotError) {
        let time_ms = try reader.time_ms()
        let latitude_e7: Int32 = try reader.integer()
        let longitude_e7: Int32 = try reader.integer()
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a fix lies outside of the world")
        }
        self.init(
            time_ms: time_ms, latitude_e7: latitude_e7, longitude_e7: longitude_e7, accuracy_m: try reader.double(),
            speed_kmh: try reader.optional { reader throws(SnapshotError) in try reader.double() },
            heading_deg: try reader.optional { reader throws(SnapshotError) in try reader.double() })
    }
}
