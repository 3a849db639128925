import Wire

/// What the desk tells: requests, and events without telephone numbers.
extension MessageDesk {
    /// Sends a message: the request, and the event that says so.
    mutating func request(
        _ message: Waiting, _ text: String, _ language: MessageLanguage, _ actions: inout [DeskAction]
    ) {
        let occasion = message.occasion
        var record = told[message.key] ?? Told(touched_ms: now_ms)
        record.count += 1
        record.promise_ms = occasion.promise_ms
        record.touched_ms = now_ms
        record.suppressed = 0
        told[message.key] = record
        counts.requested += 1

        let dedupeKey = Self.dedupeKey(message.key, record)
        let length = MessageLength(text)
        var event = event(.smsRequest, occasion, cause: dedupeKey)
        let id = identity(.smsRequest, occasion, cause: dedupeKey)
        event.id = id
        let phone = message.recipient.phone ?? []
        event.data.member("to")
        event.data.appendJSON(stringBytes: phone.span)
        event.data.member("text", string: text)
        event.data.describe(length, language)
        event.data.describe(occasion)
        event.data.member("channel", string: "sms")
        event.data.member("dedupe_key", string: String(decoding: dedupeKey, as: UTF8.self))
        actions.append(.messageRequest(event, priority: message.priority, expires_ms: message.expires_ms))

        var note = self.event(.smsRequested, occasion, cause: dedupeKey)
        note.id = identity(.smsRequested, occasion, cause: dedupeKey)
        note.data.describe(occasion)
        note.data.member("request", hash: id)
        note.data.member("to", string: PhoneNumber.masked(phone))
        note.data.describe(length, language)
        note.data.member("priority", string: "\(message.priority.name)")
        note.data.member("expires", time_ms: message.expires_ms)
        note.data.member("dedupe_key", string: String(decoding: dedupeKey, as: UTF8.self))
        actions.append(.event(note))
        expectReceipt(id, occasion, &actions)
    }

    /// The same for no two messages: the key, what is promised, and a running number.
    private static func dedupeKey(_ key: Key, _ record: Told) -> [UInt8] {
        var bytes = key
        bytes.append(UInt8(ascii: "@"))
        if let promise_ms = record.promise_ms { bytes.append(decimal: promise_ms) }
        bytes.append(UInt8(ascii: "/"))
        bytes.append(decimal: record.count)
        return bytes
    }

    /// Tells that a message is not sent, and why; for each message and reason once.
    mutating func suppress(
        _ occasion: MessageOccasion, _ recipient: Recipient, _ key: Key, _ reason: MessageSuppression,
        _ actions: inout [DeskAction]
    ) {
        counts.suppressed[Int(reason.rawValue)] += 1
        var record = told[key] ?? Told(touched_ms: now_ms)
        let bit = UInt16(1) << UInt16(reason.rawValue)
        guard record.suppressed & bit == 0 else { return }
        record.suppressed |= bit
        record.touched_ms = now_ms
        told[key] = record

        var cause = key
        cause += Array("!\(reason.name)/".utf8)
        cause.append(decimal: record.count)
        cause.append(UInt8(ascii: "@"))
        cause.append(decimal: occasion.time_ms)
        var event = event(.smsSuppressed, occasion, cause: cause)
        event.id = identity(.smsSuppressed, occasion, cause: cause)
        event.isLate = occasion.isLate
        event.data.describe(occasion)
        event.data.member("reason", string: reason.name)
        if let phone = recipient.phone { event.data.member("to", string: PhoneNumber.masked(phone)) }
        actions.append(.event(event))
    }

    func event(_ type: EventType, _ occasion: MessageOccasion, cause: [UInt8]) -> DeskEvent {
        DeskEvent(type: type, subject: occasion.subject, vehicle: occasion.vehicle, time_ms: now_ms, cause: cause)
    }

    /// The id of an event: of the fleet, the subject and the cause. The vehicle is no part of it, because a stop that
    /// changes vehicles is still to be told of once.
    func identity(_ type: EventType, _ occasion: MessageOccasion, cause: [UInt8]) -> Hash128 {
        var identity = EventIdentity()
        identity.begin(type, fleet: fleet)
        identity.add(occasion.subject.kind.withUTF8Buffer { Array($0) })
        identity.add(occasion.subject.id.bytes)
        identity.add(cause)
        return identity.hash()
    }
}

extension [UInt8] {
    /// The kind of message, and the ids of what it is about.
    mutating func describe(_ occasion: MessageOccasion) {
        member("kind", string: occasion.kind.name)
        if let id = occasion.stop { member("stop", id: id) }
        if let id = occasion.order { member("order", id: id) }
        if let id = occasion.route { member("route", id: id) }
        if let id = occasion.customer { member("customer", id: id) }
        if let id = occasion.driver { member("driver", id: id) }
    }

    mutating func describe(_ length: MessageLength, _ language: MessageLanguage) {
        member("language", string: language.tag)
        member("encoding", string: length.encoding.rawValue)
        member("segments")
        append(decimal: Int64(length.segments))
    }

    mutating func member(_ name: StaticString, hash: Hash128) {
        member(name)
        append(UInt8(ascii: "\""))
        append(hex: hash.high)
        append(hex: hash.low)
        append(UInt8(ascii: "\""))
    }
}
