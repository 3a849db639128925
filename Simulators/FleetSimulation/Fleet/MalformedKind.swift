import Wire

/// The kinds of message that a processor must survive: what a broken tracker, a wrong configuration or an attacker sends.
/// The raw values are the keys of `faults.malformed` in scenario files.
package enum MalformedKind: String, CodingKey, CaseIterable, Sendable {
    /// A report cut off in the middle.
    case truncated
    /// A report with a byte that is not UTF-8 in a string.
    case invalidUTF8 = "invalid_utf8"
    case empty
    case notJSON = "not_json"
    case latitude91 = "latitude_91"
    /// The place 0°, 0° that receivers give without a fix.
    case nullIsland = "null_island"
    case nan
    /// A number beyond what a double holds: 1e400.
    case overflow
    /// A time in the year 2099.
    case future
    /// A time in the year 1970.
    case past
    /// Strings where numbers belong.
    case wrongTypes = "wrong_types"
    case missingLongitude = "missing_longitude"
    /// 2,000 arrays in one another.
    case deepNesting = "deep_nesting"
    /// More than 64 KiB.
    case oversized
    /// An array of 5,000 empty objects.
    case hugeArray = "huge_array"
    /// A good report on a topic with an empty level for the vehicle.
    case badTopic = "bad_topic"

    /// Whether every parser takes the payload as JSON.
    var isJSON: Bool {
        switch self {
        case .truncated, .invalidUTF8, .empty, .notJSON, .nan, .overflow, .deepNesting: false
        case .latitude91, .nullIsland, .future, .past, .wrongTypes, .missingLongitude, .oversized, .hugeArray,
            .badTopic:
            true
        }
    }

    /// A payload of this kind, made from a good report of the same vehicle.
    func payload(from report: Report, writer: ReportWriter, good: [UInt8]) -> [UInt8] {
        var changed = report
        var bytes: [UInt8] = []
        switch self {
        case .truncated: return Array(good.prefix(good.count / 2))
        case .invalidUTF8:
            return Array("{\"time\":0,\"driver\":\"".utf8) + [0x44, 0xC3, 0x28, 0xFF] + Array("\"}".utf8)
        case .empty: return []
        case .notJSON: return Array("$GPRMC,001530,A,2502.868,N,12131.020,E,20.8,271.0*7C".utf8)
        case .latitude91: changed.latitude_deg = 91
        case .nullIsland: (changed.latitude_deg, changed.longitude_deg) = (0, 0)
        case .nan: return withTime(of: report, "\"lat\":NaN,\"lon\":121.5")
        case .overflow: return withTime(of: report, "\"lat\":25.04,\"lon\":1e400")
        case .future: changed.time_ms = 4_071_000_000_000 + report.time_ms % 1_000
        case .past: changed.time_ms = 86_400_000 + report.time_ms % 1_000
        case .wrongTypes: return withTime(of: report, "\"lat\":\"25.04\",\"lon\":[121.5],\"ignition\":\"yes\"")
        case .missingLongitude: return withTime(of: report, "\"lat\":25.04")
        case .deepNesting:
            return [UInt8](repeating: UInt8(ascii: "["), count: 2_000)
                + [UInt8](repeating: UInt8(ascii: "]"), count: 2_000)
        case .oversized:
            return withTime(
                of: report, "\"lat\":25.04,\"lon\":121.5,\"note\":\"" + String(repeating: "x", count: 70_000) + "\"")
        case .hugeArray: return Array(("[" + String(repeating: "{},", count: 4_999) + "{}]").utf8)
        case .badTopic: return good
        }
        writer.append(changed, to: &bytes)
        return bytes
    }

    private func withTime(of report: Report, _ members: String) -> [UInt8] {
        Array("{\"time\":\"\(RFC3339.string(report.time_ms))\",\(members)}".utf8)
    }
}
