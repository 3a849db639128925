import Wire

/// A command that dispatch asks for, as `dispatch/commands/{id}` says.
struct CommandRequest: Sendable, Equatable {
    var vehicle: DispatchID
    var command: CommandName
    /// What was asked, checked and written anew: a JSON object. Two texts that ask the same have the same bytes.
    var parameters: [UInt8] = Array("{}".utf8)
    var expiry = Expiry.standard
    /// How long an answer is waited for; nil: as the rules say.
    var timeout_s: Int64?
    /// How often it is sent again where no answer comes; nil: as the rules say.
    var retries: Int64?
    /// Why: for the audit. Never empty for `immobilise`.
    var reason: [UInt8]?
    /// Who asks. Never empty for `immobilise`.
    var requestedBy: [UInt8]?

    enum Expiry: Sendable, Equatable {
        /// As the rules say.
        case standard
        case at(time_ms: Int64)
        /// After it was asked.
        case after(seconds: Int64)
    }

    static let expiryMax_s = 7 * 86_400
    static let timeoutMax_s = 3600
    static let retriesMax = 10
}

/// What a message on `dispatch/commands/{id}` says.
enum CommandMessage: Sendable, Equatable {
    case request(CommandRequest)
    /// An empty payload, or the status `cancelled`.
    case cancel(reason: [UInt8]?, requestedBy: [UInt8]?)

    /// Reads the message. Unknown members are skipped, unknown *parameters* are not: a vehicle that does something else than
    /// was asked is worse than one that does nothing. Linear in the payload.
    ///
    /// - Parameter id: the topic's; a member `id` must be the same.
    init(_ payload: [UInt8], id: DispatchID) throws(CommandFault) {
        if payload.isEmpty {
            self = .cancel(reason: nil, requestedBy: nil)
            return
        }
        let fields = try CommandFields(payload)
        if let told = try fields.text("id", max_bytes: CommandFields.nameMax_bytes), told != id.bytes {
            throw fields.fault(.identityMismatch, "id is not the one of the topic", at: fields["id"])
        }
        let reason = try fields.text("reason")
        let requestedBy = try fields.text("requested_by", max_bytes: CommandFields.nameMax_bytes)
        if let status = try fields.text("status") {
            if status.elementsEqual("cancelled".utf8) {
                self = .cancel(reason: reason, requestedBy: requestedBy)
                return
            }
            guard status.elementsEqual("open".utf8) else {
                throw fields.fault(.unknownStatus, "status must be open or cancelled", at: fields["status"])
            }
        }
        var request = CommandRequest(
            vehicle: try Self.vehicle(fields), command: try Self.command(fields), reason: reason,
            requestedBy: requestedBy)
        request.parameters = try CommandParameters.read(fields, for: request.command)
        request.expiry = try Self.expiry(fields)
        request.timeout_s = try fields.integer("timeout_s", in: 1...CommandRequest.timeoutMax_s).map(Int64.init)
        request.retries = try fields.integer("retries", in: 0...CommandRequest.retriesMax).map(Int64.init)
        if request.command == .immobilise {
            guard reason != nil else { throw fields.fault(.missingReason, "immobilise needs a reason") }
            guard requestedBy != nil else {
                throw fields.fault(.missingRequester, "immobilise needs requested_by")
            }
        }
        self = .request(request)
    }

    private static func vehicle(_ fields: CommandFields) throws(CommandFault) -> DispatchID {
        guard let member = fields["vehicle"] else { throw fields.fault(.missingVehicle, "vehicle is missing") }
        guard let text = member.string else { throw fields.fault(.wrongType, "vehicle must be a text", at: member) }
        guard Adapter.isVehicleID(Array(text.utf8)) else {
            throw fields.fault(.invalidVehicle, "vehicle must be 1 to 128 bytes without / + #", at: member)
        }
        return DispatchID(text)
    }

    private static func command(_ fields: CommandFields) throws(CommandFault) -> CommandName {
        guard let member = fields["command"] else { throw fields.fault(.missingCommand, "command is missing") }
        guard let word = member.string else { throw fields.fault(.wrongType, "command must be a text", at: member) }
        guard let name = CommandName(word) else {
            let known = CommandName.allCases.map { "\($0.word)" }.joined(separator: ", ")
            throw fields.fault(.unknownCommand, "command must be one of \(known)", at: member)
        }
        return name
    }

    private static func expiry(_ fields: CommandFields) throws(CommandFault) -> CommandRequest.Expiry {
        let time_ms = try fields.time_ms("expires")
        let seconds = try fields.integer("expires_s", in: 1...CommandRequest.expiryMax_s)
        switch (time_ms, seconds) {
        case (nil, nil): return .standard
        case (let time_ms?, nil): return .at(time_ms: time_ms)
        case (nil, let seconds?): return .after(seconds: Int64(seconds))
        default:
            throw fields.fault(.conflictingExpiry, "expires and expires_s exclude one another", at: fields["expires_s"])
        }
    }
}

extension CommandRequest {
    /// What was asked, as bytes that differ where the requests differ: what a repeated id is compared by.
    var content: Hash128 {
        var writer = ByteWriter()
        write(to: &writer)
        return Hash128(writer.bytes)
    }

    func write(to writer: inout ByteWriter) {
        writer.write(vehicle)
        writer.write(command.rawValue)
        writer.write(parameters)
        switch expiry {
        case .standard: writer.write(UInt8(0))
        case .at(let time_ms):
            writer.write(UInt8(1))
            writer.write(time_ms)
        case .after(let seconds):
            writer.write(UInt8(2))
            writer.write(seconds)
        }
        writer.write(optional: timeout_s) { $0.write($1) }
        writer.write(optional: retries) { $0.write($1) }
        writer.write(optional: reason) { $0.write($1) }
        writer.write(optional: requestedBy) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let vehicle = try reader.dispatchID()
        guard let command = CommandName(rawValue: try reader.integer()) else {
            throw SnapshotError(reason: "a command is not known")
        }
        self.init(vehicle: vehicle, command: command)
        parameters = try reader.data()
        let kind: UInt8 = try reader.integer()
        switch kind {
        case 0: expiry = .standard
        case 1: expiry = .at(time_ms: try reader.time_ms())
        case 2: expiry = .after(seconds: try reader.smallCount())
        default: throw SnapshotError(reason: "the expiry of a command is not known")
        }
        timeout_s = try reader.optional { reader throws(SnapshotError) in try reader.smallCount() }
        retries = try reader.optional { reader throws(SnapshotError) in try reader.smallCount() }
        reason = try reader.optional { reader throws(SnapshotError) in try reader.data() }
        requestedBy = try reader.optional { reader throws(SnapshotError) in try reader.data() }
    }
}
