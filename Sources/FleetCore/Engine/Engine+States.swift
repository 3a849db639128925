import CPlatform
import Geo
import Telemetry
import Wire

/// The retained state of a vehicle, `state/vehicles/{vehicle}`: what of it is known now.
extension Engine {
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

    /// Writes the states that are due with this tick, in the order that `StateEffect` names.
    mutating func publishDueStates(_ step: Step, into effects: inout EffectBuffer) {
        scratch.due.removeAll(keepingCapacity: true)
        statePublication.expire(upTo: step.receivedTime_ms, into: &scratch.due)
        guard !scratch.due.isEmpty else { return }
        scratch.dueStates.removeAll(keepingCapacity: true)
        for (index, due) in scratch.due.enumerated() {
            if index + Self.statesAhead < scratch.due.count {
                prefetch(slot: Int(scratch.due[index + Self.statesAhead]))
            }
            let slot = Int(due)
            let due_ms = vehicles[slot].stateDue_ms
            // Published already, by an earlier timer.
            guard due_ms != Int64.max else { continue }
            guard due_ms <= step.receivedTime_ms else {
                statePublication.arm(due, deadline_ms: due_ms, now_ms: step.receivedTime_ms)
                continue
            }
            vehicles[slot].stateDue_ms = Int64.max
            vehicles[slot].statePublished_ms = step.receivedTime_ms
            scratch.dueStates.append(HashedVehicle(hash: table.hash(of: slot), slot: due))
        }
        scratch.hashOrder.sort(&scratch.dueStates) { [table] left, right in
            table.id(of: Int(left)).lexicographicallyPrecedes(table.id(of: Int(right)))
        }
        for index in scratch.dueStates.indices {
            if index + Self.statesAhead < scratch.dueStates.count {
                prefetch(slot: Int(scratch.dueStates[index + Self.statesAhead].slot))
            }
            writeState(scratch.dueStates[index], step: step, into: &effects)
        }
    }

    /// Writes the states of the vehicles from slot `first` on, at most `count`, as they are now, due or not: for whoever
    /// begins to show them. Changes nothing.
    func writeAllStates(from first: Int, count: Int, into effects: inout EffectBuffer) {
        let step = Step(ordinal: 0, receivedTime_ms: 0)
        for slot in first..<min(vehicles.count, first + count) {
            writeState(HashedVehicle(hash: table.hash(of: slot), slot: Int32(slot)), step: step, into: &effects)
        }
    }

    /// So many states ahead a vehicle is fetched from memory: about as long as that takes.
    private static var statesAhead: Int { 6 }

    private func writeState(_ due: HashedVehicle, step: Step, into effects: inout EffectBuffer) {
        let slot = Int(due.slot)
        let id = table.ids.span.extracting(table.range(of: slot))
        let start = effects.bytes.count
        let topicCount = stateTopic.count + id.count
        effects.bytes.append(atMost: topicCount + stateMax(slot, idCount: id.count)) { out in
            out.write(stateTopic.span)
            out.write(id)
            writeStatePayload(slot, id, to: &out)
        }
        effects.states.append(
            StateEffect(
                hash: due.hash, recordedTime_ms: step.receivedTime_ms, ordinal: step.ordinal, start: Int32(start),
                topicCount: Int32(topicCount), vehicleCount: Int32(id.count),
                payloadCount: Int32(effects.bytes.count - start - topicCount)))
    }

    /// The most bytes that the payload takes: its fixed parts, and what its texts may become in JSON.
    private func stateMax(_ slot: Int, idCount: Int) -> Int {
        var most = 1024 + TextWriter.jsonMax(idCount)
        if let group = groups.name(of: vehicles[slot].group) { most += TextWriter.jsonMax(group.utf8.count) }
        for visit in vehicles[slot].story.visits {
            most += 3 + TextWriter.jsonMax((fences.id(at: visit.fence)?.utf8.count ?? 0))
        }
        return most
    }

    private func writeStatePayload(_ slot: Int, _ id: Span<UInt8>, to out: inout TextWriter) {
        out.write("{\"vehicle\":\"")
        out.write(jsonContent: id)
        if vehicles[slot].connectivity == .online {
            out.write("\",\"state\":\"online\"")
        } else {
            out.write("\",\"state\":\"offline\"")
        }
        if let group = groups.name(of: vehicles[slot].group) {
            out.write(",\"group\":")
            out.write(json: group)
        }
        if let newest = vehicles[slot].newest { out.write(stateOf: newest) }
        if isLost(slot), let position = manualPosition(of: slot) { out.write(manualPosition: position) }
        out.write(stateOf: vehicles[slot].sensors)
        out.write(",\"geofences\":[")
        var isFirst = true
        for visit in vehicles[slot].story.visits where visit.phase != .entering {
            guard let fence = fences.id(at: visit.fence) else { continue }
            if !isFirst { out.write(UInt8(ascii: ",")) }
            isFirst = false
            out.write(json: fence)
        }
        out.write("],\"last_seen\":\"")
        out.write(time_ms: vehicles[slot].lastHeard_ms)
        out.write("\"}")
    }
}

extension TextWriter {
    fileprivate mutating func write(stateOf newest: Fix) {
        write(",\"time\":\"")
        write(time_ms: newest.time_ms)
        write("\",\"position\":{\"lat\":")
        write(fixed: Int64(newest.latitude_e7), decimals: 7)
        write(",\"lon\":")
        write(fixed: Int64(newest.longitude_e7), decimals: 7)
        if newest.accuracy_dm != .max {
            write(",\"accuracy_m\":")
            write(fixed: Int64(newest.accuracy_dm), decimals: 1)
        }
        write(UInt8(ascii: "}"))
        if newest.speed_dkmh != .max {
            write(",\"speed_kmh\":")
            write(fixed: Int64(newest.speed_dkmh), decimals: 1)
        }
        if newest.heading_ddeg != .max {
            write(",\"heading_deg\":")
            write(fixed: Int64(newest.heading_ddeg), decimals: 1)
        }
    }

    fileprivate mutating func write(manualPosition position: ManualPosition) {
        write(",\"manual_position\":{\"lat\":")
        write(fixed: Int64(position.latitude_e7), decimals: 7)
        write(",\"lon\":")
        write(fixed: Int64(position.longitude_e7), decimals: 7)
        write(",\"time\":\"")
        write(time_ms: position.time_ms)
        write("\"}")
    }

    fileprivate mutating func write(stateOf sensors: borrowing Sensors) {
        if let ignition = sensors.ignition { member(",\"ignition\":", ignition) }
        if let fuel_pct = sensors.fuel_pct { member(",\"fuel_pct\":", Double(fuel_pct), decimals: 1) }
        if let odometer_km = sensors.odometer_km { member(",\"odometer_km\":", odometer_km, decimals: 3) }
        if let engine_hours = sensors.engine_hours { member(",\"engine_hours\":", engine_hours, decimals: 2) }
        if let battery_v = sensors.battery_v { member(",\"battery_v\":", Double(battery_v), decimals: 2) }
        if let coolant_c = sensors.coolant_c { member(",\"coolant_c\":", Double(coolant_c), decimals: 1) }
        if let cargo_c = sensors.cargo_c { member(",\"cargo_c\":", Double(cargo_c), decimals: 1) }
        if let doorOpen = sensors.doorOpen { member(",\"door_open\":", doorOpen) }
    }

    @inline(__always)
    private mutating func member(_ name: StaticString, _ flag: Bool) {
        write(name)
        if flag { write("true") } else { write("false") }
    }

    /// A quantity rounded to `decimals`; nothing where it is not finite.
    @inline(__always)
    private mutating func member(_ name: StaticString, _ value: Double, decimals: Int) {
        guard value.isFinite, abs(value) < 1e14 else { return }
        let scale: Double = decimals == 1 ? 10 : decimals == 2 ? 100 : 1000
        write(name)
        write(fixed: Int64((value * scale).rounded()), decimals: decimals)
    }
}
