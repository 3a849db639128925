import Wire

/// The members of a JSON object, read one by one with what may stand there. `null` is the same as absence, of duplicate
/// keys the last counts, and what is not asked for is skipped.
struct CommandFields {
    let node: JSONNode
    let payload: [UInt8]

    /// The largest payload of a message about a command: as much as a report's.
    static let payloadMax_bytes = 65_536
    /// Of free texts: a reason, an answer.
    static let textMax_bytes = 500
    /// Of names: who asks.
    static let nameMax_bytes = 128

    init(_ payload: [UInt8]) throws(CommandFault) {
        guard payload.count <= Self.payloadMax_bytes else {
            throw CommandFault(
                reason: .payloadTooLarge,
                detail: "a message about a command has at most \(Self.payloadMax_bytes) bytes",
                offset: Self.payloadMax_bytes)
        }
        do throws(JSONError) {
            node = try JSONNode.parse(payload.span, valueLimit: Self.payloadMax_bytes)
        } catch {
            throw CommandFault(reason: .jsonSyntax, detail: error.reason.description, offset: error.offset)
        }
        guard node.object != nil else {
            throw CommandFault(reason: .notAnObject, detail: "a JSON object is wanted", offset: node.offset)
        }
        self.payload = payload
    }

    /// The members of an object within the same payload.
    init(_ node: JSONNode, of payload: [UInt8], name: String) throws(CommandFault) {
        guard node.object != nil else {
            throw CommandFault(reason: .wrongType, detail: "\(name) must be an object", offset: node.offset)
        }
        self.node = node
        self.payload = payload
    }

    /// The value of a member, nil where it is absent or null.
    subscript(name: String) -> JSONNode? {
        guard let member = node[name], !member.isNull else { return nil }
        return member
    }

    func fault(_ reason: CommandFault.Reason, _ detail: String, at node: JSONNode? = nil) -> CommandFault {
        CommandFault(reason: reason, detail: detail, offset: (node ?? self.node).offset)
    }

    /// A text of 1 to `max_bytes` bytes; an empty one says nothing.
    func text(_ name: String, max_bytes: Int = textMax_bytes) throws(CommandFault) -> [UInt8]? {
        guard let member = self[name] else { return nil }
        guard let text = member.string else { throw fault(.wrongType, "\(name) must be a text", at: member) }
        guard text.utf8.count <= max_bytes else {
            throw fault(.textTooLong, "\(name) has at most \(max_bytes) bytes", at: member)
        }
        return text.isEmpty ? nil : Array(text.utf8)
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(CommandFault) -> Double? {
        guard let member = self[name] else { return nil }
        guard let number = member.number else { throw fault(.wrongType, "\(name) must be a number", at: member) }
        guard range.contains(number) else {
            throw fault(
                .outOfRange, "\(name) must be \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))",
                at: member)
        }
        return number
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(CommandFault) -> Int? {
        let wanted = Double(range.lowerBound)...Double(range.upperBound)
        guard let number = try number(name, in: wanted) else { return nil }
        guard let integer = Int(exactly: number) else {
            throw fault(.notAnInteger, "\(name) must be a whole number", at: self[name])
        }
        return integer
    }

    /// RFC 3339 with an offset, or milliseconds since 1970; of the years 2000 to 2099, as reports have it.
    func time_ms(_ name: String) throws(CommandFault) -> Int64? {
        guard let member = self[name] else { return nil }
        let time_ms: Int64?
        if let text = member.string {
            time_ms = RFC3339.parse(Array(text.utf8).span)
        } else if let number = member.number {
            time_ms = Int64(exactly: number.rounded(.down))
        } else {
            throw fault(.wrongType, "\(name) must be a time", at: member)
        }
        guard let time_ms, time_ms >= 946_684_800_000, time_ms < 4_102_444_800_000 else {
            throw fault(
                .invalidTime, "\(name) must be a time as RFC 3339 writes it, or milliseconds since 1970", at: member)
        }
        return time_ms
    }

    private static func text(_ number: Double) -> String {
        var bytes: [UInt8] = []
        bytes.appendJSON(number)
        return String(decoding: bytes, as: UTF8.self)
    }
}
