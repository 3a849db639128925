import Geo
import Wire

/// The desk in a snapshot: everything but its rules, which stand in the journal.
extension MessageDesk {
    func write(to writer: inout ByteWriter) {
        writer.write(now_ms)
        writer.write(nextForgetting_ms)
        budget.write(to: &writer)
        counts.write(to: &writer)
        writer.write(UInt32(told.count))
        for (key, record) in told.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            writer.write(key)
            record.write(to: &writer)
        }
        writer.write(lastTicket)
        writer.write(UInt32(waiting.count))
        for (ticket, message) in waiting.sorted(by: { $0.key < $1.key }) {
            writer.write(ticket)
            message.write(to: &writer)
        }
        for queue in queues {
            let live = queue.filter { waiting[$0].map { $0.release_ms == nil } ?? false }
            writer.write(UInt32(live.count))
            for ticket in live { writer.write(ticket) }
        }
        for ids in [awaited, overdue] {
            let live = ids.compactMap { id in outstanding[id].map { (id, $0) } }
            writer.write(UInt32(live.count))
            for (id, request) in live {
                writer.write(id.high)
                writer.write(id.low)
                request.occasion.write(to: &writer)
                writer.write(request.sent_ms)
            }
        }
    }

    init(fleet: [UInt8], rules: MessageRules, from reader: inout ByteReader) throws(SnapshotError) {
        self.init(fleet: fleet, rules: rules)
        now_ms = try reader.timeOrNever_ms()
        nextForgetting_ms = try reader.timeOrNever_ms()
        budget = try SendingBudget(from: &reader)
        counts = try Counts(from: &reader)
        for _ in 0..<(try reader.count()) {
            let key = try reader.data()
            told[key] = try Told(from: &reader)
        }
        lastTicket = try reader.smallTicket()
        try readWaiting(&reader)
        awaited = try readOutstanding(&reader, areUnconfirmed: false)
        overdue = try readOutstanding(&reader, areUnconfirmed: true)
    }

    private mutating func readWaiting(_ reader: inout ByteReader) throws(SnapshotError) {
        for _ in 0..<(try reader.count()) {
            let ticket = try reader.smallTicket()
            let message = try Waiting(from: &reader)
            guard ticket <= lastTicket, waiting[ticket] == nil, tickets[message.key] == nil else {
                throw SnapshotError(reason: "two messages wait in one place")
            }
            waiting[ticket] = message
            tickets[message.key] = ticket
            nextExpiry_ms = min(nextExpiry_ms, message.expires_ms)
            if let release_ms = message.release_ms { sleeping.append((release_ms, ticket)) }
        }
        sleeping.sort { $0 < $1 }
        var queued = Set<Int64>()
        for priority in queues.indices {
            for _ in 0..<(try reader.count()) {
                let ticket: Int64 = try reader.integer()
                guard let message = waiting[ticket], message.release_ms == nil,
                    Int(message.priority.rawValue) == priority, queued.insert(ticket).inserted
                else { throw SnapshotError(reason: "a queue names a message that does not wait in it") }
                queues[priority].append(ticket)
            }
        }
        guard queued.count + sleeping.count == waiting.count else {
            throw SnapshotError(reason: "a message waits in no queue")
        }
    }

    private mutating func readOutstanding(
        _ reader: inout ByteReader, areUnconfirmed: Bool
    ) throws(SnapshotError) -> [Hash128] {
        var ids: [Hash128] = []
        for _ in 0..<(try reader.count()) {
            let id = Hash128(high: try reader.integer(), low: try reader.integer())
            let occasion = try MessageOccasion(from: &reader)
            let request = Outstanding(
                occasion: occasion, sent_ms: try reader.time_ms(), isUnconfirmed: areUnconfirmed)
            guard outstanding.updateValue(request, forKey: id) == nil else {
                throw SnapshotError(reason: "a request is waited for twice")
            }
            ids.append(id)
        }
        return ids
    }
}

extension ByteReader {
    /// A ticket: a number that counts up, far from overflow.
    fileprivate mutating func smallTicket() throws(SnapshotError) -> Int64 {
        let value: Int64 = try integer()
        guard (0...(1 << 53)).contains(value) else { throw SnapshotError(reason: "a ticket is out of range") }
        return value
    }

    fileprivate mutating func kind() throws(SnapshotError) -> MessageKind {
        let raw: UInt8 = try integer()
        guard let kind = MessageKind(rawValue: raw) else {
            throw SnapshotError(reason: "a kind of message is not known")
        }
        return kind
    }

    fileprivate mutating func priority() throws(SnapshotError) -> MessagePriority {
        let raw: UInt8 = try integer()
        guard let priority = MessagePriority(rawValue: raw) else {
            throw SnapshotError(reason: "a priority is not known")
        }
        return priority
    }
}

extension MessageDesk.Counts {
    func write(to writer: inout ByteWriter) {
        for count in [requested, delivered, failed, unconfirmed, strayReceipts] + suppressed { writer.write(count) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        requested = try reader.smallTicket()
        delivered = try reader.smallTicket()
        failed = try reader.smallTicket()
        unconfirmed = try reader.smallTicket()
        strayReceipts = try reader.smallTicket()
        for index in suppressed.indices { suppressed[index] = try reader.smallTicket() }
    }
}

extension MessageDesk.Told {
    func write(to writer: inout ByteWriter) {
        writer.write(count)
        writer.write(optional: promise_ms) { $0.write($1) }
        writer.write(touched_ms)
        writer.write(suppressed)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        count = try reader.smallCount()
        promise_ms = try reader.optionalTime_ms()
        touched_ms = try reader.time_ms()
        suppressed = try reader.integer()
    }
}

extension MessageDesk.Waiting {
    func write(to writer: inout ByteWriter) {
        writer.write(key)
        occasion.write(to: &writer)
        recipient.write(to: &writer)
        writer.write(priority.rawValue)
        writer.write(expires_ms)
        writer.write(UInt32(quiet.count))
        for period in quiet {
            writer.write(period.lowerBound)
            writer.write(period.upperBound)
        }
        writer.write(optional: release_ms) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        key = try reader.data()
        occasion = try MessageOccasion(from: &reader)
        recipient = try Recipient(from: &reader)
        priority = try reader.priority()
        expires_ms = try reader.time_ms()
        quiet = []
        for _ in 0..<(try reader.count()) {
            let (start_ms, end_ms) = (try reader.time_ms(), try reader.time_ms())
            guard start_ms <= end_ms else { throw SnapshotError(reason: "a quiet period ends before it begins") }
            quiet.append(start_ms..<end_ms)
        }
        release_ms = try reader.optionalTime_ms()
    }
}

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
