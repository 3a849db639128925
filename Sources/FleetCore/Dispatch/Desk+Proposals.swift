import Forecast
import Geo
import Wire

/// Which vehicles could take an order, and when they would be there.
extension Desk {
    /// A vehicle for an order that has none yet.
    struct Candidate: Sendable {
        var run: DeskRun
        var fix: Fix
        var distance_m: Double
        var p50_ms: Int64
        var p90_ms: Int64
        /// What its next stop would be delayed by.
        var addedDelay_s: Double
        var freeCapacity: Int64?
        var openStops: Int
        var driver: DispatchID?
        var remainingDriving_s: Double?
    }

    /// An older position says too little of where a vehicle is now.
    private static let positionAge_ms: Int64 = 900_000
    /// So many of the nearest are looked at closely.
    private static let closest = 50
    /// How long serving an order takes that nobody has told about.
    private static let service_s = 300.0
    private static let proposals = 5

    /// An emergency was ordered: who could go is told at once, past everything that is planned.
    mutating func propose(
        _ order: DispatchID, _ record: OrderRecord, _ answer: QueryAddress?, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        guard let place = record.place ?? record.customer.flatMap({ records.customers[$0]?.place }) else { return }
        let found = candidates(
            for: place, quantity: record.quantity, isHazmat: record.isHazmat, limit: Self.proposals,
            at: step.receivedTime_ms)
        var data: [UInt8] = []
        data.member("order", id: order)
        if let customer = record.customer { data.member("customer", id: customer) }
        data.member("position", position: place.position)
        data.write(found)
        var cause: [UInt8] = []
        cause.append(hex: Hash128(records.orders.payload(of: order)).low)
        let event = DeskEvent(
            type: .dispatchVehiclesProposed, subject: .order(order),
            time_ms: record.version.updated_ms ?? step.receivedTime_ms, cause: cause, data: data)
        emit(event, step: step, into: &effects)
        guard let answer else { return }
        var json = opening(answer, step)
        json.member("order", id: order)
        json.write(found)
        json.append(ascii: "}")
        effects.appendAnswer(json, to: answer, ordinal: step.ordinal)
    }

    mutating func answer(
        _ query: SuitableQuery, _ address: QueryAddress, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let found = candidates(
            for: query.place, quantity: query.quantity, isHazmat: query.isHazmat, limit: query.count,
            at: step.receivedTime_ms)
        var json = opening(address, step)
        json.member("count")
        json.append(decimal: Int64(found.count))
        json.write(found)
        json.append(ascii: "}")
        effects.appendAnswer(json, to: address, ordinal: step.ordinal)
    }

    private func opening(_ address: QueryAddress, _ step: Engine.Step) -> [UInt8] {
        var json: [UInt8] = []
        json.append(ascii: "{\"query\":")
        json.appendJSON(stringBytes: address.id.span)
        json.member("time", time_ms: step.receivedTime_ms)
        return json
    }

    /// The suitable vehicles in the order of their arrival. O(vehicles), and a forecast for each of the nearest.
    private func candidates(
        for place: DispatchPlace, quantity: Int64, isHazmat: Bool, limit: Int, at now_ms: Int64
    ) -> [Candidate] {
        let target = Coordinate(latitude_e7: place.latitude_e7, longitude_e7: place.longitude_e7)
        var near: [(handle: Int32, distance_m: Double, id: DispatchID)] = []
        for (handle, run) in runs {
            guard let fix = run.track.head.newest, now_ms - fix.time_ms <= Self.positionAge_ms else { continue }
            near.append((handle, fix.coordinate.shortDistance_m(to: target), run.vehicle))
        }
        near.sort { $0.distance_m != $1.distance_m ? $0.distance_m < $1.distance_m : $0.id < $1.id }
        var found: [Candidate] = []
        for vehicle in near {
            if found.count >= Self.closest { break }
            let wanted = (target, quantity, isHazmat)
            if let candidate = candidate(vehicle.handle, vehicle.distance_m, wanted, at: now_ms) {
                found.append(candidate)
            }
        }
        found.sort { $0.p50_ms != $1.p50_ms ? $0.p50_ms < $1.p50_ms : $0.run.vehicle < $1.run.vehicle }
        return Array(found.prefix(limit))
    }

    /// A vehicle as a candidate; nil where it may not or cannot go.
    private func candidate(
        _ handle: Int32, _ distance_m: Double, _ wanted: (place: Coordinate, quantity: Int64, isHazmat: Bool),
        at now_ms: Int64
    ) -> Candidate? {
        guard let run = runs[handle], let fix = run.track.head.newest else { return nil }
        let record = records.vehicles[run.vehicle]
        let route = (run.tripRoute ?? run.routes.last).flatMap { records.routes[$0] }
        let driver = route?.driver
        let driverRecord = driver.flatMap { records.drivers[$0] }
        if wanted.isHazmat {
            guard let until_ms = record?.hazmatPermitUntil_ms, until_ms > now_ms else { return nil }
            if let driverRecord {
                guard driverRecord.hasHazmatLicence, driverRecord.licenceUntil_ms ?? .max > now_ms else { return nil }
            }
        }
        let open = run.stops.filter { deliveries[$0]?.isUnderWay == true && deliveries[$0]?.order != nil }
        let load = open.reduce(Int64(0)) { sum, stop in
            sum.addingClamped(deliveries[stop]?.order.flatMap { records.orders[$0]?.quantity } ?? 0)
        }
        let free = record?.capacity.map { $0.subtractingClamped(load) }
        if let free, free < wanted.quantity { return nil }
        guard let first = arrival(run, fix, at: [wanted.place], now_ms).first else { return nil }
        let needed_s = Double(first.p50_ms - now_ms) / 1000
        var remaining_s: Double?
        if let driverRecord, let left_s = driverRecord.remainingDriving_s,
            let since_ms = driverRecord.version.updated_ms
        {
            remaining_s = max(0, left_s - Double(max(0, now_ms - since_ms)) / 1000)
            if remaining_s ?? 0 < needed_s { return nil }
        }
        return Candidate(
            run: run, fix: fix, distance_m: distance_m, p50_ms: first.p50_ms, p90_ms: first.p90_ms,
            addedDelay_s: addedDelay_s(run, fix, by: wanted.place, open, now_ms), freeCapacity: free,
            openStops: open.count, driver: driver, remainingDriving_s: remaining_s)
    }

    /// What the next stop of a vehicle is delayed by, where it goes somewhere else first.
    private func addedDelay_s(
        _ run: DeskRun, _ fix: Fix, by place: Coordinate, _ open: [DispatchID], _ now_ms: Int64
    ) -> Double {
        guard let next = open.first(where: { deliveries[$0]?.history.state.isRemaining == true }),
            let there = deliveries[next]?.history.summary.facts?.place?.coordinate,
            let direct = arrival(run, fix, at: [there], now_ms).first
        else { return 0 }
        let around = arrival(run, fix, at: [place, there], now_ms)
        guard around.count == 2 else { return 0 }
        return max(0, Double(around[1].p50_ms - direct.p50_ms) / 1000)
    }

    /// When a vehicle would be at places, one after the other, through the streets as they were learned.
    private func arrival(_ run: DeskRun, _ fix: Fix, at places: [Coordinate], _ now_ms: Int64) -> [StopForecast] {
        let stops = places.map { PlannedStop(place: $0, task: ServiceTask(planned_s: Self.service_s)) }
        var trip = Trip(RoutePlan(vehicle: run.vehicle.bytes, path: nil, stops: stops))
        var scratch = learned
        _ = trip.update(PathFix(fix), &scratch, zone: settings.localTime)
        var forecasts: [StopForecast] = []
        trip.forecast(now_ms: max(now_ms, fix.time_ms), learned, conditions, zone: settings.localTime, into: &forecasts)
        return forecasts
    }
}

extension [UInt8] {
    fileprivate mutating func write(_ candidates: [Desk.Candidate]) {
        member("candidates")
        append(ascii: "[")
        for (index, candidate) in candidates.enumerated() {
            append(ascii: index == 0 ? "{\"vehicle\":" : ",{\"vehicle\":")
            appendJSON(stringBytes: candidate.run.vehicle.bytes.span)
            if let driver = candidate.driver { member("driver", id: driver) }
            member("distance_m", candidate.distance_m, decimals: 0)
            member("position", position: Place(candidate.fix))
            member("position_time", time_ms: candidate.fix.time_ms)
            member("eta_p50", time_ms: candidate.p50_ms)
            member("eta_p90", time_ms: candidate.p90_ms)
            member("added_delay_s", candidate.addedDelay_s, decimals: 0)
            member("open_stops")
            append(decimal: Int64(candidate.openStops))
            if let free = candidate.freeCapacity {
                member("free_capacity")
                append(decimal: free)
            }
            if let remaining_s = candidate.remainingDriving_s {
                member("remaining_driving_s", remaining_s, decimals: 0)
            }
            append(ascii: "}")
        }
        append(ascii: "]")
    }
}
