/// A run's options, scenario and world, checked and ready.
package struct PreparedRun {
    package let options: CommandOptions
    package let scenario: Scenario
    package let world: FleetWorld

    init(options: CommandOptions, library: ScenarioLibrary) throws(SimulationError) {
        try self.init(options: options, scenario: try library.load(options.scenario))
    }

    /// Prepares a run of `scenario`, changed as the options say.
    package init(options: CommandOptions, scenario: Scenario) throws(SimulationError) {
        var scenario = scenario
        scenario.seed = options.seed ?? scenario.seed
        scenario.vehicles = options.vehicles ?? scenario.vehicles
        scenario.reports.format = options.format
        if scenario.dispatch == nil {
            for (name, isGiven) in [
                ("--orders", options.orders != nil), ("--days", options.days != nil),
                ("--truth", options.truthFile != nil), ("--sms-gateway", options.answersSMS),
            ] where isGiven {
                throw .usage("\(name) needs a scenario with dispatch, such as --scenario morning")
            }
        }
        if let orders = options.orders { scenario.dispatch?.resize(orders: orders) }
        if let rate = options.rate, Double(scenario.vehicles) / rate * options.speedup < 0.002 {
            throw .usage("--rate \(rate) is more than 500 reports a second for each vehicle; take more --vehicles")
        }
        var places = GeofencePlaces()
        if let folder = options.geofences { places = try GeofencePlaces(folder: folder) }
        self.options = options
        self.scenario = scenario
        world = try FleetWorld.make(scenario, geofences: places)
    }

    func makeSimulator(start_ms: Int64) -> FleetSimulator {
        let interval_s = options.rate.map { Double(scenario.vehicles) / $0 * options.speedup }
        return FleetSimulator(
            world: world,
            run: .init(
                scenario: scenario, start_ms: start_ms, announcesStatus: options.connections == .perVehicle,
                fixedInterval_s: interval_s, days: options.days ?? scenario.dispatch?.days ?? 1,
                answersCommands: options.isPrinting),
            vehicleCount: scenario.vehicles, address: .init(root: options.root, fleet: options.fleet))
    }
}
