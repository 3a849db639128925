import Wire

/// A reading that leaves its limits and comes back: minimum duration, confirmation and hysteresis for the rules that
/// watch one sensor, in 22 bytes.
///
/// It begins at the first of a run of readings that are all beyond the limit, and counts when the run has lasted long
/// enough and has enough readings. It ends when enough readings in a row are back by the hysteresis, at the last of
/// these. Between two readings nothing is known, so a gap neither confirms nor ends anything.
struct Excursion: Sendable, Equatable, BitwiseCopyable {
    private enum Phase: UInt8 {
        case within = 0
        case pending = 1
        case beyond = 2
    }

    enum Change {
        case none
        case exceeded
        case restored
    }

    /// One reading as the rule judges it.
    struct Reading {
        /// In the sensor's units, such as tenths of a degree.
        var value: Int32
        /// Beyond the limit.
        var isBeyond: Bool
        /// On the right side of the limit, by the hysteresis.
        var isBack: Bool
        /// The larger the value the worse.
        var isHighBad: Bool
    }

    /// The first reading beyond the limit; `.none` where the last one was within.
    private(set) var began = Moment.none
    /// The worst value since.
    private(set) var extreme: Int32 = 0
    private var phase = Phase.within
    /// Readings in the present run towards the next phase.
    private var readings: UInt8 = 0

    init() {}

    /// The last reading was within the limit, and no end is to be told.
    var isIdle: Bool { phase == .within }
    /// The excursion has been told and is not over.
    var isConfirmed: Bool { phase == .beyond }

    mutating func observe(
        _ reading: Reading, at now: borrowing Observation, duration_s: Double, confirmReadings: Double
    ) -> Change {
        switch phase {
        case .within:
            guard reading.isBeyond else { return .none }
            began = Moment(now)
            extreme = reading.value
            phase = .pending
            readings = 0
        case .pending:
            guard reading.isBeyond else {
                self = Excursion()
                return .none
            }
        case .beyond: break
        }
        extreme = reading.isHighBad ? max(extreme, reading.value) : min(extreme, reading.value)
        readings = phase == .pending || reading.isBack ? min(readings, 254) + 1 : 0
        guard Double(readings) >= confirmReadings else { return .none }
        if phase == .beyond {
            phase = .within
            return .restored
        }
        guard Double(now.time_ms - began.time_ms) >= duration_s * 1000 else { return .none }
        phase = .beyond
        readings = 0
        return .exceeded
    }

    func write(to writer: inout ByteWriter) {
        began.write(to: &writer)
        writer.write(extreme)
        writer.write(phase)
        writer.write(readings)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        began = try Moment(from: &reader)
        extreme = try reader.integer()
        phase = try reader.enumeration()
        readings = try reader.integer()
        guard phase == .within || !began.isNone else { throw SnapshotError(reason: "an excursion has no beginning") }
    }

    /// The event of a change: it happened when the excursion began or, where it is over, now.
    ///
    /// Its values are the present one, the limit, the worst one, and the seconds from the first reading beyond to this
    /// one. `scale` is how many of the reading's units make one of the limit's.
    func event(
        _ type: EventType, of change: Change, _ reading: Reading, at now: borrowing Observation, limit: Double,
        scale: Double
    ) -> RuleEvent {
        let isOver = change == .restored
        var event = RuleEvent(
            type, key_ms: began.time_ms, time_ms: isOver ? now.time_ms : began.time_ms, place: began.place)
        if isOver { event.place = now.hasPosition ? now.fix : nil }
        event.values = [
            Double(reading.value) / scale, limit, Double(extreme) / scale,
            Double(now.time_ms - began.time_ms) / 1000,
        ]
        return event
    }
}
