extension Scenario {
    /// A dispatcher's day: orders, routes, drivers with their apps, and what goes wrong. Documented, key by key, in
    /// `Simulators/scenarios/morning.json5`.
    package struct Dispatch: Sendable {
        package var orders = 500
        package var days = 1
        package var period_s = 86_400.0
        package var lead_s = 1_800.0
        package var departureSpread_s = 1_200.0
        package var restaurantShare = 0.25
        package var englishShare = 0.08
        package var consentShare = 0.92
        package var wakefulShare = 0.0
        package var codShare = 0.85
        package var pickupShare = 0.03
        package var windowShare = 0.85
        package var window_s = 7_200.0
        package var serviceFactor = 1.0
        package var breakShare = 0.6
        package var break_s = 900.0
        package var stopRadius_m = 60.0
        package var work = Work()
        package var faults = DispatchFaults()

        package init() {}

        /// Takes another number of orders, and as much less or more of what dispatchers do; of what there is, one at least.
        package mutating func resize(orders count: Int) {
            let share = Double(count) / Double(orders)
            for member in [
                \Work.emergencies, \.cancellations, \.windowChanges, \.resequenced, \.moved, \.positionRequests,
            ] where work[keyPath: member] > 0 {
                work[keyPath: member] = max(1, Int((Double(work[keyPath: member]) * share).rounded()))
            }
            orders = count
        }
    }

    /// How often dispatchers do something in a day.
    package struct Work: Sendable {
        package var emergencies = 4
        package var cancellations = 10
        package var windowChanges = 8
        package var resequenced = 4
        package var moved = 4
        package var positionRequests = 6
        package var immobilisations = 2
        package var trafficAreas = 1
        package var closures = 1

        package init() {}
    }

    /// What goes wrong at the stops, in the apps, and with commands and text messages.
    package struct DispatchFaults: Sendable {
        package var failedShare = 0.0
        package var refusedShare = 0.0
        package var partialShare = 0.0
        package var rescheduleShare = 0.0
        package var arrivedForgottenShare = 0.0
        package var arrivedLateShare = 0.0
        package var arrivedLateMean_s = 240.0
        package var proofMissingShare = 0.0
        package var proofFarShare = 0.0
        package var proofFar_m = 800.0
        package var outOfOrderShare = 0.0
        package var incidentShare = 0.0
        package var cashDiscrepancyShare = 0.0
        package var appLossesPerHour = 0.0
        package var appLossMean_s = 300.0
        package var commandSilentShare = 0.0
        package var commandRefusedShare = 0.0
        package var smsUndeliveredShare = 0.0
        package var smsSilentShare = 0.0

        package init() {}
    }
}

extension Scenario.Dispatch: Decodable {
    package enum Keys: String, CodingKey, CaseIterable {
        case orders, days, period_s, lead_s, departure_spread_s, restaurant_share, english_share, consent_share,
            wakeful_share, cod_share
        case pickup_share, window_share, window_s, service_factor, break_share, break_s, stop_radius_m, work, faults
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.orders, into: &orders, in: 1...20_000)
        try section.read(.days, into: &days, in: 1...366)
        try section.read(.period_s, into: &period_s, in: 60...604_800)
        try section.read(.lead_s, into: &lead_s, in: 10...14_400)
        try section.read(.departure_spread_s, into: &departureSpread_s, in: 0...14_400)
        try section.read(.restaurant_share, into: &restaurantShare, in: 0...1)
        try section.read(.english_share, into: &englishShare, in: 0...1)
        try section.read(.consent_share, into: &consentShare, in: 0...1)
        try section.read(.wakeful_share, into: &wakefulShare, in: 0...1)
        try section.read(.cod_share, into: &codShare, in: 0...1)
        try section.read(.pickup_share, into: &pickupShare, in: 0...1)
        try section.read(.window_share, into: &windowShare, in: 0...1)
        try section.read(.window_s, into: &window_s, in: 60...28_800)
        try section.read(.service_factor, into: &serviceFactor, in: 0.01...10)
        try section.read(.break_share, into: &breakShare, in: 0...1)
        try section.read(.break_s, into: &break_s, in: 10...7_200)
        try section.read(.stop_radius_m, into: &stopRadius_m, in: 10...1_000)
        try section.read(.work, into: &work)
        try section.read(.faults, into: &faults)
    }
}

extension Scenario.Work: Decodable {
    package enum Keys: String, CodingKey, CaseIterable {
        case emergencies, cancellations, window_changes, resequenced, moved, position_requests, immobilisations
        case traffic_areas, closures
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.emergencies, into: &emergencies, in: 0...1_000)
        try section.read(.cancellations, into: &cancellations, in: 0...1_000)
        try section.read(.window_changes, into: &windowChanges, in: 0...1_000)
        try section.read(.resequenced, into: &resequenced, in: 0...1_000)
        try section.read(.moved, into: &moved, in: 0...1_000)
        try section.read(.position_requests, into: &positionRequests, in: 0...1_000)
        try section.read(.immobilisations, into: &immobilisations, in: 0...1_000)
        try section.read(.traffic_areas, into: &trafficAreas, in: 0...20)
        try section.read(.closures, into: &closures, in: 0...20)
    }
}

extension Scenario.DispatchFaults: Decodable {
    package enum Keys: String, CodingKey, CaseIterable {
        case failed_share, refused_share, partial_share, reschedule_share, arrived_forgotten_share, arrived_late_share
        case arrived_late_mean_s, proof_missing_share, proof_far_share, proof_far_m, out_of_order_share
        case incident_share, cash_discrepancy_share, app_losses_per_hour, app_loss_mean_s, command_silent_share
        case command_refused_share, sms_undelivered_share, sms_silent_share
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.failed_share, into: &failedShare, in: 0...1)
        try section.read(.refused_share, into: &refusedShare, in: 0...1)
        try section.read(.partial_share, into: &partialShare, in: 0...1)
        try section.read(.reschedule_share, into: &rescheduleShare, in: 0...1)
        try section.read(.arrived_forgotten_share, into: &arrivedForgottenShare, in: 0...1)
        try section.read(.arrived_late_share, into: &arrivedLateShare, in: 0...1)
        try section.read(.arrived_late_mean_s, into: &arrivedLateMean_s, in: 1...3_600)
        try section.read(.proof_missing_share, into: &proofMissingShare, in: 0...1)
        try section.read(.proof_far_share, into: &proofFarShare, in: 0...1)
        try section.read(.proof_far_m, into: &proofFar_m, in: 1...10_000)
        try section.read(.out_of_order_share, into: &outOfOrderShare, in: 0...1)
        try section.read(.incident_share, into: &incidentShare, in: 0...1)
        try section.read(.cash_discrepancy_share, into: &cashDiscrepancyShare, in: 0...1)
        try section.read(.app_losses_per_hour, into: &appLossesPerHour, in: 0...60)
        try section.read(.app_loss_mean_s, into: &appLossMean_s, in: 1...14_400)
        try section.read(.command_silent_share, into: &commandSilentShare, in: 0...1)
        try section.read(.command_refused_share, into: &commandRefusedShare, in: 0...1)
        try section.read(.sms_undelivered_share, into: &smsUndeliveredShare, in: 0...1)
        try section.read(.sms_silent_share, into: &smsSilentShare, in: 0...1)
        try section.require(
            failedShare + refusedShare + partialShare <= 1, .failed_share,
            "the shares of outcomes are more than 1 together")
    }
}
