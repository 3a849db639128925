import Foundation
import TestSupport

/// Messages as a capture has them, made by a seed: vehicles of two fleets that wander through fences, with what goes wrong
/// on the way.
struct Capture {
    struct Message {
        var time_ms: Int64
        var topic: String
        var payload: String
    }

    var messages: [Message] = []

    /// Wanderers in a square of 4 km with nine fences; statuses, queries, published fences, repetitions, late reports and
    /// nonsense among them.
    init(seed: UInt64, vehicles: Int = 7, rounds: Int = 120) {
        var random = SplitMix64(seed: seed)
        let start_ms: Int64 = 1_795_000_000_000
        var places = (0..<vehicles).map { _ in
            Place(east_m: .random(in: -2000...2000, using: &random), north_m: .random(in: -2000...2000, using: &random))
        }
        var past: [Message] = []
        for round in 0..<rounds {
            for vehicle in 0..<vehicles {
                let time_ms = start_ms + Int64(round) * 20_000 + Int64(vehicle) * 37
                places[vehicle].east_m = min(
                    max(places[vehicle].east_m + .random(in: -350...350, using: &random), -2500), 2500)
                places[vehicle].north_m = min(
                    max(places[vehicle].north_m + .random(in: -350...350, using: &random), -2500), 2500)
                let fleet = vehicle % 3 == 0 ? "north" : "demo"
                let name = "fleets/\(fleet)/vehicles/T-\(vehicle)"
                let report = Message(
                    time_ms: time_ms, topic: name + "/telemetry",
                    payload: Report(place: places[vehicle], time_ms: time_ms).json)
                switch Int.random(in: 0..<40, using: &random) {
                case 0: add(time_ms, name + "/status", "offline")
                case 1: add(time_ms, name + "/status", #"{"online":true}"#)
                case 2: add(time_ms, name + "/telemetry", #"{"time":"yesterday","lat":25,"lon":121}"#)
                case 3: add(time_ms, "fleets/\(fleet)/dispatch/queries/q-\(round)", #"{"geofence":"f-4"}"#)
                case 4: if let old = past.randomElement(using: &random) { add(time_ms, old.topic, old.payload) }
                case 5:
                    past.append(report)
                    continue
                case 6:
                    let fence = Fences.square("extra", at: places[vehicle], half_m: 400)
                    add(time_ms, "fleets/\(fleet)/dispatch/geofences/extra", fence)
                case 7: add(time_ms, "fleets/\(fleet)/dispatch/geofences/extra", "")
                default: break
                }
                messages.append(report)
                past.append(report)
            }
        }
    }

    static let fences: [String] = (0..<9).map { number in
        let place = Place(east_m: Double(number % 3 - 1) * 1200, north_m: Double(number / 3 - 1) * 1200)
        let kind = number == 4 ? #""kind":"no_go""# : #""dwell_seconds":60"#
        return Fences.square("f-\(number)", at: place, half_m: 450, properties: kind)
    }

    private mutating func add(_ time_ms: Int64, _ topic: String, _ payload: String) {
        messages.append(Message(time_ms: time_ms, topic: topic, payload: payload))
    }

    /// How a line tells its time and its payload.
    enum Form: CaseIterable {
        /// `mosquitto_sub -F %J`, in UTC.
        case objectUTC
        /// `mosquitto_sub -F %j`, in UTC.
        case stringUTC
        /// Local time of Taipei, as mosquitto prints it.
        case localTime
        case rfc3339
        case seconds
        case milliseconds
    }

    func lines(_ form: Form = .objectUTC) -> String {
        messages.map { Self.line($0, form) }.joined(separator: "\n") + "\n"
    }

    private static func line(_ message: Message, _ form: Form) -> String {
        let time: String
        switch form {
        case .objectUTC, .stringUTC: time = "\"\(clock(message.time_ms))000Z+0000\""
        case .localTime: time = "\"\(clock(message.time_ms + 8 * 3_600_000))000Z+0800\""
        case .rfc3339: time = "\"\(clock(message.time_ms + 8 * 3_600_000))+08:00\""
        case .seconds: time = String(format: "%lld.%03lld", message.time_ms / 1000, message.time_ms % 1000)
        case .milliseconds: time = "\(message.time_ms)"
        }
        let isObject = form != .stringUTC && message.payload.hasPrefix("{")
        let payload =
            isObject
            ? message.payload : message.payload.isEmpty && form != .stringUTC ? "null" : quoted(message.payload)
        return
            #"{"tst":\#(time),"topic":"\#(message.topic)","qos":1,"retain":0,"payloadlen":\#(message.payload.utf8.count),"payload":\#(payload)}"#
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    /// `2026-11-20T08:15:30.250`, of a time in UTC.
    private static func clock(_ time_ms: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(time_ms / 1000))
        let seconds = date.formatted(Date.ISO8601FormatStyle()).dropLast()
        return seconds + String(format: ".%03lld", time_ms % 1000)
    }
}
