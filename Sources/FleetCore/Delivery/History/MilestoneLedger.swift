import Wire

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

    init() {}

    init(from reader: inout ByteReader) throws(SnapshotError) {
        entries = try reader.list { reader throws(SnapshotError) in
            Entry(
                told: try Told(from: &reader), subject: try DeskSubject(from: &reader),
                vehicle: try reader.optionalID())
        }
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
