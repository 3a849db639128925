import FleetCore
import Foundation
import Glibc
import Store
import Wire

/// `fleetstream replay`
enum ReplayCommand {
    static func run(_ options: ReplayOptions) async -> ExitCode {
        guard var configuration = CommandRunner.configuration(options.common) else { return .configuration }
        if let folder = options.geofences {
            configuration.fleets = [Configuration.Fleet(id: Configuration.Fleet.anyID, geofences: folder)]
        }
        // A journal holds the fences that it was made with.
        let isJournal = if case .journal = options.input { true } else { false }
        let files = GeofenceFiles.load(
            isJournal && options.geofences == nil ? [] : configuration.fleets,
            defaultTimeZone: configuration.rules.timeZone)
        for problem in files.problems { CommandRunner.printError(problem.description) }
        if options.geofences != nil, files.problems.contains(where: { $0.code == "missing_file" }) {
            return .inputOutput
        }
        do throws(ReplayError) {
            let input = try openInput(options)
            let output = try openOutput(options, isDistinctFrom: input)
            var replay = Replay(
                topicRoot: configuration.topicRoot, shardCount: configuration.shardCount, options: options,
                output: output)
            let begun = ContinuousClock.now
            try replay.run(options, configuration, files, capture: input)
            summarise(replay, seconds: (ContinuousClock.now - begun) / .seconds(1))
            return .success
        } catch {
            CommandRunner.printError("fleetstream replay: \(error.message)")
            return .inputOutput
        }
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

extension Replay {
    /// Runs over whatever the options name.
    fileprivate mutating func run(
        _ options: ReplayOptions, _ configuration: Configuration, _ files: GeofenceFiles, capture: FileHandle?
    ) throws(ReplayError) {
        var setup = MessageBatch()
        switch options.input {
        case .journal(let path):
            // A journal holds the rules that it was made with; those that the command line names replace them.
            let namesRules = options.common.overrides.contains { $0.key.hasPrefix("rules.") }
            if options.common.configurationFile != nil || namesRules {
                setup.append(kind: .settings, receivedTime_ms: 0, payload: configuration.settings.json())
            }
            if options.common.configurationFile != nil
                || options.common.overrides.contains(where: { $0.key == "adapters" })
            {
                let adapters = Adapters(configuration.adapters)
                setup.append(kind: .adapters, receivedTime_ms: 0, payload: adapters.json())
            }
            do {
                let reader = try StoreReader(path: path)
                defer { reader.close() }
                try run(journal: reader, replacement: setup, geofences: options.geofences == nil ? nil : files)
            } catch {
                throw ReplayError(message: "\(error)")
            }
        case .standardInput, .file:
            setup.append(kind: .settings, receivedTime_ms: 0, payload: configuration.settings.json())
            setup.append(kind: .adapters, receivedTime_ms: 0, payload: Adapters(configuration.adapters).json())
            files.appendChanges(from: [:], to: &setup, receivedTime_ms: 0)
            try begin(setup)
            try run(capture: capture ?? .standardInput)
        }
    }
}
