import Wire

extension RouteFacts {
    func write(to writer: inout ByteWriter) {
        writer.write(vehicle)
        writer.write(optional: driver) { $0.write($1) }
        writer.write(began_ms)
        writer.write(optional: plannedEnd_ms) { $0.write($1) }
        writer.write(returnsToDepot)
        writer.write(optional: depot) { $1.write(to: &$0) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            vehicle: try reader.dispatchID(), driver: try reader.optionalID(), began_ms: try reader.time_ms(),
            plannedEnd_ms: try reader.optionalTime_ms(), returnsToDepot: try reader.bool(),
            depot: try reader.optional { reader throws(SnapshotError) in try JourneyStop(from: &reader) })
    }
}

extension RouteStop {
    func write(to writer: inout ByteWriter) {
        stop.write(to: &writer)
        writer.write(optional: ended_ms) { $0.write($1) }
        writer.write(optional: outcome) { $0.write($1.rawValue) }
        writer.write(service_s)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            stop: try JourneyStop(from: &reader), ended_ms: try reader.optionalTime_ms(),
            outcome: try reader.optional { reader throws(SnapshotError) in try reader.phase() },
            service_s: try reader.integer())
    }
}

extension RouteWord {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(cause)
        writer.write(kind.rawValue)
        writer.write(optional: driver) { $0.write($1) }
        writer.write(items)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            time_ms: try reader.time_ms(), cause: try reader.data(), kind: try reader.phase(),
            driver: try reader.optionalID(), items: try reader.goods())
    }
}

extension RouteSeen {
    func write(to writer: inout ByteWriter) {
        writer.write(list: depot) { $1.write(to: &$0) }
        writer.write(list: marks) { writer, mark in
            writer.write(mark.time_ms)
            mark.odometer.write(to: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init()
        depot = try reader.list { reader throws(SnapshotError) in try StopVisit(from: &reader) }
        marks = try reader.list { reader throws(SnapshotError) in
            Mark(time_ms: try reader.time_ms(), odometer: try .init(from: &reader))
        }
    }
}

extension RouteHistory {
    func write(to writer: inout ByteWriter) {
        writer.write(route)
        writer.write(optional: facts) { $1.write(to: &$0) }
        writer.write(list: stops) { $1.write(to: &$0) }
        seen.write(to: &writer)
        writer.write(list: words) { $1.write(to: &$0) }
        ledger.write(to: &writer)
    }

    init(from reader: inout ByteReader, fleet: [UInt8]) throws(SnapshotError) {
        self.init(fleet: fleet, route: try reader.dispatchID())
        let facts = try reader.optional { reader throws(SnapshotError) in try RouteFacts(from: &reader) }
        let stops = try reader.list { reader throws(SnapshotError) in try RouteStop(from: &reader) }
        let seen = try RouteSeen(from: &reader)
        let words = try reader.list { reader throws(SnapshotError) in try RouteWord(from: &reader) }
        guard words.count <= Self.wordsMax else { throw SnapshotError(reason: "a route has too many words") }
        restore(facts: facts, stops: stops, seen: seen, words: words, ledger: try MilestoneLedger(from: &reader))
    }
}
