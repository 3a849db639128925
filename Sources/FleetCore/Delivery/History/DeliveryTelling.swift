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

    mutating func accepted(_ input: DeliveryMachine.Input, _ cause: [UInt8]?) -> DeliveryMachine.Action {
        let action = machine.handle(input)
        if case .ignore(let reason) = action, let cause { ignore(cause, reason) }
        return action
    }

    mutating func ignore(_ cause: [UInt8], _ reason: DeliveryMachine.Ignored) {
        ignored.append((cause, reason))
    }

    /// Where something was said: as the app tells, else where the vehicle was.
    func place(of word: DriverWord, _ piece: DeliveryEvidence) -> WordPlace? {
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
    var hasDetails: Bool {
        proof != .none || !items.isEmpty || !returns.isEmpty || payment != nil || !reason.isEmpty
    }
}
