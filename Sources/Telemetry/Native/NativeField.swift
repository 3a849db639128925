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

    static let count = 21

    var bit: UInt32 { 1 << UInt32(rawValue) }

    /// The key that stands for the field; nil for keys that are not the native report's. Keys are told apart by length
    /// and one byte, and then compared as a whole: no allocation unless the key is written with escapes.
    init?(_ key: JSONText, in bytes: Span<UInt8>) {
        let candidate = key.hasEscapes ? Self.slowCandidate(key, in: bytes) : Self.candidate(key, in: bytes)
        guard let candidate, key.matches(candidate.name, in: bytes) else { return nil }
        self = candidate
    }

    private static func candidate(_ key: JSONText, in bytes: Span<UInt8>) -> NativeField? {
        let start = key.lower
        switch key.upper - start {
        case 3:
            switch bytes[start + 1] {
            case UInt8(ascii: "a"): return .latitude
            case UInt8(ascii: "o"): return .longitude
            case UInt8(ascii: "p"): return .rpm
            case UInt8(ascii: "e"): return .sequence
            default: return .dtc
            }
        case 4: return .time
        case 6: return .driver
        case 7: return .cargo
        case 8: return bytes[start] == UInt8(ascii: "f") ? .fuel : .ignition
        case 9:
            switch bytes[start] {
            case UInt8(ascii: "s"): return .speed
            case UInt8(ascii: "b"): return .battery
            case UInt8(ascii: "c"): return .coolant
            default: return .door
            }
        case 10:
            switch bytes[start + 1] {
            case UInt8(ascii: "c"): return .accuracy
            case UInt8(ascii: "l"): return .altitude
            default: return .satellites
            }
        case 11: return bytes[start] == UInt8(ascii: "h") ? .heading : .odometer
        case 12: return .engineHours
        default: return nil
        }
    }

    @inline(never)
    private static func slowCandidate(_ key: JSONText, in bytes: Span<UInt8>) -> NativeField? {
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
        }
    }

    /// What a value of the field may be, both ends included: what a road vehicle's sensor can truthfully say, with
    /// room. Beyond it the sensor says that it has no value (65,535 km/h), and nothing else of the report is to be believed.
    var bounds: ClosedRange<Double> {
        switch self {
        case .latitude: -90...90
        case .longitude: -180...180
        case .speed: 0...1_000
        case .heading: 0...360
        case .accuracy: 0...1_000_000
        case .altitude: -10_000...100_000
        case .satellites: 0...1_000
        case .rpm: 0...100_000
        case .fuel: 0...100
        case .odometer: 0...100_000_000
        case .engineHours: 0...10_000_000
        case .battery: 0...1_000
        case .coolant: -100...1_000
        case .cargo: -273.15...1_000
        case .time, .ignition, .door, .driver, .dtc, .sequence: 0...0
        }
    }
}
