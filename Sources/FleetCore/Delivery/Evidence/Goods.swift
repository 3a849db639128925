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
