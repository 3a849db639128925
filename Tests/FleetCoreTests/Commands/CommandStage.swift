import Wire

@testable import FleetCore

/// A command desk, a clock and short words for what happens to it.
struct CommandStage {
    var desk = CommandDesk()
    var rules = CommandRules()
    /// ms since 1970.
    var now_ms: Int64 = 1_800_000_000_000
    /// The steps told since they were last taken, such as `sent 1 V-1` and `failed 3 no_answer`.
    private(set) var steps: [String] = []
    /// All events of all calls.
    private(set) var events: [DeskEvent] = []
    /// All messages to vehicles.
    private(set) var messages: [(vehicle: DispatchID, id: DispatchID, payload: [UInt8])] = []

    init() { rules.immobilisers = ["chief"] }

    static let immobilise =
        #"{"vehicle":"V-1","command":"immobilise","reason":"stolen","requested_by":"chief","expires_s":120}"#
    static let release = #"{"vehicle":"V-1","command":"release"}"#
    static let position = #"{"vehicle":"V-1","command":"position"}"#

    mutating func wait(_ seconds: Double) { now_ms += Int64(seconds * 1000) }

    mutating func ask(_ id: String, _ payload: String) throws {
        let message = try CommandMessage(Array(payload.utf8), id: DispatchID(id))
        take(desk.ask(DispatchID(id), message, now_ms: now_ms, rules: rules))
    }

    @discardableResult
    mutating func answer(
        _ id: String, _ payload: String, vehicle: String = "V-1"
    ) throws -> CommandFault.Reason? {
        let reception = desk.result(
            vehicle: DispatchID(vehicle), DispatchID(id), try CommandResult(Array(payload.utf8)), now_ms: now_ms,
            rules: rules)
        take(reception.actions)
        return reception.fault?.reason
    }

    /// A fix of now, or of `age_s` ago, `north_m` from where the vehicle was first.
    mutating func fix(
        _ speed_kmh: Float? = 0, age_s: Double = 0, north_m: Double = 0, motorway: Bool? = false,
        accuracy_m: Float? = 5, vehicle: String = "V-1", flags: Fix.Flags = []
    ) {
        let fix = Fix(
            time_ms: now_ms - Int64(age_s * 1000), latitude_e7: 250_000_000 + Int32(north_m * 90),
            longitude_e7: 1_215_000_000,
            accuracy_m: accuracy_m, speed_kmh: speed_kmh, flags: flags)
        take(desk.fix(DispatchID(vehicle), fix, isOnMotorway: motorway, now_ms: now_ms, rules: rules))
    }

    mutating func tick(after seconds: Double = 0) {
        wait(seconds)
        take(desk.tick(now_ms: now_ms, rules: rules))
    }

    mutating func taken() -> [String] {
        defer { steps = [] }
        return steps
    }

    mutating func take(_ actions: [DeskAction]) {
        for action in actions {
            switch action {
            case .command(let vehicle, let id, let payload): messages.append((vehicle, id, payload))
            case .event(let event):
                events.append(event)
                let data = Self.data(event)
                let words = [
                    "\(event.type.name)", data["attempt"]?.number.map { "\(Int($0))" }, data["reason"]?.string,
                ]
                steps.append(words.compactMap(\.self).joined(separator: " "))
            case .messageRequest: steps.append("message")
            }
        }
    }

    /// The data of an event, as a JSON object.
    static func data(_ event: DeskEvent) -> JSONNode {
        var text = Array("{\"vehicle\":\"\"".utf8)
        text += event.data
        text.append(UInt8(ascii: "}"))
        guard let node = try? JSONNode.parse(text.span) else {
            fatalError("the data of \(event.type) are not JSON: \(String(decoding: text, as: UTF8.self))")
        }
        return node
    }
}
