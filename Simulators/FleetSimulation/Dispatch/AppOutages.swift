/// When a driver's app has no network: what the driver does meanwhile goes out afterwards.
struct AppOutages {
    private var outages: [ClosedRange<Double>] = []
    /// Whether the app then sends its newest action first.
    private let sendsNewestFirst: Bool

    /// Draws the outages of the 24 hours after `start_s`.
    init(settings: Scenario.DispatchFaults, start_s: Double, random: inout RandomSource) {
        sendsNewestFirst = random.chance(0.5)
        guard settings.appLossesPerHour > 0 else { return }
        var time_s = start_s
        while time_s < start_s + 86_400 {
            time_s += random.exponential(mean: 3_600 / settings.appLossesPerHour)
            let end_s = time_s + max(1, random.exponential(mean: settings.appLossMean_s))
            outages.append(time_s...end_s)
            time_s = end_s
        }
    }

    /// When an action of `time_s` goes out. What waited goes within the thousandth part of the outage's time.
    func sendTime_s(of time_s: Double) -> Double {
        guard let outage = outages.first(where: { $0.contains(time_s) }) else { return time_s }
        let distance_s = sendsNewestFirst ? outage.upperBound - time_s : time_s - outage.lowerBound
        return outage.upperBound + distance_s / 1_000
    }
}
