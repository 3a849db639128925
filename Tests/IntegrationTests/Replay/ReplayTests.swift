import Foundation
import Testing

@Suite struct ReplayTests {
    let folder: Folder
    let fences: String

    init() throws {
        folder = try Folder()
        fences = try folder.write(Fences.collection(Capture.fences), to: "fences.geojson")
    }

    /// Runs `fleetstream replay` with these fences.
    private func replay(_ arguments: [String] = [], _ input: String) throws -> Outcome {
        try run(Programs.fleetstream, ["replay", "--geofences", fences] + arguments, input: input)
    }

    @Test func `the number of shards and the run make no difference, to the byte`() throws {
        let seed = UInt64.random(in: 0...999_999)
        let capture = Capture(seed: seed).lines()
        let first = try replay(["--shards", "1", "--state"], capture)
        #expect(first.status == 0, "seed \(seed): \(first.errors)")
        let names = Set(first.messages.filter(\.isEvent).map(\.name))
        #expect(names.isSuperset(of: ["entered", "exited", "online"]), "seed \(seed): \(names)")
        #expect(first.messages.contains { $0.topic.contains("/state/") })
        #expect(first.messages.contains(where: { $0.isDeadLetter }))
        for shards in ["1", "2", "2", "7", "7", "16", "16"] {
            let other = try replay(["--shards", shards, "--state"], capture)
            #expect(other.output == first.output, "seed \(seed), \(shards) shards")
        }
    }

    @Test func `every form of a line says the same`() throws {
        let capture = Capture(seed: 7, rounds: 40)
        let expected = try replay([], capture.lines(.objectUTC)).output
        #expect(!expected.isEmpty)
        for form in Capture.Form.allCases {
            let outcome = try replay([], capture.lines(form))
            #expect(outcome.output == expected, "\(form)")
        }
        let windows = capture.lines().replacing("\n", with: "\r\n") + "\r\n\r\n"
        #expect(try replay([], windows).output == expected)
        #expect(try replay([], String(capture.lines().dropLast())).output == expected)
    }

    @Test func `states are added by --state, and nothing else is`() throws {
        // The silence would be up just behind the last message.
        let capture = Capture(seed: 8, rounds: 40).lines()
        let rules = ["--set", "rules.offline_after_s=21"]
        let plain = try replay(rules, capture)
        let full = try replay(rules + ["--state"], capture)
        let states = full.output.split(separator: "\n").filter { $0.contains("/state/vehicles/") }
        #expect(Set(states.compactMap { Received(line: $0)?.topic }).count == 7)
        #expect(states.allSatisfy { $0.contains(#""retain":1"#) })
        let others = full.output.split(separator: "\n").filter { !$0.contains("/state/vehicles/") }
        #expect(others == plain.output.split(separator: "\n"))
    }

    @Test func `lines that are no messages are dead letters, and the rest counts`() throws {
        let lines = [
            "not JSON", "[]", "{", #"{"topic":"fleets/demo/vehicles/T-1/telemetry"}"#,
            #"{"tst":"now","topic":"a","payload":""}"#, #"{"tst":5,"topic":7,"payload":""}"#,
            #"{"tst":-5,"topic":"a","payload":""}"#, String(repeating: "[", count: 100_000), "\u{0}\u{1}\"",
            #"{"tst":5,"topic":"a"}"#,
        ]
        let good = Capture(seed: 9, rounds: 20).lines()
        let expected = try replay([], good)
        let outcome = try replay([], lines.joined(separator: "\n") + "\n" + good)
        #expect(outcome.status == 0)
        let letters = outcome.messages.filter { $0.topic == "fleets/_/dead-letters" }
        #expect(letters.count == lines.count)
        #expect(letters.allSatisfy { $0.payload.contains("capture_line_invalid") })
        #expect(outcome.output.hasSuffix(expected.output))
        #expect(outcome.errors.contains("\(lines.count) lines of the input are not messages"))
    }

    @Test func `a payload of null is an empty one`() throws {
        let line = #"{"tst":1795000000,"topic":"fleets/demo/vehicles/T-1/telemetry","payload":null}"#
        let outcome = try replay([], line)
        #expect(outcome.messages.map { $0.string("reason") } == ["empty_payload"])
    }

    @Test func `nothing in gives nothing out`() throws {
        for input in ["", "\n\n"] {
            let outcome = try replay(["--state"], input)
            #expect(outcome.status == 0 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("messages      0"))
        }
    }

    @Test func `files that cannot be read or written are told with exit code 74`() throws {
        let capture = try folder.write(Capture(seed: 1, rounds: 2).lines(), to: "capture.jsonl")
        let cases: [([String], String)] = [
            (["/nonexistent/capture.jsonl"], "/nonexistent/capture.jsonl"), ([folder.path], "directory"),
            (["--output", "/nonexistent/out", capture], "/nonexistent/out"),
            (["--journal", "/nonexistent/store"], "/nonexistent/store"), (["--journal", capture], capture),
            (["--geofences", "/nonexistent", capture], "/nonexistent"),
        ]
        for (arguments, word) in cases {
            let outcome = try run(Programs.fleetstream, ["replay"] + arguments)
            #expect(outcome.status == 74, "\(arguments): \(outcome)")
            #expect(outcome.errors.contains(word), "\(arguments): \(outcome.errors)")
        }
    }

    @Test func `--output writes the same to a file, and never over the input`() throws {
        let text = Capture(seed: 2, rounds: 10).lines()
        let capture = try folder.write(text, to: "capture.jsonl")
        let expected = try replay([], text)
        let outcome = try replay(["--output", folder.file("events.jsonl"), capture], "")
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(try String(contentsOfFile: folder.file("events.jsonl"), encoding: .utf8) == expected.output)
        let refused = try replay(["--output", folder.path + "/./capture.jsonl", capture], "")
        #expect(refused.status == 74 && refused.errors.contains("is the input"))
        #expect(try String(contentsOfFile: capture, encoding: .utf8) == text)
    }

    @Test func `what was published before is no input`() throws {
        let capture = Capture(seed: 3).lines()
        let first = try replay(["--state"], capture)
        // A capture of everything below the root, as somebody records it beside a running process.
        let second = try replay(["--state"], capture + first.output)
        #expect(second.messages.eventIDs == first.messages.eventIDs)
        #expect(second.messages.filter(\.isDeadLetter).count == first.messages.filter(\.isDeadLetter).count)
    }

    @Test func `--fleet, --from and --to choose messages`() throws {
        let capture = Capture(seed: 4)
        let all = try replay([], capture.lines())
        let north = try replay(["--fleet", "north"], capture.lines())
        #expect(!north.output.isEmpty)
        #expect(north.messages.eventIDs == all.messages.filter { $0.topic.hasPrefix("fleets/north/") }.eventIDs)
        let middle_ms = capture.messages[capture.messages.count / 2].time_ms
        var half = capture
        half.messages.removeAll { $0.time_ms > middle_ms }
        let to = try replay(["--to", String(format: "%.3f", Double(middle_ms) / 1000)], capture.lines())
        #expect(to.output == (try replay([], half.lines()).output))
        half = capture
        half.messages.removeAll { $0.time_ms < middle_ms }
        let from = try replay(["--from", String(format: "%.3f", Double(middle_ms) / 1000)], capture.lines())
        #expect(from.output == (try replay([], half.lines()).output))
    }

    @Test func `--geofences takes a folder too, and other fences give other events`() throws {
        let capture = Capture(seed: 5).lines()
        let one = try replay([], capture)
        try FileManager.default.createDirectory(atPath: folder.file("Fences"), withIntermediateDirectories: true)
        for (number, fence) in Capture.fences.enumerated() { try folder.write(fence, to: "Fences/\(number).geojson") }
        let many = try run(Programs.fleetstream, ["replay", "--geofences", folder.file("Fences")], input: capture)
        #expect(many.output == one.output)
        try FileManager.default.removeItem(atPath: folder.file("Fences/0.geojson"))
        let fewer = try run(Programs.fleetstream, ["replay", "--geofences", folder.file("Fences")], input: capture)
        let expected = one.messages.filter { $0.isEvent && $0.string("geofence") != "f-0" }.map(\.id)
        #expect(fewer.messages.filter(\.isEvent).map(\.id) == expected)
    }
}
