import Geo
import Telemetry
import Wire

/// Being heard: online, offline, and the retained state that tells of it.
extension Engine {
    /// The vehicle was heard: by a report that was not a duplicate.
    mutating func hear(_ slot: Int, reportTime_ms: Int64, step: Step, into effects: inout EffectBuffer) {
        let wasHeard = vehicles[slot].lastHeard_ms != Int64.min
        vehicles[slot].lastHeard_ms = step.receivedTime_ms
        if !wasHeard { armSilence(slot, step: step) }
        guard vehicles[slot].connectivity != .online else { return }
        // A tracker whose clock runs ahead was not heard in the future.
        let time_ms = min(reportTime_ms, step.receivedTime_ms)
        setOnline(slot, time_ms: time_ms, cause: reportTime_ms, step: step, into: &effects)
    }

    /// The tracker's own word, or its last will.
    mutating func applyStatus(
        slot: Int, isOnline: Bool, time_ms: Int64?, step: Step, into effects: inout EffectBuffer
    ) {
        take(slot)
        let wasHeard = vehicles[slot].lastHeard_ms != Int64.min
        if isOnline || !wasHeard { vehicles[slot].lastHeard_ms = step.receivedTime_ms }
        if !wasHeard { armSilence(slot, step: step) }
        let wanted: Connectivity = isOnline ? .online : .offline
        guard vehicles[slot].connectivity != wanted else { return }
        if isOnline {
            setOnline(slot, time_ms: time_ms ?? step.receivedTime_ms, cause: time_ms, step: step, into: &effects)
        } else {
            setOffline(
                slot, reason: "last_will", time_ms: time_ms ?? step.receivedTime_ms, cause: time_ms, step: step,
                into: &effects)
        }
    }

    private mutating func setOnline(
        _ slot: Int, time_ms: Int64, cause: Int64?, step: Step, into effects: inout EffectBuffer
    ) {
        let wasKnown = vehicles[slot].connectivity != .unknown
        vehicles[slot].connectivity = .online
        identifyChange(.vehicleOnline, slot: slot, cause: cause)
        let newest = vehicles[slot].newest
        emit(.vehicleOnline, slot: slot, time_ms: time_ms, step: step, into: &effects) { out in
            if let newest { out.member("position", position: Place(newest)) }
            if !wasKnown { out.member("initial", flag: true) }
        }
        markState(slot, step: step, atOnce: true)
    }

    private mutating func setOffline(
        _ slot: Int, reason: StaticString, time_ms: Int64, cause: Int64?, step: Step, into effects: inout EffectBuffer
    ) {
        vehicles[slot].connectivity = .offline
        identifyChange(.vehicleOffline, slot: slot, cause: cause)
        let newest = vehicles[slot].newest
        emit(.vehicleOffline, slot: slot, time_ms: time_ms, step: step, into: &effects) { out in
            out.member("reason", string: "\(reason)")
            guard let newest else { return }
            out.member("position", position: Place(newest))
            out.member("position_time", time_ms: newest.time_ms)
        }
        markState(slot, step: step, atOnce: true)
    }

    /// A change of connectivity is told by what the vehicle itself said: the time in the message where it has one, its
    /// newest fix, and how many changes followed that fix.
    private mutating func identifyChange(_ type: EventType, slot: Int, cause: Int64?) {
        beginIdentity(type)
        identity.add(cause ?? Int64.min)
        identity.add(vehicles[slot].newest?.time_ms ?? Int64.min)
        identity.add(Int64(vehicles[slot].changesSinceFix))
        vehicles[slot].changesSinceFix += 1
    }

    // MARK: - Silence

    private var offlineAfter_ms: Int64 { Int64(settings.offlineAfter_s) * 1000 }

    mutating func armSilence(_ slot: Int, step: Step) {
        let since_ms = max(vehicles[slot].lastHeard_ms, heardSince_ms)
        silence.arm(Int32(slot), deadline_ms: since_ms + offlineAfter_ms, now_ms: step.receivedTime_ms)
    }

    /// Takes over new rules. Where silence is judged otherwise, every vehicle is looked at anew: the timers that run
    /// were set by the old rule.
    mutating func change(to new: Settings, at now_ms: Int64) {
        let isSilenceChanged = new.offlineAfter_s != settings.offlineAfter_s
        settings = new
        guard isSilenceChanged else { return }
        silence = TimerWheel()
        for slot in vehicles.indices where vehicles[slot].lastHeard_ms != Int64.min {
            armSilence(slot, step: Step(ordinal: 0, receivedTime_ms: now_ms))
        }
    }

    /// Time passes: vehicles fall silent, states that were held back are published.
    mutating func tick(_ step: Step, into effects: inout EffectBuffer) {
        scratch.due.removeAll(keepingCapacity: true)
        silence.expire(upTo: step.receivedTime_ms, into: &scratch.due)
        for due in scratch.due {
            let slot = Int(due)
            let since_ms = max(vehicles[slot].lastHeard_ms, heardSince_ms)
            if vehicles[slot].connectivity == .online, since_ms + offlineAfter_ms <= step.receivedTime_ms {
                take(slot)
                setOffline(
                    slot, reason: "silence", time_ms: since_ms + offlineAfter_ms, cause: nil, step: step,
                    into: &effects)
            }
            // An offline vehicle stays armed too, early enough for any deadline that it will have once it is heard again.
            let isOnline = vehicles[slot].connectivity == .online
            silence.arm(
                due, deadline_ms: isOnline ? since_ms + offlineAfter_ms : step.receivedTime_ms + offlineAfter_ms / 2,
                now_ms: step.receivedTime_ms)
        }
        publishDueStates(step, into: &effects)
    }

    /// The feed was interrupted until now: silence is counted from here.
    mutating func resume(_ step: Step) { heardSince_ms = max(heardSince_ms, step.receivedTime_ms) }

    // MARK: - The retained state

    /// Something of the state changed: it is published with the next tick, but not more often than configured.
    mutating func markState(_ slot: Int, step: Step, atOnce: Bool = false) {
        guard writesStates else { return }
        let last_ms = vehicles[slot].statePublished_ms
        let due_ms =
            last_ms == Int64.min || atOnce ? step.receivedTime_ms : last_ms + Int64(settings.stateInterval_s) * 1000
        guard due_ms < vehicles[slot].stateDue_ms else { return }
        vehicles[slot].stateDue_ms = due_ms
        statePublication.arm(Int32(slot), deadline_ms: due_ms, now_ms: step.receivedTime_ms)
    }

    private mutating func publishDueStates(_ step: Step, into effects: inout EffectBuffer) {
        scratch.due.removeAll(keepingCapacity: true)
        statePublication.expire(upTo: step.receivedTime_ms, into: &scratch.due)
        for due in scratch.due {
            let slot = Int(due)
            // Published already, by an earlier timer.
            guard vehicles[slot].stateDue_ms != Int64.max else { continue }
            guard vehicles[slot].stateDue_ms <= step.receivedTime_ms else {
                statePublication.arm(due, deadline_ms: vehicles[slot].stateDue_ms, now_ms: step.receivedTime_ms)
                continue
            }
            vehicles[slot].stateDue_ms = Int64.max
            vehicles[slot].statePublished_ms = step.receivedTime_ms
            take(slot)
            emitState(slot, step: step, into: &effects)
        }
    }

    /// `state/vehicles/{vehicle}`: the latest position and state, retained.
    private mutating func emitState(_ slot: Int, step: Step, into effects: inout EffectBuffer) {
        writeVehicleID()
        let vehicle = vehicles[slot]
        let topic = effects.span { out in
            out.append(contentsOf: topicPrefix)
            out.append(ascii: "state/vehicles/")
            out.append(contentsOf: vehicleID)
        }
        let payload = effects.span { out in
            out.append(ascii: "{\"vehicle\":\"")
            out.append(contentsOf: vehicleJSON)
            out.append(ascii: "\"")
            out.member("state", string: vehicle.connectivity == .online ? "online" : "offline")
            if let group = groups.name(of: vehicle.group) { out.member("group", string: group) }
            if let newest = vehicle.newest {
                out.member("time", time_ms: newest.time_ms)
                out.member("position", position: Place(newest))
                if let speed_kmh = newest.speed_kmh { out.member("speed_kmh", speed_kmh, decimals: 1) }
                if let heading_deg = newest.heading_deg { out.member("heading_deg", heading_deg, decimals: 1) }
            }
            out.members(of: vehicle.sensors)
            out.member("geofences")
            out.append(ascii: "[")
            var isFirst = true
            for visit in vehicle.story.visits where visit.phase != .entering {
                guard let fence = fences.fence(at: visit.fence) else { continue }
                if !isFirst { out.append(ascii: ",") }
                isFirst = false
                out.appendJSON(string: fence.id)
            }
            out.append(ascii: "]")
            out.member("last_seen", time_ms: vehicle.lastHeard_ms)
            out.append(ascii: "}")
        }
        let id = effects.span { $0.append(contentsOf: vehicleID) }
        effects.effects.append(
            Effect(
                kind: .state, ordinal: step.ordinal, recordedTime_ms: step.receivedTime_ms, type: nil,
                id: Hash128(high: 0, low: 0), topic: topic,
                payload: payload, vehicle: id, correlation: 0..<0))
    }
}

extension [UInt8] {
    fileprivate mutating func members(of sensors: Sensors) {
        if let ignition = sensors.ignition { member("ignition", flag: ignition) }
        if let fuel_pct = sensors.fuel_pct { member("fuel_pct", Double(fuel_pct), decimals: 1) }
        if let odometer_km = sensors.odometer_km { member("odometer_km", odometer_km, decimals: 3) }
        if let engine_hours = sensors.engine_hours { member("engine_hours", engine_hours, decimals: 2) }
        if let battery_v = sensors.battery_v { member("battery_v", Double(battery_v), decimals: 2) }
        if let coolant_c = sensors.coolant_c { member("coolant_c", Double(coolant_c), decimals: 1) }
        if let cargo_c = sensors.cargo_c { member("cargo_c", Double(cargo_c), decimals: 1) }
        if let doorOpen = sensors.doorOpen { member("door_open", flag: doorOpen) }
    }
}
