import Testing
import Wire

@testable import FleetCore

/// One observation as a test writes it: what is nil is not reported.
struct Seen {
    var at_s: Double
    /// Along a road that leads due north.
    var km: Double?
    var kmh: Double?
    var ignition: Bool?
    var doorOpen: Bool?
    var fuel_pct: Double?
    var battery_v: Double?
    var coolant_c: Double?
    var cargo_c: Double?
    var rpm: Int?
    var odometer_km: Double?
    var engine_h: Double?
    var driver: Int32?
    var codes: Int32?
    var places: RuleInput.Places = []
    /// It follows a jump: no way leads here from the fix before.
    var isJump = false

    init(_ at_s: Double, km: Double? = nil, kmh: Double? = nil) {
        self.at_s = at_s
        self.km = km
        self.kmh = kmh
    }

    var observation: Observation {
        let latitude = 25 + (km ?? 0) / 111.195
        let fix = Fix(
            time_ms: ConditionScript<EngineRule>.start_ms + Int64((at_s * 1000).rounded()),
            latitude_e7: Int32((latitude * 1e7).rounded()), longitude_e7: 1_210_000_000,
            speed_kmh: kmh.map { Float($0) })
        var seen = Observation(fix: fix, has: km == nil ? [] : .position)
        func set<T>(_ value: T?, _ contents: Observation.Contents, _ body: (T) -> Void) {
            guard let value else { return }
            seen.has.formUnion(contents)
            body(value)
        }
        set(ignition, .ignition) { if $0 { seen.has.insert(.ignitionOn) } }
        set(doorOpen, .door) { if $0 { seen.has.insert(.doorOpen) } }
        set(fuel_pct, .fuel) { seen.fuel_cpct = UInt16(($0 * 100).rounded()) }
        set(battery_v, .battery) { seen.battery_cv = UInt16(($0 * 100).rounded()) }
        set(coolant_c, .coolant) { seen.coolant_dc = Int16(($0 * 10).rounded()) }
        set(cargo_c, .cargo) { seen.cargo_dc = Int16(($0 * 10).rounded()) }
        set(rpm, .rpm) { seen.rpm = UInt16($0) }
        set(odometer_km, .odometer) { seen.odometer_m = UInt32(($0 * 1000).rounded()) }
        set(engine_h, .engineHours) { seen.engine_s = UInt32(($0 * 3600).rounded()) }
        set(driver, .driver) { seen.driver = $0 }
        set(codes, .codes) { seen.codes = $0 }
        return seen
    }
}

/// A rule that is shown one observation after another.
///
/// Beside it a second one is written and read before every observation; both must tell the same.
struct ConditionScript<R: Rule> {
    /// 2026-01-05T00:00:00Z, a Monday.
    static var start_ms: Int64 { 1_767_571_200_000 }

    var limits = R.Limits()
    private(set) var events: [RuleEvent] = []
    private(set) var rule = R()
    private var reread = R()
    private var previous: Fix?

    init(_ change: (inout R.Limits) -> Void = { _ in }) { change(&limits) }

    /// What this observation made the rule tell.
    @discardableResult
    mutating func see(
        _ seen: Seen, utcOffset_ms: Int32 = 0, _ change: (inout Seen) -> Void = { _ in }
    ) -> [RuleEvent] {
        var seen = seen
        change(&seen)
        let observation = seen.observation
        var input = RuleInput(now: observation, previous: seen.isJump || seen.km == nil ? nil : previous)
        input.places = seen.places
        input.utcOffset_ms = utcOffset_ms
        if observation.hasPosition { previous = observation.fix }

        var told: [RuleEvent] = []
        rule.step(input, limits, into: &told)
        var toldAgain: [RuleEvent] = []
        do {
            reread = try Self.writtenAndRead(reread)
            reread.step(input, limits, into: &toldAgain)
        } catch { Issue.record("not read again: \(error)") }
        #expect(told == toldAgain, "after a restart before \(seen)")
        #expect(Self.bytes(rule) == Self.bytes(reread))
        events += told
        return told
    }

    static func bytes(_ rule: R) -> [UInt8] {
        var writer = ByteWriter()
        rule.write(to: &writer)
        return writer.bytes
    }

    static func writtenAndRead(_ rule: R) throws -> R {
        var reader = ByteReader(bytes(rule))
        let again = try R(from: &reader)
        #expect(reader.isAtEnd)
        return again
    }

    var types: [EventType] { events.map(\.type) }
    var words: [String] { events.map { $0.word.map { "\($0)" } ?? "" } }
}

extension RuleEvent {
    /// Seconds since the script's start.
    var at_s: Double { Double(time_ms - ConditionScript<EngineRule>.start_ms) / 1000 }
    var key_s: Double { Double(key_ms - ConditionScript<EngineRule>.start_ms) / 1000 }

    func value(_ name: String) -> Double? {
        type.values.firstIndex { "\($0.name)" == name }.map { values[$0] }
    }
}
