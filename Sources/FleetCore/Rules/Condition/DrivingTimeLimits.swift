/// The numbers of `DrivingTimeRule`.
///
/// The defaults are those of article 19-2 of Taiwan's Regulations for Automobile Transportation Operators, in force for
/// coaches and announced for lorries: ten hours a day, and after four hours thirty minutes of rest, in parts of at least
/// fifteen.
package struct DrivingTimeLimits: RuleLimits {
    package static var name: String { "driving_time" }
    package static var explanation: String {
        "Tells when a driver drives too long without a break or in a day, with a warning before."
    }

    package var enabled = 1.0
    package var continuous_min = 240.0
    package var break_min = 30.0
    package var break_part_min = 15.0
    package var daily_min = 600.0
    package var warning_min = 30.0
    package var moving_kmh = 5.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "continuous_min", \.continuous_min, 0...1440, "The longest driving without a break; 0: no limit."),
            RuleParameter("break_min", \.break_min, 1...1440, "Standing so long in all is a break."),
            RuleParameter(
                "break_part_min", \.break_part_min, 1...1440, "A shorter standing than this is no part of a break."),
            RuleParameter("daily_min", \.daily_min, 0...1440, "The longest driving in a local day; 0: no limit."),
            RuleParameter(
                "warning_min", \.warning_min, 0...720, "The warning comes so long before a limit; 0: no warning."),
            RuleParameter("moving_kmh", \.moving_kmh, 1...50, "From this speed on the vehicle is driving."),
        ]
    }
}
