/// The life of one delivery, step by step. What happens goes in, what is to be told comes out; it knows neither times nor
/// names. What cannot happen in a state changes nothing, and comes back with the reason.
struct DeliveryMachine: ~Copyable {
    private(set) var state = DeliveryState.planned

    enum Source: UInt8, Sendable, CaseIterable {
        case fix = 0
        case driver = 1

        var name: StaticString { self == .fix ? "fix" : "driver" }
    }

    enum Input: Sendable, Hashable {
        /// It came onto a route; `isMoved` where it was on one already, and this is another vehicle's or another route.
        case assigned(isMoved: Bool)
        case unassigned
        case cancelled
        case loaded
        case setOut
        case arrived(Source)
        case serviceStarted(Source)
        case departed(Source)
        case outcome(DeliveryOutcome)
        case rescheduleRequested
    }

    enum Action: Sendable, Hashable {
        case assign
        /// It is another vehicle's now: off the one, onto the other.
        case move
        case unassign
        case cancel
        case load
        case setOut
        case arrive(Source)
        /// The driver began without having said that he arrived.
        case arriveAndServe(Source)
        case serve(Source)
        case depart(Source)
        case close(DeliveryOutcome)
        /// The driver says otherwise than before.
        case correct(DeliveryOutcome)
        /// The driver says the same again, perhaps with more to show.
        case amend
        /// Who asks for another day does not deliver today.
        case failAndReschedule
        case reschedule
        case amendReschedule
        /// It was delivered although it had been cancelled.
        case dispute
        case ignore(Ignored)
    }

    /// Why something changed nothing.
    enum Ignored: UInt8, Sendable, CaseIterable {
        case notAssigned = 0
        case notArrived = 1
        /// It was told before.
        case repeated = 2
        /// The delivery is past that.
        case tooLate = 3
        case alreadyClosed = 4
        case cancelled = 5
        /// The driver of another vehicle said it.
        case otherVehicle = 6

        var name: StaticString {
            switch self {
            case .notAssigned: "not_assigned"
            case .notArrived: "not_arrived"
            case .repeated: "repeated"
            case .tooLate: "too_late"
            case .alreadyClosed: "already_closed"
            case .cancelled: "cancelled"
            case .otherVehicle: "other_vehicle"
            }
        }
    }

    init() {}

    /// In a state, for tests of all of them.
    init(state: DeliveryState) { self.state = state }

    mutating func handle(_ input: Input) -> Action {
        switch state {
        case .planned: handlePlanned(input)
        case .assigned, .loaded, .enRoute, .left: handleUnderway(input)
        case .arrived, .servicing: handleThere(input)
        case .closed(let closing): handleClosed(closing, input)
        case .cancelled: handleCancelled(input)
        }
    }

    private mutating func go(to state: DeliveryState, _ action: Action) -> Action {
        self.state = state
        return action
    }

    private mutating func close(_ outcome: DeliveryOutcome, _ presence: DeliveryState.Presence) -> Action {
        go(to: .closed(.init(outcome: outcome, presence: presence)), .close(outcome))
    }

    private mutating func handlePlanned(_ input: Input) -> Action {
        switch input {
        case .assigned: go(to: .assigned, .assign)
        case .cancelled: go(to: .cancelled, .cancel)
        // Delivered without a plan is delivered all the same.
        case .outcome(let outcome): close(outcome, .absent)
        case .unassigned, .loaded, .setOut, .arrived, .serviceStarted, .departed, .rescheduleRequested:
            .ignore(.notAssigned)
        }
    }

    /// What dispatch says of a delivery that is open.
    private mutating func dispatch(_ input: Input) -> Action? {
        switch input {
        case .assigned(isMoved: true): go(to: .assigned, .move)
        case .assigned(isMoved: false): .ignore(.repeated)
        case .unassigned: go(to: .planned, .unassign)
        case .cancelled: go(to: .cancelled, .cancel)
        case .loaded, .setOut, .arrived, .serviceStarted, .departed, .outcome, .rescheduleRequested: nil
        }
    }

    private mutating func handleUnderway(_ input: Input) -> Action {
        if let action = dispatch(input) { return action }
        let presence: DeliveryState.Presence = state == .left ? .departed : .absent
        return switch input {
        case .loaded:
            switch state {
            case .assigned: go(to: .loaded, .load)
            case .loaded: .ignore(.repeated)
            default: .ignore(.tooLate)
            }
        case .setOut:
            switch state {
            case .assigned, .loaded: go(to: .enRoute, .setOut)
            case .enRoute: .ignore(.repeated)
            default: .ignore(.tooLate)
            }
        case .arrived(let source): go(to: .arrived, .arrive(source))
        case .serviceStarted(.driver): go(to: .servicing, .arriveAndServe(.driver))
        case .serviceStarted(.fix): .ignore(.notArrived)
        case .departed: .ignore(state == .left ? .repeated : .notArrived)
        case .outcome(let outcome): close(outcome, presence)
        case .rescheduleRequested:
            go(
                to: .closed(.init(outcome: .failed, isRescheduled: true, presence: presence)),
                .failAndReschedule)
        case .assigned, .unassigned, .cancelled: .ignore(.repeated)
        }
    }

    private mutating func handleThere(_ input: Input) -> Action {
        if let action = dispatch(input) { return action }
        return switch input {
        case .loaded, .setOut: .ignore(.tooLate)
        case .arrived: .ignore(.repeated)
        case .serviceStarted(let source):
            state == .servicing ? .ignore(.repeated) : go(to: .servicing, .serve(source))
        case .departed(let source): go(to: .left, .depart(source))
        case .outcome(let outcome): close(outcome, .present)
        case .rescheduleRequested:
            go(
                to: .closed(.init(outcome: .failed, isRescheduled: true, presence: .present)),
                .failAndReschedule)
        case .assigned, .unassigned, .cancelled: .ignore(.repeated)
        }
    }

    private mutating func handleClosed(_ closing: DeliveryState.Closing, _ input: Input) -> Action {
        var next = closing
        switch input {
        case .assigned(isMoved: true) where closing.outcome != .delivered:
            // It is tried again.
            return go(to: .assigned, .assign)
        case .assigned, .unassigned, .cancelled: return .ignore(.alreadyClosed)
        case .loaded, .setOut, .serviceStarted: return .ignore(.tooLate)
        case .arrived(let source):
            // The fixes prove it only after the driver's word.
            guard source == .fix, closing.presence == .absent else { return .ignore(.repeated) }
            next.presence = .present
            return go(to: .closed(next), .arrive(.fix))
        case .departed(let source):
            if closing.presence == .departed { return .ignore(.repeated) }
            if closing.presence == .absent, source == .fix { return .ignore(.notArrived) }
            next.presence = .departed
            return go(to: .closed(next), .depart(source))
        case .outcome(let outcome):
            if outcome == closing.outcome { return .amend }
            next.outcome = outcome
            next.isRescheduled = false
            return go(to: .closed(next), .correct(outcome))
        case .rescheduleRequested:
            if closing.outcome == .delivered { return .ignore(.alreadyClosed) }
            if closing.isRescheduled { return .amendReschedule }
            next.isRescheduled = true
            return go(to: .closed(next), .reschedule)
        }
    }

    private mutating func handleCancelled(_ input: Input) -> Action {
        switch input {
        case .assigned: go(to: .assigned, .assign)
        case .outcome: .dispute
        case .cancelled: .ignore(.repeated)
        case .unassigned, .loaded, .setOut, .arrived, .serviceStarted, .departed, .rescheduleRequested:
            .ignore(.cancelled)
        }
    }
}
