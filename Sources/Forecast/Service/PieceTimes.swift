import Wire

/// Seconds that each further piece takes: the slope of a line through quantities and times, drawn towards a prior, over the last few
/// thousand services.
struct PieceTimes: Sendable, Equatable {
    static let prior_s = 15.0
    static let longest_s = 600.0
    private static let weight = 200.0
    private static let limit = 4000.0

    /// Means over what was seen, and the sums of squares around them (Welford, doi:10.1080/00401706.1962.10490022).
    var count = 0.0
    var meanQuantity = 0.0
    var meanTime_s = 0.0
    var squares = 0.0
    var products = 0.0

    /// The prior counts as ``weight`` of the squares of quantities.
    var each_s: Double {
        min(Self.longest_s, max(0, (products + Self.weight * Self.prior_s) / (squares + Self.weight)))
    }

    mutating func observe(quantity: Double, took_s: Double) {
        if count >= Self.limit {
            let keep = 1 - 1 / Self.limit
            count *= keep
            squares *= keep
            products *= keep
        }
        count += 1
        let off = quantity - meanQuantity
        meanQuantity += off / count
        meanTime_s += (took_s - meanTime_s) / count
        squares += off * (quantity - meanQuantity)
        products += off * (took_s - meanTime_s)
    }

    /// What can be reckoned with: as ``observe(quantity:took_s:)`` leaves it.
    var isValid: Bool {
        (0...Self.limit + 1).contains(count) && (0...1000).contains(meanQuantity) && (0...1e6).contains(meanTime_s)
            && (0...1e12).contains(squares) && (-1e12...1e12).contains(products)
    }

    init() {}

    func write(to writer: inout ByteWriter) {
        for value in [count, meanQuantity, meanTime_s, squares, products] { writer.write(value) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        count = try reader.double()
        meanQuantity = try reader.double()
        meanTime_s = try reader.double()
        squares = try reader.double()
        products = try reader.double()
        guard isValid else { throw SnapshotError(reason: "times for pieces are out of range") }
    }
}
