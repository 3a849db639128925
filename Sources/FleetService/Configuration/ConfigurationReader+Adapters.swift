import FleetCore
import Telemetry

extension ConfigurationReader {
    static let adapterExample =
        "[{topic: \"owntracks/+/+\", format: \"owntracks\", fleet: \"acme\", topic_level: 3}]"

    /// Checks the list of adapters, and takes it if all of it is right.
    mutating func applyAdapters(_ value: JSON5Value, folder: String, origin: ValueOrigin) {
        guard case .array(let entries) = value else {
            return report(
                origin.ofValue(), "adapters", "is \(value.shown)", "give a list such as \(Self.adapterExample)")
        }
        let errorsBefore = errors.count
        var adapters: [Adapter] = []
        for (index, entry) in entries.enumerated() {
            guard case .object(let members) = entry else {
                report(
                    origin.ofValue("\(index)"), "adapters[\(index)]", "is \(entry.shown)",
                    "give {topic: …, format: …, fleet: …, topic_level: …}")
                continue
            }
            if let adapter = readAdapter(members, index: index, folder: folder, origin: origin) {
                adapters.append(adapter)
            }
        }
        if errors.count == errorsBefore { setAdapters(adapters, origin: origin) }
    }

    private mutating func readAdapter(
        _ members: [String: JSON5Value], index: Int, folder: String, origin: ValueOrigin
    ) -> Adapter? {
        let key = "adapters[\(index)]"
        let errorsBefore = errors.count
        var draft = AdapterDraft()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            do throws(Setting.Objection) {
                if name == "devices", case .string(let path) = value {
                    let path = try self.path(
                        .string(path), folder: folder, mayBeEmpty: true, meaning: "a JSON file of devices")
                    if !path.isEmpty { draft.devices = readDevices(path, origin.ofValue("\(index)", name), key) }
                } else if AdapterDraft.members.contains(name) {
                    try draft.set(name, value)
                } else {
                    let nearest = nearestName(to: name, among: AdapterDraft.members)
                    let keys = AdapterDraft.members.joined(separator: ", ")
                    report(
                        origin.ofKey("\(index)", name), "\(key).\(shortened(name, to: 60))", "there is no such key",
                        nearest.map { "did you mean \(key).\($0)?" } ?? "the keys here are \(keys)")
                }
            } catch {
                report(origin.ofValue("\(index)", name), "\(key).\(name)", error.problem, error.advice)
            }
        }
        guard errors.count == errorsBefore else { return nil }
        do throws(AdapterDraft.Fault) { return try draft.adapter() } catch {
            report(
                origin.ofValue("\(index)", error.member), "\(key).\(error.member)", error.objection.problem,
                error.objection.advice)
            return nil
        }
    }

    // MARK: - Devices

    /// The most bytes of a file of devices: room for a million of them.
    private static let devicesSize_max = 64 << 20

    /// Reads a JSON object of device ids and vehicle ids; what is wrong is told with its place in that file.
    private mutating func readDevices(
        _ path: String, _ origin: ConfigurationOrigin, _ key: String
    ) -> [[UInt8]: [UInt8]] {
        let content: [UInt8]
        switch readWholeFile(path, size_max: Self.devicesSize_max) {
        case .success(let bytes): content = bytes
        case .failure(let failure):
            report(origin, "\(key).devices", "\(path) \(failure.problem)", "name a JSON file that this user may read")
            return [:]
        }
        do throws(DeviceList.Fault) {
            return try DeviceList.read(content)
        } catch {
            let place = LineTable(content).place(of: error.offset)
            report(
                .file(path: path, line: place.line, column: place.column), "\(key).devices", error.problem,
                error.advice)
            return [:]
        }
    }

    // MARK: - Together

    /// Checks what the adapters have wrong among themselves and with the other settings.
    mutating func checkAdaptersTogether() {
        let adapters = configuration.adapters
        // Our own topics have three levels at least, the shortest being that of dead letters.
        let own = try? TopicPattern(configuration.topicRoot + "/+/+/#")
        for (index, adapter) in adapters.enumerated() {
            let key = "adapters[\(index)].topic"
            let shown = SettingCheck.quoted(adapter.pattern.text)
            if let own, adapter.pattern.overlaps(own) {
                report(
                    origins[key], key,
                    "\(shown) takes in topics below \"\(configuration.topicRoot)\", which are our own",
                    "name the first level of the trackers' topics, or change topic_root")
            }
            for (first, other) in adapters[..<index].enumerated() where adapter.pattern.overlaps(other.pattern) {
                report(
                    origins[key], key,
                    "\(shown) and \(SettingCheck.quoted(other.pattern.text)) of adapters[\(first)] take in the same topics",
                    "make one of them narrower, so that a message has one meaning")
            }
            guard configuration.fleet(named: adapter.fleet) == nil else { continue }
            let fleetKey = "adapters[\(index)].fleet"
            let nearest = nearestName(to: adapter.fleet, among: configuration.fleets.map(\.id))
            report(
                origins[fleetKey], fleetKey, "\(SettingCheck.quoted(adapter.fleet)) is none of the fleets",
                nearest.map { "did you mean \"\($0)\"?" } ?? "add it to fleets")
        }
    }
}

extension Adapter {
    /// As the configuration file writes it.
    var members: [String: JSON5Value] {
        var members: [String: JSON5Value] = [
            "topic": .string(pattern.text), "format": .string(format.rawValue), "fleet": .string(fleet),
        ]
        switch source {
        case .level(let level): members["topic_level"] = .number(Double(level))
        case .payload: members["from_payload"] = .bool(true)
        case .fixed(let vehicle): members["vehicle"] = .string(vehicle)
        }
        if !devices.isEmpty {
            var list: [String: JSON5Value] = [:]
            for (device, vehicle) in devices {
                list[String(decoding: device, as: UTF8.self)] = .string(String(decoding: vehicle, as: UTF8.self))
            }
            members["devices"] = .object(list)
        }
        return members
    }
}
