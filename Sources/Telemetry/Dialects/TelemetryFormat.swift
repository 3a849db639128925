/// The forms in which trackers and their gateways publish. The raw value is the word of configurations.
package enum TelemetryFormat: String, Sendable, CaseIterable {
    /// Our own report; see `NativeDecoder`.
    case native
    /// The OwnTracks apps and the hardware trackers that speak like them.
    case owntracks
    /// Traccar's JSON forwarder of positions and events.
    case traccar
    /// Teltonika's "Codec JSON", alone or in the wrapper of a device shadow.
    case teltonika
    /// Messages of a flespi channel or stream.
    case flespi
    /// Telemetry of one device by ThingsBoard's device API.
    case thingsboard
    /// Telemetry of many devices by ThingsBoard's gateway API.
    case thingsboardGateway = "thingsboard_gateway"
    /// Online or offline; see `StatusDecoder`.
    case status

    /// Whether payloads can name their vehicle.
    package var hasIdentity: Bool { self != .status }

    /// The member that names the vehicle, for people.
    package var identityMember: String {
        switch self {
        case .native: "vehicle"
        case .owntracks: "imei, else tid"
        case .traccar: "device.uniqueId"
        case .teltonika: "imei"
        case .flespi: "ident"
        case .thingsboard: "deviceName"
        case .thingsboardGateway: "the key of the device"
        case .status: ""
        }
    }
}
