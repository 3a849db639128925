import Wire

extension Desk {
    /// Does what parts of the desk want done.
    mutating func perform(_ actions: [DeskAction], step: Engine.Step, into effects: inout EffectBuffer) {
        for action in actions {
            switch action {
            case .event(let event):
                emit(event, step: step, into: &effects)
            case .messageRequest(let event, let priority, let expires_ms):
                emit(event, expires_ms: expires_ms, step: step, into: &effects) { out in
                    out.append(ascii: "sms/requests/")
                    out.append(ascii: priority.name)
                }
            case .command(let vehicle, let id, let payload):
                send(payload, as: id, to: vehicle, step: step, into: &effects)
            }
        }
    }

    /// Writes an event on its topic.
    mutating func emit(_ event: DeskEvent, step: Engine.Step, into effects: inout EffectBuffer) {
        emit(event, expires_ms: nil, step: step, into: &effects) { out in
            out.append(ascii: "events/")
            out.append(ascii: event.type.group)
            out.append(ascii: "/")
            out.append(ascii: event.type.name)
        }
    }

    private mutating func emit(
        _ event: DeskEvent, expires_ms: Int64?, step: Engine.Step, into effects: inout EffectBuffer,
        topic: (inout [UInt8]) -> Void
    ) {
        sequence += 1
        counters.events[Int(event.type.rawValue)] += 1
        let head = EventHead(
            type: event.type, id: event.identity(fleet: fleet), time_ms: event.time_ms,
            recordedTime_ms: step.receivedTime_ms, sequence: sequence, isLate: event.isLate,
            corrects: event.corrects, expires_ms: expires_ms)
        let subject = Engine.jsonContent(event.subject.id.bytes)
        let vehicle = event.vehicle.map { Engine.jsonContent($0.bytes) }
        let topicBytes = effects.span { out in
            out.append(contentsOf: topicPrefix)
            topic(&out)
        }
        let payload = effects.span { out in
            out.openEnvelope(
                head, fleet: fleetJSON, kind: event.subject.kind, id: subject, partitionKey: vehicle ?? subject)
            if let vehicle {
                out.append(ascii: "\"vehicle\":\"")
                out.append(contentsOf: vehicle)
                out.append(ascii: "\"")
                out.append(contentsOf: event.data)
            } else {
                // The members come with a comma before each.
                out.append(contentsOf: event.data.dropFirst())
            }
            out.closeCloudEvent()
        }
        effects.effects.append(
            Effect(
                kind: .event, ordinal: step.ordinal, recordedTime_ms: step.receivedTime_ms, type: event.type,
                id: head.id, topic: topicBytes, payload: payload, vehicle: topicBytes, correlation: 0..<0))
    }

    private func send(
        _ command: [UInt8], as id: DispatchID, to vehicle: DispatchID, step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        let topic = effects.span { out in
            out.append(contentsOf: topicPrefix)
            out.append(ascii: "vehicles/")
            out.append(contentsOf: vehicle.bytes)
            out.append(ascii: "/commands/")
            out.append(contentsOf: id.bytes)
        }
        append(.command, topic: topic, payload: effects.span { $0.append(contentsOf: command) }, step, to: &effects)
    }

    /// The latest state of a stop, on its retained topic; without a payload it is taken away.
    func publishState(
        of stop: DispatchID, step: Engine.Step, into effects: inout EffectBuffer, payload: (inout [UInt8]) -> Void
    ) {
        guard writesStates else { return }
        let topic = effects.span { out in
            out.append(contentsOf: topicPrefix)
            out.append(ascii: "state/stops/")
            out.append(contentsOf: stop.bytes)
        }
        append(.state, topic: topic, payload: effects.span(payload), step, to: &effects)
    }

    func append(
        _ kind: EffectKind, topic: Range<Int>, payload: Range<Int>, _ step: Engine.Step, to effects: inout EffectBuffer
    ) {
        effects.effects.append(
            Effect(
                kind: kind, ordinal: step.ordinal, recordedTime_ms: step.receivedTime_ms, type: nil,
                id: Hash128(high: 0, low: 0), topic: topic, payload: payload, vehicle: topic, correlation: 0..<0))
    }

    /// Something that was taken up could not be used after all.
    mutating func refuse(
        _ fault: Fault, topic: [UInt8], payload: [UInt8], step: Engine.Step, into effects: inout EffectBuffer
    ) {
        var batch = MessageBatch()
        batch.append(receivedTime_ms: step.receivedTime_ms, topic: topic, payload: payload)
        counters.deadLetters += 1
        effects.appendDeadLetter(
            fault, fleet: fleet, topicPrefix: topicPrefix, message: MessageView(batch, 0), step: step)
    }
}
