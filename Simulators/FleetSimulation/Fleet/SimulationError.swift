/// Why a simulation cannot be set up or run. Every case prints a sentence that tells the user what to change.
package enum SimulationError: Error, Equatable, CustomStringConvertible {
    /// A file or folder that cannot be read.
    case unreadable(path: String, reason: String)
    /// There is no scenario of that name; where it was looked for.
    case unknownScenario(name: String, known: [String])
    /// Something in a scenario file is wrong: which key, and what.
    case scenario(file: String, key: String, reason: String)
    /// A key that scenarios do not have.
    case unknownKey(file: String, key: String, nearest: String)
    /// Neither the geofences nor the scenario give a depot or a customer.
    case noPlaces(kind: String)
    /// A command-line option is wrong.
    case usage(String)
    /// Standard output cannot be written.
    case output(String)
    /// The broker cannot be reached, or refuses us.
    case broker(String)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): \(reason)"
        case .unknownScenario(let name, let known):
            "there is no scenario \(name)"
                + (known.isEmpty ? "; give the path of a file" : "; there are: " + known.joined(separator: ", "))
        case .scenario(let file, let key, let reason):
            key.isEmpty ? "\(file): \(reason)" : "\(file): \(key): \(reason)"
        case .unknownKey(let file, let key, let nearest):
            "\(file): unknown key \(key); did you mean \(nearest)?"
        case .noPlaces(let kind): "there is no \(kind) in the scenario's area"
        case .usage(let reason): "\(reason) (see --help)"
        case .output(let reason), .broker(let reason): reason
        }
    }

    /// The exit code of a command that ends with this error, after sysexits.h.
    package var exitCode: Int32 {
        switch self {
        case .usage: 64
        case .broker: 69
        case .unreadable, .output: 74
        case .unknownScenario, .scenario, .unknownKey, .noPlaces: 78
        }
    }
}
