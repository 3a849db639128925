/// By what towing is known.
package struct TowLimits: RuleLimits {
    package static let name = "tow"
    package static let explanation = """
        The vehicle is moved while its ignition is off: towed, stolen or on a ferry. Needs trackers that tell the ignition. \
        Told once until the ignition is on again.
        """

    package var enabled = 1.0
    package var distance_m = 200.0
    package var device = 1.0

    package init() {}

    package static var parameters: [RuleParameter<TowLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells towing, 0 does not."),
            RuleParameter(
                "distance_m", \.distance_m, 0...10_000,
                """
                So far from where the ignition went off, beyond the inaccuracy of both positions and in two reports in a \
                row, is towing; 0 leaves it to the tracker.
                """),
            RuleParameter("device", \.device, 0...1, "1 tells the tracker's own alarm of towing, 0 does not."),
        ]
    }
}
