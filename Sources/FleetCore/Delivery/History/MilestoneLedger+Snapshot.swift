import Wire

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
}
