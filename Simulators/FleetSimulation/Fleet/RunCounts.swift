/// What a run made, by kind. Sums only: two runs of the same simulation have the same counts.
package struct RunCounts: Sendable, Equatable {
    /// Fixes measured by trackers.
    package var reports = 0
    /// Messages handed to the sink, by `MessageKind`.
    package var messages = [Int](repeating: 0, count: MessageKind.allCases.count)
    /// Reports that waited for coverage.
    package var buffered = 0
    /// Buffered reports that were lost because the tracker's memory was full.
    package var dropped = 0
    package var duplicates = 0
    package var late = 0
    package var teleports = 0
    package var skewedVehicles = 0
    /// By `MalformedKind`.
    package var malformed = [Int](repeating: 0, count: MalformedKind.allCases.count)

    package init() {}

    package var totalMessages: Int { messages.reduce(0, +) }
    package var totalMalformed: Int { malformed.reduce(0, +) }

    package subscript(kind: MessageKind) -> Int { messages[Int(kind.rawValue)] }

    package subscript(kind: MalformedKind) -> Int {
        MalformedKind.allCases.firstIndex(of: kind).map { malformed[$0] } ?? 0
    }
}
