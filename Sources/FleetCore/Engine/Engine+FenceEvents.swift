import Geo
import Wire

extension [UInt8] {
    /// What every geofence event says of its fence.
    fileprivate mutating func members(of fence: Geofence) {
        member("geofence", string: fence.id)
        if !fence.name.isEmpty { member("geofence_name", string: fence.name) }
        member("geofence_kind", string: fence.kind.rawValue)
    }

    fileprivate mutating func motion(of fix: Fix) {
        if let speed_kmh = fix.speed_kmh { member("speed_kmh", speed_kmh, decimals: 1) }
        if let heading_deg = fix.heading_deg { member("heading_deg", heading_deg, decimals: 1) }
    }
}

extension Engine {
    private mutating func beginFenceIdentity(_ type: EventType, _ fence: Geofence) {
        beginIdentity(type)
        identity.add(fence.id.utf8)
    }

    mutating func emitEntered(
        _ visit: Visit, _ fence: Geofence, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        beginFenceIdentity(.geofenceEntered, fence)
        identity.add(visit.entered_ms)
        tell(.geofenceEntered, subject: fence.id, slot: slot, time_ms: visit.entered_ms, step: step, into: &effects) {
            out in
            out.members(of: fence)
            out.member("position", position: Place(visit.runStart))
            out.motion(of: visit.runStart)
            if visit.isInitial { out.member("initial", flag: true) }
        }
    }

    /// `at` is where and when the visit ended.
    mutating func emitExited(
        _ visit: Visit, _ fence: Geofence, at fix: Fix, reason: StaticString?, slot: Int, step: Step,
        into effects: inout EffectBuffer
    ) {
        beginFenceIdentity(.geofenceExited, fence)
        identity.add(visit.entered_ms)
        identity.add(fix.time_ms)
        tell(.geofenceExited, subject: fence.id, slot: slot, time_ms: fix.time_ms, step: step, into: &effects) { out in
            out.members(of: fence)
            out.member("position", position: Place(fix))
            out.motion(of: fix)
            out.member("entered_time", time_ms: visit.entered_ms)
            out.member("duration_s", Double(fix.time_ms - visit.entered_ms) / 1000, decimals: 3)
            if let reason { out.member("reason", string: "\(reason)") }
        }
    }

    mutating func emitDwelled(
        _ visit: Visit, _ fence: Geofence, _ fix: Fix, time_ms: Int64, slot: Int, step: Step,
        into effects: inout EffectBuffer
    ) {
        beginFenceIdentity(.geofenceDwelled, fence)
        identity.add(visit.entered_ms)
        tell(.geofenceDwelled, subject: fence.id, slot: slot, time_ms: time_ms, step: step, into: &effects) { out in
            out.members(of: fence)
            out.member("position", position: Place(fix))
            out.member("entered_time", time_ms: visit.entered_ms)
            out.member("dwell_s", Double(time_ms - visit.entered_ms) / 1000, decimals: 3)
        }
    }

    /// `prohibited_entered` or `outside_hours`: one a visit and period of the schedule.
    mutating func emitAlarm(
        _ type: EventType, _ fence: Geofence, entered_ms: Int64, at fix: Fix, slot: Int, step: Step,
        into effects: inout EffectBuffer
    ) {
        beginFenceIdentity(type, fence)
        identity.add(entered_ms)
        identity.add(fix.time_ms)
        tell(type, subject: fence.id, slot: slot, time_ms: fix.time_ms, step: step, into: &effects) { out in
            out.members(of: fence)
            out.member("position", position: Place(fix))
            out.motion(of: fix)
            out.member("entered_time", time_ms: entered_ms)
        }
    }

    mutating func emitCrossed(
        _ crossing: FenceCrossing, _ fence: Geofence, from: Fix, to: Fix, slot: Int, step: Step,
        into effects: inout EffectBuffer
    ) {
        let entry = Fix.interpolated(from: from, to: to, fraction: crossing.enterFraction)
        let exit = Fix.interpolated(from: from, to: to, fraction: crossing.exitFraction)
        beginFenceIdentity(.geofenceCrossed, fence)
        identity.add(from.time_ms)
        identity.add(to.time_ms)
        tell(.geofenceCrossed, subject: fence.id, slot: slot, time_ms: entry.time_ms, step: step, into: &effects) {
            out in
            out.members(of: fence)
            out.member("position", position: Place(entry))
            out.member("exit_position", position: Place(exit))
            out.member("exit_time", time_ms: exit.time_ms)
            out.member("chord_m", crossing.chord_m, decimals: 1)
            out.member("from_time", time_ms: from.time_ms)
            out.member("to_time", time_ms: to.time_ms)
        }
        guard fence.kind == .noGo, fence.schedule?.isOpen(at: entry.time_ms) ?? true else { return }
        emitAlarm(
            .geofenceProhibitedEntered, fence, entered_ms: entry.time_ms, at: entry, slot: slot, step: step,
            into: &effects)
    }
}

extension Fix {
    /// The point of the straight line between two fixes at a fraction of it, the short way round the earth.
    static func interpolated(from: Fix, to: Fix, fraction: Double) -> Fix {
        var east = Int64(to.longitude_e7) - Int64(from.longitude_e7)
        if east > 1_800_000_000 { east -= 3_600_000_000 }
        if east < -1_800_000_000 { east += 3_600_000_000 }
        let north = Double(to.latitude_e7) - Double(from.latitude_e7)
        var longitude = Int64(from.longitude_e7) + Int64((Double(east) * fraction).rounded())
        if longitude > 1_800_000_000 { longitude -= 3_600_000_000 }
        if longitude < -1_800_000_000 { longitude += 3_600_000_000 }
        return Fix(
            time_ms: from.time_ms + Int64((Double(to.time_ms - from.time_ms) * fraction).rounded()),
            latitude_e7: Int32((Double(from.latitude_e7) + north * fraction).rounded()),
            longitude_e7: Int32(longitude))
    }
}
