import Wire

/// ThingsBoard's telemetry: `{"ts": …, "values": {…}}`, an array of these, or the values alone, whose time is then that of
/// their receipt; of the gateway API an object of these by device.
///
/// The names of the values are the user's own. Understood are those of the native report, whose units are in their
/// names, and the usual words for a position: `speed` is taken for km/h.
extension DialectReader {
    private static let values: UInt8 = 0

    private static let members = KeyTable<DialectMember>([
        ("ts", .time), ("values", .special(values)), ("deviceName", .identity),
        ("lat", .number(.latitude)), ("latitude", .number(.latitude)), ("lon", .number(.longitude)),
        ("lng", .number(.longitude)), ("longitude", .number(.longitude)), ("speed", .number(.speed)),
        ("speed_kmh", .number(.speed)), ("heading", .number(.heading)), ("course", .number(.heading)),
        ("bearing", .number(.heading)), ("heading_deg", .number(.heading)), ("accuracy", .number(.accuracy)),
        ("accuracy_m", .number(.accuracy)), ("altitude", .number(.altitude)), ("altitude_m", .number(.altitude)),
        ("satellites", .number(.satellites)), ("ignition", .flag(.ignition)), ("motion", .flag(.motion)),
        ("rpm", .number(.rpm)), ("fuel_pct", .number(.fuel)), ("odometer_km", .number(.odometer)),
        ("engine_hours", .number(.engineHours)), ("battery_v", .number(.battery)),
        ("battery_pct", .number(.batteryLevel)), ("batteryLevel", .number(.batteryLevel)),
        ("coolant_c", .number(.coolant)), ("cargo_c", .number(.cargo)), ("door_open", .flag(.door)),
        ("driver", .driver), ("dtc", .codes), ("alarms", .alarmWords),
    ])

    /// One point of a device whose name stands at `identity`, or is not known.
    mutating func readThingsBoardPoint(
        _ bytes: Span<UInt8>, identity: ByteRange, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        var element = DialectElement(at: cursor.position)
        try readThingsBoardValues(bytes, &element, isNested: false)
        if !identity.isEmpty { element.setIdentity(identity) }
        element.finish(defaultTime_ms: receivedTime_ms, into: &buffer)
    }

    private mutating func readThingsBoardValues(
        _ bytes: Span<UInt8>, _ element: inout DialectElement, isNested: Bool
    ) throws(JSONError) {
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            switch Self.members.member(for: key, in: bytes) {
            case .special?:
                if !isNested, try cursor.peekKind(in: bytes) == .object {
                    try readThingsBoardValues(bytes, &element, isNested: true)
                } else {
                    try cursor.skipValue(in: bytes)
                }
            case let member?: try element.read(member, &cursor, in: bytes)
            case nil: try cursor.skipValue(in: bytes)
            }
        }
    }

    /// `{"device": [{…}, …], …}`
    mutating func readThingsBoardGateway(
        _ bytes: Span<UInt8>, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            let part = Part.thingsBoardPoint(identity: ByteRange((key.lower - 1)..<(key.upper + 1)))
            switch try cursor.peekKind(in: bytes) {
            case .object: try readObject(part, bytes, into: &buffer)
            case .array: try readObjects(part, bytes, into: &buffer)
            default:
                try countElement()
                buffer.problems.append(
                    ReportProblem(offset: cursor.position, reason: .elementNotObject, field: ""))
                try cursor.skipValue(in: bytes)
            }
        }
    }
}
