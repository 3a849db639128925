package import Telemetry

/// What the process ends with; the numbers above 1 are those of BSD's sysexits.h.
package enum ExitCode: Int32, Sendable {
    case success = 0
    /// Something was found, or did not work.
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// The broker, or the process that was asked, cannot be reached.
    case unavailable = 69
    /// A file cannot be read or written.
    case inputOutput = 74
    /// The configuration is wrong.
    case configuration = 78
}

/// What the command line asks for. `Command.parse` makes one.
package enum Command: Sendable, Equatable {
    case run(RunOptions)
    case demo(DemoOptions)
    case check(CheckOptions)
    case replay(ReplayOptions)
    case decode(DecodeOptions)
    case status(StatusOptions)
    case top(TopOptions)
    case rules(RulesOptions)
    case learned(LearnedOptions)
    case smsBridge(CommonOptions)
    case link(LinkOptions)
    /// The text to print.
    case help(String)
    /// `versionText` is to be printed.
    case version

    package static let versionText = "fleetstream 0.1.0"
}

/// What all commands take.
package struct CommonOptions: Sendable, Equatable {
    /// `--config`; nil leaves the choice to `Configuration.load`.
    package var configurationFile: String?
    /// `--set`, and the flags that stand for one setting (`--store`, `--log-level`, `--shards`, `--socket`), in their order.
    package var overrides: [ConfigurationOverride] = []

    package init() {}
}

/// `fleetstream run`
package struct RunOptions: Sendable, Equatable {
    package var common = CommonOptions()
    /// Receives and acknowledges, and does nothing else: for benchmarks of the transport.
    package var isNullConsumer = false

    package init() {}
}

/// `fleetstream demo`
package struct DemoOptions: Sendable, Equatable {
    package var common = CommonOptions()
    /// Ends after so many seconds of the clock on the wall, without a terminal view; nil runs until it is stopped.
    package var duration_s: Double?
    /// How many vehicles; nil for the scenario's own number.
    package var vehicles: Int?
    /// Simulated seconds a second.
    package var speedup = 1.0
    /// Leaves the folder with the store, the broker's files and the logs behind.
    package var keepsFolder = false
    /// A scenario file of the simulator; nil for the built-in choice.
    package var scenario: String?

    package init() {}
}

/// `fleetstream check`
package struct CheckOptions: Sendable, Equatable {
    package var common = CommonOptions()
    /// Tries the broker too: whether it keeps what a stalled subscriber has not fetched.
    package var isLive = false
    /// A folder of GeoJSON files, or one, instead of the configured ones.
    package var geofences: String?
    package var isJSON = false

    package init() {}
}

/// `fleetstream replay`
package struct ReplayOptions: Sendable, Equatable {
    package enum Input: Sendable, Equatable {
        case standardInput
        case file(String)
        /// A store's SQLite file, whose journal is read.
        case journal(String)
    }

    package var common = CommonOptions()
    package var input = Input.standardInput
    /// A folder of GeoJSON files, or one, instead of the configured ones.
    package var geofences: String?
    /// Whether the retained state topics are written too.
    package var includesState = false
    /// Only this fleet's messages.
    package var fleet: String?
    /// Where to write; nil for standard output.
    package var output: String?
    /// Another configuration, or another file of rules: what it changes is written instead of the events.
    package var comparison: String?
    /// First and last receive time of the messages that are read, milliseconds since 1970, both inclusive.
    package var from_ms: Int64?
    package var to_ms: Int64?

    package init() {}
}

/// `fleetstream decode`
package struct DecodeOptions: Sendable, Equatable {
    package var format = TelemetryFormat.native
    /// Nil for standard input.
    package var file: String?
    /// Milliseconds since 1970; nil for now.
    package var received_ms: Int64?

    package init() {}
}

/// `fleetstream status`
package struct StatusOptions: Sendable, Equatable {
    package var common = CommonOptions()
    package var isJSON = false

    package init() {}
}

/// `fleetstream top`
package struct TopOptions: Sendable, Equatable {
    package var common = CommonOptions()
    /// Seconds between two looks.
    package var interval_s = 1.0
    /// Ends after so many looks; nil goes on until somebody ends it.
    package var count: Int?

    package init() {}
}

/// `fleetstream rules`
package struct RulesOptions: Sendable, Equatable {
    package var common = CommonOptions()
    package var vehicle: String?
    package var group: String?
    package var isJSON = false
    /// Prints a file of rules to begin with instead.
    package var isTemplate = false

    package init() {}
}

/// `fleetstream link`
package struct LinkOptions: Sendable, Equatable {
    package var common = CommonOptions()
    package var fleet = ""
    package var stop = ""
    /// Milliseconds since 1970; nil for as long as links in messages are good.
    package var expires_ms: Int64?

    package init() {}
}

/// `fleetstream learned`
package struct LearnedOptions: Sendable, Equatable {
    package var common = CommonOptions()
    /// Only this fleet; needed for an import.
    package var fleet: String?
    package var isJSON = false
    /// A file whose values take the place of the fleet's.
    package var importFile: String?

    package init() {}
}

/// The command line cannot be understood: exit with `ExitCode.usage`.
package struct UsageError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, what to do, and where to read more: for standard error as it is.
    package let description: String
}

extension Configuration {
    /// `loadWithOrigins` with what the command line said.
    package static func load(
        _ options: CommonOptions, environment: [String: String]
    ) throws(ConfigurationErrors) -> (configuration: Configuration, origins: ConfigurationOrigins) {
        try loadWithOrigins(
            path: options.configurationFile, environment: environment, overrides: options.overrides)
    }
}
