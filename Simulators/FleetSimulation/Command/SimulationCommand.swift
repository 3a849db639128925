import FoundationEssentials
import Glibc

/// The `fleetsim` command without the process around it.
package enum SimulationCommand {
    /// Runs with the arguments after the executable's name and gives the exit code. Blocks its thread until the end.
    package static func run(arguments: [String], executable: String) -> Int32 {
        if arguments.contains("--help") || arguments.contains("-h") {
            print(CommandHelp.text)
            return 0
        }
        if arguments.contains("--version") {
            print("fleetsim \(CommandHelp.version)")
            return 0
        }
        do {
            let options = try CommandOptions(arguments: arguments)
            let library = ScenarioLibrary(
                currentFolder: FileManager.default.currentDirectoryPath, executable: executable)
            let prepared = try PreparedRun(options: options, library: library)
            StopSignal.install()
            return options.isPrinting ? try printRun(prepared) : try brokerRun(prepared)
        } catch {
            report("fleetsim: \(error)")
            return error.exitCode
        }
    }

    private static func printRun(_ prepared: PreparedRun) throws(SimulationError) -> Int32 {
        let started_s = WallClock.steady_s()
        var truth = try TruthFile(path: prepared.options.truthFile)
        var sink = PrintSink(descriptor: STDOUT_FILENO, qos: prepared.options.qos)
        var simulator = prepared.makeSimulator(start_ms: prepared.options.start_ms ?? prepared.scenario.start_ms)
        try simulator.begin(into: &sink)
        var now_us: Int64 = 0
        // In slices, so that Ctrl-C ends a long simulation in good order.
        while let end_us = printedEnd_us(prepared, simulator), now_us < end_us, !StopSignal.isRequested,
            !sink.isClosed
        {
            now_us = min(end_us, now_us + 1_000_000)
            try simulator.advance(to: now_us, into: &sink)
            try truth.append(simulator.takeTruth())
        }
        try simulator.finish(into: &sink)
        try sink.flush()
        truth.close()
        if !prepared.options.isQuiet {
            let summary = RunSummary(
                counts: simulator.counts, vehicles: simulator.vehicles.count,
                wall_s: WallClock.steady_s() - started_s, delivery: nil)
            report(summary.text)
        }
        return 0
    }

    /// When a printed simulation ends: after the duration asked for, else with the last day of dispatch, else after a while.
    private static func printedEnd_us(_ prepared: PreparedRun, _ simulator: FleetSimulator) -> Int64? {
        if let duration_s = prepared.options.duration_s { return Int64(duration_s * 1e6) }
        guard prepared.scenario.dispatch != nil else { return Int64(CommandOptions.printedDuration_s * 1e6) }
        return simulator.playEnd_us ?? .max
    }

    private static func brokerRun(_ prepared: PreparedRun) throws(SimulationError) -> Int32 {
        let result = try BrokerRun(prepared).run { StopSignal.isRequested }
        let summary = RunSummary(
            counts: result.counts, vehicles: prepared.scenario.vehicles, wall_s: result.wall_s,
            delivery: result.delivery)
        print(summary.text)
        return result.isComplete ? 0 : 1
    }

    /// Writes a line to standard error.
    static func report(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Nothing can be done about a standard error that is gone.
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// The machine's clocks. Only the command reads them; the simulation does not.
enum WallClock {
    /// Seconds that never go back.
    static func steady_s() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Milliseconds since 1970, UTC.
    static func now_ms() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
