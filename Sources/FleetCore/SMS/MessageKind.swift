/// What a message to people says.
package enum MessageKind: UInt8, Sendable, CaseIterable {
    // To customers.
    case scheduled = 0
    case outForDelivery = 1
    case arriving = 2
    case arrived = 3
    case delivered = 4
    case failed = 5
    case rescheduled = 6
    case delayed = 7
    // To drivers.
    case routeChanged = 8
    case emergency = 9

    /// As files and messages spell it.
    package var name: String {
        switch self {
        case .scheduled: "scheduled"
        case .outForDelivery: "out_for_delivery"
        case .arriving: "arriving"
        case .arrived: "arrived"
        case .delivered: "delivered"
        case .failed: "failed"
        case .rescheduled: "rescheduled"
        case .delayed: "delayed"
        case .routeChanged: "route_changed"
        case .emergency: "emergency"
        }
    }

    package init?(name: String) {
        guard let kind = Self.allCases.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        self = kind
    }

    /// To a driver, who needs no consent: it is work.
    package var isForDriver: Bool { self == .routeChanged || self == .emergency }
}

/// How one kind of message is handled.
package struct MessageKindRule: Sendable, Equatable {
    package var isEnabled = true
    /// Seconds after its occasion for which it is of use; it is not sent later.
    package var expiry_s: Int
    package var priority: MessagePriority
    /// Sent in quiet hours too.
    package var ignoresQuietHours = false

    package init(
        isEnabled: Bool = true, expiry_s: Int, priority: MessagePriority, ignoresQuietHours: Bool = false
    ) {
        self.isEnabled = isEnabled
        self.expiry_s = expiry_s
        self.priority = priority
        self.ignoresQuietHours = ignoresQuietHours
    }

    /// What holds where nothing is configured.
    package static func standard(_ kind: MessageKind) -> MessageKindRule {
        switch kind {
        case .scheduled, .rescheduled: MessageKindRule(expiry_s: 43_200, priority: .normal)
        case .outForDelivery: MessageKindRule(expiry_s: 7_200, priority: .normal)
        case .arriving: MessageKindRule(expiry_s: 600, priority: .high)
        case .arrived: MessageKindRule(expiry_s: 900, priority: .high)
        case .delivered: MessageKindRule(expiry_s: 7_200, priority: .normal)
        case .failed: MessageKindRule(expiry_s: 43_200, priority: .normal)
        case .delayed: MessageKindRule(expiry_s: 3_600, priority: .high)
        case .routeChanged: MessageKindRule(expiry_s: 1_800, priority: .high, ignoresQuietHours: true)
        case .emergency: MessageKindRule(expiry_s: 1_800, priority: .emergency, ignoresQuietHours: true)
        }
    }
}
