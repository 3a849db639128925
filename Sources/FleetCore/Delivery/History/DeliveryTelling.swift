import Geo
import Wire

/// Runs the machine over what is known of a delivery, in its order, and collects what is to be told.
struct DeliveryTelling: ~Copyable {
    let stop: DispatchID
    let settings: DeliverySettings
    let evidence: [DeliveryEvidence]
    let seen: [StopSeen]
    /// Where words were said that do not tell it, by their cause.
    let places: [WordSpot]

    var machine = DeliveryMachine()
    var summary = DeliverySummary()
    var milestones: [Milestone] = []
    var ignored: [(cause: [UInt8], reason: DeliveryMachine.Ignored)] = []
    /// The driver's word that ends it, as it stands.
    var closing: Closing?

    struct Closing {
        var outcome: DeliveryOutcome
        var time_ms: Int64
        var word: DriverWord
        var cause: [UInt8]
        var place: WordPlace?
        /// The request to try again, where there is one.
        var reschedule: (time_ms: Int64, reason: [UInt8], window: TimeWindow?)?
        var isAfterCancellation = false
    }

    init(
        stop: DispatchID, settings: DeliverySettings, evidence: [DeliveryEvidence], seen: [StopSeen],
        places: [WordSpot]
    ) {
        self.stop = stop
        self.settings = settings
        self.evidence = evidence
        self.seen = seen
        self.places = places
        for moment in DeliveryTimeline.moments(evidence: evidence, seen: seen) { take(moment) }
        tellClosing()
        summary.state = machine.state
        // In order of time; what happened at one time in the order in which it was found.
        milestones = milestones.enumerated()
            .sorted { ($0.element.time_ms, $0.offset) < ($1.element.time_ms, $1.offset) }.map(\.element)
    }

    private mutating func take(_ moment: DeliveryMoment) {
        switch moment.what {
        case .evidence(let index): take(evidence[index])
        case .setOut:
            if isOwn(moment.vehicle) { setOut(moment.time_ms, cause: nil) }
        case .arrived(let visit):
            guard isOwn(moment.vehicle) else { return }
            // A later visit is not for a delivery that had ended.
            if let ended_ms = summary.ended_ms, machine.state.isFinal, moment.time_ms > ended_ms { return }
            arrive(moment.time_ms, .fix, distance_m: visit.arrivalDistance_m, cause: nil)
        case .served:
            if isOwn(moment.vehicle) { serve(moment.time_ms, .fix, cause: nil) }
        case .left:
            if isOwn(moment.vehicle) { depart(moment.time_ms, known_ms: moment.key_ms, .fix, cause: nil) }
        }
    }

    private func isOwn(_ vehicle: DispatchID?) -> Bool { vehicle == (closing?.word.vehicle ?? summary.facts?.vehicle) }

    private mutating func take(_ piece: DeliveryEvidence) {
        switch piece.kind {
        case .assigned(let facts): assign(facts, piece)
        case .amended(let facts):
            if summary.facts?.vehicle == facts.vehicle, !machine.state.isFinal { summary.facts = facts }
        case .unassigned(let reason):
            guard accepted(.unassigned, piece.cause) == .unassign else { return }
            tell(.deliveryUnassigned, piece.time_ms, cause: piece.cause) { $0.member("reason", text: reason) }
            begin(assignment: piece.cause)
        case .cancelled(let reason):
            guard accepted(.cancelled, piece.cause) == .cancel else { return }
            summary.ended_ms = piece.time_ms
            tell(.deliveryCancelled, piece.time_ms, cause: piece.cause) { $0.member("reason", text: reason) }
        case .loaded(let vehicle, let items):
            guard isOwn(vehicle) else { return ignore(piece.cause, .otherVehicle) }
            guard accepted(.loaded, piece.cause) == .load else { return }
            let items = items.isEmpty ? summary.facts?.items ?? [] : items
            tell(.deliveryLoaded, piece.time_ms) { $0.member("items", goods: items) }
        case .setOut(let vehicle):
            guard isOwn(vehicle) else { return ignore(piece.cause, .otherVehicle) }
            setOut(piece.time_ms, cause: piece.cause)
        case .word(let word): take(word, piece)
        }
    }

    private mutating func take(_ word: DriverWord, _ piece: DeliveryEvidence) {
        if let outcome = word.outcome(ordered: summary.facts?.items ?? []) { return close(outcome, word, piece) }
        guard isOwn(word.vehicle) else {
            return ignore(piece.cause, machine.state == .planned ? .notAssigned : .otherVehicle)
        }
        switch word.kind {
        case .arrived:
            arrive(piece.time_ms, .driver, distance_m: distance_m(of: place(of: word, piece)), cause: piece.cause)
        case .serviceStarted: serve(piece.time_ms, .driver, cause: piece.cause)
        case .departed: depart(piece.time_ms, known_ms: piece.time_ms, .driver, cause: piece.cause)
        default: reschedule(word, piece)
        }
    }

    // MARK: - Steps

    private mutating func assign(_ facts: DeliveryFacts, _ piece: DeliveryEvidence) {
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
    private mutating func begin(assignment: [UInt8]) {
        summary = DeliverySummary(facts: summary.facts, assignment: assignment, collections: summary.collections)
        closing = nil
    }

    private mutating func setOut(_ time_ms: Int64, cause: [UInt8]?) {
        if accepted(.setOut, cause) == .setOut { tell(.deliveryEnRoute, time_ms) { _ in } }
    }

    private mutating func arrive(
        _ time_ms: Int64, _ source: DeliveryMachine.Source, distance_m: Int64?, cause: [UInt8]?
    ) {
        guard case .arrive(let source) = accepted(.arrived(source), cause) else { return }
        tellArrival(time_ms, source, distance_m: distance_m)
    }

    private mutating func tellArrival(
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

    private mutating func serve(_ time_ms: Int64, _ source: DeliveryMachine.Source, cause: [UInt8]?) {
        switch accepted(.serviceStarted(source), cause) {
        case .arriveAndServe(let source): tellArrival(time_ms, source, distance_m: nil)
        case .serve: break
        default: return
        }
        summary.serviceStarted_ms = time_ms
        tell(.deliveryServiceStarted, time_ms, ordinal: summary.arrivals) { $0.member("source", source) }
    }

    private mutating func depart(
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

    private mutating func close(_ outcome: DeliveryOutcome, _ word: DriverWord, _ piece: DeliveryEvidence) {
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

    private mutating func reschedule(_ word: DriverWord, _ piece: DeliveryEvidence) {
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

    // MARK: - Helpers

    private mutating func accepted(_ input: DeliveryMachine.Input, _ cause: [UInt8]?) -> DeliveryMachine.Action {
        let action = machine.handle(input)
        if case .ignore(let reason) = action, let cause { ignore(cause, reason) }
        return action
    }

    private mutating func ignore(_ cause: [UInt8], _ reason: DeliveryMachine.Ignored) {
        ignored.append((cause, reason))
    }

    /// Where something was said: as the app tells, else where the vehicle was.
    private func place(of word: DriverWord, _ piece: DeliveryEvidence) -> WordPlace? {
        word.place ?? places.first { $0.cause == piece.cause }?.place
    }

    func distance_m(of place: WordPlace?) -> Int64? {
        guard let place, let stop = summary.facts?.place else { return nil }
        return Int64(place.coordinate.distance_m(to: stop.coordinate).rounded())
    }
}

/// Where the vehicle was when something was said.
struct WordSpot: Sendable, Equatable {
    var cause: [UInt8]
    var place: WordPlace
}

extension DriverWord {
    /// How the delivery ended by this word: less than was ordered is a part of it.
    func outcome(ordered: [Goods]) -> DeliveryOutcome? {
        switch kind {
        case .delivered: items.isFewer(than: ordered) ? .partiallyDelivered : .delivered
        case .partiallyDelivered: .partiallyDelivered
        case .failed: .failed
        case .refused: .refused
        case .arrived, .serviceStarted, .rescheduleRequested, .departed: nil
        }
    }

    /// It shows more than that something happened.
    fileprivate var hasDetails: Bool {
        proof != .none || !items.isEmpty || !returns.isEmpty || payment != nil || !reason.isEmpty
    }
}
