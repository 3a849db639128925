import Wire

/// What a driver said, with what a dead letter needs where nothing comes of it.
struct VehicleReport: Sendable {
    var vehicle: DispatchID
    var handle: Int32
    var report: DriverReport
    var payload: [UInt8]
}

/// What refers to something that is not known yet. It waits for a time, and is a dead letter then.
struct WaitingRoom: Sendable {
    /// What something refers to.
    enum Reference: Sendable, Hashable {
        /// A route names an order.
        case order(DispatchID, route: DispatchID)
        /// An order names a customer.
        case customer(DispatchID, order: DispatchID)
    }

    private struct Entry: Sendable {
        var since_ms: Int64
        var reference: Reference
    }

    private struct Held: Sendable {
        var since_ms: Int64
        var told: VehicleReport

        /// What it names, each once.
        var names: Set<DispatchID> { Set([told.report.stop, told.report.order].compactMap { $0 }) }
    }

    /// More than so many wait for nothing: the oldest are given up.
    static let limit = 10_000

    /// In the order of their times.
    private var entries: [Entry] = []
    /// Those of `entries`: what waits already does not wait twice.
    private var known: Set<Reference> = []
    private var reports: [Held] = []
    /// How many of `reports` name a stop or an order.
    private var named: [DispatchID: Int] = [:]

    var count: Int { entries.count + reports.count }

    mutating func add(_ reference: Reference, at time_ms: Int64) {
        guard known.insert(reference).inserted else { return }
        entries.append(Entry(since_ms: time_ms, reference: reference))
    }

    mutating func hold(_ told: VehicleReport, at time_ms: Int64) {
        let held = Held(since_ms: time_ms, told: told)
        // One that waits on keeps the time at which it came.
        let index = reports.lastIndex { $0.since_ms <= time_ms }.map { $0 + 1 } ?? 0
        reports.insert(held, at: index)
        for name in held.names { named[name, default: 0] += 1 }
    }

    private mutating func forget(_ held: some Sequence<Held>) {
        for name in held.lazy.flatMap(\.names) {
            guard let count = named[name] else { continue }
            named[name] = count > 1 ? count - 1 : nil
        }
    }

    /// Takes out what has waited since `limit_ms` or longer, and what there is no room for.
    mutating func removeDue(_ limit_ms: Int64) -> (references: [Reference], reports: [VehicleReport]) {
        let dueEntries = max(entries.prefix { $0.since_ms <= limit_ms }.count, entries.count - Self.limit)
        let dueReports = max(reports.prefix { $0.since_ms <= limit_ms }.count, reports.count - Self.limit)
        defer {
            for entry in entries.prefix(dueEntries) { known.remove(entry.reference) }
            forget(reports.prefix(dueReports))
            entries.removeFirst(dueEntries)
            reports.removeFirst(dueReports)
        }
        return (entries.prefix(dueEntries).map(\.reference), reports.prefix(dueReports).map(\.told))
    }

    /// Takes out the reports about a stop or its order, in the order in which they came, with the times since when they
    /// wait. O(1) where there are none.
    mutating func removeReports(
        about stop: DispatchID, _ order: DispatchID?
    ) -> [(since_ms: Int64, told: VehicleReport)] {
        guard named[stop] != nil || order.map({ named[$0] != nil }) == true else { return [] }
        func isAbout(_ held: Held) -> Bool {
            held.names.contains(stop) || order.map { held.names.contains($0) } == true
        }
        let found = reports.filter(isAbout)
        reports.removeAll(where: isAbout)
        forget(found)
        return found.map { ($0.since_ms, $0.told) }
    }

    // MARK: - Snapshots

    func write(to writer: inout ByteWriter) {
        writer.write(list: entries) { writer, entry in
            writer.write(entry.since_ms)
            switch entry.reference {
            case .order(let id, let route):
                writer.write(UInt8(0))
                writer.write(id)
                writer.write(route)
            case .customer(let id, let order):
                writer.write(UInt8(1))
                writer.write(id)
                writer.write(order)
            }
        }
        writer.write(list: reports) { writer, held in
            writer.write(held.since_ms)
            writer.write(held.told.vehicle)
            writer.write(held.told.handle)
            writer.write(held.told.payload)
        }
    }

    init() {}

    init(from reader: inout ByteReader) throws(SnapshotError) {
        entries = try reader.list { reader throws(SnapshotError) in
            let since_ms = try reader.time_ms()
            let kind: UInt8 = try reader.integer()
            let id = try reader.dispatchID()
            let other = try reader.dispatchID()
            switch kind {
            case 0: return Entry(since_ms: since_ms, reference: .order(id, route: other))
            case 1: return Entry(since_ms: since_ms, reference: .customer(id, order: other))
            default: throw SnapshotError(reason: "what waits is of no known kind")
            }
        }
        reports = try reader.list { reader throws(SnapshotError) in
            let since_ms = try reader.time_ms()
            let vehicle = try reader.dispatchID()
            let handle: Int32 = try reader.integer()
            let payload = try reader.data()
            guard let report = try? DriverReport(payload.span) else {
                throw SnapshotError(reason: "what a driver said cannot be read any more")
            }
            return Held(
                since_ms: since_ms,
                told: VehicleReport(vehicle: vehicle, handle: handle, report: report, payload: payload))
        }
        known = Set(entries.map(\.reference))
        for name in reports.flatMap(\.names) { named[name, default: 0] += 1 }
    }
}
