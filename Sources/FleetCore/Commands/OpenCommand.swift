import Wire

/// A command that is under way.
struct OpenCommand: Sendable, Equatable {
    /// Where it stands between request and end. The raw value stands in snapshots.
    enum Phase: UInt8, Sendable, CaseIterable {
        /// The interlock does not let it out, or not again.
        case held
        /// Sent, and no answer yet.
        case sent
        /// The vehicle will do it.
        case acknowledged
    }

    var id: DispatchID
    var request: CommandRequest
    /// Its place among all commands of the desk, in the order in which they were asked.
    var serial: Int64
    var phase = Phase.held
    /// How often it was sent.
    var attempt: Int64 = 0
    /// When it was asked.
    var requested_ms: Int64
    /// From then on it is of no use.
    var expires_ms: Int64
    /// Of a sent one: until when an answer is waited for.
    var deadline_ms = Int64.max
    /// As the rules had them when it was asked.
    var timeout_ms: Int64
    var retries: Int64

    /// Whether it may still be sent, so that its opposite must stop it.
    var mayBeSent: Bool { phase != .acknowledged }

    /// The message to the vehicle, for the attempt that was just counted.
    ///
    /// One that stops an engine is of use until the next attempt only, which looks anew at whether it may: a broker or a
    /// network that keeps it for longer must not bring it to a vehicle that drives again.
    func payload(issued_ms: Int64) -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"id\":")
        out.appendJSON(stringBytes: id.bytes.span)
        out.member("command", string: "\(request.command.word)")
        out.member("parameters")
        out.append(contentsOf: request.parameters)
        out.member("issued", time_ms: issued_ms)
        out.member(
            "expires", time_ms: request.command == .immobilise ? min(expires_ms, deadline_ms) : expires_ms)
        out.member("attempt")
        out.append(decimal: attempt)
        out.append(UInt8(ascii: "}"))
        return out
    }
}

/// A command that is over, remembered so that the same message again asks nothing again.
struct ClosedCommand: Sendable, Equatable {
    var id: DispatchID
    var vehicle: DispatchID
    var content: Hash128
    /// What the vehicle answered last; nil where it ended otherwise.
    var answer: CommandResult.Status?
}

extension OpenCommand {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        request.write(to: &writer)
        writer.write(serial)
        writer.write(phase.rawValue)
        writer.write(attempt)
        writer.write(requested_ms)
        writer.write(expires_ms)
        writer.write(optional: phase == .sent ? deadline_ms : nil) { $0.write($1) }
        writer.write(timeout_ms)
        writer.write(retries)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        id = try reader.dispatchID()
        let request = try CommandRequest(from: &reader)
        guard let parameters = try? JSONNode.parse(request.parameters.span), parameters.object != nil else {
            throw SnapshotError(reason: "the parameters of a command are not JSON")
        }
        self.request = request
        serial = try reader.smallCount()
        guard let phase = Phase(rawValue: try reader.integer()) else {
            throw SnapshotError(reason: "the phase of a command is not known")
        }
        let attempt = try reader.smallCount()
        requested_ms = try reader.time_ms()
        expires_ms = try reader.time_ms()
        let deadline_ms = try reader.optional { reader throws(SnapshotError) in try reader.time_ms() }
        timeout_ms = try reader.smallCount()
        retries = try reader.smallCount()
        guard (deadline_ms != nil) == (phase == .sent),
            phase == .held ? request.command == .immobilise : attempt > 0
        else {
            throw SnapshotError(reason: "a command was sent and was not")
        }
        self.phase = phase
        self.attempt = attempt
        self.deadline_ms = deadline_ms ?? .max
    }
}

extension ClosedCommand {
    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(vehicle)
        writer.write(content.high)
        writer.write(content.low)
        writer.write(optional: answer) { $0.write($1.rawValue) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        id = try reader.dispatchID()
        vehicle = try reader.dispatchID()
        content = Hash128(high: try reader.integer(), low: try reader.integer())
        answer = try reader.optional { reader throws(SnapshotError) in
            guard let status = CommandResult.Status(rawValue: try reader.integer()) else {
                throw SnapshotError(reason: "the answer to a command is not known")
            }
            return status
        }
    }
}
