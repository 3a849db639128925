/// The numbers of `DoorRule`.
package struct DoorLimits: RuleLimits {
    package static var name: String { "door" }
    package static var explanation: String {
        "Tells when the cargo door is open while driving, or standing elsewhere than at a depot or customer."
    }

    package var enabled = 1.0
    package var moving_kmh = 10.0
    package var duration_s = 15.0
    package var standing = 0.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter("moving_kmh", \.moving_kmh, 1...100, "From this speed on the vehicle is driving."),
            RuleParameter("duration_s", \.duration_s, 0...3600, "The door must be open like that for so long."),
            RuleParameter(
                "standing", \.standing, 0...1,
                "1: also where the vehicle stands outside of all depots and customers, which needs fences around them."
            ),
        ]
    }
}
