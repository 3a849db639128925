/// The numbers of `CoolantRule`.
package struct CoolantLimits: RuleLimits {
    package static var name: String { "coolant" }
    package static var explanation: String { "Tells when the engine's coolant is too hot, and when no longer." }

    package var enabled = 1.0
    package var max_c = 105.0
    package var duration_s = 30.0
    package var hysteresis_c = 5.0
    package var confirm_readings = 2.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter("max_c", \.max_c, 50...200, "Above this the coolant is too hot."),
            RuleParameter("duration_s", \.duration_s, 0...3600, "Every reading must be above the limit for so long."),
            RuleParameter(
                "hysteresis_c", \.hysteresis_c, 0...50, "It is over when the temperature is this far below the limit."),
            RuleParameter(
                "confirm_readings", \.confirm_readings, 1...50, "So many readings in a row must agree, both ways."),
        ]
    }
}
