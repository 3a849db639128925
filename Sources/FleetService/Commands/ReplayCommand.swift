import FleetCore
import Foundation
import Glibc
import Store
import Wire

/// `fleetstream replay`
enum ReplayCommand {
    static func run(_ options: ReplayOptions) async -> ExitCode {
        guard var configuration = CommandRunner.configuration(options.common) else { return .configuration }
        let setup: Replay.Setup
        var other: Replay.Setup?
        do throws(ConfigurationErrors) {
            let isJournal = options.input.isJournal
            var wanted = isJournal ? Wanted.rulesOf(options.common) : .all
            if isJournal, options.geofences != nil { wanted.insert(.geofences) }
            var rival = try options.comparison.map { path throws(ConfigurationErrors) in try Rival(path, options) }
            if let folder = options.geofences {
                let everywhere = [Configuration.Fleet(id: Configuration.Fleet.anyID, geofences: folder)]
                configuration.fleets = everywhere
                rival?.configuration?.fleets = everywhere
            }
            setup = try Replay.Setup(configuration, wanted)
            if let rival { other = try rival.setup(over: configuration, wanted) }
        } catch {
            CommandRunner.printError("\(error)")
            return .configuration
        }
        for problem in setup.problems + (other?.problems ?? []) { CommandRunner.printError(problem.description) }
        if options.geofences != nil, setup.problems.contains(where: { $0.code == "missing_file" }) {
            return .inputOutput
        }
        do throws(ReplayError) {
            return try replay(options, configuration, setup, other)
        } catch {
            CommandRunner.printError("fleetstream replay: \(error.message)")
            return .inputOutput
        }
    }

    private static func replay(
        _ options: ReplayOptions, _ configuration: Configuration, _ setup: Replay.Setup, _ other: Replay.Setup?
    ) throws(ReplayError) -> ExitCode {
        let input = try openInput(options)
        let output = try openOutput(options, isDistinctFrom: input)
        var replay = Replay(
            topicRoot: configuration.topicRoot, shardCount: configuration.shardCount, options: options, output: output)
        if other != nil { try replay.compare(shardCount: configuration.shardCount) }
        let begun = ContinuousClock.now
        if case .journal(let path) = options.input {
            do {
                let reader = try StoreReader(path: path)
                defer { reader.close() }
                try replay.run(journal: reader, setup, other: other)
            } catch {
                throw ReplayError(message: "\(error)")
            }
        } else {
            try replay.run(capture: input ?? .standardInput, setup, other: other)
        }
        summarise(replay, seconds: (ContinuousClock.now - begun) / .seconds(1))
        guard other != nil else { return .success }
        return summariseDifferences(replay.differences) ? .failure : .success
    }

    /// Says how many events only one of the two has; whether there are any.
    private static func summariseDifferences(_ differences: [(type: EventType, base: Int, other: Int)]) -> Bool {
        let (base, other) = differences.reduce((0, 0)) { ($0.0 + $1.base, $0.1 + $1.other) }
        var text = "differences   -\(base) +\(other)\n"
        for difference in differences {
            text += "              \(difference.type.qualifiedName) -\(difference.base) +\(difference.other)\n"
        }
        CommandRunner.printError(text)
        return !differences.isEmpty
    }

    /// The capture to read, nil where a journal is read.
    private static func openInput(_ options: ReplayOptions) throws(ReplayError) -> FileHandle? {
        switch options.input {
        case .journal: return nil
        case .standardInput: return .standardInput
        case .file(let path):
            guard let file = FileHandle(forReadingAtPath: path) else {
                throw ReplayError(message: "cannot read \(path): \(String(cString: strerror(errno)))")
            }
            return file
        }
    }

    /// Opened after the input, and never the input itself: opening empties it.
    private static func openOutput(
        _ options: ReplayOptions, isDistinctFrom input: FileHandle?
    ) throws(ReplayError) -> FileHandle {
        guard let path = options.output else { return .standardOutput }
        var existing = stat()
        var read = stat()
        if stat(path, &existing) == 0 {
            var isInput = false
            if let input, fstat(input.fileDescriptor, &read) == 0 { isInput = true }
            if case .journal(let journal) = options.input, stat(journal, &read) == 0 { isInput = true }
            if isInput, existing.st_dev == read.st_dev, existing.st_ino == read.st_ino,
                existing.st_mode & S_IFMT == S_IFREG
            {
                throw ReplayError(message: "\(path) is the input: it would be overwritten before it is read")
            }
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw ReplayError(message: "cannot write \(path)") }
        return handle
    }

    private static func summarise(_ replay: Replay, seconds: Double) {
        let counters = replay.counters
        var text = "messages      \(counters.messages)\n"
        text += "reports       \(counters.reports): \(counters.acceptedFixes) fixes taken, \(counters.lateFixes) late, "
        text += "\(counters.duplicateFixes) duplicates, \(counters.rejectedFixes) rejected\n"
        text += "dead letters  \(counters.deadLetters + Int64(replay.badLines))\n"
        if replay.badLines > 0 { text += "              \(replay.badLines) lines of the input are not messages\n" }
        text += "skipped       \(counters.skipped) messages that are not input, \(counters.otherTypes) of other types\n"
        text += "events        \(counters.eventCount)\n"
        for type in EventType.allCases {
            let count = counters.events[Int(type.rawValue)]
            if count > 0 { text += "              \(type.qualifiedName) \(count)\n" }
        }
        text += String(
            format: "time          %.2f s, %.0f messages a second", seconds,
            Double(counters.messages) / max(seconds, 1e-9))
        CommandRunner.printError(text)
    }
}

extension ReplayOptions.Input {
    fileprivate var isJournal: Bool { if case .journal = self { true } else { false } }
}

/// Which parts of a configuration go before the input. A journal holds those that it was made with, and only what the
/// command line names replaces them.
private struct Wanted: OptionSet {
    let rawValue: UInt8
    static let settings = Wanted(rawValue: 1)
    static let rules = Wanted(rawValue: 2)
    static let geofences = Wanted(rawValue: 4)
    static let adapters = Wanted(rawValue: 8)
    static let messages = Wanted(rawValue: 16)
    static let commands = Wanted(rawValue: 32)
    static let all: Wanted = [.settings, .adapters, .rules, .geofences, .messages, .commands]

    /// Settings, adapters and rules, as far as flags name them.
    static func rulesOf(_ options: CommonOptions) -> Wanted {
        if options.configurationFile != nil { return [.settings, .adapters, .rules, .messages, .commands] }
        var wanted: Wanted = []
        if options.overrides.contains(where: { $0.key.hasPrefix("rules.") || $0.key.hasPrefix("dispatch.") }) {
            wanted.insert(.settings)
        }
        if options.overrides.contains(where: { $0.key.hasPrefix("commands.") }) { wanted.insert(.commands) }
        if options.overrides.contains(where: { $0.key == "sms_folder" }) { wanted.insert(.messages) }
        if options.overrides.contains(where: { $0.key == "rules_file" }) { wanted.insert(.rules) }
        if options.overrides.contains(where: { $0.key == "adapters" }) { wanted.insert(.adapters) }
        return wanted
    }
}

extension Replay.Setup {
    fileprivate init(
        _ configuration: Configuration, _ wanted: Wanted, rules: RuleBook? = nil
    ) throws(ConfigurationErrors) {
        self.init()
        if wanted.contains(.settings) {
            frames.append(kind: .settings, receivedTime_ms: 0, payload: configuration.settings.json())
        }
        if wanted.contains(.adapters) {
            let adapters = Adapters(configuration.adapters)
            frames.append(kind: .adapters, receivedTime_ms: 0, payload: adapters.json())
        }
        if wanted.contains(.rules) {
            let book = if let rules { rules } else { try RulesFile.load(configuration) }
            frames.append(kind: .rules, receivedTime_ms: 0, payload: book.json())
        }
        if wanted.contains(.messages) {
            let messages = try MessageFiles.load(configuration)
            frames.append(kind: .messages, receivedTime_ms: 0, payload: messages.json())
        }
        if wanted.contains(.commands) {
            frames.append(kind: .commands, receivedTime_ms: 0, payload: configuration.commandRules.json())
        }
        if wanted.contains(.geofences) {
            geofences = GeofenceFiles.load(configuration.fleets, defaultTimeZone: configuration.rules.timeZone)
        }
    }

    fileprivate var problems: [GeofenceFileProblem] { geofences?.problems ?? [] }
}

/// What `--diff` names: another configuration, or another file of rules.
private struct Rival {
    var configuration: Configuration?
    private var rules: RuleBook?

    init(_ path: String, _ options: ReplayOptions) throws(ConfigurationErrors) {
        if case .success(let content) = readWholeFile(path, size_max: RulesFile.size_max),
            RulesFile.isRules(content)
        {
            rules = try RulesFile.read(content, name: path)
            return
        }
        var common = options.common
        common.configurationFile = path
        configuration = try Configuration.load(common, environment: ProcessInfo.processInfo.environment).configuration
    }

    /// What goes before the input of the second engine. A file of rules changes the rules alone; a configuration is all
    /// its own.
    func setup(over base: Configuration, _ wanted: Wanted) throws(ConfigurationErrors) -> Replay.Setup {
        if let configuration { return try Replay.Setup(configuration, .all) }
        return try Replay.Setup(base, wanted.union(.rules), rules: rules)
    }
}
