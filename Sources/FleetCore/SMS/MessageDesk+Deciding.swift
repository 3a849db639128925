import Wire

/// Whether a message is to be sent at all, and as what it counts.
extension MessageDesk {
    mutating func take(_ occasion: MessageOccasion, _ recipient: Recipient, _ actions: inout [DeskAction]) {
        let key = Self.key(occasion.kind, occasion)
        if let reason = refusal(occasion, recipient) {
            return suppress(occasion, recipient, key, reason, &actions)
        }
        for kind in Self.outdated(by: occasion.kind) {
            if let ticket = tickets[Self.key(kind, occasion, isPlain: true)] { drop(ticket, .superseded, &actions) }
        }
        if isKnown(key, occasion) {
            // The promise is back where the recipient believes it to be.
            if let ticket = tickets[key], waiting[ticket]?.occasion.promise_ms != occasion.promise_ms {
                drop(ticket, .superseded, &actions)
            }
            return suppress(occasion, recipient, key, .duplicate, &actions)
        }
        var message = Waiting(
            key: key, occasion: occasion, recipient: recipient,
            priority: min(occasion.priority ?? .normal, rules[occasion.kind].priority),
            expires_ms: expiry_ms(occasion), quiet: [], release_ms: nil)
        guard message.expires_ms > now_ms else { return suppress(occasion, recipient, key, .expired, &actions) }
        message.quiet = quietPeriods(recipient, until_ms: message.expires_ms)
        if let ticket = tickets[key], let old = waiting[ticket] {
            replace(ticket, old, by: message, &actions)
        } else {
            enqueue(message, &actions)
        }
    }

    /// Why a message is not to be sent, whatever was told before.
    func refusal(_ occasion: MessageOccasion, _ recipient: Recipient) -> MessageSuppression? {
        guard rules[occasion.kind].isEnabled, language(recipient, occasion.kind) != nil else { return .kindDisabled }
        if occasion.isLate { return .lateData }
        if !occasion.kind.isForDriver {
            if !recipient.hasConsent { return .noConsent }
            if let kinds = recipient.kinds, !kinds.contains(occasion.kind) { return .noConsent }
        }
        guard let phone = recipient.phone, !phone.isEmpty else { return .noNumber }
        return PhoneNumber.isValid(phone) ? nil : .invalidNumber
    }

    func language(_ recipient: Recipient, _ kind: MessageKind) -> MessageLanguage? {
        rules.language(for: String(decoding: recipient.language, as: UTF8.self), kind: kind)
    }

    /// Whether the recipient has been told this already, as far as the promise goes.
    private func isKnown(_ key: Key, _ occasion: MessageOccasion) -> Bool {
        guard let told = told[key], told.count > 0 else {
            guard let ticket = tickets[key], let waiting = waiting[ticket] else { return false }
            return waiting.occasion.promise_ms == occasion.promise_ms
        }
        guard let old = told.promise_ms, let new = occasion.promise_ms else { return true }
        return Self.distance(old, new) <= Int64(rules.resend_s) * 1000
            || tickets[key].flatMap { waiting[$0]?.occasion.promise_ms } == new
    }

    private static func distance(_ one: Int64, _ other: Int64) -> Int64 {
        let (difference, overflow) = one.subtractingReportingOverflow(other)
        return overflow || difference == .min ? .max : abs(difference)
    }

    /// The moment from which on a message is of no use.
    private func expiry_ms(_ occasion: MessageOccasion) -> Int64 {
        let start_ms = min(occasion.time_ms, now_ms)
        var expires_ms = start_ms + Int64(rules[occasion.kind].expiry_s) * 1000
        if let end_ms = occasion.usefulUntil_ms { expires_ms = min(expires_ms, end_ms) }
        if occasion.kind == .arriving, let eta_ms = occasion.eta_ms { expires_ms = min(expires_ms, eta_ms) }
        return expires_ms
    }

    func quietPeriods(_ recipient: Recipient, until_ms: Int64) -> [Range<Int64>] {
        guard let hours = recipient.quietHours ?? rules.quietHours else { return [] }
        let end_ms = min(until_ms, now_ms + Self.expiry_ms_max)
        return QuietPeriods.list(hours, recipient.localTime ?? rules.localTime, from_ms: now_ms, to_ms: end_ms)
    }

    /// Kinds about the same subject that say nothing any more once this one is told.
    private static func outdated(by kind: MessageKind) -> [MessageKind] {
        switch kind {
        case .outForDelivery: [.scheduled, .rescheduled]
        case .arriving: [.scheduled, .rescheduled, .outForDelivery, .delayed]
        case .arrived: [.scheduled, .rescheduled, .outForDelivery, .delayed, .arriving]
        case .delivered, .failed: [.scheduled, .outForDelivery, .delayed, .arriving, .arrived]
        case .rescheduled: [.scheduled, .outForDelivery, .delayed, .arriving]
        case .delayed: [.arriving]
        case .scheduled, .routeChanged, .emergency: []
        }
    }

    // MARK: - Keys

    /// - Parameter isPlain: without the cause.
    static func key(_ kind: MessageKind, _ occasion: MessageOccasion, isPlain: Bool = false) -> Key {
        var key = Array(kind.name.utf8)
        key.append(UInt8(ascii: "/"))
        key.append(ascii: occasion.subject.kind)
        key.append(UInt8(ascii: "/"))
        appendEscaped(occasion.subject.id.bytes, to: &key)
        if !isPlain, !occasion.cause.isEmpty {
            key.append(UInt8(ascii: "#"))
            appendEscaped(occasion.cause, to: &key)
        }
        return key
    }

    /// Ids may hold any byte; escaped, two different lists of parts give different keys.
    private static func appendEscaped(_ bytes: [UInt8], to key: inout Key) {
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "#"), UInt8(ascii: "/"), 0...0x20, 0x7F:
                key += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: key.append(byte)
            }
        }
    }
}
