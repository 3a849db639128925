import Telemetry
import Testing

/// Messages of each dialect as trackers and their servers send them, and what each becomes: lines of the native form.
struct Fixture: Sendable, CustomTestStringConvertible {
    var format: TelemetryFormat
    var name: String
    var payload: String
    /// Reports, then statuses, then `reason at byte` of each problem; `other n` where parts were only counted.
    var lines: [String]
    var namesVehicles = false

    var testDescription: String { "\(format.rawValue): \(name)" }
    var bytes: [UInt8] { Array(payload.utf8) }

    static let all = ownTracks + traccar + teltonika + flespi + thingsBoard
}
