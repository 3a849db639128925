import Wire

/// An event that a story told, for as long as late data may change it.
struct Told: Sendable, Equatable {
    /// What happened, as the story itself identifies it.
    var identity: Hash128
    /// The id under which it was published: `identity`, or another where it corrects an event.
    var published: Hash128
    /// What was said of it, without its evidence.
    var content: UInt64
    /// The track that it carries as evidence; 0 without one, and where a part of it cannot be told again.
    var evidence: UInt64 = 0
    /// What it is about besides the vehicle, such as a geofence: an event is corrected by one of the same type and subject.
    var subject: UInt64
    var time_ms: Int64
    /// The time of the observation from which it was decided.
    var cause_ms: Int64
    var type: EventType
    var standing = Standing.holds

    enum Standing: UInt8 {
        case holds = 0
        /// It was taken back; `published` is the id of the event that did so.
        case retracted = 1
        /// Another event came in its place; `published` is the id of that.
        case superseded = 2
        /// It is about a fence that is no more: it is neither changed nor taken back.
        case closed = 3

        var isGone: Bool { self == .retracted || self == .superseded }
    }
}

/// What a story tells when it is told again, before it is compared with what was told before.
struct Retelling {
    struct Pending {
        var told: Told
        /// The members of `data`, in `bytes`.
        var data: Range<Int>
    }

    private(set) var pending: [Pending] = []
    private(set) var bytes: [UInt8] = []
    var isActive = false

    mutating func begin() {
        isActive = true
        pending.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
    }

    /// What is told twice from observations of one time is told once: two reports of one moment may raise an alarm, clear it
    /// and raise it again.
    mutating func add(_ told: Told, evidence: [UInt8], data: (inout [UInt8]) -> Void) {
        let isTold = pending.reversed().prefix { $0.told.cause_ms == told.cause_ms }
            .contains { $0.told.identity == told.identity }
        if isTold { return }
        let start = bytes.count
        data(&bytes)
        var told = told
        told.content = Hash128(bytes.span.extracting(start..<bytes.count), seed: 0).low
        bytes.append(contentsOf: evidence)
        pending.append(Pending(told: told, data: start..<bytes.count))
    }
}

/// What becomes of one event of a story that was told again.
enum Verdict: Equatable {
    /// It was told before, and nothing about it has changed.
    case known
    /// It was not known before.
    case new
    /// It takes the place of an event that was told otherwise, or of one that took it back.
    case corrects(Hash128)
    /// It was told before, and another came in its place, which holds too or was corrected itself.
    case returns(after: Hash128)
}

/// Compares a story that was told again with what was told before.
///
/// Every event of the new story that was told before, with the same content, stays. One that says something else about the
/// same happening corrects it. Of the rest, an event takes the place of one of the same type about the same subject,
/// at the same time if there is one, in order otherwise. What then is left of the old ones is taken back. An id is never
/// published twice: what comes again after it was corrected or taken back has a new one, made from that of what did so.
struct Reconciliation {
    /// One for each event of the new story.
    private(set) var verdicts: [Verdict]
    /// Of the old events those that are taken back, by index.
    private(set) var retracted: [Int] = []
    /// The partner of each event of the new story among the old ones.
    private(set) var partners: [Int?]

    init(old: [Told], new: [Told]) {
        verdicts = Array(repeating: .new, count: new.count)
        partners = Array(repeating: nil, count: new.count)
        var isFree = old.map { $0.standing == .holds }
        func pair(where matches: (Told, Told) -> Bool) {
            for index in new.indices where partners[index] == nil {
                guard let other = old.indices.first(where: { isFree[$0] && matches(old[$0], new[index]) }) else {
                    continue
                }
                isFree[other] = false
                partners[index] = other
            }
        }
        for index in new.indices {
            partners[index] = old.firstIndex { $0.standing == .closed && $0.identity == new[index].identity }
        }
        pair {
            $0.identity == $1.identity && $0.content == $1.content && $0.time_ms == $1.time_ms
                && ($1.evidence == 0 || $0.evidence == $1.evidence)
        }
        for index in partners.indices where partners[index] != nil { verdicts[index] = .known }
        pair { $0.identity == $1.identity }
        pair { $0.type == $1.type && $0.subject == $1.subject && $0.time_ms == $1.time_ms }
        pair { $0.type == $1.type && $0.subject == $1.subject }
        for index in new.indices where verdicts[index] != .known {
            if let partner = partners[index] {
                verdicts[index] = .corrects(old[partner].published)
            } else if let gone = old.lastIndex(where: {
                $0.standing.isGone && ($0.identity == new[index].identity || $0.identity == new[index].published)
            }) {
                let id = old[gone].published
                verdicts[index] = old[gone].standing == .retracted ? .corrects(id) : .returns(after: id)
                partners[index] = gone
            }
        }
        retracted = old.indices.filter { isFree[$0] }
    }
}
