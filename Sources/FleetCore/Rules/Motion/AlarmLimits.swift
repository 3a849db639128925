/// How the tracker's alarms are told.
package struct AlarmLimits: RuleLimits {
    package static let name = "alarms"
    package static let explanation = """
        The tracker's alarms: its SOS button, tampering (also a cut of its power) and jamming of its radio. Each is told \
        once, until reports have come without it for long enough.
        """

    package var enabled = 1.0
    package var sos = 1.0
    package var tamper = 1.0
    package var jamming = 1.0
    package var clear_s = 300.0

    package init() {}

    package static var parameters: [RuleParameter<AlarmLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells the alarms below, 0 none."),
            RuleParameter("sos", \.sos, 0...1, "1 tells the SOS button, 0 does not."),
            RuleParameter("tamper", \.tamper, 0...1, "1 tells tampering and cuts of power, 0 does not."),
            RuleParameter("jamming", \.jamming, 0...1, "1 tells jamming, 0 does not."),
            RuleParameter(
                "clear_s", \.clear_s, 0...86_400, "An alarm is over when all reports of so long a time are without it."),
        ]
    }
}
