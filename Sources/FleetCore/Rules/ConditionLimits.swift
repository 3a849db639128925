/// The numbers of all rules about the state of vehicles, their cargo and their drivers.
package struct ConditionLimits: Sendable, Equatable, BitwiseCopyable {
    package var engine = EngineLimits()
    package var fuel = FuelLimits()
    package var temperature = TemperatureLimits()
    package var coolant = CoolantLimits()
    package var battery = BatteryLimits()
    package var door = DoorLimits()
    package var codes = CodesLimits()
    package var maintenance = MaintenanceLimits()
    package var drivingTime = DrivingTimeLimits()
    package var hazmat = HazmatLimits()
    package var anomaly = AnomalyLimits()
    package var level = LevelLimits()

    package init() {}
}
