import Foundation

/// A setting given on the command line.
package struct ConfigurationOverride: Sendable, Equatable {
    /// With dots: `mqtt.port`.
    package var key: String
    /// Numbers and true/false as they are, texts without quotes, `fleets` as JSON5.
    package var value: String
    /// The flag that gave it, as errors name it.
    package var flag: String

    package init(key: String, value: String, flag: String = "--set") {
        self.key = key
        self.value = value
        self.flag = flag
    }
}

extension Configuration {
    /// The file that is read where none is named and this one exists, from the working directory.
    package static let conventionalFile = "Config/fleetstream.json5"

    /// Reads and checks the configuration: the built-in defaults, over them the file, over it the environment, over it the
    /// flags, then the password from its file.
    ///
    /// The file is `path`, else the one that `FLEETSTREAM_CONFIG` names, else `conventionalFile` if it exists, else none.
    /// Its relative paths, and the built-in ones for keys that it leaves out, start at its own folder (without a file at
    /// `Config/` below the working directory), those of the environment and the flags at the working directory.
    ///
    /// Throws every error that there is, not only the first.
    package static func load(
        path: String? = nil, environment: [String: String], overrides: [(String, String)] = []
    ) throws(ConfigurationErrors) -> Configuration {
        try loadWithOrigins(
            path: path, environment: environment,
            overrides: overrides.map { ConfigurationOverride(key: $0.0, value: $0.1) }
        ).configuration
    }

    /// The same, with the origin of every value. `workingDirectory` is an absolute path.
    package static func loadWithOrigins(
        path: String? = nil, environment: [String: String], overrides: [ConfigurationOverride] = [],
        workingDirectory: String = FileManager.default.currentDirectoryPath
    ) throws(ConfigurationErrors) -> (configuration: Configuration, origins: ConfigurationOrigins) {
        var reader = ConfigurationReader(workingDirectory: workingDirectory)
        if let file = Self.file(path: path, environment: environment, workingDirectory: workingDirectory) {
            reader.readFile(file.path, named: file.origin)
        } else {
            reader.resolveDefaultPaths(from: workingDirectory + "/Config")
        }
        reader.readEnvironment(environment)
        reader.readOverrides(overrides)
        reader.readPassword(environment: environment)
        reader.forgetMissingRules()
        reader.checkTogether()
        guard reader.errors.isEmpty else { throw ConfigurationErrors(errors: reader.errors) }
        return (reader.configuration, reader.origins)
    }

    private static func file(
        path: String?, environment: [String: String], workingDirectory: String
    ) -> (path: String, origin: ConfigurationOrigin)? {
        if let path { return (path, .flag("--config")) }
        if let path = environment["FLEETSTREAM_CONFIG"], !path.isEmpty {
            return (path, .environment(variable: "FLEETSTREAM_CONFIG"))
        }
        let conventional = absolute(conventionalFile, from: workingDirectory)
        guard FileManager.default.fileExists(atPath: conventional) else { return nil }
        return (conventionalFile, .builtIn)
    }
}

/// `path` itself if it is absolute, else from `folder`. `.` and `..` are resolved in the text where that names the same
/// folder as the kernel would find (a symbolic link before `..` makes a difference), else left in.
func absolute(_ path: String, from folder: String) -> String {
    let joined = path.hasPrefix("/") ? path : folder + "/" + path
    var parts: [Substring] = []
    for part in joined.split(separator: "/") where part != "." {
        if part == "..", parts.last != ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    let short = "/" + parts.joined(separator: "/")
    let isSame = realPath(parent(of: joined)) == realPath(parent(of: short))
    return isSame ? short : joined
}

/// What stands before the last slash; nothing where the path ends in `..`, which is its own folder.
private func parent(of path: String) -> String {
    path.hasSuffix("/..") ? path : String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/"
}

private func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
