import Forecast
import Geo
import Wire

/// A record of dispatch that is kept by its id.
protocol DispatchRecord: Sendable {
    var version: RecordVersion { get }
    /// Reads what was accepted before: the same text gives the same record.
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem)
}

/// A record and the text that it was read from: the text is what a snapshot keeps.
struct Sourced<Record: DispatchRecord>: Sendable {
    var record: Record
    var payload: [UInt8]
}

/// What became of a record that dispatch sent.
enum RecordChange: Sendable, Equatable {
    case stored(isNew: Bool)
    case removed
    /// It is older than what is known, or the same again.
    case stale
    /// There was none to delete.
    case unknown
    /// There is no room for one more.
    case full
}

/// Records of one kind, by id.
struct RecordTable<Record: DispatchRecord>: Sendable {
    private var entries: [DispatchID: Sourced<Record>] = [:]
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { entries.count }
    /// In the order of their bytes. O(n log n).
    var ids: [DispatchID] { entries.keys.sorted() }

    subscript(id: DispatchID) -> Record? { entries[id]?.record }

    func payload(of id: DispatchID) -> [UInt8] { entries[id]?.payload ?? [] }

    /// Takes a record over unless what is known is as new; nil deletes.
    mutating func take(_ id: DispatchID, _ new: Sourced<Record>?) -> RecordChange {
        guard let new else { return entries.removeValue(forKey: id) == nil ? .unknown : .removed }
        guard let known = entries[id] else {
            guard entries.count < limit else { return .full }
            entries[id] = new
            return .stored(isNew: true)
        }
        guard new.record.version.replaces(known.record.version), known.payload != new.payload else { return .stale }
        entries[id] = new
        return .stored(isNew: false)
    }

    mutating func remove(_ id: DispatchID) { entries[id] = nil }

    // MARK: - Snapshots

    func write(to writer: inout ByteWriter) {
        writer.write(UInt32(entries.count))
        for id in ids {
            writer.write(id)
            writer.write(entries[id]?.payload ?? [])
        }
    }

    mutating func read(from reader: inout ByteReader) throws(SnapshotError) {
        entries = [:]
        for _ in 0..<(try reader.count()) {
            let id = try reader.dispatchID()
            let payload = try reader.data()
            do throws(RecordProblem) {
                entries[id] = Sourced(record: try Record(accepted: payload.span, id: id), payload: payload)
            } catch {
                throw SnapshotError(reason: "the record '\(id.text)' cannot be read any more: \(error.detail)")
            }
        }
    }
}

extension OrderRecord: DispatchRecord {
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) { try self.init(payload, id: id) }
}

extension RouteRecord: DispatchRecord {
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) { try self.init(payload, id: id) }
}

extension CustomerRecord: DispatchRecord {
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) { try self.init(payload, id: id) }
}

extension DriverRecord: DispatchRecord {
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) { try self.init(payload, id: id) }
}

extension VehicleRecord: DispatchRecord {
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        guard let record = try VehicleRecord(payload, id: id) else {
            throw RecordProblem(reason: "wrong_type", detail: "a vehicle's record is a JSON object", offset: 0)
        }
        self = record
    }
}

extension ConditionRecord: DispatchRecord {
    init(accepted payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        // When a condition holds is told by its window, not by a schedule: no time zone is needed.
        try self.init(payload, id: id, reader: GeofenceReader(timeZones: { _ in nil }))
    }
}

/// All records of one fleet.
struct DispatchRecords: Sendable {
    var orders = RecordTable<OrderRecord>(limit: 500_000)
    var routes = RecordTable<RouteRecord>(limit: 50_000)
    var customers = RecordTable<CustomerRecord>(limit: 2_000_000)
    var drivers = RecordTable<DriverRecord>(limit: 200_000)
    var vehicles = RecordTable<VehicleRecord>(limit: 200_000)
    /// No more than forecasts look at.
    var conditions = RecordTable<ConditionRecord>(limit: Conditions.limit)

    func write(to writer: inout ByteWriter) {
        orders.write(to: &writer)
        routes.write(to: &writer)
        customers.write(to: &writer)
        drivers.write(to: &writer)
        vehicles.write(to: &writer)
        conditions.write(to: &writer)
    }

    mutating func read(from reader: inout ByteReader) throws(SnapshotError) {
        try orders.read(from: &reader)
        try routes.read(from: &reader)
        try customers.read(from: &reader)
        try drivers.read(from: &reader)
        try vehicles.read(from: &reader)
        try conditions.read(from: &reader)
    }
}
