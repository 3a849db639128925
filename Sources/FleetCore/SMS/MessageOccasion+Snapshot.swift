import Geo
import Wire

/// Occasions and recipients in a snapshot.
extension MessageOccasion {
    func write(to writer: inout ByteWriter) {
        writer.write(kind.rawValue)
        writer.write(subject.code)
        writer.write(subject.id)
        writer.write(time_ms)
        for time_ms in [promise_ms, eta_ms, windowFrom_ms, windowTo_ms, usefulUntil_ms] {
            writer.write(optional: time_ms) { $0.write($1) }
        }
        for bytes in [cause, reason, address] { writer.write(bytes) }
        writer.write(optional: priority) { $0.write($1.rawValue) }
        writer.write(isLate)
        for id in [vehicle, stop, order, route, customer, driver] { writer.write(optional: id) { $0.write($1) } }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let kind = try reader.kind()
        let code: UInt8 = try reader.integer()
        guard let subject = DeskSubject(code: code, id: try reader.dispatchID()) else {
            throw SnapshotError(reason: "the subject of a message is not known")
        }
        self.init(kind, subject, time_ms: try reader.time_ms())
        promise_ms = try reader.optionalTime_ms()
        eta_ms = try reader.optionalTime_ms()
        windowFrom_ms = try reader.optionalTime_ms()
        windowTo_ms = try reader.optionalTime_ms()
        usefulUntil_ms = try reader.optionalTime_ms()
        cause = try reader.data()
        reason = try reader.data()
        address = try reader.data()
        priority = try reader.optional { (reader) throws(SnapshotError) in try reader.priority() }
        isLate = try reader.bool()
        vehicle = try reader.optionalID()
        stop = try reader.optionalID()
        order = try reader.optionalID()
        route = try reader.optionalID()
        customer = try reader.optionalID()
        driver = try reader.optionalID()
    }
}

extension Recipient {
    func write(to writer: inout ByteWriter) {
        writer.write(optional: phone) { $0.write($1) }
        writer.write(name)
        writer.write(language)
        writer.write(hasConsent)
        writer.write(optional: kinds) { writer, kinds in
            writer.write(UInt32(kinds.count))
            for kind in kinds { writer.write(kind.rawValue) }
        }
        writer.write(optional: quietHours) { writer, hours in
            writer.write(Int16(hours.start_min))
            writer.write(Int16(hours.end_min))
        }
        writer.write(optional: localTime) { writer, zone in
            writer.write(UInt32(zone.transitions_ms.count))
            for time_ms in zone.transitions_ms { writer.write(time_ms) }
            for offset_s in zone.offsets_s { writer.write(offset_s) }
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        phone = try reader.optional { (reader) throws(SnapshotError) in try reader.data() }
        name = try reader.data()
        language = try reader.data()
        hasConsent = try reader.bool()
        kinds = try reader.optional { (reader) throws(SnapshotError) in
            var kinds: [MessageKind] = []
            for _ in 0..<(try reader.count()) { kinds.append(try reader.kind()) }
            return kinds
        }
        quietHours = try reader.optional { (reader) throws(SnapshotError) in
            let (start, end): (Int16, Int16) = (try reader.integer(), try reader.integer())
            guard let hours = DayHours(from_min: Int(start), to_min: Int(end)) else {
                throw SnapshotError(reason: "hours are out of range")
            }
            return hours
        }
        localTime = try reader.optional { (reader) throws(SnapshotError) in
            var transitions_ms: [Int64] = []
            var offsets_s: [Int32] = []
            let count = try reader.count()
            for _ in 0..<count { transitions_ms.append(try reader.time_ms()) }
            for _ in 0...count { offsets_s.append(try reader.integer()) }
            // `abs` of the least integer would stop the process.
            guard !offsets_s.contains(.min),
                let rules = TimeZoneRules(transitions_ms: transitions_ms, offsets_s: offsets_s)
            else { throw SnapshotError(reason: "a time zone does not fit together") }
            return rules
        }
    }
}

extension DeskSubject {
    fileprivate var code: UInt8 {
        switch self {
        case .stop: 0
        case .order: 1
        case .route: 2
        case .driver: 3
        case .command: 4
        case .vehicle: 5
        }
    }

    fileprivate init?(code: UInt8, id: DispatchID) {
        switch code {
        case 0: self = .stop(id)
        case 1: self = .order(id)
        case 2: self = .route(id)
        case 3: self = .driver(id)
        case 4: self = .command(id)
        case 5: self = .vehicle(id)
        default: return nil
        }
    }
}

extension ByteReader {
    /// A ticket: a number that counts up, far from overflow.
    mutating func smallTicket() throws(SnapshotError) -> Int64 {
        let value: Int64 = try integer()
        guard (0...(1 << 53)).contains(value) else { throw SnapshotError(reason: "a ticket is out of range") }
        return value
    }

    mutating func kind() throws(SnapshotError) -> MessageKind {
        let raw: UInt8 = try integer()
        guard let kind = MessageKind(rawValue: raw) else {
            throw SnapshotError(reason: "a kind of message is not known")
        }
        return kind
    }

    mutating func priority() throws(SnapshotError) -> MessagePriority {
        let raw: UInt8 = try integer()
        guard let priority = MessagePriority(rawValue: raw) else {
            throw SnapshotError(reason: "a priority is not known")
        }
        return priority
    }
}
