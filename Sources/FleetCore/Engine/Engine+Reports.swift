import Geo
import Telemetry
import Wire

extension Engine {
    /// Why a fix was not believed. The raw value stands in `position_rejected` events.
    enum Rejection: String {
        case futureTime = "future_time"
        case nullIsland = "null_island"
        case teleport
        case olderThanWindow = "older_than_window"
        case timeConflict = "time_conflict"
    }

    /// The reports of one payload, decoded into `scratch.reports`, for a vehicle. Within a payload they are taken in order
    /// of their times: a buffer that a tracker uploads newest first tells the same as one oldest first. The late ones among
    /// them are all placed before the story is told again, once.
    mutating func applyReports(
        of payload: Span<UInt8>, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        take(slot)
        scratch.reports.sortByTime()
        // A time and no index: what is placed next may make the track drop its oldest part.
        var firstLate_ms: Int64?
        for index in scratch.reports.reports.indices {
            var report = scratch.reports.reports[index]
            counters.reports += 1
            if settings.correctsClockSkew { report.time_ms += Int64(vehicles[slot].clockSkew.told_ms) }
            let observation = observe(report, in: payload)
            let placement = vehicles[slot].track.placement(of: observation)
            if placement == .duplicate {
                vehicles[slot].duplicateFixes += 1
                counters.duplicateFixes += 1
                continue
            }
            hear(slot, reportTime_ms: report.time_ms, step: step, into: &effects)
            watchClock(reported_ms: scratch.reports.reports[index].time_ms, slot: slot, step: step, into: &effects)
            markState(slot, step: step)
            guard isCredible(observation, slot: slot, step: step, into: &effects) else { continue }
            if placement == .newest {
                vehicles[slot].sensors.update(report, fields: report.fields)
                if let since_ms = firstLate_ms { retell(since_ms: since_ms, slot: slot, step: step, into: &effects) }
                firstLate_ms = nil
                tellNewest(observation, slot: slot, step: step, into: &effects)
                if vehicles[slot].deskHandle >= 0 { move(observation, isLate: false, slot, step, into: &effects) }
            } else if let index = placeLate(observation, slot: slot, step: step, into: &effects) {
                let newer = vehicles[slot].track.fields(after: index)
                vehicles[slot].sensors.update(report, fields: report.fields.subtracting(newer))
                firstLate_ms = min(firstLate_ms ?? observation.time_ms, observation.time_ms)
                if vehicles[slot].deskHandle >= 0 { move(observation, isLate: true, slot, step, into: &effects) }
            }
        }
        if let since_ms = firstLate_ms { retell(since_ms: since_ms, slot: slot, step: step, into: &effects) }
    }

    /// Tells of a tracker's clock that is off, and of one that is right again.
    private mutating func watchClock(
        reported_ms: Int64, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        let offset_ms = vehicles[slot].clockSkew.observe(
            time_ms: reported_ms, receivedTime_ms: step.receivedTime_ms,
            threshold_ms: Int64(max(settings.clockSkew_s, 1)) * 1000)
        guard let offset_ms else { return }
        beginIdentity(.clockSkewed)
        identity.add(reported_ms)
        let isCorrected = settings.correctsClockSkew
        emit(.clockSkewed, slot: slot, time_ms: step.receivedTime_ms, step: step, into: &effects) { out in
            // Positive: the clock is behind.
            out.member("offset_s", Double(offset_ms) / 1000, decimals: 1)
            out.member("reported_time", time_ms: reported_ms)
            out.member("corrected", flag: isCorrected)
        }
    }

    private mutating func observe(_ report: Report, in payload: Span<UInt8>) -> Observation {
        guard report.fields.contains(.driver) || report.fields.contains(.dtc) else { return Observation(report) }
        let driver = report.fields.contains(.driver) ? texts.driver(report.driver, in: payload) : -1
        let codes = report.fields.contains(.dtc) ? texts.codes(report.dtc, in: payload) : -1
        return Observation(report, driver: driver, codes: codes)
    }

    /// What cannot be so, whatever else is known of the vehicle: a time that has not come, and the place that trackers
    /// without a fix report.
    private mutating func isCredible(
        _ observation: Observation, slot: Int, step: Step, into effects: inout EffectBuffer
    ) -> Bool {
        if observation.time_ms > step.receivedTime_ms + Int64(settings.futureTolerance_s) * 1000 {
            reject(observation, .futureTime, slot: slot, step: step, into: &effects)
            return false
        }
        if observation.hasPosition, observation.fix.latitude_e7 == 0, observation.fix.longitude_e7 == 0 {
            reject(observation, .nullIsland, slot: slot, step: step, into: &effects)
            return false
        }
        return true
    }

    /// Counts what was not believed at the door. Only a position is worth an event.
    mutating func reject(
        _ observation: Observation, _ reason: Rejection, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        vehicles[slot].rejectedFixes += 1
        counters.rejectedFixes += 1
        guard observation.hasPosition else { return }
        identifyRejection(observation.fix, reason)
        let newest = vehicles[slot].newest
        emit(.vehiclePositionRejected, slot: slot, time_ms: observation.time_ms, step: step, into: &effects) { out in
            out.members(ofRejected: observation.fix, reason, newest: newest)
        }
    }

    mutating func identifyRejection(_ fix: Fix, _ reason: Rejection) {
        beginIdentity(.vehiclePositionRejected)
        identity.add(fix.time_ms)
        identity.add(Int64(fix.latitude_e7))
        identity.add(Int64(fix.longitude_e7))
        identity.add(reason.rawValue.utf8)
    }
}

extension [UInt8] {
    mutating func members(ofRejected fix: Fix, _ reason: Engine.Rejection, newest: Fix?) {
        member("reason", string: reason.rawValue)
        member("position", position: Place(fix))
        guard let newest, reason != .nullIsland else { return }
        member("newest_position", position: Place(newest))
        member("newest_time", time_ms: newest.time_ms)
        member("distance_m", newest.coordinate.distance_m(to: fix.coordinate), decimals: 1)
    }
}

extension Fix {
    init(_ report: Report) {
        var flags: Flags = []
        if report.fields.contains(.ignition) { flags = report.ignition ? .ignitionOn : .ignitionOff }
        self.init(
            time_ms: report.time_ms, latitude_e7: report.latitude_e7, longitude_e7: report.longitude_e7,
            accuracy_m: report.fields.contains(.accuracy) ? report.accuracy_m : nil,
            speed_kmh: report.fields.contains(.speed) ? report.speed_kmh : nil,
            heading_deg: report.fields.contains(.heading) ? report.heading_deg : nil, flags: flags)
    }
}

extension Sensors {
    /// Takes over what the report tells in these of its fields.
    mutating func update(_ report: Report, fields: ReportFields) {
        if fields.contains(.ignition) { ignition = report.ignition }
        if fields.contains(.fuel) { fuel_pct = report.fuel_pct }
        if fields.contains(.odometer) { odometer_km = report.odometer_km }
        if fields.contains(.engineHours) { engine_hours = report.engine_hours }
        if fields.contains(.battery) { battery_v = report.battery_v }
        if fields.contains(.coolant) { coolant_c = report.coolant_c }
        if fields.contains(.cargo) { cargo_c = report.cargo_c }
        if fields.contains(.door) { doorOpen = report.doorOpen }
    }
}

extension Track {
    /// What the observations behind one tell of sensors: the state keeps the newest value of each. O(n).
    fileprivate func fields(after index: Int) -> ReportFields {
        let fields: [(Observation.Contents, ReportFields)] = [
            (.ignition, .ignition), (.fuel, .fuel), (.odometer, .odometer), (.engineHours, .engineHours),
            (.battery, .battery), (.coolant, .coolant), (.cargo, .cargo), (.door, .door),
        ]
        let has = observations[(index + 1)...].reduce(into: Observation.Contents()) { $0.formUnion($1.has) }
        return fields.reduce(into: ReportFields()) { if has.contains($1.0) { $0.formUnion($1.1) } }
    }
}
