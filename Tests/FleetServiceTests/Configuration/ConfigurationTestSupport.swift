import Foundation

@testable import FleetService

/// A folder of its own for one test, removed with its last reference.
final class ConfigurationFolder: Sendable {
    /// Absolute, without symbolic links.
    let path: String

    init() throws {
        let template = FileManager.default.temporaryDirectory.path + "/fleetstream-configuration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: template + "/Config", withIntermediateDirectories: true)
        path = URL(fileURLWithPath: template).resolvingSymlinksInPath().path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    /// Loads `text` as `Config/fleetstream.json5` of this folder.
    func load(
        _ text: String, environment: [String: String] = [:], overrides: [ConfigurationOverride] = []
    ) throws -> (configuration: Configuration, origins: ConfigurationOrigins) {
        try write(text, to: Configuration.conventionalFile)
        return try loadConventional(environment: environment, overrides: overrides)
    }

    func loadConventional(
        path file: String? = nil, environment: [String: String] = [:], overrides: [ConfigurationOverride] = []
    ) throws -> (configuration: Configuration, origins: ConfigurationOrigins) {
        try Configuration.loadWithOrigins(
            path: file, environment: environment, overrides: overrides, workingDirectory: path)
    }

    /// The lines of the errors that loading `text` gives, the file's name shortened to `F`; none where it loads.
    func errors(
        _ text: String, environment: [String: String] = [:], overrides: [ConfigurationOverride] = []
    ) throws -> [String] {
        do {
            _ = try load(text, environment: environment, overrides: overrides)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { $0.description.replacing(Configuration.conventionalFile + ":", with: "F:") }
        }
    }
}

/// The generator SplitMix64 (G. Steele, D. Lea, C. Flood, doi:10.1145/2660193.2660195).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
