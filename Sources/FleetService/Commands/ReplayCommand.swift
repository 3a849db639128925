import FleetCore
import Foundation
import Store
import Wire

/// `fleetstream replay`
enum ReplayCommand {
    static func run(_ options: ReplayOptions) async -> ExitCode {
        guard var configuration = CommandRunner.configuration(options.common) else { return .configuration }
        if let folder = options.geofences {
            configuration.fleets = [Configuration.Fleet(id: Configuration.Fleet.anyID, geofences: folder)]
        }
        let files = GeofenceFiles.load(configuration.fleets, defaultTimeZone: configuration.rules.timeZone)
        files.problems.forEach { CommandRunner.printError($0.description) }
        if options.geofences != nil, files.problems.contains(where: { $0.code == "missing_file" }) { return .inputOutput }
        do throws(ReplayError) {
            let output = try openOutput(options)
            var replay = Replay(
                topicRoot: configuration.topicRoot, shardCount: configuration.shardCount, options: options,
                output: output)
            let begun = ContinuousClock.now
            try replay.run(options, configuration, files)
            summarise(replay, seconds: (ContinuousClock.now - begun) / .seconds(1))
            return .success
        } catch {
            CommandRunner.printError("fleetstream replay: \(error.message)")
            return .inputOutput
        }
    }

    private static func openOutput(_ options: ReplayOptions) throws(ReplayError) -> FileHandle {
        guard let path = options.output else { return .standardOutput }
        guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
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
        text += "skipped       \(counters.skipped) messages that are not input\n"
        text += "events        \(counters.eventCount)\n"
        for type in EventType.allCases {
            let count = counters.events[Int(type.rawValue)]
            if count > 0 { text += "              \(type.qualifiedName) \(count)\n" }
        }
        text += String(format: "time          %.2f s, %.0f messages a second", seconds, Double(counters.messages) / max(seconds, 1e-9))
        CommandRunner.printError(text)
    }
}

extension Replay {
    /// Runs over whatever the options name.
    fileprivate mutating func run(
        _ options: ReplayOptions, _ configuration: Configuration, _ files: GeofenceFiles
    ) throws(ReplayError) {
        var setup = MessageBatch()
        switch options.input {
        case .journal(let path):
            // A journal holds the rules and fences that it was made with; what the command line names replaces them.
            if options.common.configurationFile != nil || !options.common.overrides.isEmpty {
                setup.append(kind: .settings, receivedTime_ms: 0, payload: configuration.settings.json())
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
            files.appendChanges(from: [:], to: &setup, receivedTime_ms: 0)
            try begin(setup)
            var handle = FileHandle.standardInput
            if case .file(let path) = options.input {
                guard let file = FileHandle(forReadingAtPath: path) else {
                    throw ReplayError(message: "cannot read \(path): \(String(cString: strerror(errno)))")
                }
                handle = file
            }
            try run(capture: handle)
        }
    }
}
