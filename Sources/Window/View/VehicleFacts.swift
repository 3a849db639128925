import Wire

/// What the map needs of a vehicle's retained state.
struct VehicleFacts: Sendable, Equatable {
    var isOnline = false
    var hasPosition = false
    var isManual = false
    var latitude_e7: Int32 = 0
    var longitude_e7: Int32 = 0
    var speed_kmh: Double?
    var heading_deg: Double?
    var ignition: Bool?
    /// Time of the newest fix, and when the vehicle was last heard.
    var time_ms: Int64?
    var lastSeen_ms: Int64?
    var group: [UInt8]?
    var geofences: [[UInt8]] = []

    /// Slower is what GPS noise makes of standing.
    static let movingFrom_kmh = 5.0
    private static let geofences_max = 32

    var show: VehicleShow {
        if !isOnline { return .offline }
        if !hasPosition || isManual { return .lost }
        if speed_kmh ?? 0 >= Self.movingFrom_kmh { return .moving }
        return ignition == true ? .idling : .parked
    }

    init() {}

    /// Reads a retained state; throws where it is no JSON object of the form that the engine writes. Members that are not
    /// known are passed over.
    init(_ bytes: Span<UInt8>) throws(JSONError) {
        var cursor = JSONCursor()
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            if try cursor.peekKind(in: bytes) == .null {
                try cursor.readNull(in: bytes)
            } else if key.matches("state", in: bytes) {
                isOnline = try cursor.readString(in: bytes).matches("online", in: bytes)
            } else if key.matches("position", in: bytes) {
                hasPosition = try readPosition(&cursor, bytes)
            } else if key.matches("manual_position", in: bytes) {
                isManual = try readPosition(&cursor, bytes)
            } else if key.matches("speed_kmh", in: bytes) {
                speed_kmh = try cursor.readNumber(in: bytes)
            } else if key.matches("heading_deg", in: bytes) {
                heading_deg = try cursor.readNumber(in: bytes)
            } else if key.matches("ignition", in: bytes) {
                ignition = try cursor.readBool(in: bytes)
            } else if key.matches("time", in: bytes) {
                time_ms = RFC3339.parse(bytes, try cursor.readString(in: bytes).range)
            } else if key.matches("last_seen", in: bytes) {
                lastSeen_ms = RFC3339.parse(bytes, try cursor.readString(in: bytes).range)
            } else if key.matches("group", in: bytes) {
                group = try cursor.readString(in: bytes).unescapedBytes(in: bytes)
            } else if key.matches("geofences", in: bytes) {
                try readGeofences(&cursor, bytes)
            } else {
                try cursor.skipValue(in: bytes)
            }
        }
        try cursor.finish(in: bytes)
    }

    /// True where it has a place.
    private mutating func readPosition(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        var latitude: Double?
        var longitude: Double?
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            if key.matches("lat", in: bytes) {
                latitude = try cursor.readNumber(in: bytes)
            } else if key.matches("lon", in: bytes) {
                longitude = try cursor.readNumber(in: bytes)
            } else {
                try cursor.skipValue(in: bytes)
            }
        }
        guard let latitude, let longitude, abs(latitude) <= 90, abs(longitude) <= 180 else { return false }
        latitude_e7 = Int32((latitude * 1e7).rounded())
        longitude_e7 = Int32((longitude * 1e7).rounded())
        return true
    }

    private mutating func readGeofences(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONError) {
        try cursor.beginArray(in: bytes)
        while try cursor.nextElement(in: bytes) {
            let id = try cursor.readString(in: bytes)
            if geofences.count < Self.geofences_max { geofences.append(id.unescapedBytes(in: bytes)) }
        }
    }
}
