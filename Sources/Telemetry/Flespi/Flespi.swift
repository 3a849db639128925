import Wire

/// Messages of flespi: flat objects in an array, or one alone, keys with dots (flespi.com, "Message parameters").
///
/// Speed is in km/h, mileage in km, times in seconds with a fraction. Where `position.valid` is false the report has its
/// sensors only. Alarms are the parameters of one event each, in their older and newer spelling.
extension DialectReader {
    private static let validity: UInt8 = 0

    private static let members = KeyTable<DialectMember>([
        ("ident", .identity), ("timestamp", .time), ("position.latitude", .number(.latitude)),
        ("position.longitude", .number(.longitude)), ("position.altitude", .number(.altitude)),
        ("position.speed", .number(.speed)), ("position.direction", .number(.heading)),
        ("position.satellites", .number(.satellites)), ("position.valid", .special(validity)),
        ("engine.ignition.status", .flag(.ignition)), ("movement.status", .flag(.motion)),
        ("vehicle.mileage", .number(.odometer)), ("can.vehicle.mileage", .number(.odometer)),
        ("can.fuel.level", .number(.fuel)), ("engine.rpm", .number(.rpm)), ("can.engine.rpm", .number(.rpm)),
        ("can.engine.coolant.temperature", .number(.coolant)), ("engine.motorhours", .number(.engineHours)),
        ("can.engine.motorhours", .number(.engineHours)), ("external.powersource.voltage", .number(.battery)),
        ("battery.level", .number(.batteryLevel)), ("ibutton.code", .driver), ("alarm.event", .alarm(.sos)),
        ("alarm.event.trigger", .alarm(.sos)), ("towing.event.trigger", .alarm(.towing)),
        ("towing.alarm.status", .alarm(.towing)), ("crash.event", .alarm(.accident)),
        ("overspeeding.event", .alarm(.overspeed)), ("overspeeding.event.trigger", .alarm(.overspeed)),
        ("harsh.acceleration.event", .alarm(.harshAcceleration)),
        ("harsh.acceleration.event.trigger", .alarm(.harshAcceleration)),
        ("harsh.braking.event", .alarm(.harshBraking)), ("harsh.braking.event.trigger", .alarm(.harshBraking)),
        ("harsh.cornering.event", .alarm(.harshCornering)), ("harsh.cornering.event.trigger", .alarm(.harshCornering)),
        ("gsm.jamming.event", .alarm(.jamming)), ("gsm.jamming.event.trigger", .alarm(.jamming)),
        ("power.cut.alarm", .alarm(.powerCut)),
    ])

    mutating func readFlespi(_ bytes: Span<UInt8>, into buffer: inout ReportBuffer) throws(JSONError) {
        var element = DialectElement(at: cursor.position)
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            switch Self.members.member(for: key, in: bytes) {
            case .special?:
                if try cursor.readLenientFlag(in: bytes) == false { element.isWithoutFix = true }
            case let member?: try element.read(member, &cursor, in: bytes)
            case nil: try cursor.skipValue(in: bytes)
            }
        }
        element.finish(into: &buffer)
    }
}
