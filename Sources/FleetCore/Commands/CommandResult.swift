import Wire

/// What a vehicle answers to a command, as `vehicles/{vehicle}/commands/{id}/result` says.
struct CommandResult: Sendable, Equatable {
    enum Status: UInt8, Sendable, CaseIterable {
        /// It was understood, and will be done.
        case accepted
        case done
        /// The vehicle, or its driver, will not.
        case refused
        /// It was tried in vain.
        case failed

        var word: StaticString {
            switch self {
            case .accepted: "accepted"
            case .done: "done"
            case .refused: "refused"
            case .failed: "failed"
            }
        }

        /// Nothing comes after it.
        var isFinal: Bool { self != .accepted }
    }

    var status: Status
    /// In the vehicle's words.
    var reason: [UInt8]?
    /// When it was so, by the vehicle's clock.
    var time_ms: Int64?
}

extension CommandResult {
    /// Reads the message: an object with `status`, and perhaps `reason` and `time`. Unknown members are skipped.
    init(_ payload: [UInt8]) throws(CommandFault) {
        let fields = try CommandFields(payload)
        guard let member = fields["status"] else { throw fields.fault(.missingStatus, "status is missing") }
        guard let word = member.string else { throw fields.fault(.wrongType, "status must be a text", at: member) }
        guard let status = Status.allCases.first(where: { word.utf8.elementsEqual("\($0.word)".utf8) }) else {
            throw fields.fault(.unknownStatus, "status must be accepted, done, refused or failed", at: member)
        }
        self.status = status
        reason = try fields.text("reason")
        time_ms = try fields.time_ms("time")
    }
}
