/// How a day's use is summed up.
package struct UtilisationLimits: RuleLimits {
    package static let name = "utilisation"
    package static let explanation = """
        What the vehicle did on a day of its local time: distance, times of driving, idling and standing, stops (ends of \
        trips), fuel and engine hours. Told with the first report of a later day.
        """

    package var enabled = 1.0
    package var refuel_pct = 8.0

    package init() {}

    package static var parameters: [RuleParameter<UtilisationLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells a summary of each day, 0 does not."),
            RuleParameter(
                "refuel_pct", \.refuel_pct, 1...100,
                "A rise of the fuel level by so much is fuel taken in; what is less is the movement of the fuel."),
        ]
    }
}
