/// What a vehicle is, whatever it does: drawn from the scenario's seed and the vehicle's number.
package struct VehicleIdentity: Sendable {
    /// Counted from 1.
    package let number: Int
    package let vehicleClass: VehicleClass
    /// As in the topics: `truck-07`.
    package let id: String
    package let style: DriverStyle
    /// Where it begins and ends.
    package let depot: Place
    /// The vehicle's own stream after these draws.
    var random: RandomSource

    package init(number: Int, world: FleetWorld, scenario: Scenario) {
        var random = RandomSource(seed: scenario.seed, purpose: .vehicle, number: UInt64(number))
        let classDraw = random.unit()
        let fleet = scenario.fleet
        vehicleClass =
            classDraw < fleet.truckShare ? .gasTruck : classDraw < fleet.truckShare + fleet.vanShare ? .van : .scooter
        id = "\(vehicleClass.idPrefix)-\(number < 10 ? "0" : "")\(number)"
        style = DriverStyle(vehicleClass: vehicleClass, random: &random)
        let drawn = random.integer(0...(world.depots.count - 1))
        // A dispatcher's fleet is spread evenly: every depot has drivers for its customers.
        depot = world.depots[scenario.dispatch == nil ? drawn : (number - 1) % world.depots.count]
        self.number = number
        self.random = random
    }
}
