/// How a delivery ended.
enum DeliveryOutcome: UInt8, Sendable, CaseIterable {
    case delivered = 0
    case partiallyDelivered = 1
    case failed = 2
    case refused = 3

    /// The customer has the goods, or a part of them.
    var isDelivery: Bool { self == .delivered || self == .partiallyDelivered }

    var type: EventType {
        switch self {
        case .delivered: .deliveryDelivered
        case .partiallyDelivered: .deliveryPartiallyDelivered
        case .failed: .deliveryFailed
        case .refused: .deliveryRefused
        }
    }
}

/// Where a delivery is in its life.
enum DeliveryState: Sendable, Hashable {
    /// On no vehicle's route.
    case planned
    case assigned
    case loaded
    /// The vehicle left the depot with it.
    case enRoute
    case arrived
    case servicing
    /// The vehicle left the stop without the driver's word.
    case left
    case closed(Closing)
    case cancelled

    /// After the driver's word.
    struct Closing: Sendable, Hashable {
        var outcome: DeliveryOutcome
        var isRescheduled = false
        var presence: Presence
    }

    /// Where the vehicle is while a delivery is closed.
    enum Presence: UInt8, Sendable, CaseIterable {
        /// No arrival is known.
        case absent = 0
        case present = 1
        case departed = 2
    }

    /// Its vehicle is still to come there: the stop has a forecast.
    var isRemaining: Bool {
        switch self {
        case .assigned, .loaded, .enRoute, .left: true
        case .planned, .arrived, .servicing, .closed, .cancelled: false
        }
    }

    /// A driver's word or a cancellation ended it.
    var isFinal: Bool {
        switch self {
        case .closed, .cancelled: true
        default: false
        }
    }

    /// On a vehicle's route, and not ended.
    var isOpen: Bool { self != .planned && !isFinal }

    /// For the state topic.
    var word: StaticString {
        switch self {
        case .planned: "planned"
        case .assigned: "assigned"
        case .loaded: "loaded"
        case .enRoute: "en_route"
        case .arrived: "arrived"
        case .servicing: "servicing"
        case .left: "departed"
        case .cancelled: "cancelled"
        case .closed(let closing):
            closing.isRescheduled && closing.outcome == .failed ? "reschedule_requested" : closing.outcome.type.name
        }
    }

    static let all: [DeliveryState] =
        [.planned, .assigned, .loaded, .enRoute, .arrived, .servicing, .left, .cancelled]
        + DeliveryOutcome.allCases.flatMap { outcome in
            [false, true].flatMap { isRescheduled in
                Presence.allCases.map {
                    .closed(Closing(outcome: outcome, isRescheduled: isRescheduled, presence: $0))
                }
            }
        }
}
