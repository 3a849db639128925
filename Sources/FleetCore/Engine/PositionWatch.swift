import Wire

/// What the engine keeps of whether a vehicle's positions come, 16 bytes: all vehicles' are gone through every few seconds.
struct PositionWatch: Sendable, BitwiseCopyable {
    enum Phase: UInt8 {
        /// Positions come, or none are expected.
        case fresh = 0
        /// They stay away, and it is still to be seen whether others' do too.
        case candidate = 1
        /// They stay away as part of what the fleet as a whole suffers: not told of this vehicle.
        case suppressed = 2
        /// It was told that they stay away.
        case told = 3
    }

    /// When the newest position was received; `Int64.min` before the first.
    var received_ms = Int64.min
    private var rawPhase: UInt8 = 0
    /// How old it was then, as `AgeHistogram` has it.
    var ageRange: UInt8 = 0
    /// The vehicle moves or has its ignition on: positions ought to come.
    var isExpected = false
    /// Speed and heading of the newest position; from the one before where the tracker tells none. `UInt16.max`: not known.
    private var speed_dkmh = UInt16.max
    private var heading_ddeg = UInt16.max

    init() {}

    var phase: Phase {
        get { Phase(rawValue: rawPhase) ?? .fresh }
        set { rawPhase = newValue.rawValue }
    }

    var speed_kmh: Double? {
        get { speed_dkmh == .max ? nil : Double(speed_dkmh) / 10 }
        set { speed_dkmh = Self.tenths(newValue) }
    }

    var heading_deg: Double? {
        get { heading_ddeg == .max ? nil : Double(heading_ddeg) / 10 }
        set { heading_ddeg = Self.tenths(newValue) }
    }

    private static func tenths(_ value: Double?) -> UInt16 {
        guard let value, value.isFinite else { return .max }
        return UInt16(min(max((value * 10).rounded(), 0), 65_534))
    }

    func write(to writer: inout ByteWriter) {
        writer.write(received_ms)
        writer.write(rawPhase)
        writer.write(ageRange)
        writer.write(isExpected)
        writer.write(speed_dkmh)
        writer.write(heading_ddeg)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        received_ms = try reader.timeOrNever_ms()
        rawPhase = try reader.integer()
        guard Phase(rawValue: rawPhase) != nil else { throw SnapshotError(reason: "the phase of a watch is not known") }
        ageRange = try reader.integer()
        isExpected = try reader.bool()
        speed_dkmh = try reader.integer()
        heading_ddeg = try reader.integer()
    }
}
