import Geo
import Testing
import Wire

@testable import FleetCore

/// One effect with its own copy of the bytes.
struct Outcome: Equatable {
    var kind: EffectKind
    var topic: String
    var payload: [UInt8]
    var correlation: [UInt8]
    var recorded_ms: Int64
    var id: Hash128

    init(_ effect: Effect, _ bytes: [UInt8]) {
        kind = effect.kind
        topic = String(decoding: bytes[effect.topic], as: UTF8.self)
        payload = Array(bytes[effect.payload])
        correlation = Array(bytes[effect.correlation])
        recorded_ms = effect.recordedTime_ms
        id = effect.id
    }

    var text: String { String(decoding: payload, as: UTF8.self) }
    /// The payload as JSON; fails the test where it is not.
    var json: JSONNode {
        do { return try JSONNode.parse(payload.span) } catch {
            Issue.record("an effect is not JSON (\(error)): \(text)")
            return JSONNode(offset: 0, value: .null)
        }
    }
}

/// A CloudEvent as a consumer sees it.
struct Event: CustomStringConvertible {
    /// Group and name: `geofence.entered`.
    var type: String
    var id: String
    var source: String
    var vehicle: String
    var time_ms: Int64
    var recorded_ms: Int64
    var sequence: Int
    var data: JSONNode
    var text: String

    init(_ outcome: Outcome) {
        let json = outcome.json
        text = outcome.text
        type = String((json["type"]?.string ?? "").dropFirst("fleetstream.".count))
        id = json["id"]?.string ?? ""
        source = json["source"]?.string ?? ""
        data = json["data"] ?? JSONNode(offset: 0, value: .null)
        vehicle = data["vehicle"]?.string ?? ""
        time_ms = Event.time(json["time"]) ?? .min
        recorded_ms = Event.time(json["recordedtime"]) ?? .min
        sequence = Int(json["sequence"]?.string ?? "") ?? -1
    }

    static func time(_ node: JSONNode?) -> Int64? {
        node?.string.flatMap { RFC3339.parse(Array($0.utf8).span) }
    }

    /// Seconds after the epoch of the tests.
    var time: Double { Double(time_ms - epoch_ms) / 1000 }
    var recorded: Double { Double(recorded_ms - epoch_ms) / 1000 }
    var fence: String { data["geofence"]?.string ?? "" }
    var reason: String? { data["reason"]?.string }
    func seconds(_ member: String) -> Double? { Event.time(data[member]).map { Double($0 - epoch_ms) / 1000 } }
    func number(_ member: String) -> Double? { data[member]?.number }
    var lat: Double? { data["position"]?["lat"]?.number }
    var lon: Double? { data["position"]?["lon"]?.number }
    /// Type, fence and time in a line: what most tests compare.
    var line: String {
        let place = fence.isEmpty ? "" : " \(fence)"
        let why = reason.map { " \($0)" } ?? ""
        return "\(type.split(separator: ".").last ?? "")\(place)\(why) @\(time)"
    }
    var description: String { "\(vehicle): \(line)" }
}

/// Offsets of Taipei, which has no summer time any more, and of a zone that has.
@Sendable func testTimeZone(_ name: String) -> TimeZoneRules? {
    switch name {
    case "Asia/Taipei": TimeZoneRules(fixedOffset_s: 28_800)
    // Daylight saving time ends on 2026-11-01T09:00Z and begins on 2027-03-14T10:00Z.
    case "America/Los_Angeles":
        TimeZoneRules(
            transitions_ms: [1_793_523_600_000, 1_804_932_000_000], offsets_s: [-25_200, -28_800, -25_200])
    default: nil
    }
}

/// A processor with a clock that the test moves.
struct World: FrameTaker {
    var fleet = "acme"
    var now_ms = epoch_ms
    var processor: Processor
    private var batch = MessageBatch()
    /// Everything that came out so far.
    private(set) var outcomes: [Outcome] = []
    private(set) var counters = Counters()
    private(set) var notes: [DeadLetterNote] = []
    private var taken = 0

    init(shards: Int = 1, settings: Settings? = nil) {
        processor = Processor(topicRoot: "fleets", shardCount: shards, resolveTimeZone: testTimeZone)
        if let settings { set(settings) }
    }

    mutating func set(_ settings: Settings) {
        take(Frame(kind: .settings, received_ms: now_ms, payload: settings.json()))
    }

    mutating func take(_ frame: Frame) { frame.append(to: &batch) }

    /// Works off what was sent, as one batch.
    mutating func flush() {
        guard !batch.isEmpty else { return }
        let output = processor.apply(batch)
        batch.removeAll()
        let append = { (effect: Effect, bytes: [UInt8]) in outcomes.append(Outcome(effect, bytes)) }
        output.visit(append)
        counters += output.counters
        notes += output.deadLetters
        processor._checkInvariants()
    }

    /// What came out since the last call of this or its likes.
    mutating func takeOutcomes() -> [Outcome] {
        flush()
        defer { taken = outcomes.count }
        return Array(outcomes[taken...])
    }

    mutating func takeEvents(_ group: String = "") -> [Event] {
        takeOutcomes().filter { $0.kind == .event }.map { Event($0) }.filter { $0.type.hasPrefix(group) }
    }

    /// The fence events since the last call, each in a line.
    mutating func takeLines(_ group: String = "geofence") -> [String] { takeEvents(group).map(\.line) }

    mutating func takeDeadLetters() -> [JSONNode] {
        takeOutcomes().filter { $0.kind == .deadLetter }.map { $0.json["data"] ?? $0.json }
    }

    mutating func takeAnswers() -> [Outcome] { takeOutcomes().filter { $0.kind == .answer } }

    mutating func takeStates() -> [JSONNode] { takeOutcomes().filter { $0.kind == .state }.map(\.json) }
}

/// The effects of a script, worked off by so many shards and cut into batches where `cut` says. `inspect` sees the world
/// in the end.
func outcomes(
    of frames: [Frame], shards: Int, cut: (Int) -> Bool = { _ in false }, restart: (Int) -> Int? = { _ in nil },
    inspect: (World) throws -> Void = { _ in }
) throws -> [Outcome] {
    var world = World(shards: shards)
    for (index, frame) in frames.enumerated() {
        world.take(frame)
        if cut(index) { world.flush() }
        if let number = restart(index) {
            world.flush()
            let snapshot = world.processor.snapshot()
            world.processor = Processor(topicRoot: "fleets", shardCount: number, resolveTimeZone: testTimeZone)
            try world.processor.restore(try Snapshot(parts: snapshot.parts))
            world.processor._checkInvariants()
        }
    }
    world.flush()
    try inspect(world)
    return world.outcomes
}
