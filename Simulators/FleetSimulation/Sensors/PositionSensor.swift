import Glibc

/// What the tracker's satellite receiver says: the truth with correlated errors, and an accuracy that fits them.
///
/// The errors east and north are Gauss–Markov processes with the standard deviation σ; the reported accuracy is the radius
/// within which 68 % of such fixes lie, σ·√(−2 ln 0.32). σ wanders with the surroundings (log-normal, a few minutes' memory)
/// and is multiplied in tunnels, where the tracker goes on by dead reckoning.
package struct PositionSensor {
    /// A fix as the tracker measured it.
    package struct Fix: Sendable {
        package var position: PlanePoint
        package var accuracy_m: Double
        package var speed_kmh: Double
        package var heading_deg: Double
        /// 0 where the position is dead reckoning.
        package var satellites: Int
    }

    /// √(−2 ln 0.32): the radius that holds 68 % of a circular normal distribution, in standard deviations.
    static let radiusPerSigma = 1.509_592_1
    /// How far ln σ wanders (standard deviation), and for how long it is remembered.
    static let surroundingsSpread = 0.3
    static let surroundingsMemory_s = 180.0

    private let settings: Scenario.Positioning
    private var random: RandomSource
    private var east: GaussMarkovProcess
    private var north: GaussMarkovProcess
    private var surroundings: GaussMarkovProcess
    private var last_s: Double
    private var heldHeading_deg: Double?

    package init(settings: Scenario.Positioning, random: RandomSource, start_s: Double) {
        self.settings = settings
        self.random = random
        last_s = start_s
        east = GaussMarkovProcess(from: &self.random)
        north = GaussMarkovProcess(from: &self.random)
        surroundings = GaussMarkovProcess(from: &self.random)
    }

    /// Measures the truth at `time_s`, which must not be before the last call's.
    package mutating func measure(_ state: VehicleJourney.State, at time_s: Double) -> Fix {
        let elapsed_s = max(0, time_s - last_s)
        last_s = time_s
        let memory = settings.correlation_s
        let errorEast = east.advance(elapsed_s: elapsed_s, correlation_s: memory, random: &random)
        let errorNorth = north.advance(elapsed_s: elapsed_s, correlation_s: memory, random: &random)
        let around = surroundings.advance(
            elapsed_s: elapsed_s, correlation_s: Self.surroundingsMemory_s, random: &random)
        var accuracy_m = settings.accuracy_m * exp(Self.surroundingsSpread * around)
        if state.isTunnel { accuracy_m *= settings.tunnelFactor }
        let sigma_m = accuracy_m / Self.radiusPerSigma
        let speedNoise_mps = random.normal() * 0.15
        let headingNoise = random.normal()
        return Fix(
            position: PlanePoint(
                x_m: state.position.x_m + sigma_m * errorEast, y_m: state.position.y_m + sigma_m * errorNorth),
            accuracy_m: accuracy_m, speed_kmh: speed_kmh(state, noise_mps: speedNoise_mps),
            heading_deg: heading_deg(state, noise: headingNoise),
            satellites: state.isTunnel ? 0 : max(4, min(18, Int(13 - 4 * around))))
    }

    /// Receivers give no speed to a vehicle whose ignition is off, and noise around it otherwise.
    private func speed_kmh(_ state: VehicleJourney.State, noise_mps: Double) -> Double {
        guard state.isIgnitionOn else { return 0 }
        return max(0, state.speed_mps + noise_mps) * 3.6
    }

    /// The course over ground comes from movement: below walking speed the receiver keeps the last one.
    private mutating func heading_deg(_ state: VehicleJourney.State, noise: Double) -> Double {
        if state.speed_mps < 1, let heldHeading_deg { return heldHeading_deg }
        let sigma_deg = 1.5 + 12 / (1 + state.speed_mps)
        var heading = (state.heading_deg + sigma_deg * noise).truncatingRemainder(dividingBy: 360)
        if heading < 0 { heading += 360 }
        // Written with one decimal: 359.96 is north, not 360.
        heading = (heading * 10).rounded() / 10
        if heading >= 360 { heading = 0 }
        heldHeading_deg = heading
        return heading
    }
}
