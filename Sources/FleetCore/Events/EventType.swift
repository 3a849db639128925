/// Everything that the engine can tell the world. The raw value is the place in counters and in the journal's
/// inspection; new types go to the end.
package enum EventType: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    case vehicleOnline
    case vehicleOffline
    case vehiclePositionRejected
    case geofenceEntered
    case geofenceExited
    case geofenceCrossed
    case geofenceDwelled
    case geofenceProhibitedEntered
    case geofenceOutsideHours
    // What rules find.
    case vehicleRetracted
    case geofenceRetracted
    case safetyRetracted
    case conditionRetracted
    case tripStarted
    case tripEnded
    case idleStarted
    case idleEnded
    case parked
    case dailySummary
    case positionStale
    case positionRecovered
    case clockSkewed
    case speedingStarted
    case speedingEnded
    case harshBraking
    case harshAcceleration
    case harshCornering
    case crashSuspected
    case sos
    case tamper
    case towSuspected
    case jammingSuspected
    case drivingHoursExceeded
    case driverScored
    case protectedParking
    case permitViolated
    case engineStarted
    case engineStopped
    case fuelDropped
    case refuelled
    case temperatureExceeded
    case temperatureRestored
    case doorOpenedOutsideStop
    case batteryLow
    case batteryRestored
    case coolantExceeded
    case coolantRestored
    case codeRaised
    case codeCleared
    case maintenanceDue
    case consumptionAnomalous
    case temperatureAnomalous
    case levelLow
    case levelRestored
    case gpsOutage
    case gpsRestored
    case sourceLagging
    case sourceRecovered
    // What dispatch is told.
    case deliveryAssigned
    case deliveryUnassigned
    case deliveryLoaded
    case deliveryEnRoute
    case deliveryApproaching
    case deliveryArrived
    case deliveryServiceStarted
    case deliveryDelivered
    case deliveryPartiallyDelivered
    case deliveryFailed
    case deliveryRefused
    case deliveryDeparted
    case deliveryRescheduleRequested
    case deliveryCancelled
    case deliveryAtRisk
    case deliveryAtRiskCleared
    case deliveryProofMissing
    case deliveryDisputed
    case deliveryRetracted
    case routeDepartedDepot
    case routeReturnedToDepot
    case routeDeviated
    case routeRejoined
    case routeOutOfSequence
    case routeCompleted
    case routeRetracted
    case etaUpdated
    case financeCodCollected
    case financeCodSummary
    case cargoLoaded
    case cargoReturned
    case dispatchVehiclesProposed
    case commandSent
    case commandHeld
    case commandAcknowledged
    case commandDone
    case commandRefused
    case commandFailed
    case commandExpired
    case smsRequest
    case smsRequested
    case smsSuppressed
    case smsDelivered
    case smsFailed
    case smsUnconfirmed
    case driverSOS
    case driverIncident

    /// The group and the last part of the type and of the topic.
    private var names: (group: StaticString, name: StaticString) {
        switch self {
        case .vehicleOnline: ("vehicle", "online")
        case .vehicleOffline: ("vehicle", "offline")
        case .vehiclePositionRejected: ("vehicle", "position_rejected")
        case .geofenceEntered: ("geofence", "entered")
        case .geofenceExited: ("geofence", "exited")
        case .geofenceCrossed: ("geofence", "crossed")
        case .geofenceDwelled: ("geofence", "dwelled")
        case .geofenceProhibitedEntered: ("geofence", "prohibited_entered")
        case .geofenceOutsideHours: ("geofence", "outside_hours")
        case .vehicleRetracted: ("vehicle", "retracted")
        case .geofenceRetracted: ("geofence", "retracted")
        case .safetyRetracted: ("safety", "retracted")
        case .conditionRetracted: ("condition", "retracted")
        case .tripStarted: ("vehicle", "trip_started")
        case .tripEnded: ("vehicle", "trip_ended")
        case .idleStarted: ("vehicle", "idle_started")
        case .idleEnded: ("vehicle", "idle_ended")
        case .parked: ("vehicle", "parked")
        case .dailySummary: ("vehicle", "daily_summary")
        case .positionStale: ("vehicle", "position_stale")
        case .positionRecovered: ("vehicle", "position_recovered")
        case .clockSkewed: ("vehicle", "clock_skewed")
        case .speedingStarted: ("safety", "speeding_started")
        case .speedingEnded: ("safety", "speeding_ended")
        case .harshBraking: ("safety", "harsh_braking")
        case .harshAcceleration: ("safety", "harsh_acceleration")
        case .harshCornering: ("safety", "harsh_cornering")
        case .crashSuspected: ("safety", "crash_suspected")
        case .sos: ("safety", "sos")
        case .tamper: ("safety", "tamper")
        case .towSuspected: ("safety", "tow_suspected")
        case .jammingSuspected: ("safety", "jamming_suspected")
        case .drivingHoursExceeded: ("safety", "driving_hours_exceeded")
        case .driverScored: ("safety", "driver_scored")
        case .protectedParking: ("safety", "protected_parking")
        case .permitViolated: ("safety", "permit_violated")
        case .engineStarted: ("condition", "engine_started")
        case .engineStopped: ("condition", "engine_stopped")
        case .fuelDropped: ("condition", "fuel_dropped")
        case .refuelled: ("condition", "refuelled")
        case .temperatureExceeded: ("condition", "temperature_exceeded")
        case .temperatureRestored: ("condition", "temperature_restored")
        case .doorOpenedOutsideStop: ("condition", "door_opened_outside_stop")
        case .batteryLow: ("condition", "battery_low")
        case .batteryRestored: ("condition", "battery_restored")
        case .coolantExceeded: ("condition", "coolant_exceeded")
        case .coolantRestored: ("condition", "coolant_restored")
        case .codeRaised: ("condition", "dtc_raised")
        case .codeCleared: ("condition", "dtc_cleared")
        case .maintenanceDue: ("condition", "maintenance_due")
        case .consumptionAnomalous: ("condition", "consumption_anomalous")
        case .temperatureAnomalous: ("condition", "temperature_anomalous")
        case .levelLow: ("condition", "level_low")
        case .levelRestored: ("condition", "level_restored")
        case .gpsOutage: ("system", "gps_outage")
        case .gpsRestored: ("system", "gps_restored")
        case .sourceLagging: ("system", "source_lagging")
        case .sourceRecovered: ("system", "source_recovered")
        default: dispatchNames
        }
    }

    package var group: StaticString { names.group }

    /// The last part of the type and of the topic.
    package var name: StaticString { names.name }

    /// As people read it in a summary: `geofence.entered`.
    package var qualifiedName: String { "\(group).\(name)" }

    /// The type of event that takes back one of this type for which nothing else came.
    var retraction: EventType {
        switch "\(group)" {
        case "geofence": .geofenceRetracted
        case "safety": .safetyRetracted
        case "condition": .conditionRetracted
        case "delivery": .deliveryRetracted
        case "route": .routeRetracted
        default: .vehicleRetracted
        }
    }

    /// What the values of a rule's event of this type are called, in their order.
    package var values: [RuleValueShape] { motionValues ?? conditionValues ?? [] }
}
