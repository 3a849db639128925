import Wire

extension Report {
    /// Appends the report as the native form writes it: one object, keys in a fixed order, those that it has nothing for
    /// left out. Read back, it is the same report, unless it names a vehicle by more than 128 bytes. `payload` is the one that
    /// the report was decoded from.
    package func appendJSON(to out: inout [UInt8], payload: Span<UInt8>) {
        out.append(ascii: "{\"time\":\"")
        RFC3339.append(time_ms, to: &out)
        out.append(ascii: "\"")
        if let identity = identity.text(in: payload) {
            out.append(ascii: ",\"vehicle\":")
            out.appendJSON(stringBytes: identity.span)
        }
        if fields.contains(.position) {
            out.append(ascii: ",\"lat\":")
            out.append(fixed: Int64(latitude_e7), decimals: 7)
            out.append(ascii: ",\"lon\":")
            out.append(fixed: Int64(longitude_e7), decimals: 7)
        }
        appendNumbers(to: &out)
        if fields.contains(.driver) {
            out.append(ascii: ",\"driver\":")
            out.appendJSON(string: driverID(in: payload) ?? "")
        }
        if let codes = troubleCodes(in: payload) {
            out.append(ascii: ",\"dtc\":")
            Self.append(codes, to: &out)
        }
        if fields.contains(.alarms) {
            out.append(ascii: ",\"alarms\":")
            Self.append(DeviceAlarms.words.filter { alarms.contains($0.alarm) }.map(\.word.description), to: &out)
        }
        if fields.contains(.sequence) {
            out.append(ascii: ",\"seq\":")
            out.append(decimal: sequence)
        }
        out.append(ascii: "}")
    }

    private func appendNumbers(to out: inout [UInt8]) {
        func member(_ name: StaticString, _ field: ReportFields, _ value: some CustomStringConvertible) {
            guard fields.contains(field) else { return }
            out.append(ascii: ",\"")
            out.append(ascii: name)
            out.append(ascii: "\":")
            // The shortest decimal that reads back as the same number; true and false as they are.
            out.append(contentsOf: value.description.utf8)
        }
        member("speed_kmh", .speed, speed_kmh)
        member("heading_deg", .heading, heading_deg)
        member("accuracy_m", .accuracy, accuracy_m)
        member("altitude_m", .altitude, altitude_m)
        member("satellites", .satellites, satellites)
        member("ignition", .ignition, ignition)
        member("motion", .motion, motion)
        member("rpm", .rpm, rpm)
        member("fuel_pct", .fuel, fuel_pct)
        member("odometer_km", .odometer, odometer_km)
        member("engine_hours", .engineHours, engine_hours)
        member("battery_v", .battery, battery_v)
        member("battery_pct", .batteryLevel, batteryLevel_pct)
        member("coolant_c", .coolant, coolant_c)
        member("cargo_c", .cargo, cargo_c)
        member("door_open", .door, doorOpen)
    }

    private static func append(_ texts: [String], to out: inout [UInt8]) {
        out.append(ascii: "[")
        for (index, text) in texts.enumerated() {
            if index > 0 { out.append(ascii: ",") }
            out.appendJSON(string: text)
        }
        out.append(ascii: "]")
    }
}

extension StatusReport {
    /// Appends the status as the native form writes it.
    package func appendJSON(to out: inout [UInt8], payload: Span<UInt8>) {
        out.append(ascii: status.isOnline ? "{\"status\":\"online\"" : "{\"status\":\"offline\"")
        if let time_ms = status.time_ms {
            out.append(ascii: ",\"time\":\"")
            RFC3339.append(time_ms, to: &out)
            out.append(ascii: "\"")
        }
        if let identity = identity.text(in: payload) {
            out.append(ascii: ",\"vehicle\":")
            out.appendJSON(stringBytes: identity.span)
        }
        out.append(ascii: "}")
    }
}
