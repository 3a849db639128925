/// The numbers of `FuelRule`.
package struct FuelLimits: RuleLimits {
    package static var name: String { "fuel" }
    package static var explanation: String {
        "Tells a fall of the fuel level that driving and idling do not explain, and refuelling."
    }

    package var enabled = 1.0
    package var drop_pct = 10.0
    package var rise_pct = 10.0
    package var confirm_readings = 3.0
    package var driving_pct_per_100km = 20.0
    package var idling_pct_per_h = 3.0
    package var tank_l = 0.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "drop_pct", \.drop_pct, 2...100,
                "A fall by so much of the tank beyond the expected consumption is told."),
            RuleParameter("rise_pct", \.rise_pct, 2...100, "A rise by so much of the tank is told as refuelling."),
            RuleParameter(
                "confirm_readings", \.confirm_readings, 1...50,
                "So many readings must agree, the level no longer moving."),
            RuleParameter(
                "driving_pct_per_100km", \.driving_pct_per_100km, 0...200,
                "The most of its tank that the vehicle is expected to use in 100 km."),
            RuleParameter(
                "idling_pct_per_h", \.idling_pct_per_h, 0...50,
                "The most of its tank that an hour of the running engine is expected to use, added to the distance's."),
            RuleParameter("tank_l", \.tank_l, 0...5000, "The tank's volume, to tell litres too; 0: not known."),
        ]
    }
}
