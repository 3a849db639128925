import FleetCore
import Telemetry
import Wire

/// An adapter while its members are read.
struct AdapterDraft {
    static let members = ["topic", "format", "fleet", "topic_level", "from_payload", "vehicle", "devices"]

    /// What is wrong with the members together, and which of them is to blame.
    struct Fault: Error {
        var member: String
        var objection: Setting.Objection
    }

    var devices: [[UInt8]: [UInt8]] = [:]
    private var pattern: TopicPattern?
    private var format: TelemetryFormat?
    private var fleet: String?
    private var sources: [(member: String, source: Adapter.VehicleSource)] = []

    /// Takes a member other than a file of devices.
    mutating func set(_ name: String, _ value: JSON5Value) throws(Setting.Objection) {
        switch name {
        case "topic": pattern = try Self.pattern(value)
        case "format": format = try Self.format(value)
        case "fleet": fleet = try Self.name(value, "the fleet's name")
        case "vehicle": sources.append((name, .fixed(try Self.name(value, "the vehicle's id"))))
        case "topic_level":
            guard case .number(let number) = value, let level = Int(exactly: number), (1...200).contains(level) else {
                throw Setting.Objection(
                    problem: "is \(value.shown)",
                    advice: "give the number of the topic's level that is the vehicle's id; the first is 1")
            }
            sources.append((name, .level(level)))
        case "from_payload":
            guard case .bool(let flag) = value else {
                throw Setting.Objection(problem: "is \(value.shown)", advice: "give true, or leave it out")
            }
            if flag { sources.append((name, .payload)) }
        default: devices = try Self.devices(value)
        }
    }

    private static func pattern(_ value: JSON5Value) throws(Setting.Objection) -> TopicPattern {
        guard case .string(let text) = value else {
            throw Setting.Objection(problem: "is \(value.shown)", advice: "give a topic, + and # allowed, in quotes")
        }
        do throws(TopicPattern.Fault) { return try TopicPattern(text) } catch {
            throw Setting.Objection(problem: "\(value.shown) \(error.problem)", advice: error.advice)
        }
    }

    private static func format(_ value: JSON5Value) throws(Setting.Objection) -> TelemetryFormat {
        let names = TelemetryFormat.allCases.map(\.rawValue)
        let wanted = "give one of " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        guard case .string(let name) = value else {
            throw Setting.Objection(problem: "is \(value.shown)", advice: wanted)
        }
        guard let format = TelemetryFormat(rawValue: name) else {
            let nearest = nearestName(to: name, among: names)
            throw Setting.Objection(
                problem: "\(value.shown) is unknown", advice: nearest.map { "did you mean \"\($0)\"?" } ?? wanted)
        }
        return format
    }

    /// A fleet's or a vehicle's name: a level of a topic.
    private static func name(_ value: JSON5Value, _ meaning: String) throws(Setting.Objection) -> String {
        guard case .string(let name) = value else {
            throw Setting.Objection(problem: "is \(value.shown)", advice: "give \(meaning) in quotes")
        }
        guard Adapter.isVehicleID(Array(name.utf8)) else {
            throw Setting.Objection(
                problem: "\(value.shown) cannot be a level of a topic",
                advice: "give \(meaning): 1 to 128 bytes without / + #")
        }
        return name
    }

    private static func devices(_ value: JSON5Value) throws(Setting.Objection) -> [[UInt8]: [UInt8]] {
        guard case .object(let members) = value else {
            throw Setting.Objection(
                problem: "is \(value.shown)",
                advice: "give {device: \"vehicle\", …}, or the path of a JSON file that holds it")
        }
        var devices: [[UInt8]: [UInt8]] = [:]
        for (device, vehicle) in members.sorted(by: { $0.key < $1.key }) {
            do throws(Setting.Objection) {
                devices[Array(device.utf8)] = Array(try name(vehicle, "the vehicle's id").utf8)
            } catch {
                throw Setting.Objection(
                    problem: "the vehicle of \(SettingCheck.quoted(device)) \(error.problem)", advice: error.advice)
            }
        }
        return devices
    }

    /// The whole adapter.
    func adapter() throws(Fault) -> Adapter {
        guard let pattern else { throw missing("topic", "give the topics that it takes in, such as \"owntracks/+/+\"") }
        guard let format else { throw missing("format", "give the form of their payloads, such as \"owntracks\"") }
        guard let fleet else { throw missing("fleet", "give the fleet that the vehicles belong to") }
        guard let first = sources.first else {
            throw missing(
                "topic_level", "say how the vehicle is found: topic_level: N, from_payload: true, or vehicle: \"…\"")
        }
        if sources.count > 1 {
            throw fault(
                sources[1].member, "is given beside \(first.member)",
                "keep one of them: they tell how the vehicle is found"
            )
        }
        switch first.source {
        case .level(let level):
            if level > pattern.levelCount, !pattern.hasRest {
                throw fault(
                    "topic_level", "\(level) is more than the topic has, \(pattern.levelCount)", "the first level is 1")
            }
            if pattern.isLiteral(level: level) {
                throw fault(
                    "topic_level", "level \(level) is the same in every topic that matches",
                    "give the level of a wildcard, or the one vehicle as vehicle: \"…\"")
            }
        case .payload where !format.hasIdentity:
            throw fault(
                "from_payload", "a \(format.rawValue) names no vehicle", "give topic_level: N or vehicle: \"…\"")
        case .payload, .fixed: break
        }
        return Adapter(pattern: pattern, format: format, fleet: fleet, source: first.source, devices: devices)
    }

    private func missing(_ member: String, _ advice: String) -> Fault { fault(member, "is missing", advice) }

    private func fault(_ member: String, _ problem: String, _ advice: String) -> Fault {
        Fault(member: member, objection: Setting.Objection(problem: problem, advice: advice))
    }
}

/// A file of devices: `{"device": "vehicle", …}`, strict JSON.
enum DeviceList {
    struct Fault: Error {
        var offset: Int
        var problem: String
        var advice: String
    }

    static func read(_ content: [UInt8]) throws(Fault) -> [[UInt8]: [UInt8]] {
        let node: JSONNode
        do throws(JSONError) { node = try JSONNode.parse(content.span, valueLimit: 10_000_000) } catch {
            throw Fault(
                offset: min(error.offset, content.count), problem: "\(error.reason)", advice: "write strict JSON")
        }
        guard let members = node.object else {
            throw Fault(offset: node.offset, problem: "is no object", advice: "write {\"device\": \"vehicle\", …}")
        }
        var devices: [[UInt8]: [UInt8]] = [:]
        devices.reserveCapacity(members.count)
        for member in members {
            guard let vehicle = member.value.string.map({ Array($0.utf8) }), Adapter.isVehicleID(vehicle) else {
                throw Fault(
                    offset: member.value.offset,
                    problem: "the vehicle of \(SettingCheck.quoted(member.key)) is no vehicle's id",
                    advice: "give 1 to 128 bytes without / + #, in quotes")
            }
            guard devices.updateValue(vehicle, forKey: Array(member.key.utf8)) == nil else {
                throw Fault(
                    offset: member.keyOffset, problem: "\(SettingCheck.quoted(member.key)) is there twice",
                    advice: "remove one of the two")
            }
        }
        return devices
    }
}
