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

/// What a payload says of the tracker's connection.
package struct StatusReport: Sendable, Equatable, BitwiseCopyable {
    package var status: VehicleStatus
    /// As in `Report`.
    package var identity = ByteRange.empty
    /// Where it begins: byte offset into the payload.
    package var offset: Int32 = 0
}

/// What decoders write into: kept and emptied between payloads, so that decoding does not allocate.
package struct ReportBuffer: Sendable {
    /// In the payload's order.
    package internal(set) var reports: [Report] = []
    /// One for each refused report, in the payload's order.
    package internal(set) var problems: [ReportProblem] = []
    /// In the payload's order; the native report has none.
    package internal(set) var statuses: [StatusReport] = []
    /// Parts of the payload that are neither report nor status and yet nothing wrong: a card, a list of waypoints, a type
    /// that this version does not know.
    package internal(set) var otherTypes = 0
    /// Whether some report or status names its vehicle.
    package internal(set) var hasIdentities = false

    package init() {}

    /// Takes over what was decoded before: the share of one vehicle among several in a payload.
    package mutating func append(_ reports: ArraySlice<Report>, _ statuses: ArraySlice<StatusReport>) {
        self.reports.append(contentsOf: reports)
        self.statuses.append(contentsOf: statuses)
    }

    /// Takes out what is not wanted; each is asked once, in order.
    package mutating func remove(
        reports isUnwantedReport: (Report) -> Bool, statuses isUnwantedStatus: (StatusReport) -> Bool
    ) {
        reports.removeAll(where: isUnwantedReport)
        statuses.removeAll(where: isUnwantedStatus)
    }

    package mutating func removeAll(keepingCapacity: Bool = true) {
        // Emptying what is empty costs more than asking.
        if !keepingCapacity || !reports.isEmpty { reports.removeAll(keepingCapacity: keepingCapacity) }
        if !keepingCapacity || !problems.isEmpty { problems.removeAll(keepingCapacity: keepingCapacity) }
        if !keepingCapacity || !statuses.isEmpty { statuses.removeAll(keepingCapacity: keepingCapacity) }
        otherTypes = 0
        hasIdentities = false
    }
}

extension ReportBuffer {
    /// How full a buffer is: what a payload that turns out to be unusable is taken back to.
    struct Mark {
        var reports: Int
        var problems: Int
        var statuses: Int
        var otherTypes: Int
        var hasIdentities: Bool
    }

    var mark: Mark {
        Mark(
            reports: reports.count, problems: problems.count, statuses: statuses.count, otherTypes: otherTypes,
            hasIdentities: hasIdentities)
    }

    mutating func restore(_ mark: Mark) {
        reports.removeSubrange(mark.reports...)
        problems.removeSubrange(mark.problems...)
        statuses.removeSubrange(mark.statuses...)
        otherTypes = mark.otherTypes
        hasIdentities = mark.hasIdentities
    }
}
