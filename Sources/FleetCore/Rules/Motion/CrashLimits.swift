/// By what a crash is suspected.
package struct CrashLimits: RuleLimits {
    package static let name = "crash"
    package static let explanation = """
        A stop harder than brakes can make, or the tracker's alarm of an accident, and no motion after it. A suspicion, \
        for somebody to call the driver.
        """

    package var enabled = 1.0
    package var deceleration_ms2 = 8.0
    package var minimumSpeed_kmh = 30.0
    package var maximumInterval_s = 3.0
    package var still_s = 60.0
    package var device = 1.0

    package init() {}

    package static var parameters: [RuleParameter<CrashLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells suspicions, 0 does not."),
            RuleParameter(
                "deceleration_ms2", \.deceleration_ms2, 0...100,
                "At least this deceleration down to standing may be a crash; 0 leaves it to the tracker."),
            RuleParameter("minimum_speed_kmh", \.minimumSpeed_kmh, 5...150, "Stops from a lower speed are none."),
            RuleParameter(
                "maximum_interval_s", \.maximumInterval_s, 0.5...10,
                "Reports further apart say nothing about what happened between them."),
            RuleParameter("still_s", \.still_s, 5...3600, "The vehicle must not move for so long after it."),
            RuleParameter("device", \.device, 0...1, "1 heeds the tracker's own alarm of an accident, 0 does not."),
        ]
    }
}
