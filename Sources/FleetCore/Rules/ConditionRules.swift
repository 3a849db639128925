package import Wire

/// What the rules about the state of a vehicle, its cargo and its driver remember of one vehicle, but for ``EngineRule``:
/// that one needs only the ignition, which nearly every tracker tells, and the rest needs far more memory.
package struct ConditionRules: Sendable, BitwiseCopyable {
    private var fuel = FuelRule()
    private var temperature = TemperatureRule()
    private var coolant = CoolantRule()
    private var battery = BatteryRule()
    private var door = DoorRule()
    private var codes = CodesRule()
    private var maintenance = MaintenanceRule()
    private var drivingTime = DrivingTimeRule()
    private var hazmat = HazmatRule()
    private var anomaly = AnomalyRule()
    private var level = LevelRule()

    package init() {}

    /// Takes the next observation into account; what the rules decide is added to `events` in the rules' order.
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing ConditionLimits, into events: inout [RuleEvent]
    ) {
        fuel.step(input, limits.fuel, into: &events)
        temperature.step(input, limits.temperature, into: &events)
        coolant.step(input, limits.coolant, into: &events)
        battery.step(input, limits.battery, into: &events)
        door.step(input, limits.door, into: &events)
        codes.step(input, limits.codes, into: &events)
        maintenance.step(input, limits.maintenance, into: &events)
        drivingTime.step(input, limits.drivingTime, into: &events)
        hazmat.step(input, limits.hazmat, into: &events)
        anomaly.step(input, limits.anomaly, into: &events)
        level.step(input, limits.level, into: &events)
    }

    package func write(to writer: inout ByteWriter) {
        fuel.write(to: &writer)
        temperature.write(to: &writer)
        coolant.write(to: &writer)
        battery.write(to: &writer)
        door.write(to: &writer)
        codes.write(to: &writer)
        maintenance.write(to: &writer)
        drivingTime.write(to: &writer)
        hazmat.write(to: &writer)
        anomaly.write(to: &writer)
        level.write(to: &writer)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        fuel = try FuelRule(from: &reader)
        temperature = try TemperatureRule(from: &reader)
        coolant = try CoolantRule(from: &reader)
        battery = try BatteryRule(from: &reader)
        door = try DoorRule(from: &reader)
        codes = try CodesRule(from: &reader)
        maintenance = try MaintenanceRule(from: &reader)
        drivingTime = try DrivingTimeRule(from: &reader)
        hazmat = try HazmatRule(from: &reader)
        anomaly = try AnomalyRule(from: &reader)
        level = try LevelRule(from: &reader)
    }
}
