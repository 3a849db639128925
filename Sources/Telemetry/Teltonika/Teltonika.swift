import Wire

/// Teltonika's "Codec JSON": `{"state": {"reported": {"ts": …, "latlng": "…", "239": 1, …}}}`, with or without the wrapper.
///
/// Numbers as keys are the AVL ids of the FMB family (wiki.teltonika-gps.com, "Data Sending Parameters ID"): 66 is in mV,
/// 16 in metres, 72 and 115 in tenths of a degree. A record without fix (69 other than 1, no satellites, or the place
/// 0,0) repeats the last known place, so that it has its sensors only. Alarms are the events with an id of their own: 236
/// alarm button, 246 towing, 247 crash, 249 jamming, 252 unplugged, 253 driving (1 acceleration, 2 braking, 3
/// cornering), 255 overspeed; each by its value, or where that is left out by `evt`.
extension DialectReader {
    private enum Special: UInt8 {
        case state, reported, place, fixStatus, satellites, secondSpeed, event, driver, driving
    }

    private static func special(_ special: Special) -> DialectMember { .special(special.rawValue) }

    private static let members = KeyTable<DialectMember>([
        ("state", special(.state)), ("reported", special(.reported)), ("imei", .identity), ("ts", .time),
        ("latlng", special(.place)), ("alt", .number(.altitude)), ("ang", .number(.heading)),
        ("sat", special(.satellites)), ("sp", .number(.speed)), ("24", special(.secondSpeed)), ("evt", special(.event)),
        ("239", .flag(.ignition)), ("240", .flag(.motion)), ("66", .number(.battery, factor: 0.001)),
        ("113", .number(.batteryLevel)), ("69", special(.fixStatus)), ("16", .number(.odometer, factor: 0.001)),
        ("89", .number(.fuel)), ("115", .number(.coolant, factor: 0.1)),
        // The range of the sensors; beyond it they say why there is no value (85, 200, 300, 400, 500 degrees).
        ("72", .bounded(.cargo, factor: 0.1, -550...849)), ("78", special(.driver)), ("253", special(.driving)),
        ("236", .alarm(.sos)), ("246", .alarm(.towing)), ("247", .alarm(.accident)), ("249", .alarm(.jamming)),
        ("252", .alarm(.powerCut)), ("255", .alarm(.overspeed)),
    ])

    private static let alarmsOfEvents: [(id: Double, alarm: DeviceAlarms)] = [
        (236, .sos), (246, .towing), (247, .accident), (249, .jamming), (252, .powerCut), (255, .overspeed),
    ]

    /// An object of the root: the wrapper, or a record without it.
    mutating func readTeltonika(_ bytes: Span<UInt8>, into buffer: inout ReportBuffer) throws(JSONError) {
        try readTeltonikaRecord(bytes, identity: .empty, into: &buffer)
    }

    /// A record, or a level of the wrapper around records. Records within it have its `imei` where that stands before them.
    mutating func readTeltonikaRecord(
        _ bytes: Span<UInt8>, identity: ByteRange, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        var element = DialectElement(at: cursor.position)
        element.setIdentity(identity)
        var event: Double?
        var isWrapper = false
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            guard let member = Self.members.member(for: key, in: bytes) else {
                try cursor.skipValue(in: bytes)
                continue
            }
            guard case .special(let number) = member, let special = Special(rawValue: number) else {
                try element.read(member, &cursor, in: bytes)
                continue
            }
            switch special {
            case .state, .reported:
                isWrapper = true
                let part = Part.teltonikaRecord(identity: element.report.identity)
                switch try cursor.peekKind(in: bytes) {
                case .object: try readObject(part, bytes, into: &buffer)
                case .array: try readObjects(part, bytes, into: &buffer)
                default: try cursor.skipValue(in: bytes)
                }
            case .event: event = try cursor.readLenientNumber(in: bytes)
            default: try readTeltonikaValue(special, bytes, &element)
            }
        }
        if isWrapper { return }
        if !element.has(.alarms), let alarm = Self.alarmsOfEvents.first(where: { $0.id == event })?.alarm {
            element.raise(alarm)
        }
        element.finish(into: &buffer)
    }

    private mutating func readTeltonikaValue(
        _ special: Special, _ bytes: Span<UInt8>, _ element: inout DialectElement
    ) throws(JSONError) {
        let kind = try cursor.peekKind(in: bytes)
        let offset = cursor.position
        switch special {
        case .place:
            guard kind == .string else { return try cursor.skipValue(in: bytes) }
            let text = try cursor.readString(in: bytes)
            readPlace(bytes, text.hasEscapes ? 0..<0 : text.range, at: offset, &element)
        case .fixStatus:
            if let status = try cursor.readLenientNumber(in: bytes), status != 1 { element.isWithoutFix = true }
        case .satellites:
            guard let count = try cursor.readLenientNumber(in: bytes) else { return }
            element.set(.satellites, count, at: offset)
            if count == 0 { element.isWithoutFix = true }
        case .secondSpeed:
            let speed_kmh = try cursor.readLenientNumber(in: bytes)
            if let speed_kmh, !element.has(.speed) { element.set(.speed, speed_kmh, at: offset) }
        case .driver: try readDriverKey(bytes, kind, &element)
        case .driving:
            switch try cursor.readLenientNumber(in: bytes) {
            case 1: element.raise(.harshAcceleration)
            case 2: element.raise(.harshBraking)
            case 3: element.raise(.harshCornering)
            default: break
            }
        default: try cursor.skipValue(in: bytes)
        }
    }

    /// `25.0478,121.5170`
    private func readPlace(
        _ bytes: Span<UInt8>, _ range: Range<Int>, at offset: Int, _ element: inout DialectElement
    ) {
        guard let comma = range.first(where: { bytes[$0] == UInt8(ascii: ",") }),
            let latitude = JSONCursor.number(bytes, range.lowerBound..<comma),
            let longitude = JSONCursor.number(bytes, (comma + 1)..<range.upperBound)
        else {
            return element.refusePosition("latlng", at: offset)
        }
        if latitude == 0, longitude == 0 { element.isWithoutFix = true }
        element.set(.latitude, latitude, at: offset)
        element.set(.longitude, longitude, at: offset)
    }

    /// An iButton's number in hexadecimal digits; one of zeros only means that none is there.
    private mutating func readDriverKey(
        _ bytes: Span<UInt8>, _ kind: JSONKind, _ element: inout DialectElement
    ) throws(JSONError) {
        guard kind == .string else {
            // A number 0 says that nobody is there; any other is the key without its leading zeros.
            if try cursor.readLenientNumber(in: bytes) == 0 { element.setDriver(.empty) }
            return
        }
        let text = try cursor.readString(in: bytes)
        guard text.range.count <= NativeElement.driverLengthLimit else { return }
        let isNobody = text.range.allSatisfy { bytes[$0] == UInt8(ascii: "0") || bytes[$0] | 0x20 == UInt8(ascii: "x") }
        element.setDriver(isNobody ? .empty : ByteRange((text.lower - 1)..<(text.upper + 1)))
    }
}
