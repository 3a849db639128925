import Forecast
import Wire

/// One stop as the desk keeps it: its history, whose it is, and what is expected of it.
struct DeskDelivery: Sendable {
    var history: DeliveryHistory
    /// Nil for a break.
    var order: DispatchID?
    /// The route that it is on, and that route's vehicle by its number; -1 where it is on none.
    var route: DispatchID?
    var vehicle: Int32 = -1
    /// What its history was told last of its assignment; nil while it is on no route, or cannot be served yet.
    var assigned: DeliveryFacts?
    var isCancelled = false
    var outlook = Outlook()
    /// Pieces of evidence of dispatch so far: tells two apart that say the same.
    var changes: UInt32 = 0

    /// The drivers who took money for it.
    var payees: [DispatchID] = []
    /// When it ended, as the gates of its vehicle's stops have it.
    var gate_ms: Int64?

    /// Its retained state is to be published, when it was last, and whether it ever was.
    var isDirty = false
    var published_ms = Int64.min
    var hasState = false

    /// The vehicle is still to come, or there: not ended, and not left without the driver's word.
    var isUnderWay: Bool { history.state.isOpen && history.state != .left }

    /// The vehicle was or is there, and the driver has not said a word of it.
    var awaitsProof: Bool { order != nil && history.proofMissingDue_ms(DeliverySettings()) != nil }

    init(fleet: [UInt8], stop: DispatchID, order: DispatchID?) {
        history = DeliveryHistory(fleet: fleet, stop: stop)
        self.order = order
    }
}

/// What is expected of a stop, and what was told of it.
struct Outlook: Sendable, Equatable {
    var p50_ms: Int64?
    var p90_ms: Int64?
    var made_ms = Int64.min
    /// The median that an event told last; nil before the first.
    var told_ms: Int64?
    /// The median in the retained state; nil where that has none.
    var shown_ms: Int64?
    var isApproachTold = false
    var isAtRisk = false

    /// Nobody comes there any more.
    mutating func clear() { self = Outlook() }

    /// Nobody comes there for now. What was told is not told again.
    mutating func clearTimes() {
        p50_ms = nil
        p90_ms = nil
    }

    func write(to writer: inout ByteWriter) {
        writer.write(optional: p50_ms) { $0.write($1) }
        writer.write(optional: p90_ms) { $0.write($1) }
        writer.write(made_ms)
        writer.write(optional: told_ms) { $0.write($1) }
        writer.write(optional: shown_ms) { $0.write($1) }
        writer.write(isApproachTold)
        writer.write(isAtRisk)
    }

    init() {}

    init(from reader: inout ByteReader) throws(SnapshotError) {
        p50_ms = try reader.optionalTime_ms()
        p90_ms = try reader.optionalTime_ms()
        made_ms = try reader.timeOrNever_ms()
        told_ms = try reader.optionalTime_ms()
        shown_ms = try reader.optionalTime_ms()
        isApproachTold = try reader.bool()
        isAtRisk = try reader.bool()
    }
}

extension DeskDelivery {
    func write(to writer: inout ByteWriter) {
        history.write(to: &writer)
        writer.write(optional: order) { $0.write($1) }
        writer.write(optional: route) { $0.write($1) }
        writer.write(vehicle)
        writer.write(optional: assigned) { $1.write(to: &$0) }
        writer.write(isCancelled)
        outlook.write(to: &writer)
        writer.write(changes)
        writer.write(list: payees) { $0.write($1) }
        writer.write(hasState)
    }

    /// Its state is published again: what was published last before a crash is not known.
    init(from reader: inout ByteReader, fleet: [UInt8], _ settings: DeliverySettings) throws(SnapshotError) {
        history = try DeliveryHistory(from: &reader, fleet: fleet, settings)
        order = try reader.optionalID()
        route = try reader.optionalID()
        vehicle = try reader.integer()
        assigned = try reader.optional { reader throws(SnapshotError) in try DeliveryFacts(from: &reader) }
        isCancelled = try reader.bool()
        outlook = try Outlook(from: &reader)
        changes = try reader.integer()
        payees = try reader.list { reader throws(SnapshotError) in try reader.dispatchID() }
        hasState = try reader.bool()
        gate_ms = history.ended_ms
        isDirty = true
    }
}
