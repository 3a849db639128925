import Wire

/// Reads one report's object. Values that are wrong are noted by field, so that of duplicate keys the last one decides,
/// about the value and about the fault.
struct NativeElement {
    static let driverLengthLimit = 128
    static let codeLimit = 64

    private(set) var report = Report()
    /// Bits of the fields that hold a value.
    private var present: UInt32 = 0
    /// Bits of the fields whose value cannot be used; the two arrays hold something for these only.
    private var faulty: UInt32 = 0
    private var faultOffsets = InlineArray<25, Int32>(repeating: 0)
    private var faultReasons = InlineArray<25, DecodeReason>(repeating: .wrongType)

    /// Reads the object at the cursor. What is thrown is wrong with the JSON; what is wrong with the report is told by
    /// `problem`.
    mutating func read(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) {
        report.offset = Int32(truncatingIfNeeded: cursor.position)
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            guard let field = NativeField(key, in: bytes) else {
                try cursor.skipValue(in: bytes)
                continue
            }
            present &= ~field.bit
            faulty &= ~field.bit
            let kind = try cursor.peekKind(in: bytes)
            if case .null = kind {
                try cursor.readNull(in: bytes)
            } else {
                try readValue(of: field, kind, &cursor, in: bytes)
            }
        }
        finish()
    }

    /// What keeps the report from being used; the first in the payload where there are several.
    var problem: ReportProblem? {
        var first: ReportProblem?
        for field in NativeField.allCases where faulty & field.bit != 0 {
            let offset = Int(faultOffsets[Int(field.rawValue)])
            if let first, first.offset < offset { continue }
            first = ReportProblem(
                offset: offset, reason: faultReasons[Int(field.rawValue)], field: field.name.description)
        }
        if let first { return first }
        func missing(_ reason: DecodeReason, _ field: String) -> ReportProblem {
            ReportProblem(offset: Int(report.offset), reason: reason, field: field)
        }
        if present & NativeField.time.bit == 0 { return missing(.missingTime, "time") }
        let hasLatitude = present & NativeField.latitude.bit != 0
        let hasLongitude = present & NativeField.longitude.bit != 0
        if hasLatitude != hasLongitude {
            return hasLatitude ? missing(.missingLongitude, "lon") : missing(.missingLatitude, "lat")
        }
        if report.fields.isDisjoint(with: .observations) { return missing(.noObservation, "") }
        return nil
    }

    /// Whether the report can be used: the same as `problem == nil`, without finding the problem.
    var isUsable: Bool {
        let required = NativeField.time.bit
        let both = NativeField.latitude.bit | NativeField.longitude.bit
        return faulty == 0 && present & required != 0 && (present & both == both || present & both == 0)
            && !report.fields.isDisjoint(with: .observations)
    }

    /// Sets what the report holds, and clears what an earlier duplicate left in fields that it does not.
    private mutating func finish() {
        let both = NativeField.latitude.bit | NativeField.longitude.bit
        let shared = ReportFields.observations.union(.sequence).rawValue & ~ReportFields.position.rawValue
        report.fields = ReportFields(
            rawValue: present & shared | (present & both == both ? ReportFields.position.rawValue : 0))
        // An earlier duplicate of the key may have named one.
        if present & NativeField.vehicle.bit == 0 { report.identity = .empty }
    }

    private mutating func readValue(
        of field: NativeField, _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        switch field {
        case .time:
            let offset = cursor.position
            switch try ReportTime.read(&cursor, kind, in: bytes) {
            case .success(let time_ms):
                report.time_ms = time_ms
                present |= field.bit
            case .failure(let reason): note(field, reason, at: offset)
            }
        case .ignition, .door, .motion: try readFlag(field, kind, &cursor, in: bytes)
        case .driver, .vehicle: try readID(field, kind, &cursor, in: bytes)
        case .dtc: try readCodes(kind, &cursor, in: bytes)
        case .alarms: try readAlarms(kind, &cursor, in: bytes)
        case .sequence, .satellites: try readInteger(field, kind, &cursor, in: bytes)
        default: try readQuantity(field, kind, &cursor, in: bytes)
        }
    }

    private mutating func readQuantity(
        _ field: NativeField, _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        let offset = cursor.position
        guard case .number = kind else { return try refuse(field, .wrongType, &cursor, in: bytes) }
        let decimal = try cursor.readDecimal(in: bytes)
        guard let number = try? decimal.double(in: bytes) else { return note(field, .numberOutOfRange, at: offset) }
        guard number >= field.lowerBound, number <= field.upperBound else {
            switch field {
            case .latitude: return note(field, .latitudeOutOfRange, at: offset)
            case .longitude: return note(field, .longitudeOutOfRange, at: offset)
            default: return note(field, .outOfRange, at: offset)
            }
        }
        present |= field.bit
        // Makes -0 a zero like any other.
        let value = number + 0.0
        switch field {
        case .latitude: report.latitude_e7 = degrees_e7(value)
        case .longitude: report.longitude_e7 = degrees_e7(value)
        case .speed: report.speed_kmh = Float(value)
        case .heading: report.heading_deg = Float(value) < 360 ? Float(value) : 0
        case .accuracy: report.accuracy_m = Float(value)
        case .altitude: report.altitude_m = Float(value)
        case .rpm: report.rpm = Float(value)
        case .fuel: report.fuel_pct = Float(value)
        case .odometer: report.odometer_km = value
        case .engineHours: report.engine_hours = value
        case .battery: report.battery_v = Float(value)
        case .batteryLevel: report.batteryLevel_pct = Float(value)
        case .coolant: report.coolant_c = Float(value)
        case .cargo: report.cargo_c = Float(value)
        case .time, .satellites, .ignition, .door, .driver, .dtc, .sequence, .alarms, .motion, .vehicle: break
        }
    }

    private mutating func readInteger(
        _ field: NativeField, _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        let offset = cursor.position
        guard case .number = kind else { return try refuse(field, .wrongType, &cursor, in: bytes) }
        let decimal = try cursor.readDecimal(in: bytes)
        guard decimal.truncated != nil else { return note(field, .outOfRange, at: offset) }
        guard let integer = decimal.integer else { return note(field, .notAnInteger, at: offset) }
        let limit = field == .satellites ? Int64(field.upperBound) : Int64.max
        guard integer >= 0, integer <= limit else { return note(field, .outOfRange, at: offset) }
        present |= field.bit
        if field == .satellites { report.satellites = Int32(integer) } else { report.sequence = integer }
    }

    /// Reads true and false; also 1 and 0, which many trackers send for a digital input.
    private mutating func readFlag(
        _ field: NativeField, _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        let offset = cursor.position
        let flag: Bool
        switch kind {
        case .bool: flag = try cursor.readBool(in: bytes)
        case .number:
            let integer = try cursor.readDecimal(in: bytes).integer
            guard integer == 0 || integer == 1 else { return note(field, .outOfRange, at: offset) }
            flag = integer == 1
        default: return try refuse(field, .wrongType, &cursor, in: bytes)
        }
        present |= field.bit
        switch field {
        case .ignition: report.ignition = flag
        case .motion: report.motion = flag
        default: report.doorOpen = flag
        }
    }

    private mutating func readID(
        _ field: NativeField, _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        guard case .string = kind else { return try refuse(field, .wrongType, &cursor, in: bytes) }
        let text = try cursor.readString(in: bytes)
        let length = text.hasEscapes ? text.unescapedBytes(in: bytes).count : text.range.count
        guard length <= Self.driverLengthLimit else { return note(field, .textTooLong, at: text.lower - 1) }
        present |= field.bit
        let range = ByteRange(text.lower - 1..<text.upper + 1)
        if field == .driver { report.driver = range } else { report.identity = range }
    }

    /// Words that are no alarm of ours are passed over, like unknown fields.
    private mutating func readAlarms(
        _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        guard case .array = kind else { return try refuse(.alarms, .wrongType, &cursor, in: bytes) }
        let start = cursor.position
        var alarms: DeviceAlarms = []
        var hasOtherTypes = false
        try cursor.beginArray(in: bytes)
        while try cursor.nextElement(in: bytes) {
            if try cursor.peekKind(in: bytes) == .string {
                alarms.formUnion(DeviceAlarms(word: try cursor.readString(in: bytes), in: bytes))
            } else {
                hasOtherTypes = true
                try cursor.skipValue(in: bytes)
            }
        }
        guard !hasOtherTypes else { return note(.alarms, .wrongType, at: start) }
        present |= NativeField.alarms.bit
        report.alarms = alarms
    }

    private mutating func readCodes(
        _ kind: JSONKind, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        guard case .array = kind else { return try refuse(.dtc, .wrongType, &cursor, in: bytes) }
        let start = cursor.position
        var count = 0
        var hasOtherTypes = false
        try cursor.beginArray(in: bytes)
        while try cursor.nextElement(in: bytes) {
            if try cursor.peekKind(in: bytes) != .string { hasOtherTypes = true }
            try cursor.skipValue(in: bytes)
            count += 1
        }
        guard !hasOtherTypes else { return note(.dtc, .wrongType, at: start) }
        guard count <= Self.codeLimit else { return note(.dtc, .tooManyCodes, at: start) }
        present |= NativeField.dtc.bit
        report.dtc = ByteRange(start..<cursor.position)
    }

    private mutating func refuse(
        _ field: NativeField, _ reason: DecodeReason, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        note(field, reason, at: cursor.position)
        try cursor.skipValue(in: bytes)
    }

    private mutating func note(_ field: NativeField, _ reason: DecodeReason, at offset: Int) {
        faulty |= field.bit
        faultOffsets[Int(field.rawValue)] = Int32(truncatingIfNeeded: offset)
        faultReasons[Int(field.rawValue)] = reason
    }
}
