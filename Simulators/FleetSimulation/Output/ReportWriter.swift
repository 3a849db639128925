import Wire

/// One report of a tracker before it becomes bytes.
struct Report {
    /// The fix's time by the tracker's own clock, milliseconds since 1970.
    var time_ms: Int64
    var latitude_deg: Double
    var longitude_deg: Double
    var fix: PositionSensor.Fix
    var isIgnitionOn: Bool
    /// Nil where the tracker is not wired to the vehicle's sensors.
    var reading: VehicleCondition.Reading?
    var sequence: Int
}

/// Writes reports as the native JSON of the telemetry topic, whose units are in the names of the fields, or as OwnTracks.
struct ReportWriter {
    var format = Scenario.ReportFormat.native
    let timeFormat: Scenario.TimeFormat

    /// Appends one report to `bytes`, without spaces.
    func append(_ report: Report, to bytes: inout [UInt8]) {
        if format == .owntracks { return appendOwnTracks(report, to: &bytes) }
        bytes.append(ascii: "{\"time\":")
        switch timeFormat {
        case .rfc3339:
            bytes.append(UInt8(ascii: "\""))
            RFC3339.append(report.time_ms, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        case .epochMilliseconds: bytes.append(decimal: report.time_ms)
        }
        append(",\"lat\":", report.latitude_deg, scale: 1e7, decimals: 7, to: &bytes)
        append(",\"lon\":", report.longitude_deg, scale: 1e7, decimals: 7, to: &bytes)
        append(",\"speed_kmh\":", report.fix.speed_kmh, scale: 10, decimals: 1, to: &bytes)
        append(",\"heading_deg\":", report.fix.heading_deg, scale: 10, decimals: 1, to: &bytes)
        append(",\"accuracy_m\":", report.fix.accuracy_m, scale: 10, decimals: 1, to: &bytes)
        if report.fix.satellites > 0 {
            bytes.append(ascii: ",\"satellites\":")
            bytes.append(decimal: Int64(report.fix.satellites))
        }
        bytes.append(ascii: report.isIgnitionOn ? ",\"ignition\":true" : ",\"ignition\":false")
        if let reading = report.reading { append(reading, to: &bytes) }
        bytes.append(ascii: ",\"seq\":")
        bytes.append(decimal: Int64(report.sequence))
        bytes.append(UInt8(ascii: "}"))
    }

    /// As a hardware tracker that speaks like the OwnTracks apps; its time is in whole seconds.
    private func appendOwnTracks(_ report: Report, to bytes: inout [UInt8]) {
        bytes.append(ascii: "{\"_type\":\"location\",\"tst\":")
        bytes.append(decimal: report.time_ms / 1000)
        append(",\"lat\":", report.latitude_deg, scale: 1e7, decimals: 7, to: &bytes)
        append(",\"lon\":", report.longitude_deg, scale: 1e7, decimals: 7, to: &bytes)
        append(",\"acc\":", report.fix.accuracy_m, scale: 1, decimals: 0, to: &bytes)
        append(",\"vel\":", report.fix.speed_kmh, scale: 1, decimals: 0, to: &bytes)
        append(",\"cog\":", report.fix.heading_deg, scale: 1, decimals: 0, to: &bytes)
        bytes.append(ascii: report.isIgnitionOn ? ",\"ign\":1" : ",\"ign\":0")
        if let reading = report.reading {
            bytes.append(ascii: ",\"rpm\":")
            bytes.append(decimal: Int64(reading.rpm))
            append(",\"flvl\":", reading.fuel_pct, scale: 10, decimals: 1, to: &bytes)
            append(",\"odometer\":", reading.odometer_km, scale: 100, decimals: 2, to: &bytes)
            append(",\"hmc\":", reading.engine_hours * 3600, scale: 1, decimals: 0, to: &bytes)
            append(",\"uext\":", reading.battery_v, scale: 100, decimals: 2, to: &bytes)
            append(",\"temp_c-1\":", reading.cargo_c, scale: 10, decimals: 1, to: &bytes)
        }
        bytes.append(ascii: ",\"tid\":\"ft\"}")
    }

    private func append(_ reading: VehicleCondition.Reading, to bytes: inout [UInt8]) {
        bytes.append(ascii: ",\"rpm\":")
        bytes.append(decimal: Int64(reading.rpm))
        append(",\"fuel_pct\":", reading.fuel_pct, scale: 10, decimals: 1, to: &bytes)
        append(",\"odometer_km\":", reading.odometer_km, scale: 100, decimals: 2, to: &bytes)
        append(",\"engine_hours\":", reading.engine_hours, scale: 100, decimals: 2, to: &bytes)
        append(",\"battery_v\":", reading.battery_v, scale: 100, decimals: 2, to: &bytes)
        append(",\"coolant_c\":", reading.coolant_c, scale: 1, decimals: 0, to: &bytes)
        append(",\"cargo_c\":", reading.cargo_c, scale: 10, decimals: 1, to: &bytes)
        bytes.append(ascii: reading.isDoorOpen ? ",\"door_open\":true" : ",\"door_open\":false")
    }

    private func append(
        _ name: StaticString, _ value: Double, scale: Double, decimals: Int, to bytes: inout [UInt8]
    ) {
        bytes.append(ascii: name)
        bytes.append(fixed: Int64((value * scale).rounded()), decimals: decimals)
    }
}
