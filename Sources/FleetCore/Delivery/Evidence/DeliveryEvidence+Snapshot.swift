import Wire

extension DeliveryFacts {
    func write(to writer: inout ByteWriter) {
        writer.write(vehicle)
        for id in [route, order, customer, driver] { writer.write(optional: id) { $0.write($1) } }
        writer.write(optional: place) { $1.write(to: &$0) }
        writer.write(optional: plannedArrival_ms) { $0.write($1) }
        writer.write(items)
        writer.write(optional: cod) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            vehicle: try reader.dispatchID(), route: try reader.optionalID(), order: try reader.optionalID(),
            customer: try reader.optionalID(), driver: try reader.optionalID(),
            place: try reader.optional { reader throws(SnapshotError) in try JourneyStop(from: &reader) },
            plannedArrival_ms: try reader.optionalTime_ms(), items: try reader.goods(),
            cod: try reader.optional { reader throws(SnapshotError) in try reader.money() })
    }
}

extension WordPlace {
    func write(to writer: inout ByteWriter) {
        writer.write(latitude_e7)
        writer.write(longitude_e7)
        writer.write(optional: accuracy_m) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            latitude_e7: try reader.integer(), longitude_e7: try reader.integer(),
            accuracy_m: try reader.optional { reader throws(SnapshotError) in try reader.sum() })
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a driver's place lies outside of the world")
        }
    }
}

extension DriverWord {
    func write(to writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        writer.write(vehicle)
        writer.write(optional: driver) { $0.write($1) }
        writer.write(optional: place) { $1.write(to: &$0) }
        writer.write(reason)
        writer.write(proof)
        writer.write(items)
        writer.write(returns)
        writer.write(optional: payment) { $0.write($1) }
        writer.write(optional: window) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            kind: try reader.phase(), vehicle: try reader.dispatchID(), driver: try reader.optionalID(),
            place: try reader.optional { reader throws(SnapshotError) in try WordPlace(from: &reader) },
            reason: try reader.data(), proof: try reader.proof(), items: try reader.goods(),
            returns: try reader.goods(),
            payment: try reader.optional { reader throws(SnapshotError) in try reader.payment() },
            window: try reader.optional { reader throws(SnapshotError) in try reader.window() })
    }
}

extension DeliveryEvidence {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(cause)
        switch kind {
        case .assigned(let facts):
            writer.write(UInt8(0))
            facts.write(to: &writer)
        case .amended(let facts):
            writer.write(UInt8(1))
            facts.write(to: &writer)
        case .unassigned(let reason):
            writer.write(UInt8(2))
            writer.write(reason)
        case .cancelled(let reason):
            writer.write(UInt8(3))
            writer.write(reason)
        case .loaded(let vehicle, let items):
            writer.write(UInt8(4))
            writer.write(vehicle)
            writer.write(items)
        case .setOut(let vehicle):
            writer.write(UInt8(5))
            writer.write(vehicle)
        case .word(let word):
            writer.write(UInt8(6))
            word.write(to: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let time_ms = try reader.time_ms()
        let cause = try reader.data()
        let kind: Kind
        switch try reader.integer(UInt8.self) {
        case 0: kind = .assigned(try DeliveryFacts(from: &reader))
        case 1: kind = .amended(try DeliveryFacts(from: &reader))
        case 2: kind = .unassigned(reason: try reader.data())
        case 3: kind = .cancelled(reason: try reader.data())
        case 4: kind = .loaded(vehicle: try reader.dispatchID(), items: try reader.goods())
        case 5: kind = .setOut(vehicle: try reader.dispatchID())
        case 6: kind = .word(try DriverWord(from: &reader))
        default: throw SnapshotError(reason: "a piece of a delivery's evidence is of no known kind")
        }
        self.init(time_ms: time_ms, cause: cause, kind: kind)
    }
}
