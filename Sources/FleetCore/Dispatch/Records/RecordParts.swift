import Wire

/// Which state of a record is newer. A message without either replaces what is known.
struct RecordVersion: Sendable, Equatable {
    var number: Int64?
    var updated_ms: Int64?

    init(number: Int64? = nil, updated_ms: Int64? = nil) {
        self.number = number
        self.updated_ms = updated_ms
    }

    init(_ reader: RecordReader) throws(RecordProblem) {
        number = try reader.integer("version", 0...Int64(1) << 53)
        updated_ms = try reader.time_ms("updated")
    }

    /// Whether a record of this version takes the place of one of the other. The same version again does not: it was there.
    func replaces(_ other: RecordVersion) -> Bool {
        if let number, let known = other.number { return number > known }
        if let updated_ms, let known_ms = other.updated_ms { return updated_ms > known_ms }
        return true
    }
}

/// A place that a vehicle can be at: a circle.
struct DispatchPlace: Sendable, Equatable {
    var latitude_e7: Int32
    var longitude_e7: Int32
    /// Nil where the message names none.
    var radius_m: Double?
    var address: String?

    /// The place under a key; nil where there is none.
    init?(_ reader: RecordReader, _ key: String) throws(RecordProblem) {
        guard let place = try reader.object(key) else { return nil }
        guard let latitude = try place.number("lat", -90...90) else { throw place.missing("lat") }
        guard let longitude = try place.number("lon", -180...180) else { throw place.missing("lon") }
        latitude_e7 = Int32((latitude * 1e7).rounded())
        longitude_e7 = Int32((longitude * 1e7).rounded())
        radius_m = try place.number("radius_m", 5...5000)
        address = try place.text("address")
    }

    init(latitude_e7: Int32, longitude_e7: Int32, radius_m: Double? = nil, address: String? = nil) {
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
        self.radius_m = radius_m
        self.address = address
    }

    var position: Place { Place(latitude_e7: latitude_e7, longitude_e7: longitude_e7) }
}

extension TimeWindow {
    /// The window under a key; nil where there is none.
    init?(_ reader: RecordReader, _ key: String) throws(RecordProblem) {
        guard let window = try reader.object(key) else { return nil }
        self.init(from_ms: try window.time_ms("from"), to_ms: try window.time_ms("to"))
        if let from_ms, let to_ms, to_ms < from_ms {
            throw RecordProblem(
                reason: "out_of_range", detail: "\(key): 'to' is before 'from'", offset: window.node.offset)
        }
    }
}

extension Goods {
    /// The list under a key; empty where there is none.
    static func list(_ reader: RecordReader, _ key: String) throws(RecordProblem) -> [Goods] {
        var goods: [Goods] = []
        for element in try reader.list(key, max: 200) {
            guard let product = try element.text("product") else { throw element.missing("product") }
            let quantity = try element.integer("quantity", 0...1_000_000) ?? 1
            let serials = try element.texts("serials", max: 200) ?? []
            goods.append(
                Goods(product: Array(product.utf8), quantity: quantity, serials: serials.map { Array($0.utf8) }))
        }
        return goods
    }
}

extension Money {
    /// The amount under a key; nil where there is none.
    init?(_ reader: RecordReader, _ key: String) throws(RecordProblem) {
        guard let money = try reader.object(key) else { return nil }
        guard let amount = try money.number("amount", 0...1e12) else { throw money.missing("amount") }
        let currency = try money.text("currency") ?? "TWD"
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw money.outOfRange(money.node, "currency", "a currency of three capital letters (ISO 4217)")
        }
        self.init(amount_c: Int64((amount * 100).rounded()), currency: Array(currency.utf8))
    }
}

extension Payment {
    /// The payment under a key; nil where there is none.
    init?(_ reader: RecordReader, _ key: String) throws(RecordProblem) {
        guard let money = try Money(reader, key), let object = try reader.object(key) else { return nil }
        self.init(money: money, method: try object.word("method", absent: MethodWord.cash).method)
    }

    private enum MethodWord: String, CaseIterable {
        case cash, card, transfer

        var method: Method {
            switch self {
            case .cash: .cash
            case .card: .card
            case .transfer: .transfer
            }
        }
    }
}
