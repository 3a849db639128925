/// The numbers of `EngineRule`.
package struct EngineLimits: RuleLimits {
    package static var name: String { "engine" }
    package static var explanation: String { "Tells when the engine is started and stopped, by the ignition." }

    package var enabled = 1.0
    package var debounce_s = 10.0
    package var moving_kmh = 5.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "debounce_s", \.debounce_s, 0...600,
                "A change soon after another, or one that other sensors contradict, counts once it has held so long."),
            RuleParameter(
                "moving_kmh", \.moving_kmh, 0...50,
                "From this speed on an ignition that reads off is not believed at once."),
        ]
    }
}
