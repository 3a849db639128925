import Foundation
import Store

/// `fleetstream status`
enum StatusCommand {
    static func run(_ options: StatusOptions) -> ExitCode {
        guard let configuration = CommandRunner.configuration(options.common) else { return .configuration }
        guard let answer = StatusClient.ask(configuration.statusSocket) else {
            return explainAbsence(configuration)
        }
        if options.isJSON { print(String(decoding: answer, as: UTF8.self), terminator: "") }
        guard let status = ServiceStatus(json: answer) else {
            CommandRunner.printError(
                "the answer of \(configuration.statusSocket) is not that of a fleetstream of this version")
            return .failure
        }
        if !options.isJSON { print(StatusText.text(status), terminator: "") }
        return status.state == "running" && status.broker.isConnected ? .success : .failure
    }

    /// Nobody answers: says so, and what the store holds.
    static func explainAbsence(_ configuration: Configuration) -> ExitCode {
        CommandRunner.printError(
            "no fleetstream answers on \(configuration.statusSocket): it is not running, or uses another store")
        if FileManager.default.fileExists(atPath: configuration.store.path),
            let reader = try? StoreReader(path: configuration.store.path), let figures = try? reader.statistics()
        {
            CommandRunner.printError(
                "its store \(configuration.store.path) holds \(figures.journalRows) batches, "
                    + "\(figures.outbox.count) unpublished messages, \(figures.deadLetters) dead letters")
            reader.close()
        }
        return .unavailable
    }
}
