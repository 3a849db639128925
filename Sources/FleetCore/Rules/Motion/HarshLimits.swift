/// By what harsh driving is known.
package struct HarshLimits: RuleLimits {
    package static let name = "harsh"
    package static let explanation = """
        Harsh braking, acceleration and cornering from the speeds and headings of two reports that are close enough \
        together, and from the tracker's own alarms. The defaults suit lorries with gas cylinders.
        """

    package var enabled = 1.0
    package var braking_ms2 = 3.5
    package var acceleration_ms2 = 2.8
    package var cornering_ms2 = 3.2
    package var minimumSpeed_kmh = 20.0
    package var maximumInterval_s = 3.0
    package var implausible_ms2 = 12.0
    package var quiet_s = 10.0
    package var device = 1.0

    package init() {}

    package static var parameters: [RuleParameter<HarshLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells harsh driving, 0 does not."),
            RuleParameter(
                "braking_ms2", \.braking_ms2, 0...20, "At least this deceleration is harsh; 0 leaves it to the tracker."
            ),
            RuleParameter(
                "acceleration_ms2", \.acceleration_ms2, 0...20,
                "At least this acceleration is harsh; 0 leaves it to the tracker."),
            RuleParameter(
                "cornering_ms2", \.cornering_ms2, 0...20,
                "At least this acceleration sideways (speed times rate of turn) is harsh; 0 leaves it to the tracker."),
            RuleParameter(
                "minimum_speed_kmh", \.minimumSpeed_kmh, 5...100,
                "Slower than this headings mean little; braking from less and accelerating to less is not harsh."),
            RuleParameter(
                "maximum_interval_s", \.maximumInterval_s, 0.5...10,
                "Reports further apart say nothing about what happened between them."),
            RuleParameter(
                "implausible_ms2", \.implausible_ms2, 5...50, "More than this is an error of measurement."),
            RuleParameter(
                "quiet_s", \.quiet_s, 1...600, "More of the same kind within this time belongs to the same happening."),
            RuleParameter("device", \.device, 0...1, "1 tells the tracker's own alarms of harsh driving, 0 does not."),
        ]
    }
}
