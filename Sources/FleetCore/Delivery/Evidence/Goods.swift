import Wire

/// So much of one product: delivered, loaded or taken back.
struct Goods: Sendable, Equatable {
    var product: [UInt8]
    var quantity: Int64
    /// The numbers of the single cylinders, where they were read.
    var serials: [[UInt8]] = []
}

/// An amount of money: hundredths of a currency's unit.
struct Money: Sendable, Equatable {
    var amount_c: Int64
    var currency: [UInt8]
}

/// Money that was taken at the door.
struct Payment: Sendable, Equatable {
    enum Method: UInt8, Sendable, CaseIterable {
        case cash = 0
        case card = 1
        case transfer = 2

        var name: StaticString {
            switch self {
            case .cash: "cash"
            case .card: "card"
            case .transfer: "transfer"
            }
        }
    }

    var money: Money
    var method: Method
}

/// What a driver shows for a delivery; what is empty was not given.
struct Proof: Sendable, Equatable {
    var recipient: [UInt8] = []
    var signature: [UInt8] = []
    var photo: [UInt8] = []
    var digest: [UInt8] = []

    static let none = Proof()
}

/// From when to when; an end that is nil is open.
struct TimeWindow: Sendable, Equatable {
    var from_ms: Int64?
    var to_ms: Int64?
}

extension [Goods] {
    /// Whether of any product fewer came than were ordered. Nothing said of goods says nothing.
    func isFewer(than ordered: [Goods]) -> Bool {
        guard !isEmpty else { return false }
        return ordered.contains { total(of: $0.product) < ordered.total(of: $0.product) }
    }

    private func total(of product: [UInt8]) -> Int64 {
        reduce(0) { $1.product == product ? $0.addingClamped($1.quantity) : $0 }
    }
}

extension Int64 {
    /// The sum, or the end of the range that it lies beyond.
    func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the end of the range that it lies beyond.
    func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}

// MARK: - As members of an event's data

extension [UInt8] {
    /// `,"name":"text"`, nothing where the text is empty.
    mutating func member(_ name: StaticString, text: [UInt8]) {
        guard !text.isEmpty else { return }
        member(name)
        appendJSON(stringBytes: text.span)
    }

    mutating func member(_ name: StaticString, count: Int64) {
        member(name)
        append(decimal: count)
    }

    /// `,"name":12.5` of hundredths.
    mutating func member(_ name: StaticString, hundredths: Int64) {
        member(name)
        append(fixed: hundredths, decimals: 2)
    }

    /// A list of goods, nothing where it is empty.
    mutating func member(_ name: StaticString, goods: [Goods]) {
        guard !goods.isEmpty else { return }
        member(name)
        for (index, item) in goods.enumerated() {
            append(ascii: index == 0 ? "[{\"product\":" : ",{\"product\":")
            appendJSON(stringBytes: item.product.span)
            member("quantity", count: item.quantity)
            if !item.serials.isEmpty {
                member("serials")
                for (index, serial) in item.serials.enumerated() {
                    append(ascii: index == 0 ? "[" : ",")
                    appendJSON(stringBytes: serial.span)
                }
                append(ascii: "]")
            }
            append(ascii: "}")
        }
        append(ascii: "]")
    }

    mutating func member(_ name: StaticString, payment: Payment) {
        member(name)
        append(ascii: "{\"amount\":")
        append(fixed: payment.money.amount_c, decimals: 2)
        member("currency", text: payment.money.currency)
        append(ascii: ",\"method\":\"")
        append(ascii: payment.method.name)
        append(ascii: "\"}")
    }

    mutating func member(_ name: StaticString, proof: Proof) {
        guard proof != .none else { return }
        member(name)
        var inner: [UInt8] = []
        inner.member("recipient", text: proof.recipient)
        inner.member("signature", text: proof.signature)
        inner.member("photo", text: proof.photo)
        inner.member("digest", text: proof.digest)
        append(ascii: "{")
        append(contentsOf: inner.dropFirst())
        append(ascii: "}")
    }

    mutating func member(_ name: StaticString, window: TimeWindow) {
        var inner: [UInt8] = []
        if let from_ms = window.from_ms { inner.member("from", time_ms: from_ms) }
        if let to_ms = window.to_ms { inner.member("to", time_ms: to_ms) }
        guard !inner.isEmpty else { return }
        member(name)
        append(ascii: "{")
        append(contentsOf: inner.dropFirst())
        append(ascii: "}")
    }
}

// MARK: - Snapshots

extension ByteWriter {
    mutating func write<T>(list: [T], _ body: (inout ByteWriter, T) -> Void) {
        write(UInt32(list.count))
        for item in list { body(&self, item) }
    }

    mutating func write(_ goods: [Goods]) {
        write(list: goods) { writer, item in
            writer.write(item.product)
            writer.write(item.quantity)
            writer.write(list: item.serials) { $0.write($1) }
        }
    }

    mutating func write(_ money: Money) {
        write(money.amount_c)
        write(money.currency)
    }

    mutating func write(_ payment: Payment) {
        write(payment.money)
        write(payment.method.rawValue)
    }

    mutating func write(_ window: TimeWindow) {
        write(optional: window.from_ms) { $0.write($1) }
        write(optional: window.to_ms) { $0.write($1) }
    }

    mutating func write(_ proof: Proof) {
        for text in [proof.recipient, proof.signature, proof.photo, proof.digest] { write(text) }
    }
}

extension ByteReader {
    mutating func list<T>(_ body: (inout ByteReader) throws(SnapshotError) -> T) throws(SnapshotError) -> [T] {
        var list: [T] = []
        for _ in 0..<(try count()) { list.append(try body(&self)) }
        return list
    }

    mutating func goods() throws(SnapshotError) -> [Goods] {
        try list { reader throws(SnapshotError) in
            let product = try reader.data()
            let quantity: Int64 = try reader.integer()
            let serials = try reader.list { reader throws(SnapshotError) in try reader.data() }
            return Goods(product: product, quantity: quantity, serials: serials)
        }
    }

    mutating func money() throws(SnapshotError) -> Money {
        Money(amount_c: try integer(), currency: try data())
    }

    mutating func payment() throws(SnapshotError) -> Payment { Payment(money: try money(), method: try phase()) }

    mutating func optionalTime_ms() throws(SnapshotError) -> Int64? {
        try optional { reader throws(SnapshotError) in try reader.time_ms() }
    }

    mutating func window() throws(SnapshotError) -> TimeWindow {
        TimeWindow(from_ms: try optionalTime_ms(), to_ms: try optionalTime_ms())
    }

    mutating func proof() throws(SnapshotError) -> Proof {
        Proof(recipient: try data(), signature: try data(), photo: try data(), digest: try data())
    }

    mutating func optionalID() throws(SnapshotError) -> DispatchID? {
        try optional { reader throws(SnapshotError) in try reader.dispatchID() }
    }
}
