package import Geo

/// One position of a vehicle at one moment, as small as a track needs it: 24 bytes.
///
/// Coordinates are whole multiples of 1e-7 degree (11 mm at most), rounded once when the report is read, so that a fix
/// taken out of the track is decided exactly as when it came.
package struct Fix: Sendable, Equatable, BitwiseCopyable {
    /// When the position was measured: ms since 1970, UTC.
    package var time_ms: Int64
    package var latitude_e7: Int32
    package var longitude_e7: Int32
    /// In tenths of a metre, at most 6,553.4 m; `UInt16.max` where the tracker did not tell.
    var accuracy_dm: UInt16
    /// In tenths of km/h; `UInt16.max` where the tracker did not tell.
    var speed_dkmh: UInt16
    /// In tenths of a degree, clockwise from north; `UInt16.max` where the tracker did not tell.
    var heading_ddeg: UInt16
    /// How it was taken in.
    package var flags: Flags

    package struct Flags: OptionSet, Sendable, BitwiseCopyable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        /// The vehicle reappeared here after a jump: no line leads here from the fix before.
        package static let relocated = Flags(rawValue: 2)
        package static let ignitionOn = Flags(rawValue: 4)
        package static let ignitionOff = Flags(rawValue: 8)
    }

    package init(
        time_ms: Int64, latitude_e7: Int32, longitude_e7: Int32, accuracy_m: Float? = nil, speed_kmh: Float? = nil,
        heading_deg: Float? = nil, flags: Flags = []
    ) {
        self.time_ms = time_ms
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
        accuracy_dm = Self.tenths(accuracy_m)
        speed_dkmh = Self.tenths(speed_kmh)
        heading_ddeg = Self.tenths(heading_deg)
        self.flags = flags
    }

    /// Rounded to tenths; beyond the range the largest value that fits, for a large inaccuracy must not look like none.
    private static func tenths(_ value: Float?) -> UInt16 {
        guard let value, value.isFinite else { return .max }
        return UInt16(min(max((value * 10).rounded(), 0), 65_534))
    }

    package var latitude: Double { Double(latitude_e7) / 1e7 }
    package var longitude: Double { Double(longitude_e7) / 1e7 }
    package var coordinate: Coordinate { Coordinate(latitude: latitude, longitude: longitude) }
    package var accuracy_m: Double? { accuracy_dm == .max ? nil : Double(accuracy_dm) / 10 }
    package var speed_kmh: Double? { speed_dkmh == .max ? nil : Double(speed_dkmh) / 10 }
    package var heading_deg: Double? { heading_ddeg == .max ? nil : Double(heading_ddeg) / 10 }

    package func isAt(_ other: Fix) -> Bool {
        latitude_e7 == other.latitude_e7 && longitude_e7 == other.longitude_e7
    }
}
