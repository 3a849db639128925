import FleetCore
import Telemetry
import Testing
import Wire

/// A made-up vehicle that reports to the rules of motion. Beside them goes a second set that is written to bytes and read
/// back after each observation: both must tell the same at each, so that every test is one of snapshots too.
struct Drive {
    var limits = MotionLimits()
    private(set) var rules = MotionRules()
    private var restored = MotionRules()
    private(set) var events: [RuleEvent] = []
    private var previous: Fix?

    /// 2026-11-20 08:00 in Taiwan.
    static let start_ms: Int64 = 1_795_132_800_000
    var time_ms = Self.start_ms
    var utcOffset_ms: Int32 = 8 * 3_600_000
    var zoneLimit_kmh = 0.0
    /// Where it is: metres from the start.
    var east_m = 0.0
    var north_m = 0.0
    /// What each report holds from now on; nil leaves it out.
    var ignition: Bool?
    var reportsSpeed = true
    var accuracy_m: Double?
    var odometer_m: Double?
    var fuel_pct: Double?
    var rpm: UInt16?
    /// How far positions lie from where the vehicle is, at most, in a fixed pattern.
    var jitter_m = 0.0
    private var jitterStep = 0

    init(_ change: (inout MotionLimits) -> Void = { _ in }) { change(&limits) }

    func told(_ types: EventType...) -> [RuleEvent] { events.filter { types.contains($0.type) } }
    func types(_ types: EventType...) -> [EventType] { events.map(\.type).filter { types.contains($0) } }

    static func fix(
        time_ms: Int64, east_m: Double, north_m: Double, speed_kmh: Double? = nil, heading_deg: Double? = nil,
        accuracy_m: Double? = nil
    ) -> Fix {
        // On the 25th parallel a degree of longitude is 100,777 m on the sphere of the module Geo.
        Fix(
            time_ms: time_ms, latitude_e7: Int32((250_000_000 + north_m / 111_195.08 * 1e7).rounded()),
            longitude_e7: Int32((1_215_000_000 + east_m / 100_776.5 * 1e7).rounded()),
            accuracy_m: accuracy_m.map(Float.init), speed_kmh: speed_kmh.map(Float.init),
            heading_deg: heading_deg.map(Float.init))
    }

    /// Seconds since the start of what an event says.
    static func seconds(_ time_ms: Int64) -> Double { Double(time_ms - start_ms) / 1000 }
    static func seconds(_ time_ms: Double) -> Double { (time_ms - Double(start_ms)) / 1000 }

    /// One report, `seconds` after the last one.
    mutating func report(
        after seconds: Double, speed_kmh: Double = 0, heading_deg: Double? = nil, alarms: DeviceAlarms = [],
        hasPosition: Bool = true, jumped: Bool = false, _ change: (inout Observation) -> Void = { _ in }
    ) {
        time_ms += Int64((seconds * 1000).rounded())
        jitterStep = (jitterStep + 1) % 7
        let angle = Double(jitterStep * 3 % 7)
        let away_m = jitter_m * Double(jitterStep % 3) / 2
        let fix = Self.fix(
            time_ms: time_ms, east_m: east_m + away_m * (angle - 3) / 3,
            north_m: north_m + away_m * (angle.truncatingRemainder(dividingBy: 2) == 0 ? 0.5 : -0.5),
            speed_kmh: reportsSpeed ? speed_kmh : nil, heading_deg: heading_deg, accuracy_m: accuracy_m)
        var observation = Observation(fix: fix, has: hasPosition ? .position : [])
        observation.alarms = alarms
        if let ignition { observation.has.formUnion(ignition ? [.ignition, .ignitionOn] : .ignition) }
        if let odometer_m {
            observation.has.insert(.odometer)
            observation.odometer_m = UInt32(odometer_m)
        }
        if let fuel_pct {
            observation.has.insert(.fuel)
            observation.fuel_cpct = UInt16(fuel_pct * 100)
        }
        if let rpm {
            observation.has.insert(.rpm)
            observation.rpm = rpm
        }
        change(&observation)
        observe(observation, jumped: jumped)
    }

    mutating func observe(_ observation: Observation, jumped: Bool = false) {
        var input = RuleInput(now: observation, previous: observation.hasPosition && !jumped ? previous : nil)
        input.utcOffset_ms = utcOffset_ms
        input.zoneLimit_kmh = zoneLimit_kmh
        if observation.hasPosition { previous = observation.fix }
        var told: [RuleEvent] = []
        var toldAgain: [RuleEvent] = []
        rules.step(input, limits, into: &told)
        restored.step(input, limits, into: &toldAgain)
        if !told.isEmpty || !toldAgain.isEmpty {
            #expect(toldAgain == told, "rules that were written and read tell something else")
        }
        events += told
        var writer = ByteWriter()
        restored.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        do { restored = try MotionRules(from: &reader) } catch { Issue.record("\(error)") }
        if !reader.isAtEnd { Issue.record("bytes are left over") }
    }

    /// Drives east at an even speed, reporting every so many seconds.
    mutating func drive(_ seconds: Double, at speed_kmh: Double, every interval_s: Double = 10) {
        for _ in 0..<Int(seconds / interval_s) {
            east_m += speed_kmh / 3.6 * interval_s
            odometer_m? += speed_kmh / 3.6 * interval_s
            report(after: interval_s, speed_kmh: speed_kmh, heading_deg: 90)
        }
    }

    mutating func stand(_ seconds: Double, every interval_s: Double = 10) {
        for _ in 0..<Int(seconds / interval_s) { report(after: interval_s) }
    }
}

extension RuleEvent {
    /// A value by its name; nil where it is not known.
    func known(_ name: String) -> Double? {
        guard let index = type.values.firstIndex(where: { "\($0.name)" == name }) else { return nil }
        return values[index].isNaN ? nil : values[index]
    }

    var reason: String? { word.map { "\($0)" } }
}
