import Geo
import Wire

/// What goes with a command: `parameters` checked, and written anew.
enum CommandParameters {
    /// How often a tracker can be asked to report.
    static let interval_s = 1...86_400
    /// What a cooling body can be set to.
    static let setpoint_c = -40.0...40.0
    /// The most positions of a geofence that is pushed: trackers have little memory.
    static let verticesMax = 2_000

    /// The parameters of a request, as a JSON object with the members in a fixed order.
    static func read(_ request: CommandFields, for command: CommandName) throws(CommandFault) -> [UInt8] {
        var out = Array("{".utf8)
        if let member = request["parameters"] {
            let fields = try CommandFields(member, of: request.payload, name: "parameters")
            try checkNames(fields, command)
            try append(fields, command, to: &out)
        } else if let needed = names(of: command).first {
            throw request.fault(.missingParameter, "\(command.word) needs parameters.\(needed)")
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// The parameters of a command; the first one is needed.
    static func names(of command: CommandName) -> [StaticString] {
        switch command {
        case .interval: ["seconds"]
        case .geofencePush: ["geofence", "remove"]
        case .temperature: ["setpoint_c"]
        case .position, .lock, .unlock, .immobilise, .release: []
        }
    }

    private static func checkNames(_ fields: CommandFields, _ command: CommandName) throws(CommandFault) {
        let known = names(of: command)
        for member in fields.node.object ?? []
        where !known.contains(where: { member.key.utf8.elementsEqual("\($0)".utf8) }) {
            throw CommandFault(
                reason: .unknownParameter, detail: "\(command.word) has no such parameter", offset: member.keyOffset)
        }
        if let needed = known.first, fields["\(needed)"] == nil {
            throw fields.fault(.missingParameter, "\(command.word) needs parameters.\(needed)")
        }
    }

    private static func append(
        _ fields: CommandFields, _ command: CommandName, to out: inout [UInt8]
    ) throws(CommandFault) {
        switch command {
        case .interval:
            out.append(ascii: "\"seconds\":")
            out.append(decimal: Int64(try fields.integer("seconds", in: interval_s) ?? 0))
        case .temperature:
            out.append(ascii: "\"setpoint_c\":")
            out.appendJSON(try fields.number("setpoint_c", in: setpoint_c) ?? 0)
        case .geofencePush: try appendGeofence(fields, to: &out)
        case .position, .lock, .unlock, .immobilise, .release: break
        }
    }

    /// The id of a geofence that the vehicle knows or fetches, or a GeoJSON Feature as `dispatch/geofences` has it.
    private static func appendGeofence(_ fields: CommandFields, to out: inout [UInt8]) throws(CommandFault) {
        guard let geofence = fields["geofence"] else { return }
        var isRemoval = false
        if let remove = fields["remove"] {
            guard let flag = remove.bool else {
                throw fields.fault(.wrongType, "remove must be true or false", at: remove)
            }
            isRemoval = flag
        }
        out.append(ascii: "\"geofence\":")
        if let id = geofence.string {
            guard !id.isEmpty, id.utf8.count <= CommandFields.nameMax_bytes else {
                throw fields.fault(.invalidGeofence, "the id of a geofence has 1 to 128 bytes", at: geofence)
            }
            out.appendJSON(string: id)
        } else {
            guard geofence.object != nil else {
                throw fields.fault(.wrongType, "geofence must be an id or a GeoJSON Feature", at: geofence)
            }
            guard !isRemoval else {
                throw fields.fault(.conflictingParameters, "a geofence is removed by its id", at: geofence)
            }
            try checkFeature(geofence, in: fields.payload)
            out.append(geofence)
        }
        if isRemoval { out.member("remove", flag: true) }
    }

    private static func checkFeature(_ node: JSONNode, in payload: [UInt8]) throws(CommandFault) {
        var cursor = JSONCursor(position: node.offset)
        // The text was read before: it cannot fail now.
        try? cursor.skipValue(in: payload.span)
        // Which zones there are is the vehicle's affair.
        let reader = GeofenceReader(vertexLimit: verticesMax) { _ in TimeZoneRules(fixedOffset: "+00:00") }
        let reading = reader.read(payload.span.extracting(node.offset..<max(node.offset, cursor.position)))
        guard reading.fences.count == 1, node["type"]?.string == "Feature" else {
            let problem = reading.problems.first { !$0.isWarning }
            throw CommandFault(
                reason: .invalidGeofence, detail: problem?.reason ?? "one Feature is wanted",
                offset: node.offset + (problem?.offset ?? 0))
        }
    }
}

extension [UInt8] {
    /// A JSON value without white space. Recursion is bounded by the limit of nesting that it was read with.
    fileprivate mutating func append(_ node: JSONNode) {
        switch node.value {
        case .null: append(ascii: "null")
        case .bool(let flag): append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): appendJSON(number)
        case .string(let text): appendJSON(string: text)
        case .array(let elements):
            append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                append(element)
            }
            append(UInt8(ascii: "]"))
        case .object(let members):
            append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { append(UInt8(ascii: ",")) }
                appendJSON(string: member.key)
                append(UInt8(ascii: ":"))
                append(member.value)
            }
            append(UInt8(ascii: "}"))
        }
    }
}
