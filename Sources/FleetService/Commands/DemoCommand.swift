import Foundation
import Glibc
import MQTTTransport

/// `fleetstream demo`: a broker, the processor and a simulated fleet on this machine, and a view of what happens.
enum DemoCommand {
    /// What the demonstration runs, and where.
    private struct Stage {
        var folder: URL
        var broker: LocalBroker
        var service: Service
        var listener: DemoListener
        var simulator: ChildProcess
        var simulatorLog: String
        var configuration: Configuration

        /// The simulator first, so that nothing is lost on its way; the broker last.
        func clear() async {
            let simulator = simulator
            await CommandRunner.offPool { _ = simulator.end(signal: SIGTERM, timeout_ms: 5000) }
            await service.stop()
            let (listener, broker) = (listener, broker)
            await CommandRunner.offPool { listener.stop() }
            await CommandRunner.offPool { broker.stop() }
        }
    }

    private struct Problem: Error {
        var exitCode: ExitCode
        var message: String
    }

    static func run(_ options: DemoOptions) async -> ExitCode {
        guard let base = CommandRunner.configuration(options.common) else { return .configuration }
        let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
        Signals.listen([SIGTERM, SIGINT, SIGHUP]) { _ in continuation.yield() }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("fleetstream-demo-\(getpid())", isDirectory: true)
        defer {
            if options.keepsFolder {
                CommandRunner.printError("the demonstration's files are in \(folder.path)")
            } else {
                try? FileManager.default.removeItem(at: folder)
            }
        }
        do throws(Problem) {
            let stage = try await build(options, base, in: folder)
            var outcome = ExitCode.success
            if let duration_s = options.duration_s {
                CommandRunner.printError("map: \(stage.service.status.window)")
                outcome = await watch(stage, for: duration_s, stops)
            } else {
                await show(stage, stops)
            }
            let status = stage.service.status
            await stage.clear()
            summarise(status, stage.service.status)
            return outcome
        } catch {
            CommandRunner.printError("fleetstream demo: \(error.message)")
            return error.exitCode
        }
    }

    // MARK: - Setting up

    private static func build(
        _ options: DemoOptions, _ base: Configuration, in folder: URL
    ) async throws(Problem) -> Stage {
        let brokerFolder = folder.appendingPathComponent("broker", isDirectory: true)
        do { try FileManager.default.createDirectory(at: brokerFolder, withIntermediateDirectories: true) } catch {
            throw Problem(exitCode: .inputOutput, message: "\(folder.path) cannot be made: \(error)")
        }
        let broker: LocalBroker
        do throws(MQTTError) {
            broker = try LocalBroker(
                LocalBroker.Settings(configurationFile: brokerConfiguration(), directory: brokerFolder.path))
        } catch {
            throw Problem(exitCode: .unavailable, message: "\(error)")
        }
        var configuration = base
        configuration.mqtt = Configuration.MQTT()
        configuration.mqtt.port = broker.port
        if configuration.window.listen.isEmpty {
            configuration.window.listen = "127.0.0.1:8080"
            configuration.window.mayUseAnotherPort = true
        }
        configuration.store.path = folder.appendingPathComponent("fleetstream.sqlite").path
        configuration.status.socket = folder.appendingPathComponent("status.socket").path
        let log = folder.appendingPathComponent("fleetstream.log").path
        let logger = Logger(level: .warning, sink: { append($0, to: log) })
        let service = Service(configuration: configuration, logger: logger)
        do throws(ServiceError) { try await service.start() } catch {
            broker.stop()
            throw Problem(exitCode: error.exitCode, message: error.message)
        }
        let simulatorLog = folder.appendingPathComponent("fleetsim.log").path
        do throws(MQTTError) {
            let listener = try DemoListener(port: broker.port, topicRoot: configuration.topicRoot)
            let simulator = try ChildProcess(
                siblingExecutable("fleetsim"), simulatorArguments(options, configuration), outputFile: simulatorLog)
            return Stage(
                folder: folder, broker: broker, service: service, listener: listener, simulator: simulator,
                simulatorLog: simulatorLog, configuration: configuration)
        } catch {
            await service.stop()
            broker.stop()
            throw Problem(
                exitCode: .failure,
                message: "the simulator cannot be started: \(error); `swift build` makes it beside fleetstream")
        }
    }

    private static func append(_ line: String, to path: String) {
        guard let file = fopen(path, "a") else { return }
        fputs(line, file)
        fclose(file)
    }

    /// `Config/mosquitto.conf` of the checkout, seen from the working folder or from the executable; nil where it is not
    /// there.
    private static func brokerConfiguration() -> String? {
        let executable = URL(fileURLWithPath: siblingExecutable("fleetstream")).deletingLastPathComponent()
        var folders = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath), executable]
        for _ in 0..<4 { folders.append(folders[folders.count - 1].deletingLastPathComponent()) }
        return folders.map { $0.appendingPathComponent("Config/mosquitto.conf").path }
            .first { FileManager.default.fileExists(atPath: $0) }
    }

    /// A program in the folder of this one.
    private static func siblingExecutable(_ name: String) -> String {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }

    private static func simulatorArguments(_ options: DemoOptions, _ configuration: Configuration) -> [String] {
        var arguments = [
            "--scenario", options.scenario ?? "rounds", "--fleet", "demo", "--root", configuration.topicRoot, "--host",
            configuration.mqtt.host, "--port",
            "\(configuration.mqtt.port)",
            "--quiet",
        ]
        if let vehicles = options.vehicles { arguments += ["--vehicles", "\(vehicles)"] }
        if options.speedup != 1 {
            // Simulated time may not run ahead of the clock on the wall, so that the simulator must know when it ends.
            let duration_s = options.duration_s.map { $0 + 5 } ?? Self.longestFast_s
            arguments += ["--speedup", "\(options.speedup)", "--duration", "\(duration_s)"]
        }
        // The rounds have customers of their own, near each other, whose telephones are answered.
        if options.scenario == nil {
            arguments.append("--sms-gateway")
        } else if let folder = configuration.fleet(named: "demo")?.geofences,
            FileManager.default.fileExists(atPath: folder)
        {
            arguments += ["--geofences", folder]
        }
        return arguments
    }

    /// How long a demonstration with a speed-up may last.
    private static let longestFast_s = 3600.0

    // MARK: - Showing

    /// The terminal view, until somebody stops it.
    private static func show(_ stage: Stage, _ stops: AsyncStream<Void>) async {
        let kind = TerminalKind.ofStandardOutput(environment: ProcessInfo.processInfo.environment)
        guard case .screen(let style) = kind else {
            return await showLines(stage, stops)
        }
        let stopped = Task { for await _ in stops { break } }
        let flag = StopFlag()
        let waiting = Task {
            await stopped.value
            flag.set()
        }
        let terminal = TerminalSession()
        while !flag.isSet {
            let snapshot = demoSnapshot(stage)
            let size = terminal.size
            terminal.draw(DemoScreen.render(snapshot, width: size.width, height: size.height, style: style))
            for _ in 0..<10 where !flag.isSet { try? await Task.sleep(for: .milliseconds(50)) }
        }
        terminal.end()
        waiting.cancel()
    }

    /// One line every five seconds, where there is no terminal to draw on.
    private static func showLines(_ stage: Stage, _ stops: AsyncStream<Void>) async {
        print("map: \(stage.service.status.window)")
        let ticker = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(5))
                print(DemoScreen.statusLine(demoSnapshot(stage)))
            }
        }
        for await _ in stops { break }
        ticker.cancel()
    }

    /// Without a view for a while, with a line of progress every five seconds.
    private static func watch(_ stage: Stage, for duration_s: Double, _ stops: AsyncStream<Void>) async -> ExitCode {
        let end = Date().addingTimeInterval(duration_s)
        let flag = StopFlag()
        let stopped = Task {
            for await _ in stops { break }
            flag.set()
        }
        defer { stopped.cancel() }
        var nextLine = Date().addingTimeInterval(5)
        while Date() < end, !flag.isSet {
            try? await Task.sleep(for: .milliseconds(100))
            if let status = stage.simulator.exitStatus {
                let log = (try? String(contentsOfFile: stage.simulatorLog, encoding: .utf8)) ?? ""
                CommandRunner.printError("fleetstream demo: the simulator ended with \(status)\n\(log.suffix(2000))")
                return .failure
            }
            if Date() >= nextLine {
                CommandRunner.printError(DemoScreen.statusLine(demoSnapshot(stage)))
                nextLine = nextLine.addingTimeInterval(5)
            }
        }
        return .success
    }

    private static func demoSnapshot(_ stage: Stage) -> DemoSnapshot {
        let status = stage.service.status
        var snapshot = DemoSnapshot()
        snapshot.vehicles = status.vehicles.total
        snapshot.vehiclesOnline = status.vehicles.online
        snapshot.vehiclesMoving = status.vehicles.moving
        snapshot.eventsPerSecond = status.output.eventsPerSecond
        snapshot.messagesPerSecond = status.input.messagesPerSecond
        snapshot.messages = Int(status.input.messages)
        if status.input.messages > 0 {
            snapshot.lagMedian_ms = status.input.lag_ms_p50
            snapshot.lag99th_ms = status.input.lag_ms_p99
        }
        snapshot.eventTotals = status.events.mapValues(Int.init)
        snapshot.outboxDepth = Int(status.output.outboxDepth)
        snapshot.deadLetters = Int(status.input.deadLetters)
        snapshot.store_bytes = Int(status.store.fileBytes + status.store.walBytes)
        snapshot.broker = status.broker.address
        snapshot.window = status.window
        snapshot.uptime_s = Int(status.now.timeIntervalSince(status.started))
        snapshot.utcOffset_s = TimeZone.current.secondsFromGMT()
        if status.state != "running" {
            snapshot.trouble = status.reason.isEmpty ? status.state : status.reason
        } else if !status.broker.isConnected {
            snapshot.trouble = "the broker is away"
        } else if let exitStatus = stage.simulator.exitStatus {
            snapshot.trouble = "the simulator ended with \(exitStatus)"
        }
        let heard = stage.listener.deliveries
        snapshot.newestEvents = heard.newestEvents
        var deliveries = heard.summary(arrivals: arrivalsMax)
        // The counts are those that `status` and `top` show.
        deliveries.byStatus = status.dispatch.deliveries
        deliveries.atRisk = status.dispatch.atRisk
        if deliveries.total > 0 { snapshot.deliveries = deliveries }
        return snapshot
    }

    /// More than the highest screen shows.
    private static let arrivalsMax = 100

    /// What there is to say in the end: the last figures while it ran, and what the end itself settled.
    private static func summarise(_ running: ServiceStatus, _ ended: ServiceStatus) {
        print("vehicles      \(running.vehicles.total), \(running.vehicles.online) online at the end")
        print("messages      \(ended.input.messages), \(ended.input.reports) reports")
        print(
            "              \(ended.input.late) late, \(ended.input.duplicates) duplicates, "
                + "\(ended.input.rejected) rejected, \(ended.input.deadLetters) dead letters")
        print(
            String(format: "lag           p50 %.1f ms, p99 %.1f ms", running.input.lag_ms_p50, running.input.lag_ms_p99)
        )
        print("events        \(ended.events.values.reduce(0, +))")
        for (type, count) in ended.events.sorted(by: { $0.key < $1.key }) { print("              \(type) \(count)") }
    }
}
