import Wire

/// OwnTracks, as its booklet has it (owntracks.org/booklet/tech/json), and what hardware trackers add to it.
///
/// - `location` is a report. `vel` is in km/h, `tst` in seconds, `batt` is the phone's own battery; `hmc` counts seconds of
///   the engine, `uext` is the vehicle's voltage. A value that is left out is unknown, though the apps leave out zeros too.
/// - `transition`: entering or leaving a region that the device itself keeps. Regions are judged here, from positions, so
///   that it counts as the report of a position where it has one.
/// - `lwt`: the broker says that the device is gone: offline. Its `tst` is the time when the device had connected, and so
///   no time of this.
/// - `encrypted` cannot be read without the key, which is a problem to be told. All other types say nothing of position
///   or vehicle and are counted: cards, waypoints, commands, steps, beacons, dumps, and those that are not known yet.
extension DialectReader {
    private static let type: UInt8 = 0
    private static let trackerID: UInt8 = 1

    private static let members = KeyTable<DialectMember>([
        ("_type", .special(type)), ("tid", .special(trackerID)), ("imei", .identity), ("tst", .time),
        ("lat", .number(.latitude)), ("lon", .number(.longitude)), ("acc", .number(.accuracy)),
        ("alt", .number(.altitude)), ("vel", .number(.speed)), ("cog", .number(.heading)),
        ("batt", .number(.batteryLevel)), ("ign", .flag(.ignition)), ("odometer", .number(.odometer)),
        ("hmc", .number(.engineHours, factor: 1 / 3600)), ("uext", .number(.battery)), ("rpm", .number(.rpm)),
        ("flvl", .number(.fuel)),
    ])

    private enum MessageType { case location, transition, lastWill, encrypted, other }

    private static let types = KeyTable<MessageType>([
        ("location", .location), ("transition", .transition), ("lwt", .lastWill), ("encrypted", .encrypted),
    ])

    mutating func readOwnTracks(_ bytes: Span<UInt8>, into buffer: inout ReportBuffer) throws(JSONError) {
        var element = DialectElement(at: cursor.position)
        var type = MessageType.other
        var trackerID = ByteRange.empty
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            switch Self.members.member(for: key, in: bytes) {
            case .special(Self.type)?:
                guard try cursor.peekKind(in: bytes) == .string else {
                    type = .other
                    try cursor.skipValue(in: bytes)
                    continue
                }
                type = Self.types.member(for: try cursor.readString(in: bytes), in: bytes) ?? .other
            case .special?: trackerID = try DialectElement.readIdentity(&cursor, in: bytes)
            case let member?: try element.read(member, &cursor, in: bytes)
            case nil where isTemperature(key, in: bytes) && !element.has(.cargo):
                // One for each sensor of the vehicle; the first stands for the cargo.
                try element.read(.number(.cargo), &cursor, in: bytes)
            case nil: try cursor.skipValue(in: bytes)
            }
        }
        if namesVehicles, element.report.identity.isEmpty { element.setIdentity(trackerID) }
        switch type {
        case .location:
            if !element.hasCoordinates {
                buffer.problems.append(
                    ReportProblem(offset: Int(element.report.offset), reason: .missingLatitude, field: "lat"))
            } else {
                element.finish(into: &buffer)
            }
        case .transition where element.hasCoordinates: element.finish(into: &buffer)
        case .lastWill:
            let report = element.report
            if !report.identity.isEmpty { buffer.hasIdentities = true }
            buffer.statuses.append(
                StatusReport(
                    status: VehicleStatus(isOnline: false), identity: report.identity, offset: report.offset))
        case .encrypted:
            buffer.problems.append(
                ReportProblem(offset: Int(element.report.offset), reason: .encrypted, field: ""))
        case .transition, .other: buffer.otherTypes += 1
        }
    }

    /// `temp_c-` and the number of a sensor.
    private func isTemperature(_ key: JSONText, in bytes: Span<UInt8>) -> Bool {
        !key.hasEscapes && key.range.count > 7 && hasBytes(of: "temp_c-", bytes, at: key.lower)
    }
}
