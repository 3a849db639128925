import Testing

@testable import FleetCore

/// Every state × every input.
@Suite struct `The life of a delivery, step by step` {
    /// What is told, and where it leads; where nothing is named behind it, the state stays.
    ///
    /// Columns: assigned again, assigned elsewhere, unassigned, cancelled | loaded, set out | arrived by fix, by driver |
    /// service by fix, by driver | departed by fix, by driver | outcome | reschedule
    private static let open = """
        planned:   assign>assigned assign>assigned -notAssigned cancel>cancelled -notAssigned -notAssigned \
        -notAssigned -notAssigned -notAssigned -notAssigned -notAssigned -notAssigned close>absent -notAssigned
        assigned:  -repeated move>assigned unassign>planned cancel>cancelled load>loaded setOut>enRoute \
        arrive>arrived arrive>arrived -notArrived both>servicing -notArrived -notArrived close>absent fail>absent
        loaded:    -repeated move>assigned unassign>planned cancel>cancelled -repeated setOut>enRoute \
        arrive>arrived arrive>arrived -notArrived both>servicing -notArrived -notArrived close>absent fail>absent
        enRoute:   -repeated move>assigned unassign>planned cancel>cancelled -tooLate -repeated \
        arrive>arrived arrive>arrived -notArrived both>servicing -notArrived -notArrived close>absent fail>absent
        left:      -repeated move>assigned unassign>planned cancel>cancelled -tooLate -tooLate \
        arrive>arrived arrive>arrived -notArrived both>servicing -repeated -repeated close>departed fail>departed
        arrived:   -repeated move>assigned unassign>planned cancel>cancelled -tooLate -tooLate \
        -repeated -repeated serve>servicing serve>servicing depart>left depart>left close>present fail>present
        servicing: -repeated move>assigned unassign>planned cancel>cancelled -tooLate -tooLate \
        -repeated -repeated -repeated -repeated depart>left depart>left close>present fail>present
        cancelled: assign>assigned assign>assigned -cancelled -repeated -cancelled -cancelled \
        -cancelled -cancelled -cancelled -cancelled -cancelled -cancelled dispute -cancelled
        """

    /// The same of the states after the driver's word; of a delivered one in front of the slash, of others behind it. The
    /// outcome's column is for the same and for another one.
    private static let closed = """
        absent:    -alreadyClosed -alreadyClosed/assign>assigned -alreadyClosed -alreadyClosed -tooLate -tooLate \
        arrive>present -repeated -tooLate -tooLate -notArrived depart>departed amend correct
        present:   -alreadyClosed -alreadyClosed/assign>assigned -alreadyClosed -alreadyClosed -tooLate -tooLate \
        -repeated -repeated -tooLate -tooLate depart>departed depart>departed amend correct
        departed:  -alreadyClosed -alreadyClosed/assign>assigned -alreadyClosed -alreadyClosed -tooLate -tooLate \
        -repeated -repeated -tooLate -tooLate -repeated -repeated amend correct
        """

    private static let inputs: [DeliveryMachine.Input] = [
        .assigned(isMoved: false), .assigned(isMoved: true), .unassigned, .cancelled, .loaded, .setOut,
        .arrived(.fix), .arrived(.driver), .serviceStarted(.fix), .serviceStarted(.driver), .departed(.fix),
        .departed(.driver),
    ]

    private static let openStates: [String: DeliveryState] = [
        "planned": .planned, "assigned": .assigned, "loaded": .loaded, "enRoute": .enRoute, "arrived": .arrived,
        "servicing": .servicing, "left": .left, "cancelled": .cancelled,
    ]
    private static let presences: [String: DeliveryState.Presence] = [
        "absent": .absent, "present": .present, "departed": .departed,
    ]

    /// The rows of a table: the state's name and its cells.
    private static func rows(_ table: String) -> [(String, [String])] {
        table.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return (String(words[0].dropLast()), Array(words.dropFirst()))
        }
    }

    private static func words(_ action: DeliveryMachine.Action) -> String {
        switch action {
        case .assign: "assign"
        case .move: "move"
        case .unassign: "unassign"
        case .cancel: "cancel"
        case .load: "load"
        case .setOut: "setOut"
        case .arrive: "arrive"
        case .arriveAndServe: "both"
        case .serve: "serve"
        case .depart: "depart"
        case .close: "close"
        case .correct: "correct"
        case .amend: "amend"
        case .failAndReschedule: "fail"
        case .reschedule: "reschedule"
        case .amendReschedule: "amendReschedule"
        case .dispute: "dispute"
        case .ignore(let reason): "-\(reason)"
        }
    }

    private func step(
        _ state: DeliveryState, _ input: DeliveryMachine.Input
    ) -> (action: DeliveryMachine.Action, state: DeliveryState) {
        var machine = DeliveryMachine(state: state)
        let action = machine.handle(input)
        return (action, machine.state)
    }

    @Test func `every open state × every input`() throws {
        let rows = Self.rows(Self.open)
        #expect(Set(rows.map(\.0)) == Set(Self.openStates.keys))
        for (name, cells) in rows {
            let state = try #require(Self.openStates[name])
            try #require(cells.count == Self.inputs.count + 2, "\(name)")
            let outcomes = DeliveryOutcome.allCases.map { DeliveryMachine.Input.outcome($0) }
            for (input, cell) in Array(zip(Self.inputs, cells)) + outcomes.map({ ($0, cells[12]) })
                + [(.rescheduleRequested, cells[13])]
            {
                let parts = cell.split(separator: ">").map(String.init)
                let result = step(state, input)
                #expect(Self.words(result.action) == parts[0], "\(name) \(input)")
                var expected = parts.count > 1 ? Self.openStates[parts[1]] : state
                if case .outcome(let outcome) = input, parts.count > 1, let presence = Self.presences[parts[1]] {
                    expected = .closed(.init(outcome: outcome, presence: presence))
                    #expect(result.action == .close(outcome))
                } else if input == .rescheduleRequested, parts.count > 1, let presence = Self.presences[parts[1]] {
                    expected = .closed(.init(outcome: .failed, isRescheduled: true, presence: presence))
                }
                #expect(result.state == expected, "\(name) \(input)")
            }
        }
    }

    @Test(arguments: DeliveryOutcome.allCases, [false, true])
    func `every closed state × every input`(_ outcome: DeliveryOutcome, _ isRescheduled: Bool) throws {
        for (name, cells) in Self.rows(Self.closed) {
            let presence = try #require(Self.presences[name])
            let closing = DeliveryState.Closing(outcome: outcome, isRescheduled: isRescheduled, presence: presence)
            try #require(cells.count == Self.inputs.count + 2, "\(name)")
            for (input, cell) in zip(Self.inputs, cells) {
                let choices = cell.split(separator: "/")
                let parts = (outcome == .delivered ? choices[0] : choices[choices.count - 1])
                    .split(separator: ">").map(String.init)
                let result = step(.closed(closing), input)
                var next = closing
                if parts.count > 1, let presence = Self.presences[parts[1]] { next.presence = presence }
                #expect(Self.words(result.action) == parts[0], "\(name) \(input)")
                #expect(
                    result.state == (parts.last == "assigned" ? .assigned : .closed(next)), "\(name) \(input)")
            }
            for other in DeliveryOutcome.allCases {
                let result = step(.closed(closing), .outcome(other))
                #expect(Self.words(result.action) == (other == outcome ? cells[12] : cells[13]))
                let isKept = other == outcome && isRescheduled
                #expect(
                    result.state
                        == .closed(.init(outcome: other, isRescheduled: isKept, presence: presence)))
            }
            let asked = step(.closed(closing), .rescheduleRequested)
            var next = closing
            if outcome != .delivered { next.isRescheduled = true }
            #expect(asked.state == .closed(next))
            #expect(
                Self.words(asked.action)
                    == (outcome == .delivered ? "-alreadyClosed" : isRescheduled ? "amendReschedule" : "reschedule"))
        }
    }

    @Test func `the tables have every state, and every state has a word`() {
        #expect(DeliveryState.all.count == 8 + 24)
        #expect(Set(DeliveryState.all).count == 32)
        for state in DeliveryState.all {
            #expect(!"\(state.word)".isEmpty)
            #expect([state.isOpen, state.isFinal, state == .planned].count { $0 } == 1)
            #expect(!state.isRemaining || state.isOpen)
        }
        #expect(
            "\(DeliveryState.closed(.init(outcome: .failed, isRescheduled: true, presence: .absent)).word)"
                == "reschedule_requested")
        #expect(
            "\(DeliveryState.closed(.init(outcome: .partiallyDelivered, presence: .absent)).word)"
                == "partially_delivered")
        #expect(DeliveryState.left.isRemaining && !DeliveryState.arrived.isRemaining)
    }
}
