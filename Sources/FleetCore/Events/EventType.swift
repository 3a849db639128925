/// Everything that the engine can tell the world. The raw value is the place in counters and in the journal's
/// inspection; new types go to the end.
package enum EventType: UInt8, CaseIterable, Sendable {
    case vehicleOnline
    case vehicleOffline
    case vehiclePositionRejected
    case geofenceEntered
    case geofenceExited
    case geofenceCrossed
    case geofenceDwelled
    case geofenceProhibitedEntered
    case geofenceOutsideHours

    package var group: StaticString {
        switch self {
        case .vehicleOnline, .vehicleOffline, .vehiclePositionRejected: "vehicle"
        case .geofenceEntered, .geofenceExited, .geofenceCrossed, .geofenceDwelled, .geofenceProhibitedEntered,
            .geofenceOutsideHours:
            "geofence"
        }
    }

    /// The last part of the type and of the topic.
    package var name: StaticString {
        switch self {
        case .vehicleOnline: "online"
        case .vehicleOffline: "offline"
        case .vehiclePositionRejected: "position_rejected"
        case .geofenceEntered: "entered"
        case .geofenceExited: "exited"
        case .geofenceCrossed: "crossed"
        case .geofenceDwelled: "dwelled"
        case .geofenceProhibitedEntered: "prohibited_entered"
        case .geofenceOutsideHours: "outside_hours"
        }
    }

    /// As people read it in a summary: `geofence.entered`.
    package var qualifiedName: String { "\(group).\(name)" }
}
