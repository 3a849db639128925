import Wire

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
