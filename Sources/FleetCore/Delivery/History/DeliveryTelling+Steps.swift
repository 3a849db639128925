/// What each thing that happened changes.
extension DeliveryTelling {
    mutating func assign(_ facts: DeliveryFacts, _ piece: DeliveryEvidence) {
        let former = summary.facts
        let isMoved = former.map { $0.vehicle != facts.vehicle || $0.route != facts.route } ?? true
        let wasFinal = machine.state.isFinal
        let action = accepted(.assigned(isMoved: isMoved), piece.cause)
        guard action == .assign || action == .move else { return }
        if wasFinal { tellClosing() }
        if action == .move {
            let reason = Array("reassigned".utf8)
            tell(.deliveryUnassigned, piece.time_ms, cause: piece.cause) { $0.member("reason", text: reason) }
        }
        summary.facts = facts
        begin(assignment: piece.cause)
        summary.assigned_ms = piece.time_ms
        tell(.deliveryAssigned, piece.time_ms) { out in
            if let planned_ms = facts.plannedArrival_ms { out.member("planned_arrival", time_ms: planned_ms) }
        }
    }

    /// What was known of a former assignment is not of this one.
    mutating func begin(assignment: [UInt8]) {
        summary = DeliverySummary(facts: summary.facts, assignment: assignment, collections: summary.collections)
        closing = nil
    }

    mutating func setOut(_ time_ms: Int64, cause: [UInt8]?) {
        if accepted(.setOut, cause) == .setOut { tell(.deliveryEnRoute, time_ms) { _ in } }
    }

    mutating func arrive(
        _ time_ms: Int64, _ source: DeliveryMachine.Source, distance_m: Int64?, cause: [UInt8]?
    ) {
        guard case .arrive(let source) = accepted(.arrived(source), cause) else { return }
        tellArrival(time_ms, source, distance_m: distance_m)
    }

    mutating func tellArrival(
        _ time_ms: Int64, _ source: DeliveryMachine.Source, distance_m: Int64?
    ) {
        summary.arrivals += 1
        summary.arrived_ms = time_ms
        summary.serviceStarted_ms = nil
        summary.departed_ms = nil
        summary.departedKnown_ms = nil
        let planned_ms = summary.facts?.plannedArrival_ms
        tell(.deliveryArrived, time_ms, ordinal: summary.arrivals) { out in
            out.member("source", source)
            if let planned_ms { out.member("planned_arrival", time_ms: planned_ms) }
            if let distance_m { out.member("distance_m", count: distance_m) }
        }
    }

    mutating func serve(_ time_ms: Int64, _ source: DeliveryMachine.Source, cause: [UInt8]?) {
        switch accepted(.serviceStarted(source), cause) {
        case .arriveAndServe(let source): tellArrival(time_ms, source, distance_m: nil)
        case .serve: break
        default: return
        }
        summary.serviceStarted_ms = time_ms
        tell(.deliveryServiceStarted, time_ms, ordinal: summary.arrivals) { $0.member("source", source) }
    }

    mutating func depart(
        _ time_ms: Int64, known_ms: Int64, _ source: DeliveryMachine.Source, cause: [UInt8]?
    ) {
        guard case .depart(let source) = accepted(.departed(source), cause) else { return }
        // A departure that was proved late is not before the arrival.
        let time_ms = max(time_ms, summary.arrived_ms ?? time_ms)
        summary.departed_ms = time_ms
        summary.departedKnown_ms = known_ms
        let (arrived_ms, service_s) = (summary.arrived_ms, summary.service_s)
        tell(.deliveryDeparted, time_ms, ordinal: summary.arrivals) { out in
            if let arrived_ms { out.member("arrived", time_ms: arrived_ms) }
            if let service_s { out.member("service_s", count: service_s) }
            out.member("source", source)
        }
    }

    mutating func close(_ outcome: DeliveryOutcome, _ word: DriverWord, _ piece: DeliveryEvidence) {
        var next = Closing(
            outcome: outcome, time_ms: piece.time_ms, word: word, cause: piece.cause, place: place(of: word, piece))
        switch accepted(.outcome(outcome), piece.cause) {
        case .close, .correct: break
        case .amend:
            // The same said again: what it shows is taken over, the time stays.
            guard let former = closing, word.hasDetails else { return ignore(piece.cause, .repeated) }
            next.time_ms = former.time_ms
            next.place = former.place
            next.reschedule = former.reschedule
        case .dispute:
            next.isAfterCancellation = true
            closing = next
            return
        default: return
        }
        closing = next
        summary.ended_ms = next.time_ms
        summary.outcome = outcome
        if outcome == .failed, next.reschedule == nil, settings.rescheduleReasons.contains(word.reason),
            accepted(.rescheduleRequested, nil) == .reschedule
        {
            closing?.reschedule = (piece.time_ms, word.reason, word.window)
        }
    }

    mutating func reschedule(_ word: DriverWord, _ piece: DeliveryEvidence) {
        switch accepted(.rescheduleRequested, piece.cause) {
        case .failAndReschedule:
            closing = Closing(
                outcome: .failed, time_ms: piece.time_ms, word: word, cause: piece.cause,
                place: place(of: word, piece))
            summary.ended_ms = piece.time_ms
            summary.outcome = .failed
        case .reschedule, .amendReschedule: break
        default: return
        }
        closing?.reschedule = (piece.time_ms, word.reason, word.window)
    }
}
