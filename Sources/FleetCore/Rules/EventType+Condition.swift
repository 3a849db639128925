extension EventType {
    /// The values of events about the state of vehicles, their cargo and their drivers; nil for other types.
    var conditionValues: [RuleValueShape]? {
        switch self {
        case .engineStarted: [RuleValueShape("stopped_s")]
        case .engineStopped: [RuleValueShape("running_s")]
        case .fuelDropped: Self.fuelValues("dropped_pct", "dropped_l")
        case .refuelled: Self.fuelValues("added_pct", "added_l")
        case .temperatureExceeded, .temperatureRestored:
            Self.excursionValues("temperature_c", "limit_c", "extreme_c", 1)
        case .coolantExceeded, .coolantRestored: Self.excursionValues("coolant_c", "limit_c", "extreme_c", 1)
        case .batteryLow, .batteryRestored: Self.excursionValues("battery_v", "limit_v", "lowest_v", 2)
        case .levelLow, .levelRestored: Self.excursionValues("level_pct", "limit_pct", "lowest_pct", 1)
        case .doorOpenedOutsideStop: [RuleValueShape("speed_kmh", decimals: 1), RuleValueShape("open_s")]
        // What was raised or cleared is text.
        case .codeRaised, .codeCleared: []
        case .maintenanceDue:
            [
                RuleValueShape("due_km"), RuleValueShape("over_km"), RuleValueShape("due_h"), RuleValueShape("over_h"),
                RuleValueShape("due_time", isTime: true), RuleValueShape("over_days"),
            ]
        case .drivingHoursExceeded:
            [
                RuleValueShape("continuous_min"), RuleValueShape("daily_min"), RuleValueShape("limit_min"),
                RuleValueShape("continuous_since", isTime: true),
            ]
        case .protectedParking: [RuleValueShape("since", isTime: true), RuleValueShape("standing_s")]
        case .permitViolated: [RuleValueShape("since", isTime: true), RuleValueShape("speed_kmh", decimals: 1)]
        case .consumptionAnomalous:
            [
                RuleValueShape("consumption_pct_per_100km", decimals: 2),
                RuleValueShape("usual_pct_per_100km", decimals: 2),
                RuleValueShape("consumption_l_per_100km", decimals: 1),
                RuleValueShape("usual_l_per_100km", decimals: 1),
                RuleValueShape("z_score", decimals: 1), RuleValueShape("distance_km", decimals: 1),
                RuleValueShape("since", isTime: true),
            ]
        case .temperatureAnomalous:
            [
                RuleValueShape("temperature_c", decimals: 1), RuleValueShape("usual_c", decimals: 1),
                RuleValueShape("z_score", decimals: 1),
            ]
        default: nil
        }
    }

    /// `level_time` is that of the last level that was as expected before.
    private static func fuelValues(_ amount_pct: StaticString, _ amount_l: StaticString) -> [RuleValueShape] {
        [
            RuleValueShape(amount_pct, decimals: 1), RuleValueShape(amount_l, decimals: 1),
            RuleValueShape("fuel_pct", decimals: 1), RuleValueShape("former_fuel_pct", decimals: 1),
            RuleValueShape("expected_pct", decimals: 1), RuleValueShape("level_time", isTime: true),
        ]
    }

    /// What `Excursion` tells: the present value, the limit, the worst value, and for how long.
    private static func excursionValues(
        _ value: StaticString, _ limit: StaticString, _ extreme: StaticString, _ decimals: Int
    ) -> [RuleValueShape] {
        [
            RuleValueShape(value, decimals: decimals), RuleValueShape(limit, decimals: decimals),
            RuleValueShape(extreme, decimals: decimals), RuleValueShape("duration_s"),
        ]
    }
}
