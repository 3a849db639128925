/// How a driver's shift is scored.
package struct ScoreLimits: RuleLimits {
    package static let name = "score"
    package static let explanation = """
        A driver's safety score of a shift, 0 to 100: \
        100 − harsh_weight × H / (D / 100 km) − speeding_weight × 100 × S / T − idling_weight × 100 × I / (T + I), \
        at least 0, where H are the events of harsh driving, D the distance in km (at least full_distance_km), S the time \
        of speeding, T that of driving and I that of idling that was told. A shift lasts from the driver's signing on \
        until signing off, another driver, or standing for standing_h. Needs reports that name the driver.
        """

    package var enabled = 1.0
    package var harshWeight = 5.0
    package var speedingWeight = 2.0
    package var idlingWeight = 0.2
    package var standing_h = 4.0
    package var minimumDistance_km = 5.0
    package var fullDistance_km = 50.0

    package init() {}

    package static var parameters: [RuleParameter<ScoreLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 scores shifts, 0 does not."),
            RuleParameter(
                "harsh_weight", \.harshWeight, 0...100, "Points for each harsh event per 100 km; 0 leaves them out."),
            RuleParameter(
                "speeding_weight", \.speedingWeight, 0...100,
                "Points for each percent of the driving time above the limit; 0 leaves it out."),
            RuleParameter(
                "idling_weight", \.idlingWeight, 0...100,
                "Points for each percent of the engine's time spent idling; 0 leaves it out."),
            RuleParameter(
                "standing_h", \.standing_h, 0.5...48, "Standing so long ends the shift, when it came to stand."),
            RuleParameter(
                "minimum_distance_km", \.minimumDistance_km, 0.1...1000, "A shift of less distance is not scored."),
            RuleParameter(
                "full_distance_km", \.fullDistance_km, 0.1...1000,
                "A shorter shift counts as one of this distance, so that one event does not ruin it."),
        ]
    }
}
