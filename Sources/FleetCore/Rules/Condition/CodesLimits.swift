/// The numbers of `CodesRule`.
package struct CodesLimits: RuleLimits {
    package static var name: String { "codes" }
    package static var explanation: String { "Tells which diagnostic codes the vehicle raises and clears." }

    package var enabled = 1.0
    package var confirm_s = 120.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "confirm_s", \.confirm_s, 0...86_400,
                "A changed list must hold so long; the first codes after none are told at once."),
        ]
    }
}
