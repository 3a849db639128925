package import Wire

/// For hazardous goods: driving outside the permit's hours or corridor, and parking beside protected places.
///
/// Each is told once until it is over: the hours come again, the corridor is reached, the vehicle drives on. A stop of
/// five minutes lets what was not yet confirmed begin anew, and a single fix that seems to drive does not end a stop.
package struct HazmatRule: Rule {
    private static let stop_ms: Int64 = 300_000

    private struct Flags: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        static let toldHours = Flags(rawValue: 1)
        static let toldCorridor = Flags(rawValue: 2)
        static let toldParking = Flags(rawValue: 4)
        /// The last observation seemed to drive, the one before did not.
        static let maybeDriving = Flags(rawValue: 8)
        static let all: Flags = [.toldHours, .toldCorridor, .toldParking, .maybeDriving]
    }

    /// Where and since when the vehicle stands; `.none` while it drives.
    private var stand = Moment.none
    /// When the driving outside the hours or corridor began; `Int64.min` without.
    private var hoursSince_ms = Int64.min
    private var corridorSince_ms = Int64.min
    private var flags: Flags = []

    package init() {}

    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing HazmatLimits, into events: inout [RuleEvent]
    ) {
        guard input.now.has.contains(.position), limits.enabled != 0 else { return }
        let isDriving = input.isDriving(from: limits.moving_kmh)
        if isDriving {
            if flags.contains(.maybeDriving) || stand.isNone {
                stand = .none
                flags.subtract([.toldParking, .maybeDriving])
            } else {
                flags.insert(.maybeDriving)
            }
        } else {
            flags.remove(.maybeDriving)
            stepStanding(input, limits, &events)
        }
        if limits.from_minute != limits.to_minute { stepHours(isDriving, input, limits, &events) }
        if limits.require_corridor != 0 { stepCorridor(isDriving, input, limits, &events) }
    }

    private mutating func stepStanding(
        _ input: borrowing RuleInput, _ limits: borrowing HazmatLimits, _ events: inout [RuleEvent]
    ) {
        if stand.isNone { stand = Moment(input.now) }
        let standing_ms = input.now.time_ms - stand.time_ms
        if standing_ms >= Self.stop_ms {
            if !flags.contains(.toldHours) { hoursSince_ms = .min }
            if !flags.contains(.toldCorridor) { corridorSince_ms = .min }
        }
        guard limits.parking_min > 0, input.places.contains(.protected), !flags.contains(.toldParking),
            Double(standing_ms) >= limits.parking_min * 60_000
        else { return }
        flags.insert(.toldParking)
        var event = RuleEvent(
            .protectedParking, key_ms: stand.time_ms, time_ms: input.now.time_ms, place: stand.place)
        event.values = [Double(stand.time_ms), Double(standing_ms) / 1000]
        events.append(event)
    }

    private mutating func stepHours(
        _ isDriving: Bool, _ input: borrowing RuleInput, _ limits: borrowing HazmatLimits, _ events: inout [RuleEvent]
    ) {
        let minute = Double(input.localMinute)
        let isAfterStart = minute >= limits.from_minute
        let isBeforeEnd = minute < limits.to_minute
        let spansMidnight = limits.from_minute > limits.to_minute
        let isPermitted = spansMidnight ? isAfterStart || isBeforeEnd : isAfterStart && isBeforeEnd
        if isPermitted {
            hoursSince_ms = .min
            flags.remove(.toldHours)
        } else if isDriving, !flags.contains(.toldHours) {
            let now_ms = input.now.time_ms
            if hoursSince_ms == .min { hoursSince_ms = now_ms }
            guard Double(now_ms - hoursSince_ms) >= limits.confirm_s * 1000 else { return }
            flags.insert(.toldHours)
            tell("outside_hours", since_ms: hoursSince_ms, key_ms: hoursSince_ms, input, &events)
        }
    }

    private mutating func stepCorridor(
        _ isDriving: Bool, _ input: borrowing RuleInput, _ limits: borrowing HazmatLimits, _ events: inout [RuleEvent]
    ) {
        if !input.places.isDisjoint(with: [.corridor, .depot, .customer]) {
            corridorSince_ms = .min
            flags.remove(.toldCorridor)
        } else if isDriving, !flags.contains(.toldCorridor) {
            let now_ms = input.now.time_ms
            if corridorSince_ms == .min { corridorSince_ms = now_ms }
            guard Double(now_ms - corridorSince_ms) >= limits.confirm_s * 1000 else { return }
            flags.insert(.toldCorridor)
            // The hours may have been left at the same moment.
            tell("outside_corridor", since_ms: corridorSince_ms, key_ms: corridorSince_ms + 1, input, &events)
        }
    }

    private func tell(
        _ word: StaticString, since_ms: Int64, key_ms: Int64, _ input: borrowing RuleInput, _ events: inout [RuleEvent]
    ) {
        var event = RuleEvent(.permitViolated, key_ms: key_ms, time_ms: input.now.time_ms, place: input.now.fix)
        event.word = word
        event.values = [Double(since_ms), input.now.speed_kmh]
        events.append(event)
    }

    package func write(to writer: inout ByteWriter) {
        stand.write(to: &writer)
        writer.write(optionalTime_ms: hoursSince_ms)
        writer.write(optionalTime_ms: corridorSince_ms)
        writer.write(flags.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        stand = try Moment(from: &reader)
        hoursSince_ms = try reader.optionalTime_ms()
        corridorSince_ms = try reader.optionalTime_ms()
        flags = Flags(rawValue: try reader.integer(upTo: Flags.all.rawValue))
    }
}
