import BrokerHarness
import FleetService
import Foundation
import Testing

/// The file of rules as users meet it: `rules`, `check`, `run` and SIGHUP, `replay --diff`.
@Suite struct RulesTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    @Test func `rules prints what holds, as text and as JSON`() throws {
        let file = try folder.write(
            "{defaults: {idle: {duration_s: 60}}, vehicles: {\"T-1\": {idle: {duration_s: 30}}}}", to: "rules.json5")
        func rules(_ arguments: [String]) throws -> Outcome {
            try run(Programs.fleetstream, ["rules", "--set", "rules_file=\(file)"] + arguments)
        }
        /// Without the breaks of lines.
        func prose(_ arguments: [String]) throws -> String {
            try rules(arguments).output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        }
        let all = try rules([])
        #expect(all.status == 0 && all.output.contains("duration_s"))
        #expect(try prose([]).contains("changed by defaults"))
        #expect(!all.output.contains("vehicle T-1"))
        #expect(try prose(["--vehicle", "T-1"]).contains("changed by vehicle T-1"))
        let json = try rules(["--vehicle", "T-1", "--json"])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["vehicle"] as? String == "T-1" && (object["rules"] as? [Any])?.isEmpty == false)
        // A configuration beside whose file a file of rules is.
        let configuration = try folder.write("{}", to: "fleetstream.json5")
        let beside = try run(Programs.fleetstream, ["rules", "--config", configuration])
        #expect(beside.output == all.output)
    }

    @Test func `check, rules, run and replay refuse a file with errors, with its place`() throws {
        let file = try folder.write("{defaults: {speedng: {}}}", to: "rules.json5")
        let setting = ["--set", "rules_file=\(file)"]
        let message = "\(file):1:13: defaults.speedng: there is no such rule; did you mean speeding?"
        for (command, status) in [("check", 1), ("rules", 78), ("run", 78), ("replay", 78)] as [(String, Int32)] {
            let store = command == "run" ? ["--store", folder.file("store.sqlite")] : []
            let outcome = try run(Programs.fleetstream, [command] + setting + store, timeout_s: 20)
            #expect(outcome.status == status && outcome.errors.contains(message), "\(command): \(outcome)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("store.sqlite")))
        let missing = try run(Programs.fleetstream, ["check", "--set", "rules_file=/nonexistent/r.json5"])
        #expect(missing.status == 1 && missing.errors.contains("/nonexistent/r.json5: cannot be opened"), "\(missing)")
    }

    @Test func `SIGHUP takes changed rules over, and keeps those in force where the file is broken`() throws {
        let rules = try folder.write("{}", to: "rules.json5")
        let stage = try Stage(settings: ["rules_file=\(rules)"])
        func reload(_ text: String, until word: String) throws {
            try folder.write(text, to: "rules.json5")
            stage.service.send(SIGHUP)
            try stage.service.wait(word) { stage.service.log.contains(word) }
        }
        try reload("{defaults: {idle: {enabled: 7}}}", until: "the rules stay as they were")
        #expect(stage.service.log.contains("rules.json5:1:29: defaults.idle.enabled: 7 is neither on nor off"))
        try reload("{defaults: {idle: {enabled: false}}}", until: "rules reloaded")
        #expect(stage.service.stop() == 0)
        // The journal has both: what the process started with, and the change.
        let text = try run(
            "python3",
            [
                "-c",
                """
                import sqlite3, sys
                for row in sqlite3.connect(sys.argv[1]).execute("select * from journal"):
                    for value in row:
                        if isinstance(value, bytes): sys.stdout.write(value.decode("utf-8", "replace"))
                """, stage.service.store,
            ]
        ).output
        #expect(text.contains(#""idle":{"enabled":1,"#) && text.contains(#""idle":{"enabled":0,"#), "\(text.count)")
    }

    // MARK: - replay --diff

    /// A vehicle that drives, falls silent for long, and drives again; another reports all the time.
    private var capture: String {
        var lines: [(Int, String)] = []
        func add(_ vehicle: String, _ second: Int) {
            let time = 1_795_000_000 + second
            lines.append(
                (
                    second,
                    #"{"tst":\#(time),"topic":"fleets/demo/vehicles/\#(vehicle)/telemetry","payload":{"time":\#(time)000,"lat":\#(25 + Double(second) / 10_000),"lon":121.5,"speed_kmh":40,"heading_deg":0}}"#
                ))
        }
        for second in stride(from: 0, through: 1200, by: 10) {
            add("T-2", second)
            if !(200..<900).contains(second) { add("T-1", second) }
        }
        return lines.sorted { $0.0 < $1.0 }.map(\.1).joined(separator: "\n") + "\n"
    }

    private func diff(_ other: String, _ arguments: [String] = [], _ input: String? = nil) throws -> Outcome {
        try run(
            Programs.fleetstream,
            ["replay", "--set", "rules_file=", "--set", "fleets=[{id: \"+\", geofences: \"\"}]", "--diff", other]
                + arguments,
            input: input ?? capture)
    }

    private func lines(_ outcome: Outcome) -> [String] {
        outcome.output.split(separator: "\n").map { line in
            "\(line.prefix(1)) \(Received(line: line.dropFirst(2))?.name ?? "?")"
        }
    }

    @Test func `other rules show the events that only one has, in order of time, and the exit code says so`() throws {
        let off = try folder.write("{defaults: {stale: {enabled: false}}}", to: "off.json5")
        let gone = try diff(off)
        #expect(gone.status == 1)
        #expect(
            lines(gone).filter { $0.contains("position_") } == ["- position_stale", "- position_recovered"], "\(gone)")
        #expect(gone.errors.contains("vehicle.position_stale -1 +0"), "\(gone.errors)")
        // Told at another time it is the same event: the loss has one id.
        let sooner = try folder.write("{defaults: {stale: {stale_after_s: 60}}}", to: "sooner.json5")
        #expect(try diff(sooner).status == 0)
        let on = try folder.write("{}", to: "on.json5")
        let none = try diff(on)
        #expect(none.status == 0 && none.output.isEmpty && none.errors.contains("differences   -0 +0"), "\(none)")
        // The other way round.
        let back = try run(
            Programs.fleetstream,
            ["replay", "--set", "rules_file=\(off)", "--set", "fleets=[{id: \"+\", geofences: \"\"}]", "--diff", on],
            input: capture)
        #expect(lines(back).filter { $0.contains("position_") } == ["+ position_stale", "+ position_recovered"])
        let file = folder.file("diff.txt")
        #expect(try diff(off, ["--output", file, "--shards", "3"]).status == 1)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == gone.output)
    }

    @Test func `another configuration brings its settings and geofences`() throws {
        let fences = try folder.write(
            #"{"type":"Feature","id":"line","properties":{"radius_m":500},"geometry":{"type":"Point","coordinates":[121.5,25.05]}}"#,
            to: "f.geojson")
        let other = try folder.write(
            "{fleets: [{id: \"+\", geofences: \"f.geojson\"}], rules: {offline_after_s: 100000}}", to: "other.json5")
        let outcome = try run(
            Programs.fleetstream,
            [
                "replay", "--config", try folder.write("{fleets: [{id: \"+\", geofences: \"\"}]}", to: "base.json5"),
                "--diff", other,
            ],
            input: capture)
        #expect(outcome.status == 1, "\(outcome)")
        let found = lines(outcome)
        #expect(found.contains("+ entered") && found.contains("+ exited") && found.contains("- offline"), "\(found)")
        #expect(FileManager.default.fileExists(atPath: fences))
    }

    @Test func `what cannot be compared is told`() throws {
        let broken = try folder.write("{defaults: {nothing: {}}}", to: "broken.json5")
        #expect(try diff(broken).status == 78)
        #expect(try diff("/nonexistent.json5").status == 78)
        #expect(try diff(try folder.write("{mqtt: {prot: 1}}", to: "c.json5")).errors.contains("mqtt.prot"))
        #expect(try run(Programs.fleetstream, ["replay", "--state", "--diff", broken]).status == 64)
        let on = try folder.write("{}", to: "on.json5")
        let bad = try diff(on, [], "not a line\n" + capture)
        #expect(bad.status == 0 && bad.errors.contains("1 lines of the input are not messages"), "\(bad)")
    }

    @Test func `a journal is compared with what it was made with`() throws {
        let stage = try Stage()
        try stage.broker.publish(Report.drive([-600, -300, 0, 20, 40], from: now_ms() - 600_000), of: "T-1")
        try stage.service.wait("the drive") { stage.service.status?.input.reports ?? 0 >= 5 }
        #expect(stage.service.stop() == 0)
        let journal = ["replay", "--journal", stage.service.store, "--diff"]
        let on = try folder.write("{}", to: "on.json5")
        let same = try run(Programs.fleetstream, journal + [on])
        #expect(same.status == 0, "\(same)")
        let none = try folder.write("{fleets: [{id: \"+\", geofences: \"\"}]}", to: "none.json5")
        let without = try run(Programs.fleetstream, journal + [none])
        #expect(without.status == 1 && lines(without).contains("- entered"), "\(without)")
    }
}
