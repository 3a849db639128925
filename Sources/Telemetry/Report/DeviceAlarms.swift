/// What a tracker itself takes for worth an alarm, whatever its format calls it.
@usableFromInline package struct DeviceAlarms: OptionSet, Sendable, Hashable, BitwiseCopyable {
    @usableFromInline package let rawValue: UInt16

    @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

    @inlinable package static var sos: DeviceAlarms { DeviceAlarms(rawValue: 1 << 0) }
    @inlinable package static var tamper: DeviceAlarms { DeviceAlarms(rawValue: 1 << 1) }
    @inlinable package static var powerCut: DeviceAlarms { DeviceAlarms(rawValue: 1 << 2) }
    @inlinable package static var harshBraking: DeviceAlarms { DeviceAlarms(rawValue: 1 << 3) }
    @inlinable package static var harshAcceleration: DeviceAlarms { DeviceAlarms(rawValue: 1 << 4) }
    @inlinable package static var harshCornering: DeviceAlarms { DeviceAlarms(rawValue: 1 << 5) }
    @inlinable package static var accident: DeviceAlarms { DeviceAlarms(rawValue: 1 << 6) }
    @inlinable package static var towing: DeviceAlarms { DeviceAlarms(rawValue: 1 << 7) }
    @inlinable package static var jamming: DeviceAlarms { DeviceAlarms(rawValue: 1 << 8) }
    @inlinable package static var lowBattery: DeviceAlarms { DeviceAlarms(rawValue: 1 << 9) }
    @inlinable package static var door: DeviceAlarms { DeviceAlarms(rawValue: 1 << 10) }
    @inlinable package static var overspeed: DeviceAlarms { DeviceAlarms(rawValue: 1 << 11) }
}
