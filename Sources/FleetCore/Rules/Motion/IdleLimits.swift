/// By what idling is known.
package struct IdleLimits: RuleLimits {
    package static let name = "idle"
    package static let explanation = """
        The engine runs while the vehicle stands. Needs trackers that tell the ignition or the revolutions. The default is \
        the three minutes of Taiwan's Air Pollution Control Act.
        """

    package var enabled = 1.0
    package var duration_s = 180.0
    package var minimum_rpm = 300.0

    package init() {}

    package static var parameters: [RuleParameter<IdleLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells idling, 0 does not."),
            RuleParameter(
                "duration_s", \.duration_s, 10...86_400, "Standing so long with the engine running is idling."),
            RuleParameter(
                "minimum_rpm", \.minimum_rpm, 0...2000,
                "Fewer revolutions mean that the engine does not run although the ignition is on; 0 trusts the ignition."
            ),
        ]
    }
}
