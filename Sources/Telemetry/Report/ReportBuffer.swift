/// Why one report of a payload was refused. The others of the payload are used.
package struct ReportProblem: Sendable, Equatable, CustomStringConvertible {
    /// Where the fault stands: byte offset into the payload of the value, or of the report's object where something is
    /// missing.
    package var offset: Int
    package var reason: DecodeReason
    /// The name of the field as the payload's format has it; empty where no single one is at fault.
    package var field: String

    package init(offset: Int, reason: DecodeReason, field: String) {
        self.offset = offset
        self.reason = reason
        self.field = field
    }

    package var description: String {
        "\(reason.rawValue)\(field.isEmpty ? "" : " of \(field)") at byte \(offset)"
    }
}

/// What decoders write into: kept and emptied between payloads, so that decoding does not allocate.
package struct ReportBuffer: Sendable {
    /// In the payload's order.
    package internal(set) var reports: [Report] = []
    /// One for each refused report, in the payload's order.
    package internal(set) var problems: [ReportProblem] = []

    package init() {}

    package mutating func removeAll(keepingCapacity: Bool = true) {
        // Emptying what is empty costs more than asking.
        if !keepingCapacity || !reports.isEmpty { reports.removeAll(keepingCapacity: keepingCapacity) }
        if !keepingCapacity || !problems.isEmpty { problems.removeAll(keepingCapacity: keepingCapacity) }
    }
}
