import Wire

/// What a customer wants, as `dispatch/orders/{order}` has it.
struct OrderRecord: Sendable, Equatable {
    enum Kind: String, CaseIterable, Sendable { case delivery, pickup }
    enum Priority: String, CaseIterable, Sendable { case normal, high, emergency }
    enum Status: String, CaseIterable, Sendable { case open, cancelled }

    var version = RecordVersion()
    var customer: DispatchID?
    var kind = Kind.delivery
    var priority = Priority.normal
    /// Where; nil: at the customer's place.
    var place: DispatchPlace?
    var window: TimeWindow?
    var items: [Goods] = []
    var returns: [Goods] = []
    var cod: Money?
    /// How long serving it takes, where dispatch knows.
    var service_s: Double?
    var isHazmat = false
    var status = Status.open
    var reason: String?

    init() {}

    init(_ payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        let reader = try RecordReader(payload, id: id)
        version = try RecordVersion(reader)
        customer = try reader.id("customer")
        kind = try reader.word("kind", absent: .delivery)
        priority = try reader.word("priority", absent: .normal)
        place = try DispatchPlace(reader, "place")
        window = try TimeWindow(reader, "window")
        items = try Goods.list(reader, "items")
        returns = try Goods.list(reader, "returns")
        cod = try Money(reader, "cod")
        service_s = try reader.number("service_s", 0...86_400)
        isHazmat = try reader.flag("hazmat") ?? false
        status = try reader.word("status", absent: .open)
        reason = try reader.text("reason")
        if customer == nil, place == nil, status == .open { throw reader.missing("place") }
    }

    /// Pieces over all products.
    var quantity: Int64 { items.reduce(0) { $0 &+ $1.quantity } }
}
