/// When a vehicle's position counts as lost, and how it is estimated from then on.
package struct StaleLimits: RuleLimits {
    package var enabled = 1.0
    package var staleAfter_s = 120.0
    package var moving_kmh = 5.0
    package var estimate_s = 300.0
    package var drift_mps = 1.0
    package var drift_share = 0.5

    package init() {}

    package static let name = "stale"
    package static let explanation =
        "Tells that no position comes any more from a vehicle that was moving or has its ignition on, and where it may be."
    package static let parameters: [RuleParameter<StaleLimits>] = [
        RuleParameter("enabled", \.enabled, 0...1, "1 tells lost positions, 0 does not."),
        RuleParameter(
            "stale_after_s", \.staleAfter_s, 10...86_400, "Seconds without a position after which it is stale."),
        RuleParameter(
            "moving_kmh", \.moving_kmh, 0...200,
            "From this speed on a vehicle is missed whatever its ignition says; slower ones only with the ignition on."),
        RuleParameter(
            "estimate_s", \.estimate_s, 0...3600,
            "For at most so many seconds the estimate goes on with the last speed and heading."),
        RuleParameter(
            "drift_mps", \.drift_mps, 0...100, "Metres by which the estimate's uncertainty grows each second."),
        RuleParameter(
            "drift_share", \.drift_share, 0...2,
            "Metres by which it grows besides for each metre that the last speed would have led."),
    ]
}

/// When many lost positions are one outage. Of the fleet as a whole: groups and vehicles have none of their own.
package struct OutageLimits: RuleLimits {
    package var enabled = 1.0
    package var window_s = 30.0
    package var share_pct = 30.0
    package var vehicles_min = 10.0

    package init() {}

    package static let name = "outage"
    package static let explanation =
        "Tells once that many vehicles of the fleet lost their positions together, instead of each vehicle's own loss."
    package static let parameters: [RuleParameter<OutageLimits>] = [
        RuleParameter("enabled", \.enabled, 0...1, "1 tells outages, 0 does not."),
        RuleParameter(
            "window_s", \.window_s, 0...600,
            "A loss is held back for so many seconds to see whether others follow; 0 tells it at once, and finds no outages."
        ),
        RuleParameter(
            "share_pct", \.share_pct, 1...100,
            "Percent of the vehicles whose positions are expected that make an outage; below half of it, it is over."),
        RuleParameter("vehicles_min", \.vehicles_min, 2...1_000_000, "Fewer vehicles are no outage."),
    ]
}

/// When the feed as a whole lags. Of the fleet as a whole: groups and vehicles have none of their own.
package struct LagLimits: RuleLimits {
    package var enabled = 1.0
    package var silent_s = 60.0
    package var age_s = 120.0
    package var window_s = 60.0
    package var vehicles_min = 5.0

    package init() {}

    package static let name = "lag"
    package static let explanation =
        "Tells that the whole fleet's reports stay away, or come late, which is the fault of the feed and not of the vehicles."
    package static let parameters: [RuleParameter<LagLimits>] = [
        RuleParameter("enabled", \.enabled, 0...1, "1 tells a feed that lags, 0 does not."),
        RuleParameter(
            "silent_s", \.silent_s, 10...86_400, "Seconds without a report of any vehicle while some are expected."),
        RuleParameter(
            "age_s", \.age_s, 1...86_400,
            "Positions come so late, in the median over the fleet; below half of it, it is over."
        ),
        RuleParameter("window_s", \.window_s, 5...3600, "The median is over the vehicles of so many seconds."),
        RuleParameter("vehicles_min", \.vehicles_min, 1...1_000_000, "With fewer vehicles nothing is told."),
    ]
}
