import Wire

/// What the audit is told.
extension CommandDesk {
    /// Parameters longer than this are not repeated in events: a pushed geofence may be large.
    static let toldParametersMax_bytes = 4_096

    /// The event of one step. Its id follows from the command's id and content, the step and the attempt, so that it is the
    /// same whenever the step is told again.
    func event(_ command: OpenCommand, _ step: CommandStep, rules: CommandRules) -> DeskAction {
        let request = command.request
        // A hold is about the attempt that it holds back.
        let attempt = step.type == .commandHeld ? command.attempt + 1 : command.attempt
        var data: [UInt8] = []
        data.member("command", id: command.id)
        data.member("name", string: "\(request.command.word)")
        data.member("attempt")
        data.append(decimal: attempt)
        if let reason = step.reason { data.member("reason", string: "\(reason)") }
        if let words = step.words { data.member("detail", bytes: words) }
        if let by = step.by { data.member("cancelled_by", bytes: by) }
        if let supersededBy = step.supersededBy { data.member("superseded_by", id: supersededBy) }
        if let requestedBy = request.requestedBy { data.member("requested_by", bytes: requestedBy) }
        if let reason = request.reason { data.member("request_reason", bytes: reason) }
        data.member("requested", time_ms: command.requested_ms)
        data.member("expires", time_ms: command.expires_ms)
        if step.type == .commandSent, request.parameters.count <= Self.toldParametersMax_bytes {
            data.member("parameters")
            data.append(contentsOf: request.parameters)
        }
        // Of an answer the interlock has seen nothing: it was asked when the command was sent.
        if request.command == .immobilise, step.answer == nil, step.type != .commandAcknowledged {
            let sighting = sightings[request.vehicle]
            data.member(interlock: InterlockView(sighting, now_ms: step.time_ms, rules: rules))
        }
        var cause: [UInt8] = []
        cause.append(decimal: attempt)
        cause.append(UInt8(ascii: "/"))
        cause.append(hex: request.content.high)
        cause.append(hex: request.content.low)
        return .event(
            DeskEvent(
                type: step.type, subject: .command(command.id), vehicle: request.vehicle, time_ms: step.time_ms,
                cause: cause, data: data))
    }
}

extension [UInt8] {
    fileprivate mutating func member(_ name: StaticString, bytes: [UInt8]) {
        member(name)
        appendJSON(stringBytes: bytes.span)
    }
}
