/// The names of what is told about orders, routes, commands and messages to people.
extension EventType {
    var dispatchNames: (group: StaticString, name: StaticString) {
        switch self {
        case .deliveryAssigned: ("delivery", "assigned")
        case .deliveryUnassigned: ("delivery", "unassigned")
        case .deliveryLoaded: ("delivery", "loaded")
        case .deliveryEnRoute: ("delivery", "en_route")
        case .deliveryApproaching: ("delivery", "approaching")
        case .deliveryArrived: ("delivery", "arrived")
        case .deliveryServiceStarted: ("delivery", "service_started")
        case .deliveryDelivered: ("delivery", "delivered")
        case .deliveryPartiallyDelivered: ("delivery", "partially_delivered")
        case .deliveryFailed: ("delivery", "failed")
        case .deliveryRefused: ("delivery", "refused")
        case .deliveryDeparted: ("delivery", "departed")
        case .deliveryRescheduleRequested: ("delivery", "reschedule_requested")
        case .deliveryCancelled: ("delivery", "cancelled")
        case .deliveryAtRisk: ("delivery", "at_risk")
        case .deliveryAtRiskCleared: ("delivery", "at_risk_cleared")
        case .deliveryProofMissing: ("delivery", "proof_missing")
        case .deliveryDisputed: ("delivery", "disputed")
        case .deliveryRetracted: ("delivery", "retracted")
        case .routeDepartedDepot: ("route", "departed_depot")
        case .routeReturnedToDepot: ("route", "returned_to_depot")
        case .routeDeviated: ("route", "deviated")
        case .routeRejoined: ("route", "rejoined")
        case .routeOutOfSequence: ("route", "out_of_sequence")
        case .routeCompleted: ("route", "completed")
        case .routeRetracted: ("route", "retracted")
        default: serviceNames
        }
    }

    private var serviceNames: (group: StaticString, name: StaticString) {
        switch self {
        case .etaUpdated: ("eta", "updated")
        case .financeCodCollected: ("finance", "cod_collected")
        case .financeCodSummary: ("finance", "cod_summary")
        case .cargoLoaded: ("cargo", "loaded")
        case .cargoReturned: ("cargo", "returned")
        case .dispatchVehiclesProposed: ("dispatch", "vehicles_proposed")
        case .commandSent: ("command", "sent")
        case .commandHeld: ("command", "held")
        case .commandAcknowledged: ("command", "acknowledged")
        case .commandDone: ("command", "done")
        case .commandRefused: ("command", "refused")
        case .commandFailed: ("command", "failed")
        case .commandExpired: ("command", "expired")
        case .smsRequest: ("sms", "request")
        case .smsRequested: ("sms", "requested")
        case .smsSuppressed: ("sms", "suppressed")
        case .smsDelivered: ("sms", "delivered")
        case .smsFailed: ("sms", "failed")
        case .smsUnconfirmed: ("sms", "unconfirmed")
        case .driverSOS: ("driver", "sos")
        case .driverIncident: ("driver", "incident")
        default: fatalError("EventType: a type has no name")
        }
    }
}
