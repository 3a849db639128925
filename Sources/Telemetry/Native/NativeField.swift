import Wire

/// The fields of the native report. The raw value is the field's bit in the masks of `NativeElement`; from `speed` to
/// `sequence` it is that of `ReportFields` too.
enum NativeField: UInt8, CaseIterable {
    case speed = 1
    case heading, accuracy, altitude, satellites, ignition, rpm, fuel, odometer, engineHours, battery, coolant, cargo,
        door, driver, dtc, sequence
    case time = 18
    case latitude = 19
    case longitude = 20
    case alarms = 21
    case motion, batteryLevel
    case vehicle

    static let count = 25

    @inline(__always) var bit: UInt32 { 1 &<< UInt32(rawValue) }

    /// The field whose key it is; nil for keys that are not the native report's. Keys are told apart by length and one
    /// byte, and then compared as a whole: no allocation unless the key is written with escapes.
    init?(_ key: JSONText, in bytes: Span<UInt8>) {
        guard let field = key.hasEscapes ? Self.slowField(key, in: bytes) : Self.field(key, in: bytes) else {
            return nil
        }
        self = field
    }

    private static func field(_ key: JSONText, in bytes: Span<UInt8>) -> NativeField? {
        @inline(__always)
        func check(_ field: NativeField, _ name: StaticString) -> NativeField? {
            hasBytes(of: name, bytes, at: key.lower) ? field : nil
        }
        let start = key.lower
        switch key.upper - start {
        case 3:
            switch bytes[start + 1] {
            case UInt8(ascii: "a"): return check(.latitude, "lat")
            case UInt8(ascii: "o"): return check(.longitude, "lon")
            case UInt8(ascii: "p"): return check(.rpm, "rpm")
            case UInt8(ascii: "e"): return check(.sequence, "seq")
            default: return check(.dtc, "dtc")
            }
        case 4: return check(.time, "time")
        case 6:
            switch bytes[start] {
            case UInt8(ascii: "d"): return check(.driver, "driver")
            case UInt8(ascii: "m"): return check(.motion, "motion")
            default: return check(.alarms, "alarms")
            }
        case 7: return bytes[start] == UInt8(ascii: "c") ? check(.cargo, "cargo_c") : check(.vehicle, "vehicle")
        case 8: return bytes[start] == UInt8(ascii: "f") ? check(.fuel, "fuel_pct") : check(.ignition, "ignition")
        case 9:
            switch bytes[start] {
            case UInt8(ascii: "s"): return check(.speed, "speed_kmh")
            case UInt8(ascii: "b"): return check(.battery, "battery_v")
            case UInt8(ascii: "c"): return check(.coolant, "coolant_c")
            default: return check(.door, "door_open")
            }
        case 10:
            switch bytes[start + 1] {
            case UInt8(ascii: "c"): return check(.accuracy, "accuracy_m")
            case UInt8(ascii: "l"): return check(.altitude, "altitude_m")
            default: return check(.satellites, "satellites")
            }
        case 11:
            switch bytes[start] {
            case UInt8(ascii: "h"): return check(.heading, "heading_deg")
            case UInt8(ascii: "o"): return check(.odometer, "odometer_km")
            default: return check(.batteryLevel, "battery_pct")
            }
        case 12: return check(.engineHours, "engine_hours")
        default: return nil
        }
    }

    @inline(never)
    private static func slowField(_ key: JSONText, in bytes: Span<UInt8>) -> NativeField? {
        allCases.first { key.matches($0.name, in: bytes) }
    }

    /// The key in the payload.
    var name: StaticString {
        switch self {
        case .time: "time"
        case .latitude: "lat"
        case .longitude: "lon"
        case .speed: "speed_kmh"
        case .heading: "heading_deg"
        case .accuracy: "accuracy_m"
        case .altitude: "altitude_m"
        case .satellites: "satellites"
        case .ignition: "ignition"
        case .rpm: "rpm"
        case .fuel: "fuel_pct"
        case .odometer: "odometer_km"
        case .engineHours: "engine_hours"
        case .battery: "battery_v"
        case .coolant: "coolant_c"
        case .cargo: "cargo_c"
        case .door: "door_open"
        case .driver: "driver"
        case .dtc: "dtc"
        case .sequence: "seq"
        case .alarms: "alarms"
        case .motion: "motion"
        case .batteryLevel: "battery_pct"
        case .vehicle: "vehicle"
        }
    }

    /// What a value of the field may be, both ends included: what a road vehicle's sensor can truthfully say, with
    /// room. Beyond it the sensor says that it has no value (65,535 km/h), and the rest of the report is not to be
    /// believed either. Tables by raw value: a switch would be one more jump for each field of each report.
    var lowerBound: Double { lowerBounds[Int(rawValue)] }
    var upperBound: Double { upperBounds[Int(rawValue)] }
}

// speed, heading, accuracy, altitude; satellites, ignition, rpm, fuel, odometer; engine hours, battery, coolant, cargo;
// door, driver, dtc, sequence; time, latitude, longitude; alarms, motion,
// battery level, vehicle. The first element and those that are no quantities are unused.
private let lowerBounds: InlineArray<25, Double> = [
    0, 0, 0, 0, -10_000, 0, 0, 0, 0, 0, 0, 0, -100, -273.15, 0, 0, 0, 0, 0, -90, -180, 0, 0, 0, 0,
]
private let upperBounds: InlineArray<25, Double> = [
    0, 1_000, 360, 1_000_000, 100_000, 1_000, 0, 100_000, 100, 100_000_000, 10_000_000, 1_000, 1_000, 1_000, 0, 0, 0, 0,
    0, 90, 180, 0, 0, 100, 0,
]
