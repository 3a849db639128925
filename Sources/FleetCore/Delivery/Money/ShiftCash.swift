import Wire

/// What a driver says of his shift.
struct ShiftWord: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case started
        /// With the cash that he hands in, where he says it.
        case ended(declared: Money?)
    }

    var time_ms: Int64
    /// The message's id.
    var cause: [UInt8]
    var vehicle: DispatchID?
    var kind: Kind
}

/// The money that one driver took at the doors, by shift: a function of what the deliveries say and of the driver's words.
///
/// When a shift ends it is told what was taken, by method and currency, and how that differs from what the orders asked
/// for and from the cash that the driver hands in. What becomes known later corrects that.
struct ShiftCash: Sendable, Equatable {
    typealias Collection = DeliverySummary.Collection

    let fleet: [UInt8]
    let driver: DispatchID
    /// Ascending by stop; none is empty.
    private(set) var collections: [StopMoney] = []
    /// In order of time, then of cause.
    private(set) var words: [ShiftWord] = []
    private(set) var ledger = MilestoneLedger()
    /// What happened until then is forgotten.
    private(set) var settled_ms = Int64.min

    struct StopMoney: Sendable, Equatable {
        var stop: DispatchID
        var taken: [Collection]
    }

    /// The sum of one method and currency.
    struct Total: Sendable, Equatable {
        var currency: [UInt8]
        var method: Payment.Method
        var amount_c: Int64
        var count: Int64
    }

    /// More stops and words than this are not kept until older ones are forgotten.
    static let stopsMax = 4096
    static let wordsMax = 256

    init(fleet: [UInt8], driver: DispatchID) {
        self.fleet = fleet
        self.driver = driver
    }

    /// Takes in what the history of a delivery says of money; what other drivers took is left out.
    mutating func set(_ all: [Collection], of stop: DispatchID, isLate: Bool) -> [DeskEvent] {
        let taken = all.filter { $0.driver == driver && $0.time_ms > settled_ms }
        let index = collections.firstIndex { $0.stop >= stop } ?? collections.count
        if index < collections.count, collections[index].stop == stop {
            guard collections[index].taken != taken else { return [] }
            collections[index].taken = taken
            if taken.isEmpty { collections.remove(at: index) }
        } else {
            guard !taken.isEmpty, collections.count < Self.stopsMax else { return [] }
            collections.insert(StopMoney(stop: stop, taken: taken), at: index)
        }
        return tell(isLate: isLate)
    }

    /// Takes in a word about the shift. One with a cause that is known changes nothing.
    mutating func add(_ word: ShiftWord) -> [DeskEvent] {
        guard word.time_ms > settled_ms, words.count < Self.wordsMax,
            !words.contains(where: { $0.cause == word.cause })
        else { return [] }
        let index = words.firstIndex { word.precedes($0) } ?? words.count
        words.insert(word, at: index)
        return tell(isLate: index < words.count - 1)
    }

    /// Forgets shifts that ended before a time, with their money: they can no longer be told otherwise.
    mutating func forget(before_ms: Int64) {
        guard let end = words.last(where: { $0.isEnd && $0.time_ms < before_ms }) else { return }
        settled_ms = end.time_ms
        words.removeAll { $0.time_ms <= end.time_ms }
        for index in collections.indices { collections[index].taken.removeAll { $0.time_ms <= end.time_ms } }
        collections.removeAll { $0.taken.isEmpty }
        ledger.forget(before_ms: end.time_ms.addingClamped(1))
    }

    /// What was taken from one time to another, both included; by currency, then method.
    func totals(from_ms: Int64, to_ms: Int64) -> [Total] {
        var totals: [Total] = []
        for collection in taken(from_ms: from_ms, to_ms: to_ms) {
            guard let payment = collection.payment else { continue }
            let index =
                totals.firstIndex { $0.currency == payment.money.currency && $0.method == payment.method }
                ?? totals.count
            if index == totals.count {
                totals.append(Total(currency: payment.money.currency, method: payment.method, amount_c: 0, count: 0))
            }
            totals[index].amount_c = totals[index].amount_c.addingClamped(payment.money.amount_c)
            totals[index].count += 1
        }
        return totals.sorted { left, right in
            left.currency != right.currency
                ? left.currency.lexicographicallyPrecedes(right.currency)
                : left.method.rawValue < right.method.rawValue
        }
    }

    func taken(from_ms: Int64, to_ms: Int64) -> [Collection] {
        collections.flatMap(\.taken).filter { $0.time_ms >= from_ms && $0.time_ms <= to_ms }
    }

    private mutating func tell(isLate: Bool) -> [DeskEvent] {
        // A summary is of a shift that was ended, and is taken back with that only: it never is.
        ledger.tell(summaries(), fleet: fleet, retraction: .deliveryRetracted, isLate: isLate)
    }

    /// Restores what a snapshot holds.
    mutating func restore(
        _ collections: [StopMoney], _ words: [ShiftWord], _ ledger: MilestoneLedger, settled_ms: Int64
    ) {
        self.settled_ms = settled_ms
        self.collections = collections
        self.words = words
        self.ledger = ledger
    }
}

extension ShiftWord {
    var isEnd: Bool { kind != .started }

    func precedes(_ other: ShiftWord) -> Bool {
        time_ms != other.time_ms ? time_ms < other.time_ms : cause.lexicographicallyPrecedes(other.cause)
    }
}
