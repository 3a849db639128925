/// Where a setting's value comes from.
package enum ConfigurationOrigin: Sendable, Equatable, CustomStringConvertible {
    case builtIn
    /// A place in the configuration file; lines and columns count from 1, columns in Unicode scalars.
    case file(path: String, line: Int, column: Int)
    /// The configuration file as a whole.
    case wholeFile(path: String)
    case environment(variable: String)
    case flag(String)

    /// As an error line starts: `path:line:column`, the variable's name, or the flag.
    package var description: String {
        switch self {
        case .builtIn: "built-in default"
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .wholeFile(let path): path
        case .environment(let variable): variable
        case .flag(let flag): flag
        }
    }
}

/// One thing that is wrong with the configuration, and what to do about it.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package let origin: ConfigurationOrigin
    /// The key with its path (`mqtt.port`, `fleets[0].id`); nil where the error belongs to no key.
    package let key: String?
    /// What is wrong.
    package let problem: String
    /// What the user should do.
    package let advice: String

    /// `origin: key: problem; advice`, one line.
    package var description: String {
        "\(origin): \(key.map { "\($0): " } ?? "")\(problem); \(advice)"
    }
}

/// Every error of a configuration: all of them are found in one run.
package struct ConfigurationErrors: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not empty. Those of the file in the order of their places, then environment, flags, and what does not fit together.
    package let errors: [ConfigurationError]

    /// One line an error.
    package var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Where each setting of a loaded configuration comes from, for errors that are found later (a geofence folder that is
/// missing, a broker that refuses the password).
package struct ConfigurationOrigins: Sendable, Equatable {
    /// The file that was read; nil where the built-in defaults served.
    package internal(set) var file: String?
    var byKey: [String: ConfigurationOrigin] = [:]

    /// The origin of a key (`mqtt.port`, `fleets[0].geofences`).
    package subscript(key: String) -> ConfigurationOrigin { byKey[key] ?? .builtIn }
}
