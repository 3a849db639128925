import Foundation
import Telemetry

extension Command {
    /// Reads the arguments, the program's name not among them. Says of a misspelt command or flag what was probably meant.
    package static func parse(_ arguments: [String]) throws(UsageError) -> Command {
        guard let name = arguments.first else {
            throw UsageError(description: "fleetstream: a command is missing\n\n" + HelpText.overview)
        }
        let rest = arguments.dropFirst()
        switch name {
        case "--help", "-h": return .help(HelpText.overview)
        case "--version": return .version
        case "help": return try help(rest)
        default: break
        }
        guard let syntax = CommandSyntax.named(name) else { throw unknownCommand(name) }
        let flags = rest.prefix { $0 != "--" }
        if flags.contains("--help") || flags.contains("-h") { return .help(HelpText.text(for: syntax)) }
        let parsed = try Arguments(rest, of: syntax)
        switch name {
        case "run": return .run(try RunOptions(parsed))
        case "demo": return .demo(try DemoOptions(parsed))
        case "check": return .check(try CheckOptions(parsed))
        case "replay": return .replay(try ReplayOptions(parsed))
        case "decode": return .decode(try DecodeOptions(parsed))
        case "status": return .status(try StatusOptions(parsed))
        case "top": return .top(try TopOptions(parsed))
        case "rules": return .rules(try RulesOptions(parsed))
        case "learned": return .learned(try LearnedOptions(parsed))
        case "sms-bridge": return .smsBridge(try CommonOptions(parsed))
        case "link": return .link(try LinkOptions(parsed))
        default: throw unknownCommand(name)
        }
    }

    private static func help(_ arguments: ArraySlice<String>) throws(UsageError) -> Command {
        guard let name = arguments.first else { return .help(HelpText.overview) }
        if name == "help" || name == "--help" { return .help(HelpText.overview) }
        guard let syntax = CommandSyntax.named(name) else { throw unknownCommand(name) }
        return .help(HelpText.text(for: syntax))
    }

    private static func unknownCommand(_ name: String) -> UsageError {
        let shown = shortened(name, to: 60)
        let problem: String
        if name.hasPrefix("-") {
            problem = "\(shown) before the command; flags stand behind it: fleetstream run --config FILE"
        } else {
            let nearest = nearestName(to: name, among: CommandSyntax.all.map(\.name) + ["help"])
            problem = "there is no command \"\(shown)\"" + (nearest.map { "; did you mean \($0)?" } ?? "")
        }
        return UsageError(description: "fleetstream: \(problem)\n\"fleetstream help\" lists the commands.")
    }
}

extension CommonOptions {
    /// The flags that stand for one setting, and its key.
    private static let settingFlags = [
        "--log-level": "log.level", "--store": "store.path", "--shards": "engine.shards", "--socket": "status.socket",
    ]

    init(_ arguments: Arguments) throws(UsageError) {
        configurationFile = try arguments.text("--config")
        for (name, value) in arguments.flags {
            if name == "--set" {
                guard let equals = value.firstIndex(of: "="), equals > value.startIndex else {
                    let shown = shortened(value, to: 60)
                    throw arguments.command.error("--set: \"\(shown)\" is not KEY=VALUE, such as mqtt.port=1884")
                }
                let text = String(value[value.index(after: equals)...])
                overrides.append(ConfigurationOverride(key: String(value[..<equals]), value: text))
            } else if let key = Self.settingFlags[name] {
                guard let text = try arguments.text(name) else { continue }
                overrides.append(ConfigurationOverride(key: key, value: text, flag: name))
            }
        }
    }
}

extension RunOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        isNullConsumer = arguments.has("--null-consumer")
    }
}

extension DemoOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        duration_s = try arguments.number("--seconds", in: 1...86_400)
        vehicles = try arguments.integer("--vehicles", in: 1...100_000)
        speedup = try arguments.number("--speedup", in: 0.1...1000) ?? speedup
        keepsFolder = arguments.has("--keep")
        scenario = try arguments.text("--scenario")
    }
}

extension CheckOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        isLive = arguments.has("--live")
        geofences = try arguments.text("--geofences")
        isJSON = arguments.has("--json")
    }
}

extension ReplayOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        geofences = try arguments.text("--geofences")
        includesState = arguments.has("--state")
        fleet = try arguments.text("--fleet")
        output = try arguments.text("--output")
        comparison = try arguments.text("--diff")
        if comparison != nil, includesState {
            throw arguments.command.error("--diff compares events; --state is not among them")
        }
        from_ms = try arguments.time_ms("--from")
        to_ms = try arguments.time_ms("--to")
        if let from_ms, let to_ms, from_ms > to_ms { throw arguments.command.error("--from is later than --to") }
        if let fleet { try arguments.check(fleet: fleet) }
        if let journal = try arguments.text("--journal") {
            guard arguments.positional == nil else {
                throw arguments.command.error("a file and --journal are both given; one of them is to be read")
            }
            input = .journal(journal)
        } else if let file = arguments.positional, file != "-" {
            input = .file(file)
        }
    }
}

extension DecodeOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        let names = TelemetryFormat.allCases.map(\.rawValue)
        guard let name = try arguments.text("--format") else {
            throw arguments.command.error("--format is missing; it is one of \(names.joined(separator: ", "))")
        }
        guard let format = TelemetryFormat(rawValue: name) else {
            let advice = nearestName(to: name, among: names).map { "did you mean \($0)?" }
            throw arguments.command.error(
                "--format: \"\(shortened(name, to: 60))\" is unknown; "
                    + (advice ?? "it is one of \(names.joined(separator: ", "))"))
        }
        self.format = format
        received_ms = try arguments.time_ms("--received")
        if let file = arguments.positional, file != "-" { self.file = file }
    }
}

extension StatusOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        isJSON = arguments.has("--json")
    }
}

extension TopOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        interval_s = try arguments.number("--interval", in: 0.1...3600) ?? interval_s
        count = try arguments.integer("--count", in: 1...1_000_000_000)
    }
}

extension RulesOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        vehicle = try arguments.text("--vehicle")
        group = try arguments.text("--group")
        isJSON = arguments.has("--json")
        isTemplate = arguments.has("--template")
    }
}

extension LinkOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        guard let fleet = try arguments.text("--fleet") else { throw arguments.command.error("--fleet is missing") }
        guard let stop = try arguments.text("--stop") else { throw arguments.command.error("--stop is missing") }
        for (name, id) in [("--fleet", fleet), ("--stop", stop)] {
            guard
                id.unicodeScalars.allSatisfy({
                    $0.value >= 0x20 && $0.value != 0x7F && !"/+#".unicodeScalars.contains($0)
                })
            else {
                throw arguments.command.error("\(name): \"\(shortened(id, to: 60))\" cannot be a level of a topic")
            }
        }
        self.fleet = fleet
        self.stop = stop
        expires_ms = try arguments.time_ms("--expires")
    }
}

extension LearnedOptions {
    init(_ arguments: Arguments) throws(UsageError) {
        common = try CommonOptions(arguments)
        fleet = try arguments.text("--fleet")
        isJSON = arguments.has("--json")
        importFile = try arguments.text("--import")
        if let fleet { try arguments.check(fleet: fleet) }
        if importFile != nil, fleet == nil {
            throw arguments.command.error("--import needs --fleet: whose values the file's are to replace")
        }
        if importFile != nil, isJSON { throw arguments.command.error("--import and --json exclude each other") }
    }
}

extension Arguments {
    /// Whether a fleet may have this id.
    fileprivate func check(fleet: String) throws(UsageError) {
        do throws(Setting.Objection) {
            try SettingCheck.fleetID(fleet)
        } catch {
            throw command.error("--fleet: \(error.problem); \(error.advice)")
        }
    }
}

/// Milliseconds since 1970 of an RFC 3339 time, or of a number of seconds since 1970; nil where it is neither, or lies
/// outside the years 1970 to 9999.
func commandTime_ms(_ text: String) -> Int64? {
    let latest_s = 253_402_300_799.0
    if let seconds = Double(text) {
        return (0...latest_s).contains(seconds) ? Int64((seconds * 1000).rounded()) : nil
    }
    let whole = Date.ISO8601FormatStyle()
    let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let date = (try? whole.parse(text)) ?? (try? fractional.parse(text)) else { return nil }
    let seconds = date.timeIntervalSince1970
    return (0...latest_s).contains(seconds) ? Int64((seconds * 1000).rounded()) : nil
}
