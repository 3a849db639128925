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
    /// of their times: a buffer that a tracker uploads newest first tells the same as one oldest first.
    mutating func applyReports(slot: Int, step: Step, into effects: inout EffectBuffer) {
        take(slot)
        scratch.reports.sortByTime()
        for index in scratch.reports.reports.indices {
            applyReport(scratch.reports.reports[index], slot: slot, step: step, into: &effects)
        }
    }

    private mutating func applyReport(
        _ report: Report, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        counters.reports += 1
        let fix = report.fields.contains(.position) ? Fix(report) : nil
        if let fix, let newest = vehicles[slot].newest, isDuplicate(fix, of: newest, slot: slot) {
            vehicles[slot].duplicateFixes += 1
            counters.duplicateFixes += 1
            return
        }
        let isBelievable = report.time_ms <= step.receivedTime_ms + Int64(settings.futureTolerance_s) * 1000
        hear(slot, reportTime_ms: report.time_ms, step: step, into: &effects)
        if isBelievable {
            vehicles[slot].sensors.update(report)
        } else if fix == nil {
            vehicles[slot].rejectedFixes += 1
            counters.rejectedFixes += 1
        }
        if let fix { applyFix(fix, slot: slot, step: step, into: &effects) }
        markState(slot, step: step)
    }

    private func isDuplicate(_ fix: Fix, of newest: Fix, slot: Int) -> Bool {
        if fix.time_ms > newest.time_ms { return false }
        if fix.time_ms == newest.time_ms { return fix.isAt(newest) }
        let fixes = vehicles[slot].track.fixes
        let index = vehicles[slot].track.index(of: fix.time_ms)
        return index < fixes.count && fixes[index].time_ms == fix.time_ms && fixes[index].isAt(fix)
    }

    private mutating func applyFix(_ fix: Fix, slot: Int, step: Step, into effects: inout EffectBuffer) {
        if fix.time_ms > step.receivedTime_ms + Int64(settings.futureTolerance_s) * 1000 {
            return reject(fix, .futureTime, slot: slot, step: step, into: &effects)
        }
        if fix.latitude_e7 == 0, fix.longitude_e7 == 0 {
            return reject(fix, .nullIsland, slot: slot, step: step, into: &effects)
        }
        guard let newest = vehicles[slot].newest else {
            return accept(fix, after: nil, slot: slot, step: step, into: &effects)
        }
        if fix.time_ms <= newest.time_ms {
            return placeLate(fix, newest: newest, slot: slot, step: step, into: &effects)
        }
        guard isTeleport(from: newest, to: fix) else {
            vehicles[slot].outlierRun = 0
            vehicles[slot].outlier = nil
            return accept(fix, after: newest, slot: slot, step: step, into: &effects)
        }
        if isRelocationProven(by: fix, slot: slot) {
            var relocated = fix
            relocated.flags.insert(.relocated)
            return accept(relocated, after: nil, slot: slot, step: step, into: &effects)
        }
        reject(fix, .teleport, slot: slot, step: step, into: &effects)
    }

    /// A late fix takes its place in the track and is counted; what was decided around it stays as it was.
    private mutating func placeLate(
        _ fix: Fix, newest: Fix, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        if newest.time_ms - fix.time_ms > Int64(settings.reorderWindow_s) * 1000 {
            return reject(fix, .olderThanWindow, slot: slot, step: step, into: &effects)
        }
        var late = fix
        late.flags.insert(.late)
        switch vehicles[slot].track.place(late, limit: settings.trackFixes) {
        case .placed, .beyondTrack, .duplicate:
            vehicles[slot].lateFixes += 1
            counters.lateFixes += 1
        case .conflict:
            reject(fix, .timeConflict, slot: slot, step: step, into: &effects)
        }
    }

    // MARK: - Teleports

    /// Faster than any vehicle, beyond what the accuracies explain.
    private func isTeleport(from: Fix, to: Fix) -> Bool {
        let slack_m = accuracy_m(of: from) + accuracy_m(of: to)
        let distance_m = from.coordinate.distance_m(to: to.coordinate) - slack_m
        guard distance_m > 0 else { return false }
        let elapsed_s = Double(to.time_ms - from.time_ms) / 1000
        return distance_m / elapsed_s * 3.6 > settings.maxSpeed_kmh
    }

    /// Rejected fixes in a row that agree among themselves prove that the vehicle is where they say: it was the older
    /// position that was wrong, or the vehicle was carried.
    private mutating func isRelocationProven(by fix: Fix, slot: Int) -> Bool {
        if let outlier = vehicles[slot].outlier, outlier.time_ms < fix.time_ms, !isTeleport(from: outlier, to: fix) {
            vehicles[slot].outlierRun = min(vehicles[slot].outlierRun, 254) + 1
        } else if vehicles[slot].outlier?.time_ms != fix.time_ms {
            vehicles[slot].outlierRun = 1
        }
        vehicles[slot].outlier = fix
        guard Int(vehicles[slot].outlierRun) >= settings.teleportConfirmFixes else { return false }
        vehicles[slot].outlier = nil
        vehicles[slot].outlierRun = 0
        return true
    }

    func accuracy_m(of fix: Fix) -> Double { fix.accuracy_m ?? settings.assumedAccuracy_m }

    // MARK: - Taking a fix in

    /// The fix becomes the vehicle's position. `previous` is the fix from which a straight line leads here, nil for the
    /// first of all and after a jump.
    private mutating func accept(
        _ fix: Fix, after previous: Fix?, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        let isFirst = vehicles[slot].newest == nil
        judgeFences(fix, previous: previous, isFirst: isFirst, slot: slot, step: step, into: &effects)
        vehicles[slot].newest = fix
        _ = vehicles[slot].track.place(fix, limit: settings.trackFixes)
        vehicles[slot].changesSinceFix = 0
        vehicles[slot].acceptedFixes += 1
        counters.acceptedFixes += 1
        index.update(vehicle: Int32(slot), latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7)
    }

    private mutating func reject(
        _ fix: Fix, _ reason: Rejection, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        vehicles[slot].rejectedFixes += 1
        counters.rejectedFixes += 1
        beginIdentity(.vehiclePositionRejected)
        identity.add(fix.time_ms)
        identity.add(Int64(fix.latitude_e7))
        identity.add(Int64(fix.longitude_e7))
        identity.add(reason.rawValue.utf8)
        let newest = vehicles[slot].newest
        emit(.vehiclePositionRejected, slot: slot, time_ms: fix.time_ms, step: step, into: &effects) { out in
            out.member("reason", string: reason.rawValue)
            out.member("position", position: Place(fix))
            guard let newest, reason != .nullIsland else { return }
            out.member("newest_position", position: Place(newest))
            out.member("newest_time", time_ms: newest.time_ms)
            out.member("distance_m", newest.coordinate.distance_m(to: fix.coordinate), decimals: 1)
        }
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
    /// Takes over what the report tells, unless something newer was told before.
    mutating func update(_ report: Report) {
        guard report.time_ms >= time_ms else { return }
        time_ms = report.time_ms
        let fields = report.fields
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
