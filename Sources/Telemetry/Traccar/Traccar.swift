import Wire

/// Traccar's JSON forwarder: `{"position": {…}, "device": {…}}` for each position, and `{"event": {…}, …}`.
///
/// Speeds are in knots, distances in metres, hours in milliseconds. The server repeats the last known place of a device
/// that has no fix (`outdated`, or `valid` false): such a report has its sensors only, at the time of the device. Events
/// of a device that comes or goes are statuses; of the others the position counts.
extension DialectReader {
    private enum Special: UInt8 {
        case position, device, event, attributes, deviceTime, valid, outdated, accuracy, totalDistance, uniqueID, type,
            eventTime
    }

    private static func special(_ special: Special) -> DialectMember { .special(special.rawValue) }

    private static let positionMembers = KeyTable<DialectMember>([
        ("position", special(.position)), ("device", special(.device)), ("event", special(.event)),
        ("attributes", special(.attributes)), ("fixTime", .time), ("deviceTime", special(.deviceTime)),
        ("valid", special(.valid)), ("outdated", special(.outdated)), ("latitude", .number(.latitude)),
        ("longitude", .number(.longitude)), ("altitude", .number(.altitude)),
        ("speed", .number(.speed, factor: 1.852)), ("course", .number(.heading)), ("accuracy", special(.accuracy)),
    ])

    private static let attributeMembers = KeyTable<DialectMember>([
        ("ignition", .flag(.ignition)), ("motion", .flag(.motion)), ("door", .flag(.door)),
        ("odometer", .number(.odometer, factor: 0.001)), ("totalDistance", special(.totalDistance)),
        ("hours", .number(.engineHours, factor: 1 / 3_600_000)), ("fuelLevel", .number(.fuel)),
        ("rpm", .number(.rpm)), ("power", .number(.battery)), ("batteryLevel", .number(.batteryLevel)),
        ("sat", .number(.satellites)), ("coolantTemp", .number(.coolant)), ("temp1", .number(.cargo)),
        ("driverUniqueId", .driver), ("alarm", .alarmWords), ("dtcs", .codes),
    ])

    private static let deviceMembers = KeyTable<DialectMember>([("uniqueId", .identity)])

    private static let eventMembers = KeyTable<DialectMember>([
        ("type", special(.type)), ("eventTime", special(.eventTime)), ("attributes", special(.attributes)),
    ])

    private static let eventTypes = KeyTable<Bool>([("deviceOnline", true), ("deviceOffline", false)])

    /// One message while it is read.
    private struct Message {
        var element: DialectElement
        var deviceTime_ms: Int64?
        var eventTime_ms: Int64?
        /// What an event says of the connection.
        var isOnline: Bool?
        var totalDistance_km: Double?
    }

    mutating func readTraccar(_ bytes: Span<UInt8>, into buffer: inout ReportBuffer) throws(JSONError) {
        var message = Message(element: DialectElement(at: cursor.position))
        try readTraccarObject(Self.positionMembers, bytes, &message, depth: 0)
        if let isOnline = message.isOnline {
            let report = message.element.report
            if !report.identity.isEmpty { buffer.hasIdentities = true }
            return buffer.statuses.append(
                StatusReport(
                    status: VehicleStatus(isOnline: isOnline, time_ms: message.eventTime_ms),
                    identity: report.identity, offset: report.offset))
        }
        if let total_km = message.totalDistance_km, !message.element.has(.odometer) {
            message.element.set(.odometer, total_km, at: 0)
        }
        // The time of an old fix is not that of the sensors beside it.
        if message.element.isWithoutFix, let time_ms = message.deviceTime_ms { message.element.setTime(time_ms) }
        message.element.finish(defaultTime_ms: message.deviceTime_ms ?? message.eventTime_ms, into: &buffer)
    }

    /// A time that is not needed; nil where there is none.
    private mutating func readTime_ms(_ bytes: Span<UInt8>) throws(JSONError) -> Int64? {
        guard case .success(let time_ms)? = try cursor.readLenientTime(in: bytes) else { return nil }
        return time_ms
    }

    private mutating func readTraccarObject(
        _ table: KeyTable<DialectMember>, _ bytes: Span<UInt8>, _ message: inout Message, depth: Int
    ) throws(JSONError) {
        // What should be an object may be null, and then says nothing. Nothing is nested deeper than three.
        guard try cursor.peekKind(in: bytes) == .object, depth < 4 else { return try cursor.skipValue(in: bytes) }
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            guard let member = table.member(for: key, in: bytes) else {
                try cursor.skipValue(in: bytes)
                continue
            }
            guard case .special(let number) = member, let special = Special(rawValue: number) else {
                try message.element.read(member, &cursor, in: bytes)
                continue
            }
            switch special {
            case .position: try readTraccarObject(Self.positionMembers, bytes, &message, depth: depth + 1)
            case .device: try readTraccarObject(Self.deviceMembers, bytes, &message, depth: depth + 1)
            case .event: try readTraccarObject(Self.eventMembers, bytes, &message, depth: depth + 1)
            case .attributes: try readTraccarObject(Self.attributeMembers, bytes, &message, depth: depth + 1)
            default: try readTraccarValue(special, bytes, &message)
            }
        }
    }

    private mutating func readTraccarValue(
        _ special: Special, _ bytes: Span<UInt8>, _ message: inout Message
    ) throws(JSONError) {
        switch special {
        case .deviceTime: message.deviceTime_ms = try readTime_ms(bytes)
        case .eventTime: message.eventTime_ms = try readTime_ms(bytes)
        case .valid:
            if try cursor.readLenientFlag(in: bytes) == false { message.element.isWithoutFix = true }
        case .outdated:
            if try cursor.readLenientFlag(in: bytes) == true { message.element.isWithoutFix = true }
        case .accuracy:
            // 0 stands for not known.
            _ = try cursor.peekKind(in: bytes)
            let offset = cursor.position
            if let accuracy_m = try cursor.readLenientNumber(in: bytes), accuracy_m > 0 {
                message.element.set(.accuracy, accuracy_m, at: offset)
            }
        case .totalDistance: message.totalDistance_km = try cursor.readLenientNumber(in: bytes).map { $0 / 1000 }
        case .type:
            guard try cursor.peekKind(in: bytes) == .string else { return try cursor.skipValue(in: bytes) }
            message.isOnline = Self.eventTypes.member(for: try cursor.readString(in: bytes), in: bytes)
        default: try cursor.skipValue(in: bytes)
        }
    }
}
