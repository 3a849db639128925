import FleetSimulation
import Foundation
import Testing

@Suite struct CommandTests {
    private func usage(_ arguments: String...) -> String {
        do {
            _ = try CommandOptions(arguments: arguments)
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test func `options are read in both forms`() throws {
        let options = try CommandOptions(arguments: [
            "--scenario", "load", "--vehicles=10000", "--rate", "2500.5", "--duration", "60", "--speedup=4", "--seed",
            "9",
            "--fleet", "north", "--root", "a/b", "--connections", "16", "--qos", "0", "--host", "broker", "--port",
            "8883",
            "--user", "sim", "--password-file", "/x", "--ca", "/ca", "--quiet", "--geofences", "Geofences",
        ])
        #expect(options.scenario == "load" && options.vehicles == 10_000 && options.rate == 2_500.5)
        #expect(options.duration_s == 60 && options.speedup == 4 && options.seed == 9)
        #expect(options.fleet == "north" && options.root == "a/b" && options.connections == .shared(16))
        #expect(options.qos == 0 && options.host == "broker" && options.port == 8883 && options.isQuiet)
        #expect(options.geofences == "Geofences")
        #expect(try CommandOptions(arguments: []) == CommandOptions())
        let dispatch = try CommandOptions(arguments: ["--orders=60", "--days", "7", "--truth", "/t", "--sms-gateway"])
        #expect(dispatch.orders == 60 && dispatch.days == 7 && dispatch.truthFile == "/t" && dispatch.answersSMS)
        let printing = try CommandOptions(arguments: ["--print", "--start", "2026-11-20T08:00:00+08:00"])
        #expect(printing.isPrinting && printing.start_ms == 1_795_132_800_000)
    }

    @Test func `wrong options are explained`() {
        #expect(usage("--vehicels", "3") == "unknown option --vehicels; did you mean --vehicles? (see --help)")
        #expect(usage("taipei") == "unexpected argument taipei (see --help)")
        #expect(usage("--vehicles") == "--vehicles needs a value (see --help)")
        #expect(usage("--quiet=yes") == "--quiet takes no value (see --help)")
        for wrong in ["0", "-1", "x", "1e9", "99999999999999999999"] {
            #expect(usage("--vehicles", wrong).contains("must be a whole number from 1 to 1000000"))
        }
        for wrong in ["0", "nan", "inf", "x"] { #expect(usage("--rate", wrong).contains("must be a number")) }
        #expect(usage("--qos", "2").contains("from 0 to 1"))
        #expect(usage("--port", "65536").contains("from 1 to 65535"))
        #expect(usage("--start", "now", "--print").contains("must be a time"))
        #expect(usage("--start", "2026-11-20T00:00:00Z").contains("--print"))
        #expect(usage("--speedup", "10").contains("needs --duration"))
        #expect(usage("--speedup", "10", "--print").contains("no clock"))
        #expect(usage("--orders", "0").contains("from 1 to 20000"))
        #expect(usage("--days", "367").contains("from 1 to 366"))
        #expect(usage("--sms-gateway", "--print").contains("needs a broker"))
        #expect(usage("--password-file", "x").contains("needs --user"))
        #expect(usage("--cert", "x").contains("go together"))
        for wrong in ["", "a/b", "a+", "#", "a b"] { #expect(usage("--fleet", wrong).contains("topic"), "\(wrong)") }
        for wrong in ["/a", "a/", "a//b", "+"] { #expect(usage("--root", wrong).contains("topic"), "\(wrong)") }
    }

    @Test func `the exit code tells what was wrong`() {
        func code(_ arguments: String...) -> Int32 { code(arguments) }
        func code(_ arguments: [String]) -> Int32 {
            SimulationCommand.run(arguments: arguments, executable: repository + "/.build/debug/fleetsim")
        }
        #expect(code("--nonsense") == 64)
        #expect(code("--scenario", "nonsense", "--print") == 78)
        #expect(code("--scenario", "/nowhere.json5", "--print") == 74)
        #expect(code("--print", "--geofences", "/nowhere") == 74)
        for arguments in [["--orders", "5"], ["--days", "2"], ["--truth", "/nowhere/x"]] {
            #expect(code(["--scenario", "tunnel", "--print"] + arguments) == 64, "\(arguments)")
        }
        #expect(code("--scenario", "morning", "--print", "--truth", "/nowhere/x") == 74)
        #expect(code("--help") == 0)
        #expect(code("--version") == 0)
        #expect(CommandHelp.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        for option in CommandOptions.valueNames + ["--print", "--quiet", "--sms-gateway"] {
            #expect(CommandHelp.text.contains(option))
        }
    }

    @Test func `printed messages go through a pipe whole, and a closed pipe is an end, not an error`() throws {
        signal(SIGPIPE, SIG_IGN)
        let run = try simulate(.small(seed: 4), vehicles: 4, duration_s: 120)
        let path = NSTemporaryDirectory() + "fleetsim-print-\(UUID().uuidString)"
        defer { unlink(path) }
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        var sink = PrintSink(descriptor: file, qos: 1)
        for message in run.messages { try sink.send(message) }
        try sink.flush()
        close(file)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == run.messages.count)
        #expect(
            lines.first?.hasPrefix("{\"tst\":\"2026-11-20T00:00:00.000000Z\",\"topic\":\"fleets/demo/dispatch/") == true
        )

        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        close(ends[0])
        var broken = PrintSink(descriptor: ends[1], qos: 1)
        try broken.send(run.messages[0])
        try broken.flush()
        #expect(broken.isClosed)
        close(ends[1])
    }
}
