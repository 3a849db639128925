import Wire

/// Decides which messages people get, when, and which not: of one fleet, in the order of the log.
///
/// Every occasion that is offered ends as a request or as a suppression with a reason. Requests wait in a queue by
/// priority until the provider's rate has room, or until the recipient's quiet hours are over; a text is written when it
/// is sent, so that its minutes are right then. The desk knows no clock: `now_ms` is the time of the log, which must not go
/// back (where it does, the newest time counts).
struct MessageDesk {
    /// How long it is remembered what was told about a stop.
    static let memory_ms: Int64 = 72 * 3_600_000
    /// The most stops and kinds that are remembered; with more, the oldest are forgotten early.
    static let memory_max = 1_000_000
    /// The most requests whose receipts are waited for; with more, the oldest count as unconfirmed.
    static let outstanding_max = 100_000
    /// How long a receipt may come after it was told that none came.
    static let lateReceipt_ms: Int64 = 86_400_000

    /// What a message is about, in text: `arriving/stops/S-1`, and behind it `#` and the cause where there is one.
    typealias Key = [UInt8]

    /// What was told under one key.
    struct Told: Equatable {
        /// Requests.
        var count: Int64 = 0
        /// What the newest of them promised.
        var promise_ms: Int64?
        /// When it was last touched.
        var touched_ms: Int64
        /// The reasons of suppressions that were told since the newest request, a bit each.
        var suppressed: UInt16 = 0
    }

    /// A message that waits.
    struct Waiting: Equatable {
        var key: Key
        var occasion: MessageOccasion
        var recipient: Recipient
        var priority: MessagePriority
        var expires_ms: Int64
        /// The recipient's quiet periods until then.
        var quiet: [Range<Int64>]
        /// When its quiet period ends; nil where it stands in the queue.
        var release_ms: Int64?
    }

    /// A request whose receipt has not come.
    struct Outstanding: Equatable {
        var occasion: MessageOccasion
        var sent_ms: Int64
        var isUnconfirmed = false
    }

    /// How many of what, since the desk began.
    struct Counts: Equatable {
        var requested: Int64 = 0
        var delivered: Int64 = 0
        var failed: Int64 = 0
        var unconfirmed: Int64 = 0
        /// Receipts for no request that is known.
        var strayReceipts: Int64 = 0
        /// By the raw value of the reason; repetitions that were not told included.
        var suppressed = [Int64](repeating: 0, count: MessageSuppression.allCases.count)
    }

    let fleet: [UInt8]
    /// Changes hold for what waits too.
    var rules: MessageRules
    var counts = Counts()

    var now_ms = Int64.min
    var told: [Key: Told] = [:]
    /// By ticket: a number that counts up.
    var waiting: [Int64: Waiting] = [:]
    var tickets: [Key: Int64] = [:]
    var lastTicket: Int64 = 0
    /// Tickets in the order of the queue, by priority; some may be of messages that wait no more.
    var queues: [[Int64]] = MessagePriority.allCases.map { _ in [] }
    /// Tickets of those that wait for the end of quiet hours, by that time, then by ticket.
    var sleeping: [(release_ms: Int64, ticket: Int64)] = []
    var budget: SendingBudget
    var outstanding: [Hash128: Outstanding] = [:]
    /// Ids of requests in the order in which they were sent: first those that are waited for, and those told as unconfirmed.
    var awaited: [Hash128] = []
    var overdue: [Hash128] = []
    /// A time before which nothing that waits expires.
    var nextExpiry_ms = Int64.max
    var nextForgetting_ms = Int64.min

    /// - Parameter fleet: its id, as it goes into the ids of events.
    init(fleet: [UInt8], rules: MessageRules) {
        self.fleet = fleet
        self.rules = rules
        budget = SendingBudget(rules)
    }

    /// What waits, for the next request.
    var waitingCount: Int { waiting.count }

    // MARK: - What happens

    /// Takes an occasion on which somebody may want a message. O(log waiting), or O(waiting) where the queue is full.
    mutating func offer(_ occasion: MessageOccasion, recipient: Recipient, now_ms: Int64) -> [DeskAction] {
        advance(to: now_ms)
        var actions: [DeskAction] = []
        take(occasion, recipient, &actions)
        drain(&actions)
        return actions
    }

    /// Time passes: what may go out goes out, what is of no use any more is dropped, receipts that did not come are told.
    mutating func tick(now_ms: Int64) -> [DeskAction] {
        advance(to: now_ms)
        var actions: [DeskAction] = []
        dropExpired(&actions)
        drain(&actions)
        tellUnconfirmed(&actions)
        forget()
        return actions
    }

    /// What waits about a subject is of no use any more: the order was cancelled, the stop is another vehicle's.
    mutating func withdraw(_ subject: DeskSubject, now_ms: Int64) -> [DeskAction] {
        advance(to: now_ms)
        var actions: [DeskAction] = []
        for ticket in waiting.keys.sorted() where waiting[ticket]?.occasion.subject == subject {
            drop(ticket, .superseded, &actions)
        }
        return actions
    }

    /// A customer's or driver's record has changed: what waits for them goes by the new one. Consent that was taken back, or a
    /// deleted record, ends it.
    ///
    /// - Parameter recipient: nil where the record was deleted.
    mutating func change(
        _ id: DispatchID, isDriver: Bool, to recipient: Recipient?, now_ms: Int64
    ) -> [DeskAction] {
        advance(to: now_ms)
        var actions: [DeskAction] = []
        let recipient = recipient ?? Recipient()
        for ticket in waiting.keys.sorted() {
            guard var message = waiting[ticket], message.occasion.kind.isForDriver == isDriver,
                (isDriver ? message.occasion.driver : message.occasion.customer) == id
            else { continue }
            if let reason = refusal(message.occasion, recipient) {
                drop(ticket, reason, &actions)
                continue
            }
            message.recipient = recipient
            message.quiet = quietPeriods(recipient, until_ms: message.expires_ms)
            move(ticket, to: message, &actions)
        }
        drain(&actions)
        return actions
    }

    private mutating func advance(to time_ms: Int64) { now_ms = max(now_ms, time_ms) }

    // MARK: - Deciding

    private mutating func take(_ occasion: MessageOccasion, _ recipient: Recipient, _ actions: inout [DeskAction]) {
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
    private func refusal(_ occasion: MessageOccasion, _ recipient: Recipient) -> MessageSuppression? {
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

    private func quietPeriods(_ recipient: Recipient, until_ms: Int64) -> [Range<Int64>] {
        guard let hours = recipient.quietHours ?? rules.quietHours else { return [] }
        return QuietPeriods.list(hours, recipient.localTime ?? rules.localTime, from_ms: now_ms, to_ms: until_ms)
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
