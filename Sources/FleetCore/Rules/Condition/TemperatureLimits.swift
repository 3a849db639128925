/// The numbers of `TemperatureRule`.
package struct TemperatureLimits: RuleLimits {
    package static var name: String { "temperature" }
    package static var explanation: String { "Tells when the cargo is too warm or too cold, and when no longer." }

    /// Off as a lower limit.
    package static var coldest_c: Double { -100 }
    /// Off as an upper limit.
    package static var warmest_c: Double { 200 }

    package var enabled = 1.0
    package var max_c = 40.0
    package var min_c = TemperatureLimits.coldest_c
    package var duration_s = 600.0
    package var hysteresis_c = 2.0
    package var confirm_readings = 2.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "max_c", \.max_c, coldest_c...warmest_c,
                "Above this the cargo is too warm (gas cylinders are to be kept at 40 °C or less); 200: no upper limit."
            ),
            RuleParameter(
                "min_c", \.min_c, coldest_c...warmest_c, "Below this the cargo is too cold; -100: no lower limit."),
            RuleParameter(
                "duration_s", \.duration_s, 0...86_400, "Every reading must be beyond the limit for so long."),
            RuleParameter(
                "hysteresis_c", \.hysteresis_c, 0...50,
                "It is over when the temperature is this far within the limit."),
            RuleParameter(
                "confirm_readings", \.confirm_readings, 1...50, "So many readings in a row must agree, both ways."),
        ]
    }
}
