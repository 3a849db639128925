extension EventType {
    /// The values of events about how vehicles are driven; nil for other types.
    var motionValues: [RuleValueShape]? {
        switch self {
        case .tripStarted, .idleStarted: []
        case .tripEnded:
            [
                .started, RuleValueShape("distance_m"), RuleValueShape("duration_s"), RuleValueShape("driving_s"),
                RuleValueShape("idle_s"), RuleValueShape("max_speed_kmh", decimals: 1),
                RuleValueShape("fuel_used_pct", decimals: 2), RuleValueShape("odometer_km", decimals: 1),
            ]
        case .idleEnded: [.started, RuleValueShape("duration_s")]
        case .parked: [RuleValueShape("fuel_pct", decimals: 1), RuleValueShape("odometer_km", decimals: 1)]
        case .dailySummary:
            [
                RuleValueShape("day_started", isTime: true), RuleValueShape("distance_km", decimals: 1),
                RuleValueShape("driving_s"), RuleValueShape("idle_s"), RuleValueShape("standing_s"),
                RuleValueShape("stops"), RuleValueShape("fuel_used_pct", decimals: 2),
                RuleValueShape("engine_hours", decimals: 2),
            ]
        case .speedingStarted:
            [
                RuleValueShape("limit_kmh", decimals: 1), RuleValueShape("speed_kmh", decimals: 1),
                RuleValueShape("peak_kmh", decimals: 1),
            ]
        case .speedingEnded:
            [
                .started, RuleValueShape("limit_kmh", decimals: 1), RuleValueShape("peak_kmh", decimals: 1),
                RuleValueShape("average_kmh", decimals: 1), RuleValueShape("duration_s"), RuleValueShape("distance_m"),
            ]
        case .harshBraking, .harshAcceleration, .harshCornering:
            [
                RuleValueShape("acceleration_ms2", decimals: 2), RuleValueShape("speed_before_kmh", decimals: 1),
                RuleValueShape("speed_kmh", decimals: 1),
            ]
        case .crashSuspected:
            [
                RuleValueShape("speed_before_kmh", decimals: 1), RuleValueShape("deceleration_ms2", decimals: 2),
                RuleValueShape("still_s"),
            ]
        case .sos, .jammingSuspected: [RuleValueShape("speed_kmh", decimals: 1)]
        case .tamper: [RuleValueShape("battery_v", decimals: 2)]
        case .towSuspected: [RuleValueShape("distance_m"), RuleValueShape("speed_kmh", decimals: 1)]
        case .driverScored:
            [
                .started, RuleValueShape("score", decimals: 1), RuleValueShape("distance_km", decimals: 1),
                RuleValueShape("harsh_braking"), RuleValueShape("harsh_acceleration"),
                RuleValueShape("harsh_cornering"),
                RuleValueShape("speeding_s"), RuleValueShape("idle_s"),
            ]
        default: nil
        }
    }
}

extension RuleValueShape {
    /// When that began which has now ended: the time of the event that told its beginning.
    static let started = RuleValueShape("started", isTime: true)
}
