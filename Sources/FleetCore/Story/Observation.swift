package import Telemetry

/// One report of a vehicle as its track keeps it: what the rules look at, in 56 bytes.
///
/// Everything is rounded once, when the report is read, so that what is decided again from the track is decided exactly as
/// when the report came. Numbers are integers in the units of their names; a number counts only where `has` says so.
package struct Observation: Sendable, Equatable, BitwiseCopyable {
    /// Time, and where `has` contains `.position` also place, speed, heading and accuracy.
    package var fix: Fix
    package var alarms: DeviceAlarms = []
    package var has: Contents = []
    /// Hundredths of a percent of the tank.
    package var fuel_cpct: UInt16 = 0
    /// Hundredths of a volt.
    package var battery_cv: UInt16 = 0
    /// Tenths of a degree Celsius.
    package var coolant_dc: Int16 = 0
    package var cargo_dc: Int16 = 0
    package var rpm: UInt16 = 0
    package var odometer_m: UInt32 = 0
    package var engine_s: UInt32 = 0
    /// The driver by the engine's number of the name; -1 where the report says that nobody is signed on.
    package var driver: Int32 = -1
    /// The diagnostic codes by the engine's number of their list as text; -1 where the report says that there are none.
    package var codes: Int32 = -1

    package struct Contents: OptionSet, Sendable, BitwiseCopyable {
        package let rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }
        package static let position = Contents(rawValue: 1 << 0)
        package static let fuel = Contents(rawValue: 1 << 1)
        package static let odometer = Contents(rawValue: 1 << 2)
        package static let engineHours = Contents(rawValue: 1 << 3)
        package static let battery = Contents(rawValue: 1 << 4)
        package static let coolant = Contents(rawValue: 1 << 5)
        package static let cargo = Contents(rawValue: 1 << 6)
        package static let rpm = Contents(rawValue: 1 << 7)
        package static let driver = Contents(rawValue: 1 << 8)
        package static let codes = Contents(rawValue: 1 << 9)
        package static let ignition = Contents(rawValue: 1 << 10)
        package static let ignitionOn = Contents(rawValue: 1 << 11)
        package static let door = Contents(rawValue: 1 << 12)
        package static let doorOpen = Contents(rawValue: 1 << 13)
        package static let motion = Contents(rawValue: 1 << 14)
        package static let inMotion = Contents(rawValue: 1 << 15)
    }

    package init(fix: Fix, has: Contents = []) {
        self.fix = fix
        self.has = has
    }

    package var time_ms: Int64 { fix.time_ms }
    package var hasPosition: Bool { has.contains(.position) }
    package var ignition: Bool? { has.contains(.ignition) ? has.contains(.ignitionOn) : nil }
    package var doorOpen: Bool? { has.contains(.door) ? has.contains(.doorOpen) : nil }
    /// The tracker's own motion sensor.
    package var inMotion: Bool? { has.contains(.motion) ? has.contains(.inMotion) : nil }
    package var speed_kmh: Double? { hasPosition ? fix.speed_kmh : nil }
    package var heading_deg: Double? { hasPosition ? fix.heading_deg : nil }
    package var fuel_pct: Double? { has.contains(.fuel) ? Double(fuel_cpct) / 100 : nil }
    package var battery_v: Double? { has.contains(.battery) ? Double(battery_cv) / 100 : nil }
    package var coolant_c: Double? { has.contains(.coolant) ? Double(coolant_dc) / 10 : nil }
    package var cargo_c: Double? { has.contains(.cargo) ? Double(cargo_dc) / 10 : nil }
    package var odometer_km: Double? { has.contains(.odometer) ? Double(odometer_m) / 1000 : nil }
    package var engine_hours: Double? { has.contains(.engineHours) ? Double(engine_s) / 3600 : nil }
}

extension Observation {
    /// `driver` and `codes` are the engine's numbers of the texts that the report holds; they count where it holds any.
    package init(_ report: Report, driver: Int32 = -1, codes: Int32 = -1) {
        self.init(fix: Fix(report))
        let fields = report.fields
        if fields.contains(.position) { has.insert(.position) }
        if fields.contains(.ignition) { has.formUnion(report.ignition ? [.ignition, .ignitionOn] : .ignition) }
        if fields.contains(.motion) { has.formUnion(report.motion ? [.motion, .inMotion] : .motion) }
        if fields.contains(.alarms) { alarms = report.alarms }
        if fields.contains(.door) { has.formUnion(report.doorOpen ? [.door, .doorOpen] : .door) }
        // Most reports hold none of the rest.
        guard fields.rawValue & Self.sensors.rawValue != 0 else { return }
        if fields.contains(.fuel) { (has, fuel_cpct) = (has.union(.fuel), Self.rounded(Double(report.fuel_pct) * 100)) }
        if fields.contains(.battery) {
            (has, battery_cv) = (has.union(.battery), Self.rounded(Double(report.battery_v) * 100))
        }
        if fields.contains(.coolant) {
            (has, coolant_dc) = (has.union(.coolant), Self.rounded(Double(report.coolant_c) * 10))
        }
        if fields.contains(.cargo) { (has, cargo_dc) = (has.union(.cargo), Self.rounded(Double(report.cargo_c) * 10)) }
        if fields.contains(.rpm) { (has, rpm) = (has.union(.rpm), Self.rounded(Double(report.rpm))) }
        if fields.contains(.odometer) {
            (has, odometer_m) = (has.union(.odometer), Self.rounded(report.odometer_km * 1000))
        }
        if fields.contains(.engineHours) {
            (has, engine_s) = (has.union(.engineHours), Self.rounded(report.engine_hours * 3600))
        }
        if fields.contains(.driver) {
            has.insert(.driver)
            self.driver = driver
        }
        if fields.contains(.dtc) {
            has.insert(.codes)
            self.codes = codes
        }
    }

    private static let sensors: ReportFields = [
        .fuel, .odometer, .engineHours, .battery, .coolant, .cargo, .rpm, .driver, .dtc,
    ]

    /// The nearest integer, at the ends of the range what fits.
    private static func rounded<T: FixedWidthInteger>(_ value: Double) -> T {
        T(min(max(value.rounded(), Double(T.min)), Double(T.max)))
    }
}
