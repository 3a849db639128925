import FoundationEssentials

/// Finds scenario files: by path, or by the name of one that comes with Fleetstream.
package struct ScenarioLibrary {
    /// The folders in which named scenarios are looked for, best first.
    let folders: [String]

    /// Looks in `Simulators/scenarios` of the current folder and those above it, and of those above the executable.
    package init(currentFolder: String, executable: String) {
        folders = (Self.ancestors(of: currentFolder) + Self.ancestors(of: executable)).map {
            $0 + "/Simulators/scenarios"
        }
    }

    private static func ancestors(of path: String) -> [String] {
        var parts = path.split(separator: "/")
        var result: [String] = []
        while true {
            result.append(parts.isEmpty ? "" : "/" + parts.joined(separator: "/"))
            guard parts.popLast() != nil else { return result }
        }
    }

    /// The scenario in the file at a path (with a slash, or ending in .json5 or .json), or of a name.
    package func load(_ nameOrPath: String) throws(SimulationError) -> Scenario {
        if nameOrPath.contains("/") || nameOrPath.hasSuffix(".json5") || nameOrPath.hasSuffix(".json") {
            return try Scenario.parse(try Self.read(nameOrPath), file: nameOrPath)
        }
        for folder in folders {
            let path = "\(folder)/\(nameOrPath).json5"
            if FileManager.default.fileExists(atPath: path) {
                return try Scenario.parse(try Self.read(path), file: path)
            }
        }
        throw .unknownScenario(name: nameOrPath, known: names())
    }

    /// The names of the scenarios that can be found, sorted.
    package func names() -> [String] {
        var names: Set<String> = []
        for folder in folders {
            for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            where file.hasSuffix(".json5") {
                names.insert(String(file.dropLast(6)))
            }
        }
        return names.sorted()
    }

    /// The bytes of a file of at most 64 MiB.
    static func read(_ path: String) throws(SimulationError) -> [UInt8] {
        do {
            let data = try Data(contentsOf: URL(filePath: path))
            guard data.count <= 64 << 20 else { throw SimulationError.unreadable(path: path, reason: "is over 64 MiB") }
            return [UInt8](data)
        } catch let error as SimulationError {
            throw error
        } catch {
            guard FileManager.default.fileExists(atPath: path) else {
                throw .unreadable(path: path, reason: "does not exist")
            }
            throw .unreadable(path: path, reason: "cannot be read")
        }
    }
}
