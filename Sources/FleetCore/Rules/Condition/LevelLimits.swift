/// The numbers of `LevelRule`.
package struct LevelLimits: RuleLimits {
    package static var name: String { "level" }
    package static var explanation: String {
        "Tells when a smart cylinder or tank, which reports its level as its own fuel_pct, is low, and when no longer."
    }

    package var enabled = 0.0
    package var low_pct = 15.0
    package var restored_pct = 30.0
    package var confirm_readings = 2.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter("low_pct", \.low_pct, 0...100, "Below this the level is low."),
            RuleParameter("restored_pct", \.restored_pct, 0...100, "From this on it is no longer."),
            RuleParameter(
                "confirm_readings", \.confirm_readings, 1...50, "So many readings in a row must agree, both ways."),
        ]
    }
}
