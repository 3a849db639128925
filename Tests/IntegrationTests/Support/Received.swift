import BrokerHarness
import Foundation

/// A message as `mosquitto_sub -F %j` printed it, or `replay` wrote it.
struct Received {
    var topic: String
    var payload: String
    var isRetained: Bool
    /// MQTT 5 properties, where there were some.
    var properties: [String: Any]

    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(payload.utf8))) as? [String: Any] ?? [:] }
    var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
    var id: String { json["id"] as? String ?? "" }
    /// The last level of the topic.
    var name: String { topic.split(separator: "/").last.map(String.init) ?? "" }
    var isEvent: Bool { topic.contains("/events/") }
    var isDeadLetter: Bool { topic.hasSuffix("/dead-letters") }
    /// A number or text of `data`.
    func number(_ key: String) -> Double? { (data[key] as? NSNumber)?.doubleValue }
    func string(_ key: String) -> String? { data[key] as? String }

    init(topic: String, payload: String, isRetained: Bool = false, properties: [String: Any] = [:]) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.properties = properties
    }

    /// Nil where the line is not a message.
    init?(line: some StringProtocol) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let topic = object["topic"] as? String
        else { return nil }
        self.init(
            topic: topic, payload: "", isRetained: (object["retain"] as? NSNumber)?.intValue == 1,
            properties: object["properties"] as? [String: Any] ?? [:])
        if let text = object["payload"] as? String {
            payload = text
        } else if let value = object["payload"], JSONSerialization.isValidJSONObject(value),
            let data = try? JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
        {
            payload = String(decoding: data, as: UTF8.self)
        }
    }

    static func lines(_ text: String) -> [Received] { text.split(separator: "\n").compactMap { Received(line: $0) } }
}

extension [Received] {
    /// Events of this name, in the order in which they came.
    func events(_ name: String, vehicle: String? = nil) -> [Received] {
        filter { $0.isEvent && $0.name == name && (vehicle == nil || $0.string("vehicle") == vehicle) }
    }

    var eventIDs: Set<String> { Set(filter(\.isEvent).map(\.id)) }
}

/// A `mosquitto_sub` that runs beside the test and has everything since its subscription.
final class Watcher {
    private let tool: Tool
    private static let probe = "watcher/probe"

    /// Returns when the subscription is known to be there.
    init(_ broker: MosquittoBroker, _ topics: [String] = ["fleets/#"], _ arguments: [String] = []) throws {
        let filters = (topics + [Self.probe]).flatMap { ["-t", $0] }
        tool = try broker.startSub(filters + ["-q", "1", "-F", "%j"] + arguments)
        let isSubscribed = try eventually {
            try broker.pub(["-t", Self.probe, "-m", "there"])
            return tool.output.contains(Self.probe)
        }
        guard isSubscribed else { throw HarnessError("mosquitto_sub does not receive: \(tool.output)") }
    }

    /// What came so far.
    var messages: [Received] { Received.lines(tool.output).filter { $0.topic != Self.probe } }

    /// Waits until what came so far meets a condition, and returns it.
    @discardableResult
    func wait(
        for what: String, timeout_s: Double = 15, until holds: ([Received]) -> Bool
    ) throws -> [Received] {
        var last: [Received] = []
        let isSo = eventually(within: Int(timeout_s * 1000)) {
            last = messages
            return holds(last)
        }
        guard isSo else {
            let came = last.suffix(20).map { "\($0.topic) \($0.payload.prefix(300))" }.joined(separator: "\n")
            throw HarnessError("waited \(timeout_s) s in vain for \(what); \(last.count) messages came:\n\(came)")
        }
        return last
    }
}
