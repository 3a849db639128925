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
            // What waits for longer would make its quiet hours a long list.
            guard now_ms > .min, message.expires_ms <= now_ms + Self.expiry_ms_max else {
                throw SnapshotError(reason: "a message waits for too long")
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
