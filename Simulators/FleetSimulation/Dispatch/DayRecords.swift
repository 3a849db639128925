/// An order as dispatch knows it, and what became of it.
package struct SimulatedOrder: Sendable {
    package enum Outcome: String, Sendable {
        case delivered
        case partiallyDelivered = "partially_delivered"
        case failed
        case refused
        case cancelled
    }

    package var id: String
    /// Index into the book.
    package var customer: Int
    package var isPickup = false
    package var isEmergency = false
    package var isHighPriority = false
    /// Whether the order says where to go; its customer's place holds where not.
    package var statesPlace: Bool
    package var items: GasBottles
    package var returns: GasBottles
    /// What the driver collects; 0 for an invoice.
    package var cod_twd = 0
    /// Simulated time.
    package var window_s: ClosedRange<Double>?
    package var plannedService_s: Double
    package var version = 1
    package var outcome: Outcome?
    /// Index of the stop that serves it.
    package var stop: Int?
    /// Placed for an order that failed.
    package var isAgain = false
}

/// A stop of a route.
package struct SimulatedStop: Sendable {
    package enum Status: Sendable {
        /// Not begun.
        case waiting
        /// The vehicle drives there, or stands there.
        case current
        case done
        /// Taken off: cancelled, or moved to another route.
        case removed
    }

    package var id: String
    /// Nil for a break.
    package var order: Int?
    package var route: Int
    /// Simulated time.
    package var plannedArrival_s = 0.0
    package var plannedService_s: Double
    package var status = Status.waiting
}

/// A route: one tour of one vehicle.
package struct SimulatedRoute: Sendable {
    package var id: String
    /// Index of the vehicle.
    package var vehicle: Int
    /// Indices of the stops in the order of the plan, those done included.
    package var stops: [Int] = []
    package var plannedStart_s = 0.0
    package var plannedEnd_s = 0.0
    package var version = 0
    /// When it was last published, simulated time.
    package var sent_s = -Double.infinity
    /// What was put into the vehicle beyond the orders.
    package var spare = GasBottles()
}

/// A message of the play, and when it goes out.
struct PlayMessage {
    var kind: MessageKind
    /// −1 where dispatch sends it.
    var vehicle: Int
    /// Simulated time.
    var send_s: Double
    /// What follows root and fleet.
    var topic: String
    var payload: [UInt8]
}

/// A line of the truth, and when it became true.
struct TruthRecord {
    var time_s: Double
    var line: [UInt8]
}
