import Wire

/// Something that a history of the desk tells: an event that later evidence may correct or take back.
struct Milestone: Sendable, Equatable {
    var type: EventType
    /// The type under which the happening is known, whatever is said of it: how a delivery ended is one happening.
    var happening: EventType
    var subject: DeskSubject
    var vehicle: DispatchID?
    var time_ms: Int64
    /// Tells it from others of the same happening about the same subject. No time that later evidence may change.
    var cause: [UInt8]
    var data: [UInt8]

    /// As the ledger compares it.
    func told(fleet: [UInt8]) -> Told {
        let event = DeskEvent(type: happening, subject: subject, vehicle: nil, time_ms: time_ms, cause: cause)
        let identity = event.identity(fleet: fleet)
        var about = EventIdentity()
        about.add(subject.kind.withUTF8Buffer { Array($0) })
        about.add(subject.id.bytes)
        var content = EventIdentity()
        content.add(Int64(type.rawValue))
        content.add(vehicle?.bytes ?? [])
        content.add(data)
        return Told(
            identity: identity, published: identity, content: content.hash().low, subject: about.hash().low,
            time_ms: time_ms, cause_ms: time_ms, type: type)
    }
}
