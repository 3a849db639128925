/// What the distributor sells: bottles of gas by their kilograms.
package enum GasProduct: Int, Sendable, CaseIterable {
    case lpg20
    case lpg16
    case lpg50

    package var gas_kg: Int {
        switch self {
        case .lpg20: 20
        case .lpg16: 16
        case .lpg50: 50
        }
    }

    package var name: String { "LPG-\(gas_kg)" }
    package var emptyName: String { "EMPTY-\(gas_kg)" }

    /// What a customer pays for one, TWD.
    package var price_twd: Int {
        switch self {
        case .lpg20: 820
        case .lpg16: 690
        case .lpg50: 2_050
        }
    }
}

/// Numbers of bottles, by product.
package struct GasBottles: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: GasProduct.allCases.count)

    package init() {}

    package init(_ product: GasProduct, _ quantity: Int) {
        counts[product.rawValue] = quantity
    }

    package subscript(product: GasProduct) -> Int {
        get { counts[product.rawValue] }
        set { counts[product.rawValue] = newValue }
    }

    package var total: Int { counts.reduce(0, +) }
    package var isEmpty: Bool { total == 0 }
    package var gas_kg: Int { GasProduct.allCases.reduce(0) { $0 + self[$1] * $1.gas_kg } }
    package var price_twd: Int { GasProduct.allCases.reduce(0) { $0 + self[$1] * $1.price_twd } }

    /// Whether all of `other` can be taken out of this.
    package func holds(_ other: GasBottles) -> Bool {
        GasProduct.allCases.allSatisfy { self[$0] >= other[$0] }
    }

    package static func + (a: GasBottles, b: GasBottles) -> GasBottles {
        var sum = a
        for product in GasProduct.allCases { sum[product] += b[product] }
        return sum
    }

    package static func - (a: GasBottles, b: GasBottles) -> GasBottles {
        var rest = a
        for product in GasProduct.allCases { rest[product] -= b[product] }
        return rest
    }
}
