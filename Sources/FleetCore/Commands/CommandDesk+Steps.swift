import Wire

/// The steps of a command's life.
extension CommandDesk {
    /// Something that happens to a command, as its event tells it.
    struct CommandStep {
        var type: EventType
        /// Why, as a word for programs.
        var reason: StaticString?
        var time_ms: Int64
        /// Why, in the words of whoever caused it.
        var words: [UInt8]?
        /// Who caused it, where it is not who asked for the command.
        var by: [UInt8]?
        /// The command that took its place.
        var supersededBy: DispatchID?
        /// What the vehicle answered.
        var answer: CommandResult.Status?

        init(
            _ type: EventType, _ reason: StaticString?, _ time_ms: Int64, words: [UInt8]? = nil, by: [UInt8]? = nil,
            supersededBy: DispatchID? = nil, answer: CommandResult.Status? = nil
        ) {
            self.type = type
            self.reason = reason
            self.time_ms = time_ms
            self.words = words
            self.by = by
            self.supersededBy = supersededBy
            self.answer = answer
        }
    }

    mutating func begin(
        _ id: DispatchID, _ request: CommandRequest, now_ms: Int64, rules: CommandRules,
        into actions: inout [DeskAction]
    ) {
        let command = OpenCommand(
            id: id, request: request, serial: nextSerial, requested_ms: now_ms,
            expires_ms: Self.expiry_ms(of: request, now_ms: now_ms, rules: rules),
            timeout_ms: request.timeout_s.map { $0 &* 1000 } ?? Int64(rules.timeout_s * 1000),
            retries: request.retries ?? Int64(rules.retries))
        if let known = open[id] {
            if known.request != request {
                actions.append(event(command, .init(.commandRefused, "id_reused", now_ms), rules: rules))
            }
            return
        }
        if let known = closedByID[id], known.content == request.content { return }
        nextSerial += 1
        // Before it can be refused for want of room: an engine that somebody wants to run must not be stopped.
        if request.command == .release { supersede(by: command, now_ms: now_ms, rules: rules, into: &actions) }
        let reason: StaticString? =
            if request.command == .immobilise, !rules.mayImmobilise(request.requestedBy) {
                "not_allowed"
            } else if ofVehicle[request.vehicle]?.count ?? 0 >= Int(rules.openOfVehicle) {
                "too_many_of_vehicle"
            } else if open.count >= Int(rules.openOfFleet) {
                "too_many_of_fleet"
            } else {
                nil
            }
        if let reason {
            close(command, .init(.commandRefused, reason, now_ms), rules: rules, into: &actions)
        } else if now_ms >= command.expires_ms {
            close(command, .init(.commandExpired, "too_late", now_ms), rules: rules, into: &actions)
        } else {
            add(command)
            attempt(id, now_ms: now_ms, rules: rules, isFirst: true, into: &actions)
        }
    }

    /// Sends an open command, if it may be. Whether it may is looked at anew each time.
    mutating func attempt(
        _ id: DispatchID, now_ms: Int64, rules: CommandRules, isFirst: Bool = false, into actions: inout [DeskAction]
    ) {
        guard var command = open[id] else { return }
        if command.request.command == .immobilise {
            guard rules.mayImmobilise(command.request.requestedBy) else {
                return close(command, .init(.commandRefused, "not_allowed", now_ms), rules: rules, into: &actions)
            }
            let view = InterlockView(sightings[command.request.vehicle], now_ms: now_ms, rules: rules)
            if let obstacle = view.obstacle {
                if isFirst || command.phase != .held {
                    command.phase = .held
                    command.deadline_ms = .max
                    open[id] = command
                    actions.append(event(command, .init(.commandHeld, obstacle.word, now_ms), rules: rules))
                }
                return
            }
        }
        supersede(by: command, now_ms: now_ms, rules: rules, into: &actions)
        command.attempt += 1
        command.phase = .sent
        command.deadline_ms = now_ms &+ command.timeout_ms
        open[id] = command
        actions.append(.command(vehicle: command.request.vehicle, id: id, payload: command.payload(issued_ms: now_ms)))
        actions.append(event(command, .init(.commandSent, nil, now_ms), rules: rules))
    }

    /// What undoes a command ends it, as far as it could be sent again; what was asked later stays.
    private mutating func supersede(
        by command: OpenCommand, now_ms: Int64, rules: CommandRules, into actions: inout [DeskAction]
    ) {
        guard let opposite = command.request.command.opposite else { return }
        for id in ofVehicle[command.request.vehicle] ?? [] {
            guard let other = open[id], other.request.command == opposite, other.serial < command.serial,
                other.mayBeSent
            else { continue }
            let step = CommandStep(.commandFailed, "superseded", now_ms, supersededBy: command.id)
            close(other, step, rules: rules, into: &actions)
        }
    }

    mutating func expireIfDue(_ id: DispatchID, now_ms: Int64, rules: CommandRules) -> [DeskAction] {
        guard let command = open[id], now_ms >= command.expires_ms else { return [] }
        var actions: [DeskAction] = []
        let reason: StaticString =
            switch command.phase {
            case .held: "held"
            case .sent: "no_answer"
            case .acknowledged: "not_done"
            }
        close(command, .init(.commandExpired, reason, now_ms), rules: rules, into: &actions)
        return actions
    }

    // MARK: - The lists

    private mutating func add(_ command: OpenCommand) {
        if closedByID.removeValue(forKey: command.id) != nil { closed.removeAll { $0.id == command.id } }
        open[command.id] = command
        ofVehicle[command.request.vehicle, default: []].append(command.id)
    }

    /// Ends a command, open or never opened, and tells so.
    mutating func close(
        _ command: OpenCommand, _ step: CommandStep, rules: CommandRules, into actions: inout [DeskAction]
    ) {
        actions.append(event(command, step, rules: rules))
        let vehicle = command.request.vehicle
        open[command.id] = nil
        ofVehicle[vehicle]?.removeAll { $0 == command.id }
        if ofVehicle[vehicle]?.isEmpty == true { ofVehicle[vehicle] = nil }
        let over = ClosedCommand(
            id: command.id, vehicle: vehicle, content: command.request.content, answer: step.answer)
        if closedByID.updateValue(over, forKey: command.id) != nil { closed.removeAll { $0.id == command.id } }
        closed.append(over)
        if closed.count > Self.closedMax { closedByID[closed.removeFirst().id] = nil }
    }

    private static func expiry_ms(of request: CommandRequest, now_ms: Int64, rules: CommandRules) -> Int64 {
        let latest_ms = now_ms &+ Int64(CommandRequest.expiryMax_s) * 1000
        return switch request.expiry {
        case .standard: now_ms &+ Int64(rules.expires_s * 1000)
        case .after(let seconds): min(now_ms &+ seconds &* 1000, latest_ms)
        case .at(let time_ms): min(time_ms, latest_ms)
        }
    }
}
