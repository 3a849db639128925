import Wire

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
