import Geo
import Telemetry
import Wire

/// Being heard: online and offline.
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
}
