import Telemetry
import Wire

extension Engine {
    /// Messages of a batch, each for one vehicle, in order. While one is worked on, the vehicles of the next ones are on
    /// their way from memory.
    mutating func apply(
        _ items: Span<WorkItem>, _ batch: MessageBatch, _ decoder: NativeDecoder, into effects: inout EffectBuffer
    ) {
        for index in 0..<items.count {
            if index + Self.bucketsAhead < items.count {
                table.prefetchBucket(of: items[index + Self.bucketsAhead].vehicleHash)
            }
            if index + Self.vehiclesAhead < items.count,
                let slot = table.likelySlot(of: items[index + Self.vehiclesAhead].vehicleHash)
            {
                table.prefetch(slot: slot)
                prefetch(slot: slot)
            }
            apply(items[index], batch, decoder, into: &effects)
        }
    }

    /// How many messages ahead the table is asked where a vehicle is, and how many ahead the vehicle itself is fetched.
    private static var bucketsAhead: Int { 8 }
    private static var vehiclesAhead: Int { 4 }

    /// One message of a batch for one vehicle.
    private mutating func apply(
        _ item: WorkItem, _ batch: MessageBatch, _ decoder: NativeDecoder, into effects: inout EffectBuffer
    ) {
        let header = batch.header(at: Int(item.index))
        let step = Step(ordinal: item.ordinal, receivedTime_ms: header.receivedTime_ms)
        let payload = batch.bytes.span.extracting(header.payload)
        let start = Int(item.vehicleStart)
        let id = batch.bytes.span.extracting(start..<(start + Int(item.vehicleCount)))
        switch item.kind {
        case .reports:
            scratch.reports.removeAll()
            do { try decoder.decode(payload, into: &scratch.reports) } catch {
                let fault = Fault(
                    reason: error.reason.rawValue, detail: error.description, offset: error.offset)
                return deadLetter(fault, batch, item, step: step, into: &effects)
            }
            if !scratch.reports.problems.isEmpty { refuseReports(batch, item, step: step, into: &effects) }
            if scratch.reports.hasIdentities { refuseOthers(than: id, nil, batch, item, step: step, into: &effects) }
            if scratch.reports.reports.isEmpty { return }
            guard let slot = admit(id, item, batch, step: step, into: &effects) else { return }
            let before = vehicles[slot].newest
            applyReports(of: payload, slot: slot, step: step, into: &effects)
            watchPosition(slot, before: before, step: step, into: &effects)
        case .status:
            // A retained status that is cleared says nothing of the vehicle.
            if payload.isEmpty { return }
            do {
                let status = try StatusDecoder().decode(payload)
                guard let slot = admit(id, item, batch, step: step, into: &effects) else { return }
                // A broker repeats what it retained to every new subscription: that is no sign of life of a vehicle which
                // is known.
                if header.isRetained, status.isOnline, vehicles[slot].connectivity != .unknown { return }
                applyStatus(
                    slot: slot, isOnline: status.isOnline, time_ms: status.time_ms, step: step, into: &effects)
                lastHeard_ms = max(lastHeard_ms, vehicles[slot].lastHeard_ms)
            } catch {
                let fault = Fault(
                    reason: error.reason.rawValue, detail: error.description, offset: error.offset)
                deadLetter(fault, batch, item, step: step, into: &effects)
            }
        case .vehicleRecord:
            register(id, payload, item, batch, step: step, into: &effects)
        case .driverAction:
            applyDriverAction(id, payload, item, batch, step: step, into: &effects)
        case .adapted:
            fatalError("Engine: messages of adapters have a way of their own")
        case .control:
            fatalError("Engine: a control is the shard's work, not the engine's")
        }
    }

    /// The reports of the payload that cannot be used.
    mutating func refuseReports(
        _ batch: MessageBatch, _ item: WorkItem, step: Step, into effects: inout EffectBuffer
    ) {
        let faults = scratch.reports.problems.map {
            Fault(reason: $0.reason.rawValue, detail: $0.description, offset: $0.offset)
        }
        for fault in Fault.limited(faults) { deadLetter(fault, batch, item, step: step, into: &effects) }
    }

    mutating func deadLetter(
        _ fault: Fault, _ batch: MessageBatch, _ item: WorkItem, step: Step, into effects: inout EffectBuffer
    ) {
        counters.deadLetters += 1
        effects.appendDeadLetter(
            fault, fleet: fleet, topicPrefix: topicPrefix, message: MessageView(batch, Int(item.index)), step: step)
    }

    /// The slot of a vehicle, which is new where it was never seen; nil, with a dead letter, where it may not come in.
    mutating func admit(
        _ id: Span<UInt8>, _ item: WorkItem, _ batch: MessageBatch, step: Step, into effects: inout EffectBuffer
    ) -> Int? {
        let slot = table.slot(of: id, hash: item.vehicleHash)
        if settings.registeredOnly, slot.map({ vehicles[$0].isRegistered }) != true {
            let fault = Fault(
                reason: "unregistered_vehicle",
                detail: "the vehicle is not announced on dispatch/vehicles/{vehicle}, and rules.registered_only is set")
            deadLetter(fault, batch, item, step: step, into: &effects)
            return nil
        }
        return slot ?? addVehicle(id, item, batch, step: step, into: &effects)
    }

    private mutating func addVehicle(
        _ id: Span<UInt8>, _ item: WorkItem, _ batch: MessageBatch, step: Step, into effects: inout EffectBuffer
    ) -> Int? {
        guard table.count < settings.maxVehicles else {
            let fault = Fault(
                reason: "too_many_vehicles",
                detail: "the fleet has \(table.count) vehicles on this shard, the most allowed"
            )
            deadLetter(fault, batch, item, step: step, into: &effects)
            return nil
        }
        vehicles.append(Vehicle())
        let slot = table.add(id, hash: item.vehicleHash)
        if !awaitedHandles.isEmpty { takeAwaitedHandle(slot) }
        return slot
    }

    /// `dispatch/vehicles/{vehicle}`: the vehicle is announced, with its group; an empty payload takes that back.
    private mutating func register(
        _ id: Span<UInt8>, _ payload: Span<UInt8>, _ item: WorkItem, _ batch: MessageBatch, step: Step,
        into effects: inout EffectBuffer
    ) {
        if payload.isEmpty {
            guard let slot = table.slot(of: id, hash: item.vehicleHash) else { return }
            vehicles[slot].isRegistered = false
            vehicles[slot].group = -1
            forgetRules(of: slot)
            return
        }
        do {
            let node = try JSONNode.parse(payload)
            guard node.object != nil else {
                let fault = Fault(reason: "wrong_type", detail: "a vehicle's record is a JSON object", offset: 0)
                return deadLetter(fault, batch, item, step: step, into: &effects)
            }
            let group = node["group"]
            if let group, group.string == nil, !group.isNull {
                let fault = Fault(reason: "wrong_type", detail: "group is a string", offset: group.offset)
                return deadLetter(fault, batch, item, step: step, into: &effects)
            }
            let known = table.slot(of: id, hash: item.vehicleHash)
            guard let slot = known ?? addVehicle(id, item, batch, step: step, into: &effects) else { return }
            vehicles[slot].isRegistered = true
            vehicles[slot].group = group?.string.map { groups.number(of: $0) } ?? -1
            forgetRules(of: slot)
            if vehicles[slot].lastHeard_ms != Int64.min { markState(slot, step: step) }
        } catch {
            let fault = Fault(reason: "json_syntax", detail: "\(error.reason)", offset: error.offset)
            deadLetter(fault, batch, item, step: step, into: &effects)
        }
    }
}
