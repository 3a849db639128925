/// When a vehicle has no mobile network: at random, as scheduled for the whole fleet, and in tunnels.
package struct CoverageSchedule {
    private let settings: Scenario.Coverage
    private var random: RandomSource
    private var lossStart_s = 0.0
    private var lossEnd_s = 0.0

    package init(settings: Scenario.Coverage, random: RandomSource) {
        self.settings = settings
        self.random = random
        drawLoss(after: 0)
    }

    /// Whether a message can be sent at `time_s` (ascending) from where the vehicle is.
    package mutating func isCovered(at time_s: Double, isTunnel: Bool) -> Bool {
        while time_s >= lossEnd_s { drawLoss(after: lossEnd_s) }
        if settings.tunnels, isTunnel { return false }
        if time_s >= settings.scheduledStart_s, time_s < settings.scheduledStart_s + settings.scheduledDuration_s {
            return false
        }
        return time_s < lossStart_s
    }

    private mutating func drawLoss(after time_s: Double) {
        guard settings.lossesPerHour > 0 else {
            lossStart_s = .infinity
            lossEnd_s = .infinity
            return
        }
        lossStart_s = time_s + random.exponential(mean: 3_600 / settings.lossesPerHour)
        lossEnd_s = lossStart_s + max(1, random.exponential(mean: settings.lossMean_s))
    }
}
