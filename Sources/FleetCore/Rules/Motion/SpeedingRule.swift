package import Wire

/// Speeding: the vehicle reports more than it may, for long enough.
///
/// The limit is the lowest of the vehicle's own and those of the geofences it is in, times the factor of the conditions.
/// Only reported speeds count: those between two positions are too rough. It began with the first report above limit and
/// tolerance, and ends with the first one that is below that by the hysteresis, or at the last fix before a silence.
/// Average and distance are of the time from the first report to the last one that was not below.
package struct SpeedingRule: Rule {
    /// Where the values of `speedingEnded` have the duration.
    static let durationIndex = 4

    package enum Phase: UInt8, Sendable, BitwiseCopyable {
        case none
        case pending
        case told
    }

    /// The first fix above; once that is told, the last one that was not below.
    private var fix = Fix(time_ms: 0, latitude_e7: 0, longitude_e7: 0)
    private var since_ms: Int64 = 0
    /// Speed times time, in km/h · s.
    private var integral: Float = 0
    private var distance_m: Float = 0
    private var peak_dkmh: UInt16 = 0
    /// The limit that was exceeded most, with by how much it was.
    private var limit_dkmh: UInt16 = 0
    private var excess_dkmh: UInt16 = 0
    package private(set) var phase = Phase.none

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: SpeedingLimits, into events: inout [RuleEvent]
    ) {
        guard input.now.hasPosition else { return }
        let limit_kmh = Self.limit_kmh(limits, zone_kmh: input.zoneLimit_kmh)
        let threshold_kmh = limit_kmh + limits.tolerance_kmh
        let speed_kmh = input.now.fix.speed_kmh
        guard let speed_kmh, limit_kmh > 0, speed_kmh > threshold_kmh || phase != .none else {
            if phase != .none { end(at: fix, &events) }
            return
        }
        if phase != .none, input.previous == nil || input.elapsed_s > limits.silence_s { end(at: fix, &events) }
        if phase == .told {
            if speed_kmh < threshold_kmh - limits.hysteresis_kmh {
                end(at: input.now.fix, &events)
            } else {
                extend(input, limit_kmh: limit_kmh)
                fix = input.now.fix
            }
            return
        }
        guard speed_kmh > threshold_kmh else {
            phase = .none
            return
        }
        if phase == .none { begin(input.now.fix) }
        extend(input, limit_kmh: limit_kmh)
        guard Double(input.now.time_ms - since_ms) >= limits.duration_s * 1000 else { return }
        phase = .told
        var event = RuleEvent(.speedingStarted, key_ms: since_ms, time_ms: since_ms, place: fix)
        event.values = [Double(limit_dkmh) / 10, fix.speed_kmh, Double(peak_dkmh) / 10]
        events.append(event)
        fix = input.now.fix
    }

    /// What may be driven, 0 where nothing limits it.
    static func limit_kmh(_ limits: SpeedingLimits, zone_kmh: Double) -> Double {
        guard limits.enabled != 0 else { return 0 }
        let lowest =
            zone_kmh > 0 && limits.limit_kmh > 0 ? min(zone_kmh, limits.limit_kmh) : max(zone_kmh, limits.limit_kmh)
        return lowest * limits.conditionFactor
    }

    private mutating func begin(_ now: Fix) {
        phase = .pending
        fix = now
        since_ms = now.time_ms
        integral = 0
        distance_m = 0
        peak_dkmh = 0
        limit_dkmh = 0
        excess_dkmh = 0
    }

    /// Takes account of this fix and, unless it is the first, of the way to it.
    private mutating func extend(_ input: RuleInput, limit_kmh: Double) {
        let now = input.now.fix
        if now.time_ms > since_ms {
            let former_dkmh = input.previous.map { $0.speed_dkmh == .max ? now.speed_dkmh : $0.speed_dkmh }
            let mean_kmh = Float(Int(former_dkmh ?? now.speed_dkmh) + Int(now.speed_dkmh)) / 20
            integral += mean_kmh * Float(input.elapsed_s)
            distance_m += Float(input.distance_m)
        }
        peak_dkmh = max(peak_dkmh, now.speed_dkmh)
        // At most 6,553.4, whatever a geofence says.
        let limitHere_dkmh = UInt16(min(max((limit_kmh * 10).rounded(), 0), 65_534))
        let excessHere_dkmh = now.speed_dkmh > limitHere_dkmh ? now.speed_dkmh - limitHere_dkmh : 0
        if limit_dkmh == 0 || excessHere_dkmh > excess_dkmh {
            limit_dkmh = limitHere_dkmh
            excess_dkmh = excessHere_dkmh
        }
    }

    private mutating func end(at place: Fix, _ events: inout [RuleEvent]) {
        if phase == .told {
            let duration_s = Double(fix.time_ms - since_ms) / 1000
            let average_kmh = duration_s > 0 ? Double(integral) / duration_s : Double(peak_dkmh) / 10
            var event = RuleEvent(.speedingEnded, key_ms: since_ms, time_ms: place.time_ms, place: place)
            event.values = [
                Double(since_ms), Double(limit_dkmh) / 10, Double(peak_dkmh) / 10, average_kmh, duration_s,
                Double(distance_m),
            ]
            events.append(event)
        }
        phase = .none
    }

    package func write(to writer: inout ByteWriter) {
        fix.write(to: &writer)
        writer.write(since_ms)
        writer.write(integral)
        writer.write(distance_m)
        writer.write(peak_dkmh)
        writer.write(limit_dkmh)
        writer.write(excess_dkmh)
        writer.write(phase.rawValue)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        fix = try Fix(from: &reader)
        since_ms = try reader.time_ms()
        integral = try reader.sum()
        distance_m = try reader.sum()
        peak_dkmh = try reader.integer()
        limit_dkmh = try reader.integer()
        excess_dkmh = try reader.integer()
        phase = try reader.phase()
    }
}
