/// Part of a payload: a byte range that fits into 8 bytes. Empty where there is nothing.
package struct ByteRange: Sendable, Hashable, BitwiseCopyable {
    package var lower: Int32
    package var upper: Int32

    package init(_ range: Range<Int>) {
        lower = Int32(range.lowerBound)
        upper = Int32(range.upperBound)
    }

    package static let empty = ByteRange(0..<0)

    package var range: Range<Int> { Int(lower)..<Int(upper) }
    package var isEmpty: Bool { lower == upper }
}

/// What a report holds besides its time.
@usableFromInline package struct ReportFields: OptionSet, Sendable, Hashable, BitwiseCopyable {
    @usableFromInline package let rawValue: UInt32

    @inlinable package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Latitude and longitude.
    @inlinable package static var position: ReportFields { ReportFields(rawValue: 1 << 0) }
    @inlinable package static var speed: ReportFields { ReportFields(rawValue: 1 << 1) }
    @inlinable package static var heading: ReportFields { ReportFields(rawValue: 1 << 2) }
    @inlinable package static var accuracy: ReportFields { ReportFields(rawValue: 1 << 3) }
    @inlinable package static var altitude: ReportFields { ReportFields(rawValue: 1 << 4) }
    @inlinable package static var satellites: ReportFields { ReportFields(rawValue: 1 << 5) }
    @inlinable package static var ignition: ReportFields { ReportFields(rawValue: 1 << 6) }
    @inlinable package static var rpm: ReportFields { ReportFields(rawValue: 1 << 7) }
    @inlinable package static var fuel: ReportFields { ReportFields(rawValue: 1 << 8) }
    @inlinable package static var odometer: ReportFields { ReportFields(rawValue: 1 << 9) }
    @inlinable package static var engineHours: ReportFields { ReportFields(rawValue: 1 << 10) }
    @inlinable package static var battery: ReportFields { ReportFields(rawValue: 1 << 11) }
    @inlinable package static var coolant: ReportFields { ReportFields(rawValue: 1 << 12) }
    @inlinable package static var cargo: ReportFields { ReportFields(rawValue: 1 << 13) }
    @inlinable package static var door: ReportFields { ReportFields(rawValue: 1 << 14) }
    @inlinable package static var driver: ReportFields { ReportFields(rawValue: 1 << 15) }
    @inlinable package static var dtc: ReportFields { ReportFields(rawValue: 1 << 16) }
    @inlinable package static var sequence: ReportFields { ReportFields(rawValue: 1 << 17) }

    // The bits from 18 to 20 are others' in the native decoder's masks.
    @inlinable package static var alarms: ReportFields { ReportFields(rawValue: 1 << 21) }
    @inlinable package static var motion: ReportFields { ReportFields(rawValue: 1 << 22) }
    @inlinable package static var batteryLevel: ReportFields { ReportFields(rawValue: 1 << 23) }

    /// What makes a report worth having: anything but the sequence number, which says nothing of the vehicle.
    package static let observations = ReportFields(rawValue: (1 << 17) - 1).union([.alarms, .motion, .batteryLevel])
}

/// One report of a vehicle, whatever format it came in. A field is meaningful only where `fields` says so, and zero
/// elsewhere.
package struct Report: Sendable, Equatable, BitwiseCopyable {
    /// When it was measured: milliseconds since 1970, UTC, within the years 2000…2099.
    package var time_ms: Int64 = 0
    /// The tracker's own counter.
    package var sequence: Int64 = 0
    package var odometer_km: Double = 0
    package var engine_hours: Double = 0
    package var fields: ReportFields = []
    /// Degrees × 10^7, rounded by `degrees_e7`: -900,000,000…900,000,000.
    package var latitude_e7: Int32 = 0
    /// Degrees × 10^7, rounded by `degrees_e7`: -1,800,000,000…1,800,000,000, both ends allowed.
    package var longitude_e7: Int32 = 0
    package var speed_kmh: Float = 0
    /// Clockwise from north, 0 ..< 360.
    package var heading_deg: Float = 0
    package var accuracy_m: Float = 0
    package var altitude_m: Float = 0
    package var satellites: Int32 = 0
    package var rpm: Float = 0
    package var fuel_pct: Float = 0
    /// The vehicle's battery.
    package var battery_v: Float = 0
    /// The tracker's own battery, or the phone's.
    package var batteryLevel_pct: Float = 0
    package var coolant_c: Float = 0
    package var cargo_c: Float = 0
    package var ignition = false
    package var doorOpen = false
    /// Whether the tracker's own sensor takes the vehicle for moving.
    package var motion = false
    package var alarms: DeviceAlarms = []
    /// The driver's id as JSON text in the payload, a string with its quotes. Empty, or an empty string:
    /// nobody.
    package var driver = ByteRange.empty
    /// The trouble codes as JSON text in the payload: an array of strings, or one string with spaces or commas between
    /// them. Without any: all clear.
    package var dtc = ByteRange.empty
    /// The id by which the payload names the vehicle, as JSON text: a string with its quotes, or a number. Empty where it
    /// names none, as most do that come on a topic of the vehicle's own.
    package var identity = ByteRange.empty
    /// Where the report's object begins: byte offset into the payload.
    package var offset: Int32 = 0

    package init() {}
}

/// Degrees as the system holds them: × 10^7, a little more than a centimetre, to the nearest, ties to even.
///
/// Positions are rounded here, at the door, and nowhere after: equal inputs are equal positions, and a position that
/// goes out as a decimal comes back the same. The product is itself a rounded double, so degrees within 10^-13 of a tie
/// may go either way, but always the same way. `degrees` must be within ±200.
package func degrees_e7(_ degrees: Double) -> Int32 {
    // Adding 1.5 × 2^52 leaves no room for a fraction in the significand: the addition rounds to the nearest integer,
    // ties to even, and the subtraction is exact.
    let shift = 0x1.8p52
    return Int32((degrees * 1e7 + shift) - shift)
}
