import Wire

extension SharedPlaceGate {
    func write(to writer: inout ByteWriter) {
        switch self {
        case .open: writer.write(UInt8(0))
        case .closed: writer.write(UInt8(1))
        case .after(let time_ms):
            writer.write(UInt8(2))
            writer.write(time_ms)
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        switch try reader.integer(UInt8.self) {
        case 0: self = .open
        case 1: self = .closed
        case 2: self = .after(try reader.time_ms())
        default: throw SnapshotError(reason: "a stop's place is shared in no known way")
        }
    }
}

extension StopSeen {
    func write(to writer: inout ByteWriter) {
        writer.write(vehicle)
        gate.write(to: &writer)
        writer.write(list: visits) { $1.write(to: &$0) }
        writer.write(list: outings) { writer, outing in
            outing.left.write(to: &writer)
            writer.write(optional: outing.back) { $1.write(to: &$0) }
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(vehicle: try reader.dispatchID())
        gate = try SharedPlaceGate(from: &reader)
        visits = try reader.list { reader throws(SnapshotError) in try StopVisit(from: &reader) }
        outings = try reader.list { reader throws(SnapshotError) in
            Outing(
                left: try StopVisit.Moment(from: &reader), back: try StopVisit.Moment.readOptional(from: &reader))
        }
    }
}

extension DeliveryHistory {
    /// Where it stands is not written: it follows from the rest.
    func write(to writer: inout ByteWriter) {
        writer.write(stop)
        writer.write(list: evidence) { $1.write(to: &$0) }
        writer.write(list: seen) { $1.write(to: &$0) }
        writer.write(list: places) { writer, spot in
            writer.write(spot.cause)
            spot.place.write(to: &writer)
        }
        ledger.write(to: &writer)
        writer.write(list: proofMissingTold) { $0.write($1) }
        writer.write(dropped)
    }

    init(from reader: inout ByteReader, fleet: [UInt8], _ settings: DeliverySettings) throws(SnapshotError) {
        self.init(fleet: fleet, stop: try reader.dispatchID())
        let evidence = try reader.list { reader throws(SnapshotError) in try DeliveryEvidence(from: &reader) }
        let seen = try reader.list { reader throws(SnapshotError) in try StopSeen(from: &reader) }
        guard evidence.count <= Self.decisiveMax, seen.count <= Self.vehiclesMax else {
            throw SnapshotError(reason: "a delivery has too much evidence")
        }
        let places = try reader.list { reader throws(SnapshotError) in
            WordSpot(cause: try reader.data(), place: try WordPlace(from: &reader))
        }
        let ledger = try MilestoneLedger(from: &reader)
        let proofMissingTold = try reader.list { reader throws(SnapshotError) in try reader.data() }
        restore(
            evidence: evidence, seen: seen, places: places, ledger: ledger, proofMissingTold: proofMissingTold,
            dropped: try reader.integer(), settings)
    }
}
