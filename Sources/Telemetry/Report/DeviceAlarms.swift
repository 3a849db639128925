/// What a tracker itself takes for worth an alarm, whatever its format calls it.
package struct DeviceAlarms: OptionSet, Sendable, Hashable, BitwiseCopyable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let sos = DeviceAlarms(rawValue: 1 << 0)
    package static let tamper = DeviceAlarms(rawValue: 1 << 1)
    package static let powerCut = DeviceAlarms(rawValue: 1 << 2)
    package static let harshBraking = DeviceAlarms(rawValue: 1 << 3)
    package static let harshAcceleration = DeviceAlarms(rawValue: 1 << 4)
    package static let harshCornering = DeviceAlarms(rawValue: 1 << 5)
    package static let accident = DeviceAlarms(rawValue: 1 << 6)
    package static let towing = DeviceAlarms(rawValue: 1 << 7)
    package static let jamming = DeviceAlarms(rawValue: 1 << 8)
    package static let lowBattery = DeviceAlarms(rawValue: 1 << 9)
    package static let door = DeviceAlarms(rawValue: 1 << 10)
    package static let overspeed = DeviceAlarms(rawValue: 1 << 11)
}
