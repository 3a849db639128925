package import FleetCore

extension ServiceStatus {
    /// What dispatch has to do with at this moment.
    package struct Dispatch: Sendable, Codable, Equatable {
        /// Deliveries by the status of their state topic; only statuses that any has.
        package var deliveries: [String: Int] = [:]
        /// Of those under way: the window will probably be missed.
        package var atRisk = 0
        package var vehiclesOnTrip = 0
        /// Messages to people that wait for the provider's rate or the end of quiet hours, and those at the gateway.
        package var messagesWaiting = 0
        package var messagesUnderWay = 0
        package var openCommands = 0
        /// What names an order or a customer that is not known yet.
        package var waitingForReference = 0
        /// Nil where no road router is configured.
        package var roads: RoadStatistics?

        package init() {}

        package init(_ census: DispatchCensus, _ roads: RoadStatistics?) {
            deliveries = census.deliveries.filter { $0.value != 0 }
            atRisk = census.atRisk
            vehiclesOnTrip = census.onTrip
            messagesWaiting = census.messagesWaiting
            messagesUnderWay = census.messagesUnderWay
            openCommands = census.openCommands
            waitingForReference = census.waitingForReference
            self.roads = roads
        }

        package var deliveryCount: Int { deliveries.values.reduce(0, +) }

        /// `3 assigned, 12 en_route, 140 delivered`: in the order of a delivery's life.
        package var deliveryText: String {
            let known = DispatchCensus.statuses.filter { deliveries[$0, default: 0] != 0 }
            let others = deliveries.keys.filter { !DispatchCensus.statuses.contains($0) }.sorted()
            return (known + others).map { "\(deliveries[$0] ?? 0) \($0)" }.joined(separator: ", ")
        }
    }
}
