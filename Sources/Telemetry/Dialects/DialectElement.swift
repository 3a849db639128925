import Wire

/// What a member of a tracker's object stands for in a report.
enum DialectMember: Sendable {
    case time
    /// A number, times `factor` in the report's unit.
    case number(NativeField, factor: Double)
    /// A number that counts only within the bounds, which are in the tracker's unit.
    case bounded(NativeField, factor: Double, ClosedRange<Double>)
    case flag(NativeField)
    case driver
    case codes
    case identity
    case alarmWords
    /// An alarm that is raised where the value is true or not 0.
    case alarm(DeviceAlarms)
    /// Something that only the format itself understands, by a number of its own.
    case special(UInt8)

    /// A number in the report's own unit.
    static func number(_ field: NativeField) -> DialectMember { .number(field, factor: 1) }
}

/// One report while the members of its object are read.
struct DialectElement {
    private(set) var report = Report()
    /// The tracker says that its position is not one: an old one repeated, or no fix.
    var isWithoutFix = false
    private var hasTime = false
    private var hasLatitude = false
    private var hasLongitude = false
    private var timeProblem: ReportProblem?
    private var positionProblem: ReportProblem?

    init(at offset: Int) { report.offset = Int32(truncatingIfNeeded: offset) }

    /// Reads the value at the cursor as what `member` says, which is not `special`.
    mutating func read(
        _ member: DialectMember, _ cursor: inout JSONCursor, in bytes: Span<UInt8>
    ) throws(JSONError) {
        switch member {
        case .time: try readTime(&cursor, in: bytes)
        case .number(let field, let factor): try readNumber(field, factor, nil, &cursor, in: bytes)
        case .bounded(let field, let factor, let bounds): try readNumber(field, factor, bounds, &cursor, in: bytes)
        case .flag(let field):
            if let flag = try cursor.readLenientFlag(in: bytes) { set(field, flag) }
        case .driver: try readDriver(&cursor, in: bytes)
        case .codes: try readCodes(&cursor, in: bytes)
        case .identity:
            let range = try Self.readIdentity(&cursor, in: bytes)
            if !range.isEmpty { report.identity = range }
        case .alarmWords:
            if let alarms = try cursor.readAlarms(in: bytes) { raise(alarms) }
        case .alarm(let alarm):
            if let isRaised = try cursor.readLenientFlag(in: bytes) { raise(isRaised ? alarm : []) }
        case .special: fatalError("DialectElement: special members are the format's to read")
        }
    }

    mutating func readTime(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) {
        _ = try cursor.peekKind(in: bytes)
        let offset = cursor.position
        switch try cursor.readLenientTime(in: bytes) {
        case .success(let time_ms)?: setTime(time_ms)
        case .failure(let reason)?:
            timeProblem = ReportProblem(offset: offset, reason: reason, field: "")
        case nil: break
        }
    }

    mutating func setTime(_ time_ms: Int64) {
        report.time_ms = time_ms
        hasTime = true
        timeProblem = nil
    }

    private mutating func readNumber(
        _ field: NativeField, _ factor: Double, _ bounds: ClosedRange<Double>?, _ cursor: inout JSONCursor,
        in bytes: Span<UInt8>
    ) throws(JSONError) {
        let kind = try cursor.peekKind(in: bytes)
        let offset = cursor.position
        guard let number = try cursor.readLenientNumber(in: bytes) else {
            // Null is absence, and so is whatever else stands in the place of a sensor; a position must be one.
            if kind != .null, field == .latitude || field == .longitude {
                refusePosition(field, .wrongType, at: offset)
            }
            return
        }
        if let bounds, !bounds.contains(number) { return }
        set(field, number * factor, at: offset)
    }

    /// Sets a field in the report's unit. A sensor's value that cannot be is dropped, a coordinate's is a problem.
    mutating func set(_ field: NativeField, _ number: Double, at offset: Int) {
        // Makes -0 a zero like any other.
        let value = number + 0.0
        guard value >= field.lowerBound, value <= field.upperBound else {
            if field == .latitude { refusePosition(field, .latitudeOutOfRange, at: offset) }
            if field == .longitude { refusePosition(field, .longitudeOutOfRange, at: offset) }
            return
        }
        switch field {
        case .latitude:
            report.latitude_e7 = degrees_e7(value)
            hasLatitude = true
            // Of duplicate keys the last counts.
            if let problem = positionProblem, problem.field == field.name.description { positionProblem = nil }
            return
        case .longitude:
            report.longitude_e7 = degrees_e7(value)
            hasLongitude = true
            if let problem = positionProblem, problem.field == field.name.description { positionProblem = nil }
            return
        case .speed: report.speed_kmh = Float(value)
        case .heading: report.heading_deg = Float(value) < 360 ? Float(value) : 0
        case .accuracy: report.accuracy_m = Float(value)
        case .altitude: report.altitude_m = Float(value)
        case .satellites: report.satellites = Int32(value)
        case .rpm: report.rpm = Float(value)
        case .fuel: report.fuel_pct = Float(value)
        case .odometer: report.odometer_km = value
        case .engineHours: report.engine_hours = value
        case .battery: report.battery_v = Float(value)
        case .batteryLevel: report.batteryLevel_pct = Float(value)
        case .coolant: report.coolant_c = Float(value)
        case .cargo: report.cargo_c = Float(value)
        case .time, .ignition, .door, .driver, .dtc, .sequence, .alarms, .motion, .vehicle: return
        }
        report.fields.insert(ReportFields(rawValue: field.bit))
    }

    private mutating func set(_ field: NativeField, _ flag: Bool) {
        switch field {
        case .ignition: report.ignition = flag
        case .motion: report.motion = flag
        case .door: report.doorOpen = flag
        default: return
        }
        report.fields.insert(ReportFields(rawValue: field.bit))
    }

    mutating func raise(_ alarms: DeviceAlarms) {
        report.alarms.formUnion(alarms)
        report.fields.insert(.alarms)
    }

    /// Whether it names a place, be that possible or not.
    var hasCoordinates: Bool { hasLatitude || hasLongitude || positionProblem != nil }

    func has(_ field: ReportFields) -> Bool { report.fields.contains(field) }

    /// A place that is not one at all.
    mutating func refusePosition(_ name: String, at offset: Int) {
        positionProblem = positionProblem ?? ReportProblem(offset: offset, reason: .wrongType, field: name)
    }

    private mutating func refusePosition(_ field: NativeField, _ reason: DecodeReason, at offset: Int) {
        guard positionProblem == nil else { return }
        positionProblem = ReportProblem(offset: offset, reason: reason, field: field.name.description)
    }

    // MARK: - Texts

    mutating func setDriver(_ range: ByteRange) {
        report.driver = range
        report.fields.insert(.driver)
    }

    private mutating func readDriver(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) {
        guard try cursor.peekKind(in: bytes) == .string else { return try cursor.skipValue(in: bytes) }
        let text = try cursor.readString(in: bytes)
        guard text.range.count <= NativeElement.driverLengthLimit else { return }
        setDriver(ByteRange((text.lower - 1)..<(text.upper + 1)))
    }

    /// A string with codes, or an array of strings.
    private mutating func readCodes(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) {
        let kind = try cursor.peekKind(in: bytes)
        let start = cursor.position
        var isUsable = kind == .string
        if kind == .array {
            var count = 0
            isUsable = true
            try cursor.beginArray(in: bytes)
            while try cursor.nextElement(in: bytes) {
                if try cursor.peekKind(in: bytes) != .string { isUsable = false }
                try cursor.skipValue(in: bytes)
                count += 1
            }
            isUsable = isUsable && count <= NativeElement.codeLimit
        } else {
            try cursor.skipValue(in: bytes)
        }
        guard isUsable else { return }
        report.dtc = ByteRange(start..<cursor.position)
        report.fields.insert(.dtc)
    }

    mutating func setIdentity(_ range: ByteRange) { report.identity = range }

    /// Where a vehicle's name stands: a string that is not empty, or a number without fraction. Empty for anything else.
    static func readIdentity(_ cursor: inout JSONCursor, in bytes: Span<UInt8>) throws(JSONError) -> ByteRange {
        switch try cursor.peekKind(in: bytes) {
        case .string:
            let text = try cursor.readString(in: bytes)
            return text.range.isEmpty ? .empty : ByteRange((text.lower - 1)..<(text.upper + 1))
        case .number:
            let decimal = try cursor.readDecimal(in: bytes)
            return decimal.exponent == 0 ? ByteRange(decimal.lower..<decimal.upper) : .empty
        default:
            try cursor.skipValue(in: bytes)
            return .empty
        }
    }

    // MARK: - The end

    /// Appends the report, or the problem that keeps it from being used. An object that says nothing of the vehicle is
    /// counted. `defaultTime_ms` is the time where the object has none and needs none.
    mutating func finish(defaultTime_ms: Int64? = nil, into buffer: inout ReportBuffer) {
        if isWithoutFix {
            report.fields.subtract([.speed, .heading, .accuracy, .altitude])
        } else {
            if let positionProblem { return buffer.problems.append(positionProblem) }
            if hasLatitude != hasLongitude {
                return buffer.problems.append(
                    ReportProblem(
                        offset: Int(report.offset), reason: hasLatitude ? .missingLongitude : .missingLatitude,
                        field: ""))
            }
            if hasLatitude { report.fields.insert(.position) }
        }
        guard !report.fields.isDisjoint(with: .observations) else {
            buffer.otherTypes += 1
            return
        }
        if let timeProblem { return buffer.problems.append(timeProblem) }
        if !hasTime {
            guard let defaultTime_ms else {
                return buffer.problems.append(
                    ReportProblem(offset: Int(report.offset), reason: .missingTime, field: ""))
            }
            report.time_ms = defaultTime_ms
        }
        if !report.fields.contains(.position) {
            report.latitude_e7 = 0
            report.longitude_e7 = 0
        }
        if !report.identity.isEmpty { buffer.hasIdentities = true }
        buffer.reports.append(report)
    }
}
