/// One thing that a vehicle does because others say so: see `VehicleJourney.add(_:)`.
package enum JourneyStep: Sendable {
    /// Stands where it is.
    case stand(Stand)
    /// Drives as planned (the plan's path has a segment at least), to a place.
    case drive(DrivePlan, to: Place)

    package struct Stand: Sendable {
        package var activity: VehicleJourney.Activity
        package var start_s: Double
        package var end_s: Double
        /// Whether the engine is stopped 5 s after the beginning and started 10 s before the end.
        package var isEngineOff: Bool

        package init(activity: VehicleJourney.Activity, start_s: Double, end_s: Double, isEngineOff: Bool) {
            self.activity = activity
            self.start_s = start_s
            self.end_s = end_s
            self.isEngineOff = isEngineOff
        }
    }

    var start_s: Double {
        switch self {
        case .stand(let stand): stand.start_s
        case .drive(let plan, _): plan.phases.first?.start_s ?? plan.end_s
        }
    }
}
