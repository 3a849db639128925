/// The numbers of `BatteryRule`.
package struct BatteryLimits: RuleLimits {
    package static var name: String { "battery" }
    package static var explanation: String {
        "Tells when the battery is low, and when no longer; limits are those of 12 V, twice them hold for 24 V."
    }

    package var enabled = 1.0
    package var system_v = 0.0
    package var low_v = 11.8
    package var restored_v = 12.4
    package var duration_s = 300.0
    package var confirm_readings = 3.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "system_v", \.system_v, 0...24,
                "The vehicle's system: 12 or 24; 0: told by the readings (24 where they are mostly above 17 V)."),
            RuleParameter("low_v", \.low_v, 6...15, "Below this the battery is low; twice it in a 24 V system."),
            RuleParameter(
                "restored_v", \.restored_v, 6...15, "From this on it is no longer; twice it in a 24 V system."),
            RuleParameter(
                "duration_s", \.duration_s, 0...86_400,
                "Every reading must be below the limit for so long: starting the engine takes seconds."),
            RuleParameter(
                "confirm_readings", \.confirm_readings, 1...50, "So many readings in a row must agree, both ways."),
        ]
    }
}
