/// By what speeding is known.
package struct SpeedingLimits: RuleLimits {
    package static let name = "speeding"
    package static let explanation = """
        The vehicle reports more than the lowest of its own limit and those of the geofences that it is in, for long \
        enough. The default of 90 km/h is that of lorries on Taiwan's freeways.
        """

    package var enabled = 1.0
    package var limit_kmh = 90.0
    package var conditionFactor = 1.0
    package var tolerance_kmh = 5.0
    package var hysteresis_kmh = 5.0
    package var duration_s = 10.0
    package var silence_s = 120.0

    package init() {}

    package static var parameters: [RuleParameter<SpeedingLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells speeding, 0 does not."),
            RuleParameter(
                "limit_kmh", \.limit_kmh, 0...250, "The vehicle's own limit; 0: only the limits of geofences count."),
            RuleParameter(
                "condition_factor", \.conditionFactor, 0.2...1,
                "What part of the limit is allowed, such as 0.8 for all in the rainy season; 1 is all of it."),
            RuleParameter("tolerance_kmh", \.tolerance_kmh, 0...50, "So much above the limit is not told."),
            RuleParameter(
                "hysteresis_kmh", \.hysteresis_kmh, 0...50,
                "It ends when the speed is so much below what it had to exceed."),
            RuleParameter(
                "duration_s", \.duration_s, 0...600,
                "All reports of so long a time must be above; 0 tells a single one."),
            RuleParameter(
                "silence_s", \.silence_s, 1...3600,
                "Without a position for longer, nobody knows: it ended at the last one before."),
        ]
    }
}
