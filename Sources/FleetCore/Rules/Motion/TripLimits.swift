/// By what a trip is known, and by what any rule knows that a vehicle stands (see ``Movement``).
package struct TripLimits: RuleLimits {
    package static let name = "trip"
    package static let explanation = """
        A trip begins when the vehicle has moved away from where it stood and ends where it comes to stand. Standing is \
        staying near one place; what positions wander meanwhile is no distance. The idle, parking, utilisation, crash and \
        score rules know motion by minimum_speed_kmh, stay_radius_m and silence_s too.
        """

    package var enabled = 1.0
    package var startDistance_m = 200.0
    package var stopDuration_s = 180.0
    package var ignitionOff_s = 60.0
    package var ignitionNeeded = 1.0
    package var minimumSpeed_kmh = 5.0
    package var stayRadius_m = 75.0
    package var silence_s = 900.0

    package init() {}

    package static var parameters: [RuleParameter<TripLimits>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 tells trips, 0 does not."),
            RuleParameter(
                "start_distance_m", \.startDistance_m, 20...5000,
                "So far from where it stood the vehicle is on a trip, which began when it left."),
            RuleParameter(
                "stop_duration_s", \.stopDuration_s, 10...7200, "Standing so long ends the trip, when it came to stand."
            ),
            RuleParameter(
                "ignition_off_s", \.ignitionOff_s, 0...7200, "Standing so long with the ignition off ends the trip."),
            RuleParameter(
                "ignition_needed", \.ignitionNeeded, 0...1,
                "1: motion with the ignition known to be off begins no trip (it may be towing); 0: any motion does."),
            RuleParameter(
                "minimum_speed_kmh", \.minimumSpeed_kmh, 1...30, "A vehicle that reports at least this speed moves."),
            RuleParameter(
                "stay_radius_m", \.stayRadius_m, 15...1000,
                "Without that speed a vehicle stands as long as it is so near the place where it came to stand."),
            RuleParameter(
                "silence_s", \.silence_s, 60...86_400,
                "Without a position for longer, a trip has ended at the last one before."),
        ]
    }
}
