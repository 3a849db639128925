import Wire

extension [UInt8] {
    /// A vehicle as lists and streams tell it.
    mutating func append(vehicle: VehicleRecord) {
        let facts = vehicle.facts
        append(ascii: "{\"id\":")
        appendJSON(stringBytes: vehicle.id.span)
        append(ascii: ",\"state\":\"")
        append(ascii: facts.show.name)
        append(ascii: "\"")
        if facts.hasPosition || facts.isManual {
            append(ascii: ",\"lat\":")
            append(fixed: Int64(facts.latitude_e7), decimals: 7)
            append(ascii: ",\"lon\":")
            append(fixed: Int64(facts.longitude_e7), decimals: 7)
        }
        if let speed_kmh = facts.speed_kmh {
            append(ascii: ",\"speed_kmh\":")
            appendJSON(speed_kmh)
        }
        if let heading_deg = facts.heading_deg {
            append(ascii: ",\"heading_deg\":")
            appendJSON(heading_deg)
        }
        if let time_ms = facts.time_ms {
            append(ascii: ",\"time\":")
            append(decimal: time_ms)
        }
        if let lastSeen_ms = facts.lastSeen_ms {
            append(ascii: ",\"last_seen\":")
            append(decimal: lastSeen_ms)
        }
        if let group = facts.group {
            append(ascii: ",\"group\":")
            appendJSON(stringBytes: group.span)
        }
        if !facts.geofences.isEmpty {
            append(ascii: ",\"geofences\":[")
            for (index, id) in facts.geofences.enumerated() {
                if index > 0 { append(ascii: ",") }
                appendJSON(stringBytes: id.span)
            }
            append(ascii: "]")
        }
        append(ascii: "}")
    }

    /// A vehicle's trail: `[[time in s, lat, lon], …]`, the oldest first.
    mutating func append(trail: Trail) {
        append(ascii: "[")
        var isFirst = true
        trail.visit { point in
            append(ascii: isFirst ? "[" : ",[")
            isFirst = false
            append(decimal: Int64(point.time_s))
            append(ascii: ",")
            append(fixed: Int64(point.latitude_e7), decimals: 7)
            append(ascii: ",")
            append(fixed: Int64(point.longitude_e7), decimals: 7)
            append(ascii: "]")
        }
        append(ascii: "]")
    }

    /// JSON that another part has written, on one line.
    mutating func append(oneLine json: [UInt8]) {
        // In strings line ends are escaped: one that stands there separates, as a space does.
        for byte in json { append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
    }
}
