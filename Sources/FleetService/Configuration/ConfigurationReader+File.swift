import Foundation

extension ConfigurationReader {
    /// Reads the file. `named` is who asked for it, which an error says if the file cannot be read.
    mutating func readFile(_ path: String, named asker: ConfigurationOrigin) {
        setFile(path)
        let fullPath = absolute(path, from: workingDirectory)
        resolveDefaultPaths(from: Self.folder(of: fullPath))
        let origin = ConfigurationOrigin.wholeFile(path: path)
        let asked = asker == .builtIn ? "" : " (\(asker) names it)"
        let content: [UInt8]
        switch readWholeFile(fullPath, size_max: Self.fileSize_max) {
        case .success(let bytes): content = bytes
        case .failure(let failure):
            return report(origin, nil, "\(failure.problem)\(asked)", "give a configuration file that can be read")
        }
        readText(content, name: path, folder: Self.folder(of: fullPath))
    }

    private static func folder(of path: String) -> String {
        let folder = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        return folder.isEmpty ? "/" : String(folder)
    }

    private mutating func readText(_ content: [UInt8], name: String, folder: String) {
        func file(_ place: TextPlace) -> ConfigurationOrigin {
            .file(path: name, line: place.line, column: place.column)
        }
        if let offset = firstInvalidUTF8(content) {
            let origin = file(LineTable(content).place(of: offset))
            return report(origin, nil, "the byte here is not UTF-8", "save the file as UTF-8")
        }
        let places = JSON5Places(scanning: content)
        let firstOfFile = errors.count
        guard let document = JSON5Value(json5: content) else {
            let failure = places.failure
            return report(
                failure.map { file($0.place) } ?? .wholeFile(path: name), nil, failure?.problem ?? "is not JSON5",
                failure?.advice ?? "check it with a JSON5 parser")
        }
        // Foundation lets some values pass that it cannot make sense of, such as a text with a line break.
        if let failure = places.failure { report(file(failure.place), nil, failure.problem, failure.advice) }
        for repetition in places.repetitions {
            let first = places.members[repetition.path]?.key.line ?? 1
            report(
                file(repetition.key), repetition.path.joined(separator: "."),
                "the key was given on line \(first) already",
                "remove one of the two")
        }
        guard case .object(let top) = document else {
            return report(
                file(places.value([])), nil, "the document is \(document.shown)", "put braces around the settings")
        }
        readGroup(top, path: [], folder: folder, places: places, origin: file)
        if let failure = places.failure {
            removeErrors(from: firstOfFile) { $0.key != nil && $0.origin == file(failure.place) }
        }
        sortByPlace(from: firstOfFile)
    }

    private mutating func readGroup(
        _ group: [String: JSON5Value], path: [String], folder: String, places: JSON5Places,
        origin: @escaping (TextPlace) -> ConfigurationOrigin
    ) {
        for (name, value) in group.sorted(by: { $0.key < $1.key }) {
            let path = path + [name]
            let key = path.joined(separator: ".")
            if Self.secrets[key] != nil {
                refuseSecret(key, origin(places.key(path)))
            } else if let setting = Setting.byKey[key], !name.contains(".") {
                let parts = ValueOrigin { inner, part in
                    origin(part == .key ? places.key(path + inner) : places.value(path + inner))
                }
                apply(setting, value, folder: folder, origin: parts)
            } else if Setting.members(of: key).isEmpty || name.contains(".") {
                report(
                    origin(places.key(path)), shortened(key, to: 60), "there is no such key", advice(forUnknown: path))
            } else if case .object(let members) = value {
                readGroup(members, path: path, folder: folder, places: places, origin: origin)
            } else {
                let members = Setting.members(of: key).joined(separator: ", ")
                report(
                    origin(places.value(path)), key, "is \(value.shown)", "put braces around its settings (\(members))")
            }
        }
    }

    /// What was probably meant: a key of the same group that is near, or one of another group with this name.
    private func advice(forUnknown path: [String]) -> String {
        let name = path[path.count - 1]
        let group = path.dropLast().joined(separator: ".")
        let prefix = group.isEmpty ? "" : group + "."
        let siblings = Setting.members(of: group)
        if Setting.byKey[name] != nil, name.contains(".") {
            return "a dot is no part of a key: write \(nested(name))"
        }
        if let nearest = nearestName(to: name, among: siblings) { return "did you mean \(prefix)\(nearest)?" }
        if let elsewhere = Setting.all.first(where: { $0.key == name || $0.key.hasSuffix("." + name) }) {
            return "did you mean \(elsewhere.key)?"
        }
        if let nearest = nearestName(to: prefix + name, among: Setting.all.map(\.key)) {
            return "did you mean \(nearest)?"
        }
        return "the keys here are \(siblings.joined(separator: ", "))"
    }

    private func nested(_ key: String) -> String {
        let parts = key.split(separator: ".")
        return parts.dropLast().map { "\($0): {" }.joined(separator: " ") + " \(parts[parts.count - 1]): …"
            + String(repeating: "}", count: parts.count - 1)
    }

    // MARK: Fleets

    /// Checks the list of fleets, and takes it if all of it is right.
    mutating func applyFleets(_ value: JSON5Value, folder: String, origin: ValueOrigin) {
        let example = "[{id: \"+\", geofences: \"../Geofences\"}]"
        guard case .array(let entries) = value else {
            return report(origin.ofValue(), "fleets", "is \(value.shown)", "give a list such as \(example)")
        }
        if entries.isEmpty { return report(origin.ofValue(), "fleets", "is empty", "give a list such as \(example)") }
        let errorsBefore = errors.count
        var fleets: [Configuration.Fleet] = []
        var indexByID: [String: Int] = [:]
        for (index, entry) in entries.enumerated() {
            guard let fleet = readFleet(entry, index: index, folder: folder, origin: origin) else { continue }
            fleets.append(fleet)
            if let first = indexByID[fleet.id] {
                report(
                    origin.ofValue("\(index)", "id"), "fleets[\(index)].id",
                    "\"\(fleet.id)\" is the id of fleets[\(first)] too",
                    "remove one of the two")
            } else {
                indexByID[fleet.id] = index
            }
        }
        if errors.count == errorsBefore { setFleets(fleets, origin: origin) }
    }

    private mutating func readFleet(
        _ entry: JSON5Value, index: Int, folder: String, origin: ValueOrigin
    ) -> Configuration.Fleet? {
        let key = "fleets[\(index)]"
        guard case .object(let members) = entry else {
            report(origin.ofValue("\(index)"), key, "is \(entry.shown)", "give {id: …, geofences: …}")
            return nil
        }
        let errorsBefore = errors.count
        var fleet = Configuration.Fleet(id: "", geofences: "")
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            var place = origin.ofValue("\(index)", name)
            do throws(Setting.Objection) {
                switch name {
                case "id": fleet.id = try fleetID(value)
                case "geofences":
                    let meaning = "a folder of GeoJSON files, or one; empty for none"
                    fleet.geofences = try self.path(value, folder: folder, mayBeEmpty: true, meaning: meaning)
                default:
                    place = origin.ofKey("\(index)", name)
                    let nearest = nearestName(to: name, among: ["id", "geofences"])
                    throw Setting.Objection(
                        problem: "there is no such key",
                        advice: nearest.map { "did you mean \(key).\($0)?" } ?? "the keys here are id, geofences")
                }
            } catch {
                report(place, "\(key).\(shortened(name, to: 60))", error.problem, error.advice)
            }
        }
        if members["id"] == nil {
            report(origin.ofValue("\(index)"), "\(key).id", "is missing", "give a fleet's name, or \"+\" for any")
        }
        return errors.count == errorsBefore ? fleet : nil
    }

    private func fleetID(_ value: JSON5Value) throws(Setting.Objection) -> String {
        guard case .string(let id) = value else {
            throw Setting.Objection(problem: "is \(value.shown)", advice: "give a fleet's name, or \"+\" for any")
        }
        try SettingCheck.fleetID(id)
        return id
    }
}

/// Why a file could not be read.
struct FileFailure: Error {
    let problem: String
}

/// The bytes of a regular file, or of what behaves like one (a pipe, `/dev/stdin`), up to a size.
func readWholeFile(_ path: String, size_max: Int) -> Result<[UInt8], FileFailure> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return .failure(FileFailure(problem: "cannot be opened: \(systemError(errno))")) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return .failure(FileFailure(problem: "cannot be read: \(systemError(errno))")) }
        if count == 0 { return .success(content) }
        content += chunk[0..<count]
        if content.count > size_max { return .failure(FileFailure(problem: "is larger than \(size_max) bytes")) }
    }
}

/// The operating system's words for an error number, small letters first.
func systemError(_ number: Int32) -> String {
    let text = String(cString: strerror(number))
    return text.prefix(1).lowercased() + text.dropFirst()
}

/// Offset of the first byte that is not part of a UTF-8 sequence; nil where all are.
private func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
        switch parser.parseScalar(from: &iterator) {
        case .valid(let scalar): offset += scalar.count
        case .error: return offset
        case .emptyInput: return nil
        }
    }
}
