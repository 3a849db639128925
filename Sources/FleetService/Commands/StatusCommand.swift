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
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let status = try? decoder.decode(ServiceStatus.self, from: Data(answer)) else {
            CommandRunner.printError(
                "the answer of \(configuration.statusSocket) is not that of a fleetstream of this version")
            return .failure
        }
        if !options.isJSON { print(text(status), terminator: "") }
        return status.state == "running" && status.broker.isConnected ? .success : .failure
    }

    /// Nobody answers: says so, and what the store holds.
    private static func explainAbsence(_ configuration: Configuration) -> ExitCode {
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

    /// The status for people.
    static func text(_ status: ServiceStatus) -> String {
        func line(_ name: String, _ value: String) -> String {
            name.padding(toLength: 14, withPad: " ", startingAt: 0) + value + "\n"
        }
        let uptime_s = Int(status.now.timeIntervalSince(status.started))
        var text = line(
            "state", status.state + (status.reason.isEmpty ? "" : " — \(status.reason)"))
        text += line("process", "pid \(status.pid), up \(uptime_s) s, \(status.version)")
        let problem = status.broker.lastError.isEmpty ? "" : " — \(status.broker.lastError)"
        text += line(
            "broker",
            "\(status.broker.address) \(status.broker.isConnected ? "connected" : "AWAY\(problem)")"
                + ", \(status.broker.reconnects) reconnects")
        text += line(
            "vehicles",
            "\(status.vehicles.total) known, \(status.vehicles.online) online, \(status.vehicles.moving) moving, "
                + "\(status.vehicles.insideGeofences) inside geofences")
        text += line("geofences", "\(status.geofences)")
        text += line(
            "input",
            "\(status.input.messages) messages, \(status.input.reports) reports, "
                + String(format: "%.0f/s", status.input.messagesPerSecond))
        text += line(
            "",
            "\(status.input.late) late, \(status.input.duplicates) duplicates, \(status.input.rejected) rejected, "
                + "\(status.input.deadLetters) dead letters, \(status.input.redeliveriesDropped) redeliveries dropped"
                + (status.input.otherTypes > 0 ? ", \(status.input.otherTypes) of other types" : ""))
        text += line(
            "lag",
            String(
                format: "p50 %.1f ms, p99 %.1f ms from receipt to commit", status.input.lag_ms_p50,
                status.input.lag_ms_p99))
        if !status.window.isEmpty { text += line("window", status.window) }
        text += line("events", "\(status.events.values.reduce(0, +))")
        for (type, count) in status.events.sorted(by: { $0.key < $1.key }) { text += line("", "\(type) \(count)") }
        text += line(
            "outbox",
            "\(status.output.outboxDepth) unpublished"
                + (status.output.outboxDepth > 0
                    ? String(format: ", oldest %.1f s", status.output.outboxOldestAge_s) : "")
                + ", \(status.output.published) published"
                + (status.output.refused > 0 ? ", \(status.output.refused) REFUSED by the broker" : ""))
        text += line(
            "store",
            "\(status.store.path), \((status.store.fileBytes + status.store.walBytes) >> 10) KiB, "
                + "\(status.store.journalRows) batches, \(status.store.snapshots) snapshots, "
                + String(format: "last commit %.1f ms", status.store.lastCommit_ms))
        return text
    }
}
