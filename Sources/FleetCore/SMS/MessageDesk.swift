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

    /// The longest that a message waits: that of the largest expiry.
    static let expiry_ms_max = Int64(MessageRules.Limits.expiry_s.upperBound) * 1000

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

    mutating func advance(to time_ms: Int64) { now_ms = max(now_ms, time_ms) }
}
