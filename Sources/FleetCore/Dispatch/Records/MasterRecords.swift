import Wire

/// Who is served, as `dispatch/customers/{customer}` has it.
struct CustomerRecord: Sendable, Equatable {
    var version = RecordVersion()
    var name: String?
    var phone: String?
    var language: String?
    /// What sort of customer, such as `household`: service times are learned by it.
    var kind: String?
    var isVIP = false
    /// Nil where the customer was not asked.
    var consentsToSMS: Bool?
    /// Minutes of the day between which no message is wanted; the second may be the smaller one: over midnight.
    var quietHours: QuietHours?
    var timeZone: String?
    var place: DispatchPlace?
    /// The kinds of messages that are wanted; nil: all.
    var messageKinds: [String]?

    struct QuietHours: Sendable, Equatable {
        var from_min: Int
        var to_min: Int
    }

    init() {}

    init(_ payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        let reader = try RecordReader(payload, id: id)
        version = try RecordVersion(reader)
        name = try reader.text("name")
        phone = try reader.text("phone")
        language = try reader.text("language")
        kind = try reader.text("kind")
        isVIP = try reader.flag("vip") ?? false
        consentsToSMS = try reader.object("consent")?.flag("sms")
        if let hours = try reader.object("quiet_hours") {
            quietHours = QuietHours(
                from_min: try Self.minutes(hours, "from"), to_min: try Self.minutes(hours, "to"))
        }
        timeZone = try reader.text("time_zone")
        place = try DispatchPlace(reader, "place")
        messageKinds = try reader.texts("sms_kinds")
    }

    /// `21:30` as minutes of the day.
    private static func minutes(_ reader: RecordReader, _ key: String) throws(RecordProblem) -> Int {
        guard let text = try reader.text(key), let member = reader[key] else { throw reader.missing(key) }
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        func number(_ digits: Substring.UTF8View) -> Int? {
            guard digits.count == 2, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }
        guard parts.count == 2, let hour = number(Substring(parts[0]).utf8),
            let minute = number(Substring(parts[1]).utf8),
            hour < 24 || (hour == 24 && minute == 0), minute < 60
        else { throw reader.wrong(member, key, "a time of the day such as 21:30") }
        return hour * 60 + minute
    }
}

/// A vehicle as dispatch knows it: `dispatch/vehicles/{vehicle}`.
struct VehicleRecord: Sendable, Equatable {
    var version = RecordVersion()
    var group: String?
    var vehicleClass: String?
    /// Pieces that it can carry.
    var capacity: Int64?
    /// Until when it may carry dangerous goods; nil: it may not.
    var hazmatPermitUntil_ms: Int64?
    var phone: String?
    var language: String?

    init() {}

    /// Nil for what is no object, or has a group that is no text: the vehicle's shard refuses that.
    init?(_ payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        guard let plain = try? RecordReader(payload), plain["group"] == nil || plain["group"]?.string != nil else {
            return nil
        }
        let reader = try RecordReader(payload, id: id)
        version = try RecordVersion(reader)
        group = reader["group"]?.string
        vehicleClass = try reader.text("class")
        capacity = try reader.integer("capacity", 0...1_000_000)
        if let permit = try reader.object("hazmat_permit") {
            guard let until_ms = try permit.time_ms("until") else { throw permit.missing("until") }
            hazmatPermitUntil_ms = until_ms
        }
        phone = try reader.text("phone")
        language = try reader.text("language")
    }
}

/// Who drives: `dispatch/drivers/{driver}`.
struct DriverRecord: Sendable, Equatable {
    var version = RecordVersion()
    var name: String?
    var phone: String?
    var language: String?
    var hasHazmatLicence = false
    var licenceUntil_ms: Int64?
    var shift: TimeWindow?
    /// How long the driver may still drive at `version.updated_ms`, where dispatch knows.
    var remainingDriving_s: Double?

    init() {}

    init(_ payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        let reader = try RecordReader(payload, id: id)
        version = try RecordVersion(reader)
        name = try reader.text("name")
        phone = try reader.text("phone")
        language = try reader.text("language")
        if let licence = try reader.object("licence") {
            hasHazmatLicence = try licence.flag("hazmat") ?? false
            licenceUntil_ms = try licence.time_ms("until")
        }
        shift = try TimeWindow(reader, "shift")
        remainingDriving_s = try reader.number("remaining_driving_s", 0...604_800)
    }
}
