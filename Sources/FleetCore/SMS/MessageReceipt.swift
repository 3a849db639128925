package import Wire

/// What a gateway says became of a message: `{"status":"delivered","code":"30005","time":…,"provider_id":"SM…"}`.
package struct MessageReceipt: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        /// The provider has it.
        case sent
        case delivered
        case undelivered
        case failed
    }

    package var status: Status
    /// The provider's number for what went wrong; empty where there is none.
    package var code: [UInt8] = []
    /// A sentence for people, without telephone numbers.
    package var reason: [UInt8] = []
    package var time_ms: Int64?
    package var providerID: [UInt8] = []

    package init(_ status: Status) { self.status = status }

    /// Why a payload is no receipt.
    package struct Fault: Error, Sendable, Equatable {
        package var detail: String
        /// Byte offset into the payload.
        package var offset: Int
    }

    package init(json: Span<UInt8>) throws(Fault) {
        let node: JSONNode
        do throws(JSONError) {
            node = try JSONNode.parse(json, nestingLimit: 8, valueLimit: 256)
        } catch {
            throw Fault(detail: "the receipt is not JSON: \(error)", offset: error.offset)
        }
        guard node.object != nil else { throw Fault(detail: "the receipt is not an object", offset: node.offset) }
        guard let status = node["status"]?.string.flatMap(Status.init) else {
            let words = Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault(detail: "status must be one of \(words)", offset: node["status"]?.offset ?? node.offset)
        }
        self.status = status
        if let node = node["code"], !node.isNull {
            if let text = node.string {
                code = Array(text.utf8)
            } else if let number = node.number.flatMap({ Int64(exactly: $0) }) {
                code.append(decimal: number)
            } else {
                throw Fault(detail: "code must be a text or a whole number", offset: node.offset)
            }
        }
        if let node = node["time"], !node.isNull {
            let number = node.number.flatMap { Int64(exactly: $0) }
            let text = node.string.flatMap { text in
                let bytes = Array(text.utf8)
                return RFC3339.parse(bytes.span)
            }
            guard let time_ms = text ?? number, (RFC3339.minimum_ms...RFC3339.maximum_ms).contains(time_ms) else {
                throw Fault(detail: "time must be a time of RFC 3339 or milliseconds since 1970", offset: node.offset)
            }
            self.time_ms = time_ms
        }
        reason = node["reason"]?.string.map { Array($0.utf8) } ?? []
        providerID = node["provider_id"]?.string.map { Array($0.utf8) } ?? []
    }

    /// As the gateway publishes it.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"status\":")
        out.appendJSON(string: status.rawValue)
        if !code.isEmpty {
            out.member("code")
            out.appendJSON(stringBytes: code.span)
        }
        if !reason.isEmpty {
            let masked = PhoneNumber.masking(reason)
            out.member("reason")
            out.appendJSON(stringBytes: masked.span)
        }
        if let time_ms { out.member("time", time_ms: time_ms) }
        if !providerID.isEmpty {
            out.member("provider_id")
            out.appendJSON(stringBytes: providerID.span)
        }
        out.append(UInt8(ascii: "}"))
        return out
    }
}

extension Hash128 {
    /// From 32 hexadecimal digits, as events carry their ids; nil for anything else.
    package init?(hex text: some Collection<UInt8>) {
        guard text.count == 32 else { return nil }
        var words: [UInt64] = [0, 0]
        for (index, byte) in text.enumerated() {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            words[index / 16] = words[index / 16] << 4 | UInt64(digit)
        }
        self.init(high: words[0], low: words[1])
    }
}
