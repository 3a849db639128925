/// What the desks have on their tables at one moment, over all fleets.
package struct DispatchCensus: Sendable, Equatable {
    /// Deliveries by the status of their state topic; every status of `statuses` is there, also with none. Breaks are none.
    package private(set) var deliveries: [String: Int]
    /// Deliveries under way whose window will probably be missed.
    package var atRisk = 0
    /// Vehicles that left with a delivery that has not ended.
    package var onTrip = 0
    /// Messages to customers and drivers that wait: for the provider's rate, or for the end of quiet hours.
    package var messagesWaiting = 0
    /// Messages that were requested, and of which the gateway has said nothing final yet.
    package var messagesUnderWay = 0
    /// Commands between their request and their end.
    package var openCommands = 0
    /// What names an order or a customer that is not known yet, and what drivers said of such.
    package var waitingForReference = 0

    /// What a delivery can be, in the order of its life.
    package static let statuses: [String] = {
        var words: [String] = []
        for state in DeliveryState.all where !words.contains("\(state.word)") { words.append("\(state.word)") }
        return words
    }()

    package init() { deliveries = Dictionary(uniqueKeysWithValues: Self.statuses.map { ($0, 0) }) }

    package mutating func count(_ number: Int, deliveries status: String) {
        deliveries[status, default: 0] += number
    }
}

extension Desks {
    /// Counts what the desks have. One pass over deliveries and vehicles: not for every message.
    package func census() -> DispatchCensus {
        var census = DispatchCensus()
        for desk in desks { desk?.count(into: &census) }
        return census
    }
}

extension Desk {
    fileprivate func count(into census: inout DispatchCensus) {
        // By state first: making the word of each would be most of the work.
        var states: [DeliveryState: Int] = [:]
        var driving: Set<Int32> = []
        for delivery in deliveries.values where delivery.order != nil {
            states[delivery.history.state, default: 0] += 1
            if delivery.outlook.isAtRisk { census.atRisk += 1 }
            switch delivery.history.state {
            case .enRoute, .arrived, .servicing, .left: driving.insert(delivery.vehicle)
            case .planned, .assigned, .loaded, .closed, .cancelled: break
            }
        }
        // Adding up does not depend on the dictionary's order.
        for (state, number) in states { census.count(number, deliveries: "\(state.word)") }
        census.onTrip += driving.count
        census.messagesWaiting += messages.waitingCount
        census.messagesUnderWay += messages.outstanding.count
        census.openCommands += commands.open.count
        census.waitingForReference += waiting.count
    }
}
