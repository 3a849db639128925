import Wire

/// What an event of the desk is about: the `subject` of its CloudEvent.
enum DeskSubject: Sendable, Equatable {
    case stop(DispatchID)
    case order(DispatchID)
    case route(DispatchID)
    case driver(DispatchID)
    case command(DispatchID)
    case vehicle(DispatchID)

    /// The first level of the subject.
    var kind: StaticString {
        switch self {
        case .stop: "stops"
        case .order: "orders"
        case .route: "routes"
        case .driver: "drivers"
        case .command: "commands"
        case .vehicle: "vehicles"
        }
    }

    var id: DispatchID {
        switch self {
        case .stop(let id), .order(let id), .route(let id), .driver(let id), .command(let id), .vehicle(let id):
            id
        }
    }
}

/// An event that a part of the desk wants told. The desk gives it its sequence and writes it.
struct DeskEvent: Sendable, Equatable {
    var type: EventType
    var subject: DeskSubject
    /// The vehicle that it concerns, where there is one: the first member of `data`, and the key that keeps a vehicle's
    /// events in order.
    var vehicle: DispatchID?
    /// When it happened.
    var time_ms: Int64
    /// What tells this happening from others of the same type about the same subject, such as a time or a message's id; part
    /// of the event's id. Never a receive time where the happening has a time of its own.
    var cause: [UInt8] = []
    /// The members of `data` behind the vehicle, each with a comma before it, as `[UInt8].member` writes them.
    var data: [UInt8] = []
    /// Decided from late data.
    var isLate = false
    /// The event in whose place this one comes.
    var corrects: Hash128?
    /// Its id, where it is not made from type, subject, vehicle and cause.
    var id: Hash128?

    /// The id that follows from what happened, in a fleet.
    func identity(fleet: [UInt8]) -> Hash128 {
        if let id { return id }
        var identity = EventIdentity()
        identity.begin(type, fleet: fleet)
        identity.add(subject.kind.withUTF8Buffer { Array($0) })
        identity.add(subject.id.bytes)
        identity.add(vehicle?.bytes ?? [])
        identity.add(cause)
        return identity.hash()
    }
}

/// What a part of the desk wants done. Parts of the desk return these; only the desk knows topics, sequences and buffers.
enum DeskAction: Sendable, Equatable {
    /// An event on `events/{group}/{name}`.
    case event(DeskEvent)
    /// A message for people, on `sms/requests/{priority}`: an event of the type `sms.request`, with the time after which it
    /// is of no use.
    case messageRequest(DeskEvent, priority: MessagePriority, expires_ms: Int64)
    /// A command on the vehicle's topic, as JSON.
    case command(vehicle: DispatchID, id: DispatchID, payload: [UInt8])
}

/// How soon a message to people must go out.
package enum MessagePriority: UInt8, Sendable, Comparable, CaseIterable {
    case emergency = 0
    case high = 1
    case normal = 2

    package static func < (left: MessagePriority, right: MessagePriority) -> Bool { left.rawValue < right.rawValue }

    /// The last level of the topic.
    package var name: StaticString {
        switch self {
        case .emergency: "emergency"
        case .high: "high"
        case .normal: "normal"
        }
    }
}
