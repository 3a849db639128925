import Wire

/// Where something happened.
struct Place {
    var latitude_e7: Int32
    var longitude_e7: Int32
    var accuracy_m: Double?

    init(_ fix: Fix) {
        latitude_e7 = fix.latitude_e7
        longitude_e7 = fix.longitude_e7
        accuracy_m = fix.accuracy_m
    }

    init(latitude_e7: Int32, longitude_e7: Int32) {
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
    }
}

/// The attributes of one CloudEvent about a vehicle; its data follow in the order in which they are written.
struct EventHead {
    var type: EventType
    var id: Hash128
    /// When it happened: fix time.
    var time_ms: Int64
    /// When it was decided: receive time.
    var recordedTime_ms: Int64
    var sequence: Int64
    /// It was decided from data that came late.
    var isLate = false
    /// The id of the event in whose place this one comes.
    var corrects: Hash128?
    /// After which it is of no use.
    var expires_ms: Int64?
}

extension [UInt8] {
    /// `,"name":` — a further member of an object.
    mutating func member(_ name: StaticString) {
        append(ascii: ",\"")
        append(ascii: name)
        append(ascii: "\":")
    }

    mutating func member(_ name: StaticString, string: String) {
        member(name)
        appendJSON(string: string)
    }

    mutating func member(_ name: StaticString, time_ms: Int64) {
        member(name)
        append(UInt8(ascii: "\""))
        RFC3339.append(time_ms, to: &self)
        append(UInt8(ascii: "\""))
    }

    mutating func member(_ name: StaticString, flag: Bool) {
        member(name)
        if flag { append(ascii: "true") } else { append(ascii: "false") }
    }

    /// A quantity rounded to `decimals`, trailing zeros left out; nothing where it is not finite.
    mutating func member(_ name: StaticString, _ value: Double, decimals: Int) {
        guard value.isFinite, abs(value) < 1e14 else { return }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        member(name)
        append(fixed: Int64((value * scale).rounded()), decimals: decimals)
    }

    mutating func member(_ name: StaticString, position place: Place) {
        member(name)
        append(ascii: "{\"lat\":")
        append(fixed: Int64(place.latitude_e7), decimals: 7)
        append(ascii: ",\"lon\":")
        append(fixed: Int64(place.longitude_e7), decimals: 7)
        if let accuracy_m = place.accuracy_m { member("accuracy_m", accuracy_m, decimals: 1) }
        append(ascii: "}")
    }

    /// A CloudEvent in JSON up to the opening brace of `data`; both are closed by `closeCloudEvent`. `fleet`, `id` and
    /// `partitionKey` are as they stand between the quotes of a JSON string; the subject is `kind/id`.
    mutating func openEnvelope(
        _ head: EventHead, fleet: [UInt8], kind: StaticString, id: [UInt8], partitionKey: [UInt8]
    ) {
        append(ascii: "{\"specversion\":\"1.0\",\"id\":\"")
        append(hex: head.id.high)
        append(hex: head.id.low)
        append(ascii: "\",\"source\":\"/fleets/")
        append(contentsOf: fleet)
        append(ascii: "\",\"type\":\"fleetstream.")
        append(ascii: head.type.group)
        append(ascii: ".")
        append(ascii: head.type.name)
        append(ascii: "\",\"subject\":\"")
        append(ascii: kind)
        append(ascii: "/")
        append(contentsOf: id)
        append(ascii: "\"")
        member("time", time_ms: head.time_ms)
        member("recordedtime", time_ms: head.recordedTime_ms)
        append(ascii: ",\"sequence\":\"")
        append(decimal: head.sequence, width: 12)
        append(ascii: "\",\"partitionkey\":\"")
        append(contentsOf: partitionKey)
        append(ascii: "\"")
        if head.isLate { member("late", flag: true) }
        if let corrects = head.corrects {
            append(ascii: ",\"corrects\":\"")
            append(hex: corrects.high)
            append(hex: corrects.low)
            append(ascii: "\"")
        }
        if let expires_ms = head.expires_ms { member("expirytime", time_ms: expires_ms) }
        append(ascii: ",\"datacontenttype\":\"application/json\",\"data\":{")
    }

    /// An event about a vehicle, up to and including the vehicle in `data`. `fleet` and `vehicle` as above.
    mutating func openCloudEvent(_ head: EventHead, fleet: [UInt8], vehicle: [UInt8]) {
        openEnvelope(head, fleet: fleet, kind: "vehicles", id: vehicle, partitionKey: vehicle)
        append(ascii: "\"vehicle\":\"")
        append(contentsOf: vehicle)
        append(ascii: "\"")
    }

    /// An event about a fleet as a whole, up to and including the fleet in `data`. `fleet` as above.
    mutating func openFleetEvent(_ head: EventHead, fleet: [UInt8]) {
        openEnvelope(head, fleet: fleet, kind: "fleets", id: fleet, partitionKey: fleet)
        append(ascii: "\"fleet\":\"")
        append(contentsOf: fleet)
        append(ascii: "\"")
    }

    mutating func closeCloudEvent() { append(ascii: "}}") }

    /// Decimal digits with leading zeros, so that texts sort as the numbers do.
    mutating func append(decimal value: Int64, width: Int) {
        var power: Int64 = 1
        for _ in 1..<width { power *= 10 }
        while power > 1, value < power {
            append(UInt8(ascii: "0"))
            power /= 10
        }
        append(decimal: value)
    }
}
