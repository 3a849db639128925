import Foundation
import Testing

@testable import FleetService

@Suite struct `Command line` {
    private func parse(_ line: String) throws -> Command {
        try Command.parse(line.split(separator: " ").map(String.init))
    }

    private func error(_ arguments: [String]) -> String {
        do throws(UsageError) { return "\(try Command.parse(arguments))" } catch { return error.description }
    }

    @Test func `run takes its flags in both notations`() throws {
        var expected = RunOptions()
        expected.common.configurationFile = "x.json5"
        expected.common.overrides = [
            .init(key: "mqtt.port", value: "1884"), .init(key: "store.path", value: "s.sqlite", flag: "--store"),
            .init(key: "topic_root", value: "a=b"), .init(key: "log.level", value: "debug", flag: "--log-level"),
        ]
        expected.isNullConsumer = true
        let spaced = "run --config x.json5 --set mqtt.port=1884 --store s.sqlite --set topic_root=a=b --log-level debug"
        #expect(try parse(spaced + " --null-consumer") == .run(expected))
        let attached = "run --config=x.json5 --set=mqtt.port=1884 --store=s.sqlite --set=topic_root=a=b"
        #expect(try parse(attached + " --null-consumer --log-level=debug") == .run(expected))
        #expect(try parse("run") == .run(RunOptions()))
    }

    @Test func `demo takes its flags`() throws {
        var expected = DemoOptions()
        expected.duration_s = 2.5
        expected.vehicles = 7
        expected.speedup = 10
        expected.keepsFolder = true
        expected.scenario = "s.json5"
        #expect(
            try parse("demo --seconds 2.5 --vehicles 7 --speedup 10 --keep --scenario s.json5") == .demo(expected))
        #expect(try parse("demo") == .demo(DemoOptions()))
    }

    @Test func `check takes its flags`() throws {
        var expected = CheckOptions()
        expected.isLive = true
        expected.isJSON = true
        expected.geofences = "G"
        #expect(try parse("check --live --json --geofences G") == .check(expected))
    }

    @Test func `replay takes its flags and one input`() throws {
        var expected = ReplayOptions()
        expected.input = .file("day.jsonl")
        expected.geofences = "G"
        expected.includesState = true
        expected.fleet = "taipei"
        expected.output = "out"
        expected.from_ms = 1_795_133_730_000
        expected.to_ms = 1_795_133_730_250
        expected.common.overrides = [.init(key: "engine.shards", value: "16", flag: "--shards")]
        let times = "--from 2026-11-20T08:15:30+08:00 --to 2026-11-20T00:15:30.250Z"
        #expect(
            try parse("replay --geofences G day.jsonl --state --fleet taipei --output out \(times) --shards 16")
                == .replay(expected))
        #expect(try parse("replay") == .replay(ReplayOptions()))
        #expect(try parse("replay -") == .replay(ReplayOptions()))
        var journal = ReplayOptions()
        journal.input = .journal("s.sqlite")
        #expect(try parse("replay --journal s.sqlite") == .replay(journal))
    }

    @Test func `rules takes its flags, and replay something to compare with`() throws {
        var expected = RulesOptions()
        #expect(try parse("rules") == .rules(expected))
        expected.vehicle = "V-1"
        expected.group = "red"
        expected.isJSON = true
        #expect(try parse("rules --vehicle V-1 --json --group red") == .rules(expected))
        var template = RulesOptions()
        template.isTemplate = true
        #expect(try parse("rules --template") == .rules(template))
        var replay = ReplayOptions()
        replay.comparison = "other.json5"
        #expect(try parse("replay --diff other.json5") == .replay(replay))
        #expect(throws: UsageError.self) { try parse("replay --diff other.json5 --state") }
        #expect(throws: UsageError.self) { try parse("rules --vehicle") }
    }

    @Test func `link takes its flags`() throws {
        var expected = LinkOptions()
        expected.fleet = "taipei"
        expected.stop = "O-17"
        #expect(try parse("link --fleet taipei --stop O-17") == .link(expected))
        expected.expires_ms = 1_795_133_730_000
        #expect(try parse("link --stop O-17 --expires 1795133730 --fleet taipei") == .link(expected))
        for line in [
            "link", "link --fleet taipei", "link --stop S", "link --fleet a/b --stop S", "link --fleet a --stop +",
            "link --fleet a --stop #", "link --fleet a --stop S --expires soon", "link --fleet a --stop a\u{1}b",
        ] {
            #expect(throws: UsageError.self, "\(line)") { try parse(line) }
        }
    }

    @Test func `learned takes its flags`() throws {
        var expected = LearnedOptions()
        #expect(try parse("learned") == .learned(expected))
        expected.fleet = "taipei"
        expected.isJSON = true
        expected.common.overrides = [.init(key: "store.path", value: "s.sqlite", flag: "--store")]
        #expect(try parse("learned --fleet taipei --json --store s.sqlite") == .learned(expected))
        var imported = LearnedOptions()
        imported.fleet = "taipei"
        imported.importFile = "l.json"
        #expect(try parse("learned --import l.json --fleet taipei") == .learned(imported))
        for wrong in ["--import l.json", "--import l.json --fleet a --json", "--fleet a/b", "--import", "file"] {
            #expect(throws: UsageError.self) { try parse("learned \(wrong)") }
        }
    }

    @Test func `status takes its flags`() throws {
        var expected = StatusOptions()
        expected.isJSON = true
        expected.common.overrides = [.init(key: "status.socket", value: "/run/f", flag: "--socket")]
        #expect(try parse("status --json --socket /run/f") == .status(expected))
    }

    @Test func `behind two hyphens everything is positional`() throws {
        var expected = ReplayOptions()
        expected.input = .file("--help")
        #expect(try parse("replay -- --help") == .replay(expected))
    }

    @Test(arguments: [
        (
            ["rnu"],
            "fleetstream: there is no command \"rnu\"; did you mean run?\n\"fleetstream help\" lists the commands."
        ),
        (["launch"], "fleetstream: there is no command \"launch\"\n\"fleetstream help\" lists the commands."),
        (
            ["--config", "x", "run"],
            "fleetstream: --config before the command; flags stand behind it: fleetstream run --config FILE\n"
                + "\"fleetstream help\" lists the commands."
        ),
        (
            ["help", "rply"],
            "fleetstream: there is no command \"rply\"; did you mean replay?\n\"fleetstream help\" lists the commands."
        ),
        (
            ["help", "replai"],
            "fleetstream: there is no command \"replai\"; did you mean replay?\n\"fleetstream help\" lists the commands."
        ),
    ])
    func `a wrong command is named, with the nearest`(arguments: [String], expected: String) {
        #expect(error(arguments) == expected)
    }

    @Test(arguments: [
        (["replay", "--shard", "2"], "there is no flag --shard; did you mean --shards?"),
        (["run", "--seconds", "2"], "there is no flag --seconds"), (["run", "-v"], "there is no flag -v"),
        (["run", "x"], "\"x\" is one argument too many"), (["replay", "a", "b"], "\"b\" is one argument too many"),
        (["run", "--config"], "--config lacks its value: --config FILE"),
        (["run", "--config", "--null-consumer"], "--config lacks its value: --config FILE"),
        (["run", "--config="], "--config is empty"), (["run", "--store", ""], "--store is empty"),
        (["check", "--json=yes"], "--json takes no value"), (["check", "--json", "--json"], "--json is given twice"),
        (["run", "--set", "mqtt.port"], "--set: \"mqtt.port\" is not KEY=VALUE, such as mqtt.port=1884"),
        (["run", "--set", "=1"], "--set: \"=1\" is not KEY=VALUE, such as mqtt.port=1884"),
        (["demo", "--seconds", "0"], "--seconds: \"0\" is not a number from 1 to 86400"),
        (["demo", "--seconds", "nan"], "--seconds: \"nan\" is not a number from 1 to 86400"),
        (["demo", "--vehicles", "1.5"], "--vehicles: \"1.5\" is not a whole number from 1 to 100000"),
        (["demo", "--vehicles", "-1"], "--vehicles: \"-1\" is not a whole number from 1 to 100000"),
        (["replay", "--journal", "s", "f"], "a file and --journal are both given; one of them is to be read"),
        (["replay", "--from", "20", "--to", "10"], "--from is later than --to"),
        (
            ["replay", "--from", "yesterday"],
            "--from: \"yesterday\" is not a time such as 2026-11-20T08:15:30+08:00, or seconds since 1970"
        ),
        (
            ["replay", "--fleet", "a/b"],
            "--fleet: \"a/b\" cannot be a level of a topic; give a name without / + #, or \"+\" for any"
        ),
        (["run", "\u{1B}[2J"], "\"\u{FFFD}[2J\" is one argument too many"),
    ])
    func `a wrong argument is named, with what to do`(arguments: [String], expected: String) {
        let command = arguments[0]
        #expect(
            error(arguments)
                == "fleetstream \(command): \(expected)\n\"fleetstream help \(command)\" shows what it takes.")
    }

    @Test func `nothing at all shows the overview`() {
        #expect(error([]).hasPrefix("fleetstream: a command is missing\n\nFleetstream stands"))
    }

    @Test func `help and version are found wherever they are asked for`() throws {
        for line in ["--help", "-h", "help", "help help"] { #expect(try parse(line) == .help(HelpText.overview)) }
        for command in CommandSyntax.all {
            let text = HelpText.text(for: command)
            for line in ["help \(command.name)", "\(command.name) --help", "\(command.name) --nonsense -h"] {
                #expect(try parse(line) == .help(text))
            }
        }
        #expect(try parse("--version") == .version)
    }

    @Test func `help names every command, flag and exit code, in 80 columns`() {
        for command in CommandSyntax.all {
            #expect(HelpText.overview.contains("  \(command.name) "))
            let text = HelpText.text(for: command)
            for flag in command.flags { #expect(text.contains("  \(flag.name)")) }
            for code in [ExitCode.success, .failure, .usage, .configuration]
            where !command.withoutExitCodes.contains(code) {
                let isListed = text.split(separator: "\n").contains { $0.hasPrefix("  \(code.rawValue) ") }
                #expect(isListed, "\(command.name): \(code)")
            }
            let examples = command.examples.map { "  " + $0.line }
            for line in text.split(separator: "\n") where !examples.contains(String(line)) { #expect(line.count <= 80) }
        }
        for line in HelpText.overview.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test func `the examples of the help are command lines that parse`() throws {
        for command in CommandSyntax.all {
            for example in command.examples {
                guard let start = example.line.range(of: "fleetstream \(command.name)") else { continue }
                let end = example.line[start.lowerBound...].firstIndex(of: ">") ?? example.line.endIndex
                let words = example.line[start.lowerBound..<end].split(separator: " ").dropFirst().map(String.init)
                #expect(throws: Never.self) { try Command.parse(words) }
            }
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("1795133730.25", 1_795_133_730_250), ("1970-01-01T00:00:00Z", 0),
            ("2026-11-20T08:15:30.250+08:00", 1_795_133_730_250), ("1969-12-31T23:59:59Z", nil), ("-1", nil),
            ("1e300", nil),
            ("2026-13-01T00:00:00Z", nil), ("nan", nil), ("2026-11-20", nil),
        ] as [(String, Int64?)])
    func `times are RFC 3339, or seconds since 1970`(text: String, expected: Int64?) {
        #expect(commandTime_ms(text) == expected)
    }
}
