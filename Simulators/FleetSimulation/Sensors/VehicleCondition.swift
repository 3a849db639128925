import Glibc

/// What the vehicle's own sensors say: fuel, odometer, engine, battery, temperatures, door.
package struct VehicleCondition {
    /// One reading of all sensors.
    package struct Reading: Sendable {
        package var fuel_pct: Double
        package var odometer_km: Double
        package var engine_hours: Double
        package var battery_v: Double
        package var coolant_c: Double
        package var cargo_c: Double
        package var rpm: Int
        package var isDoorOpen: Bool
    }

    private var random: RandomSource
    private let startOdometer_km: Double
    private let startEngine_h: Double
    private let consumption_l_per_100km: Double
    private let idling_l_per_h: Double
    private let tank_l: Double
    private var fuel_l: Double
    private var coolant_c = 24.0
    private var weather: GaussMarkovProcess
    private var last_s: Double
    private var lastDistance_m = 0.0
    private var lastEngine_s = 0.0

    package init(vehicleClass: VehicleClass, random: RandomSource, start_s: Double) {
        self.random = random
        (consumption_l_per_100km, idling_l_per_h) =
            switch vehicleClass {
            case .gasTruck: (16, 1.2)
            case .van: (9.5, 0.8)
            case .scooter: (2.6, 0.3)
            }
        tank_l = vehicleClass.tank_l
        startOdometer_km = self.random.uniform(8_000...180_000)
        startEngine_h = startOdometer_km / self.random.uniform(22...30)
        fuel_l = tank_l * self.random.uniform(0.45...1)
        weather = GaussMarkovProcess(from: &self.random)
        last_s = start_s
    }

    /// Reads the sensors at `time_s` (ascending); `hourOfDay` is local time, for the weather.
    package mutating func read(_ state: VehicleJourney.State, at time_s: Double, hourOfDay: Double) -> Reading {
        let elapsed_s = max(0, time_s - last_s)
        last_s = time_s
        burnFuel(state)
        let target_c = state.isIgnitionOn ? 88.0 : 25.0
        coolant_c += (target_c - coolant_c) * (1 - exp(-elapsed_s / (state.isIgnitionOn ? 240 : 2_400)))
        let warmth = weather.advance(elapsed_s: elapsed_s, correlation_s: 1_800, random: &random)
        let battery_v = (state.isIgnitionOn ? 14.1 : 12.6) + 0.05 * random.normal()
        let slosh = state.speed_mps > 0 ? 0.4 * random.normal() : 0
        return Reading(
            fuel_pct: min(100, max(0, fuel_l / tank_l * 100 + slosh)),
            odometer_km: startOdometer_km + state.distance_m / 1_000,
            engine_hours: startEngine_h + state.engine_s / 3_600, battery_v: battery_v, coolant_c: coolant_c,
            cargo_c: 24 - 4 * cos((hourOfDay - 2) / 24 * 2 * .pi) + warmth,
            rpm: state.isIgnitionOn ? Int(780 + state.speed_mps * 95 + 25 * random.normal()) : 0,
            isDoorOpen: state.activity == .serving && !state.isIgnitionOn)
    }

    /// Driving and idling cost fuel; the driver fills up at the depot, 60 s into a stay, when less than 40 % is left.
    private mutating func burnFuel(_ state: VehicleJourney.State) {
        let distance_m = state.distance_m - lastDistance_m
        let engine_s = state.engine_s - lastEngine_s
        lastDistance_m = state.distance_m
        lastEngine_s = state.engine_s
        fuel_l -= distance_m / 100_000 * consumption_l_per_100km + engine_s / 3_600 * idling_l_per_h
        let isAtPump = state.loading_s > 60 && fuel_l < 0.4 * tank_l
        // Reports may be so rare that no stay at the depot was seen: nobody drives on with an empty tank.
        if isAtPump || fuel_l < 0.03 * tank_l { fuel_l = tank_l * 0.97 }
    }
}
