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

    /// Whether some rule has something to say of a vehicle that reports nothing but positions and ignition, and is in such
    /// fences: maintenance, by what was driven and run or by the calendar, or a permit.
    func judgesPositions(in places: RuleInput.Places) -> Bool {
        if maintenance.enabled != 0, max(maintenance.every_km, max(maintenance.every_h, maintenance.every_days)) > 0 {
            return true
        }
        return hazmat.asksForPermit || hazmat.enabled != 0 && hazmat.parking_min > 0 && places.contains(.protected)
    }
}
