package import Telemetry
import Wire

/// What takes messages in that are not on our own topics: which topics, in which format, and whose they are.
package struct Adapter: Sendable, Equatable {
    /// How the vehicle of a message is found.
    package enum VehicleSource: Sendable, Equatable {
        /// A level of the topic, counted from 1.
        case level(Int)
        /// The member of the payload by which the format names its vehicle.
        case payload
        /// All messages are of one vehicle.
        case fixed(String)
    }

    package var pattern: TopicPattern
    package var format: TelemetryFormat
    package var fleet: String
    package var source: VehicleSource
    /// The vehicle of a device, by the id that topic or payload has for it, in UTF-8. A device that is not in it has its
    /// own id as a vehicle.
    package var devices: [[UInt8]: [UInt8]]

    package init(
        pattern: TopicPattern, format: TelemetryFormat, fleet: String, source: VehicleSource,
        devices: [[UInt8]: [UInt8]] = [:]
    ) {
        self.pattern = pattern
        self.format = format
        self.fleet = fleet
        self.source = source
        self.devices = devices
    }

    /// The vehicle of a device.
    func vehicle(ofDevice id: [UInt8]) -> [UInt8] { devices.isEmpty ? id : devices[id] ?? id }

    /// Whether bytes can be a vehicle's id, which is a level of topics: not empty, at most 128 bytes of UTF-8 without `/`,
    /// `+`, `#` and zero.
    package static func isVehicleID(_ id: [UInt8]) -> Bool {
        guard !id.isEmpty, id.count <= TopicParser.idLengthLimit, firstInvalidUTF8(id.span) == nil else { return false }
        return !id.contains { [0, UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "#")].contains($0) }
    }
}

/// The adapters in force. They are part of the engine's input, as the rules are: a change is journaled, so that a replay
/// reads each message as it was read when it came.
package struct Adapters: Sendable, Equatable {
    /// No two match the same topic.
    package var entries: [Adapter]

    package init(_ entries: [Adapter] = []) {
        self.entries = entries
    }

    /// As one line of JSON, members in a fixed order: the payload of an `adapters` frame.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"adapters\":[")
        for (index, entry) in entries.enumerated() {
            out.append(ascii: index > 0 ? ",{\"topic\":" : "{\"topic\":")
            out.appendJSON(string: entry.pattern.text)
            out.append(ascii: ",\"format\":")
            out.appendJSON(string: entry.format.rawValue)
            out.append(ascii: ",\"fleet\":")
            out.appendJSON(string: entry.fleet)
            switch entry.source {
            case .level(let level):
                out.append(ascii: ",\"level\":")
                out.append(decimal: Int64(level))
            case .fixed(let vehicle):
                out.append(ascii: ",\"vehicle\":")
                out.appendJSON(string: vehicle)
            case .payload: break
            }
            out.append(ascii: ",\"devices\":{")
            var isFirst = true
            for (device, vehicle) in entry.devices.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                if !isFirst { out.append(ascii: ",") }
                isFirst = false
                out.appendJSON(stringBytes: device.span)
                out.append(ascii: ":")
                out.appendJSON(stringBytes: vehicle.span)
            }
            out.append(ascii: "}}")
        }
        out.append(ascii: "]}")
        return out
    }

    /// Reads what `json()` wrote. Nil where it is something else, or of a newer version with formats that this one does
    /// not know: half of the adapters would be worse than those that were in force.
    package init?(json: Span<UInt8>) {
        guard let node = try? JSONNode.parse(json, valueLimit: 20_000_000), let list = node["adapters"]?.array else {
            return nil
        }
        entries = []
        for item in list {
            guard let topic = item["topic"]?.string, let pattern = try? TopicPattern(topic),
                let format = item["format"]?.string.flatMap(TelemetryFormat.init(rawValue:)),
                let fleet = item["fleet"]?.string, Adapter.isVehicleID(Array(fleet.utf8)),
                let devices = item["devices"]?.object
            else { return nil }
            var source = Adapter.VehicleSource.payload
            if let level = item["level"]?.number {
                guard let level = Int(exactly: level), level >= 1 else { return nil }
                source = .level(level)
            } else if let vehicle = item["vehicle"]?.string {
                guard Adapter.isVehicleID(Array(vehicle.utf8)) else { return nil }
                source = .fixed(vehicle)
            }
            var map: [[UInt8]: [UInt8]] = [:]
            for member in devices {
                guard let vehicle = member.value.string.map({ Array($0.utf8) }), Adapter.isVehicleID(vehicle) else {
                    return nil
                }
                map[Array(member.key.utf8)] = vehicle
            }
            entries.append(Adapter(pattern: pattern, format: format, fleet: fleet, source: source, devices: map))
        }
    }

    /// The index of the adapter for a topic. O(adapters × length of the topic).
    package func index(for topic: Span<UInt8>) -> Int? {
        for index in entries.indices where entries[index].pattern.matches(topic) { return index }
        return nil
    }
}
