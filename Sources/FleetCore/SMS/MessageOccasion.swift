import Geo

/// Something happened of which somebody may want to be told.
struct MessageOccasion: Sendable, Equatable {
    var kind: MessageKind
    /// What it is about: a stop, or for drivers their route. With kind and `cause` it decides whether a message is the same
    /// again.
    var subject: DeskSubject
    /// When it happened.
    var time_ms: Int64
    /// The moment that the message promises: the start of a window, or an ETA. Where it moves far, the message is sent again.
    var promise_ms: Int64?
    /// What tells this occasion from others of its kind about the same subject, such as a route's version. Empty for those
    /// of which there is one.
    var cause: [UInt8] = []
    var eta_ms: Int64?
    var windowFrom_ms: Int64?
    var windowTo_ms: Int64?
    /// The driver's word for why.
    var reason: [UInt8] = []
    var address: [UInt8] = []
    /// After this the message is of no use, whatever its kind's expiry says.
    var usefulUntil_ms: Int64?
    /// More urgent than its kind says: the message of an emergency order.
    var priority: MessagePriority?
    /// Decided from late data: nobody is told then.
    var isLate = false
    var vehicle: DispatchID?
    var stop: DispatchID?
    var order: DispatchID?
    var route: DispatchID?
    var customer: DispatchID?
    var driver: DispatchID?

    init(_ kind: MessageKind, _ subject: DeskSubject, time_ms: Int64) {
        self.kind = kind
        self.subject = subject
        self.time_ms = time_ms
    }
}

/// Who is to be told, as master data say.
struct Recipient: Sendable, Equatable {
    /// As it was given; nil where there is none.
    var phone: [UInt8]?
    var name: [UInt8] = []
    /// Empty for the default.
    var language: [UInt8] = []
    /// To messages at all. Drivers need none.
    var hasConsent = false
    /// The kinds that are wanted; nil for all.
    var kinds: [MessageKind]?
    /// Nil for the default.
    var quietHours: DayHours?
    /// The zone of the quiet hours and of the times in the text; nil for the default.
    var localTime: TimeZoneRules?
}

/// Why a message is not sent.
package enum MessageSuppression: UInt8, Sendable, CaseIterable {
    case noConsent = 0
    case noNumber
    case invalidNumber
    case quietHours
    case duplicate
    case expired
    case kindDisabled
    case queueFull
    case lateData
    /// Something newer has taken its place before it could be sent.
    case superseded
    /// A value without which its text says nothing, such as an ETA, is missing.
    case incomplete

    package var name: String {
        switch self {
        case .noConsent: "no_consent"
        case .noNumber: "no_number"
        case .invalidNumber: "invalid_number"
        case .quietHours: "quiet_hours"
        case .duplicate: "duplicate"
        case .expired: "expired"
        case .kindDisabled: "kind_disabled"
        case .queueFull: "queue_full"
        case .lateData: "late_data"
        case .superseded: "superseded"
        case .incomplete: "incomplete"
        }
    }
}
