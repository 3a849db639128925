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

/// What a history told, for as long as it may tell it otherwise.
///
/// A history is told again as a whole when its evidence grows; the ledger compares that with what was told before, and
/// gives the events that are new, correct one, or take one back. An id is never used twice.
struct MilestoneLedger: Sendable, Equatable {
    /// In the order of telling; what is gone is remembered because it may come again.
    private(set) var entries: [Entry] = []

    struct Entry: Sendable, Equatable {
        var told: Told
        var subject: DeskSubject
        var vehicle: DispatchID?
    }

    /// So many events that are gone are remembered.
    static let goneMax = 32

    /// The events by which the world learns what is told now. O(milestones²), of which there are a few.
    ///
    /// - Parameter retraction: the type of event that takes one back.
    mutating func tell(
        _ milestones: [Milestone], fleet: [UInt8], retraction: EventType, isLate: Bool
    ) -> [DeskEvent] {
        let old = entries
        let comparison = Reconciliation(old: old.map(\.told), new: milestones.map { $0.told(fleet: fleet) })
        var events: [DeskEvent] = []
        var now: [Entry] = []
        var gone: [Entry] = []
        for (index, milestone) in milestones.enumerated() {
            var entry = Entry(
                told: milestone.told(fleet: fleet), subject: milestone.subject, vehicle: milestone.vehicle)
            let partner = comparison.partners[index].map { old[$0] }
            switch comparison.verdicts[index] {
            case .known:
                if let partner { entry.told.published = partner.told.published }
            case .new:
                events.append(milestone.event(id: entry.told.published, isLate: isLate))
            case .corrects(let id):
                entry.told.published = Engine.followingID(entry.told, id)
                events.append(milestone.event(id: entry.told.published, isLate: isLate, corrects: id))
                if let partner, partner.told.standing == .holds {
                    gone += partner.superseded(by: entry.told)
                }
            case .returns(let id):
                entry.told.published = Engine.followingID(entry.told, id)
                events.append(milestone.event(id: entry.told.published, isLate: isLate))
            }
            now.append(entry)
        }
        for index in comparison.retracted {
            let (entry, event) = old[index].retracted(as: retraction, isLate: isLate)
            gone.append(entry)
            events.append(event)
        }
        // What holds again is not remembered as gone: its next id is made from what happens to it next.
        let held = Set(now.flatMap { [$0.told.identity, $0.told.published] })
        let remembered = old.filter { $0.told.standing.isGone && !held.contains($0.told.identity) } + gone
        entries = remembered.suffix(Self.goneMax) + now
        return events
    }

    /// Forgets what happened before a time: it can no longer be told otherwise.
    mutating func forget(before_ms: Int64) { entries.removeAll { $0.told.time_ms < before_ms } }
}

extension Milestone {
    fileprivate func event(id: Hash128, isLate: Bool, corrects: Hash128? = nil) -> DeskEvent {
        DeskEvent(
            type: type, subject: subject, vehicle: vehicle, time_ms: time_ms, cause: cause, data: data, isLate: isLate,
            corrects: corrects, id: id)
    }
}

extension MilestoneLedger.Entry {
    /// What is remembered of an event in whose place another came: its id is used, and so is that of its happening.
    fileprivate func superseded(by other: Told) -> [Self] {
        var used = self
        used.told.standing = .superseded
        used.told.published = other.published
        used.told.identity = told.published
        guard told.identity != other.identity, told.identity != told.published else { return [used] }
        var happening = used
        happening.told.identity = told.identity
        return [happening, used]
    }

    fileprivate func retracted(as type: EventType, isLate: Bool) -> (Self, DeskEvent) {
        var gone = self
        gone.told.standing = .retracted
        gone.told.published = Engine.followingID(gone.told, told.published)
        var data: [UInt8] = []
        data.member("type")
        data.append(ascii: "\"fleetstream.")
        data.append(ascii: told.type.group)
        data.append(ascii: ".")
        data.append(ascii: told.type.name)
        data.append(ascii: "\"")
        let event = DeskEvent(
            type: type, subject: subject, vehicle: vehicle, time_ms: told.time_ms, data: data, isLate: isLate,
            corrects: told.published, id: gone.told.published)
        return (gone, event)
    }
}

// MARK: - Snapshots

extension DeskSubject {
    func write(to writer: inout ByteWriter) {
        let number: UInt8 =
            switch self {
            case .stop: 0
            case .order: 1
            case .route: 2
            case .driver: 3
            case .command: 4
            case .vehicle: 5
            }
        writer.write(number)
        writer.write(id)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let number: UInt8 = try reader.integer()
        let id = try reader.dispatchID()
        switch number {
        case 0: self = .stop(id)
        case 1: self = .order(id)
        case 2: self = .route(id)
        case 3: self = .driver(id)
        case 4: self = .command(id)
        case 5: self = .vehicle(id)
        default: throw SnapshotError(reason: "an event is about nothing that is known")
        }
    }
}

extension MilestoneLedger {
    func write(to writer: inout ByteWriter) {
        writer.write(list: entries) { writer, entry in
            entry.told.write(to: &writer)
            entry.subject.write(to: &writer)
            writer.write(optional: entry.vehicle) { $0.write($1) }
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        entries = try reader.list { reader throws(SnapshotError) in
            Entry(
                told: try Told(from: &reader), subject: try DeskSubject(from: &reader),
                vehicle: try reader.optionalID())
        }
    }
}
