/// By what parking is known.
package struct ParkingLimits: RuleLimits {
    package static let name = "parking"
    package static let explanation = """
        The vehicle stands with its ignition off, or where the tracker tells no ignition, just stands. Told once for each \
        place until it moves on; silence while it stands is usual, for trackers sleep.
        """

    package var enabled = 1.0
    package var duration_s = 600.0

    package init() {}

    package static var parameters: [RuleParameter<ParkingLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells parking, 0 does not."),
            RuleParameter(
                "duration_s", \.duration_s, 30...86_400, "Standing so long without ignition is parking, since it began."
            ),
        ]
    }
}
