/// The numbers of `AnomalyRule`.
package struct AnomalyLimits: RuleLimits {
    package static var name: String { "anomaly" }
    package static var explanation: String {
        "Tells when a vehicle's fuel consumption or cargo temperature is unlike its own history."
    }

    package var enabled = 1.0
    package var segment_km = 100.0
    package var threshold = 3.5
    package var restored = 2.0
    package var least_pct_per_100km = 1.0
    package var temperature = 0.0
    package var least_c = 0.5
    package var tank_l = 0.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "segment_km", \.segment_km, 0...2000, "Consumption is looked at every so many km; 0: not at all."),
            RuleParameter("threshold", \.threshold, 1...100, "The robust z-score beyond which a value is told."),
            RuleParameter("restored", \.restored, 0...100, "Within this score the next may be told again."),
            RuleParameter(
                "least_pct_per_100km", \.least_pct_per_100km, 0.01...50,
                "The median deviation of consumption is taken for at least this: small differences are no anomaly."),
            RuleParameter(
                "temperature", \.temperature, 0...1,
                "1: the cargo's hourly mean temperature too, for cargo that is kept at one."),
            RuleParameter(
                "least_c", \.least_c, 0.01...50, "The median deviation of temperature is taken for at least this."),
            RuleParameter("tank_l", \.tank_l, 0...5000, "The tank's volume, to tell litres too; 0: not known."),
        ]
    }
}
