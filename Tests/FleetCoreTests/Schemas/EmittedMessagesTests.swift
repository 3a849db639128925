import Foundation
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What the engine emits is what the published schemas say.
@Suite(.enabled(if: SchemaCheck.isAvailable)) struct `Emitted messages and the published schemas` {
    private func line(_ outcome: Outcome) -> String { "\(outcome.topic) \(outcome.text)" }

    private func check(_ lines: [String]) throws -> String {
        let answer = try #require(try SchemaCheck.messages(lines))
        #expect(answer.status == 0, "\(answer.text)")
        return answer.text
    }

    @Test func `random worlds`() throws {
        var lines: [String] = []
        for seed in seeds(8) {
            lines += try outcomes(of: RandomWorld(seed: seed, steps: 300).script.frames, shards: 2)
                // Answers go wherever the query says.
                .map { $0.kind == .answer ? "fleets/acme/dispatch/queries/q/result \($0.text)" : line($0) }
        }
        let counts = try check(lines)
        for name in ["event.json", "vehicle-state.json", "query-answer.json", "dead-letter.json"] {
            #expect(counts.contains(" \(name)\n"), "none is of \(name): \(counts)")
        }
    }

    @Test func `random drives, in order and with what comes late`() throws {
        var lines: [String] = []
        for seed in seeds(25) {
            var random = SplitMix64(seed: seed)
            let drive = RandomDrive(&random)
            var world = World()
            if let rules = drive.rules { world.rules(rules) }
            for fence in drive.fences { world.fence(fence.id, fence.feature) }
            var elements = drive.elements
            for index in elements.indices.dropLast() where random.chance(20) { elements.swapAt(index, index + 1) }
            for element in elements {
                world.pass(to: element.time)
                world.send("vehicles/V1/telemetry", element.text)
                world.flush()
            }
            lines += world.takeOutcomes().map(line)
        }
        let counts = try check(lines)
        let types = counts.split(separator: "\n").filter { $0.contains("fleetstream.") }
        #expect(types.count >= 40, "only these types: \(counts)")
    }

    @Test func `commands`() throws {
        var lines: [String] = []
        for seed in seeds(10) {
            var play = CommandPlay(seed: seed)
            for _ in 0..<300 { try play.step() }
            play.stage.tick(after: 604_800)
            for (number, event) in play.stage.events.enumerated() {
                let text = String(decoding: envelope(event, sequence: number), as: UTF8.self)
                lines.append("fleets/acme/events/\(event.type.group)/\(event.type.name) \(text)")
            }
            for message in play.stage.messages {
                let text = String(decoding: message.payload, as: UTF8.self)
                lines.append("fleets/acme/vehicles/\(message.vehicle.text)/commands/\(message.id.text) \(text)")
            }
        }
        let counts = try check(lines)
        for type in EventType.allCases where "\(type.group)" == "command" {
            #expect(
                counts.contains(" fleetstream.\(type.qualifiedName)\n"), "none is of \(type.qualifiedName): \(counts)")
        }
    }

    /// What cannot be read is not valid by the schema either; only the topic's id is beyond it.
    @Test func `requests for commands that are refused`() throws {
        let texts = `Command messages`.faults.filter { $0.1 != .identityMismatch }.map(\.0)
        let answer = try #require(
            try SchemaCheck.messages(texts.map { "fleets/acme/dispatch/commands/c-1 \($0)" }))
        let wrong = answer.text.split(separator: "\n").compactMap { line in
            line.hasPrefix("wrong: ") ? line.split(separator: ":").dropFirst(2).first.flatMap { Int($0) } : nil
        }
        let missing = texts.indices.filter { !wrong.contains($0 + 1) }.map { texts[$0] }
        #expect(missing == [], "\(answer.text)")
    }

    /// As the desk writes it: an event of its own subject, with the vehicle as the first of its data.
    private func envelope(_ event: DeskEvent, sequence: Int) -> [UInt8] {
        let id = event.identity(fleet: Array("acme".utf8))
        let time = RFC3339.string(event.time_ms)
        var out = Array(#"{"specversion":"1.0","id":""#.utf8)
        out.append(hex: id.high)
        out.append(hex: id.low)
        out += #"","source":"/fleets/acme","type":"fleetstream.\#(event.type.qualifiedName)","#.utf8
        out += #""subject":"\#(event.subject.kind)/\#(event.subject.id.text)","time":"\#(time)","#.utf8
        out += #""recordedtime":"\#(time)","sequence":""#.utf8
        out.append(decimal: Int64(sequence), width: 12)
        out += #"","partitionkey":"\#(event.vehicle?.text ?? "acme")","datacontenttype":"application/json","#.utf8
        out += #""data":{"vehicle":"\#(event.vehicle?.text ?? "")""#.utf8
        out += event.data
        out.closeCloudEvent()
        return out
    }

    @Test func `every event type is described, with its values`() throws {
        var types = "{"
        for (index, type) in EventType.allCases.enumerated() {
            var members = type.values.map { "\($0.name)" }
            if type.isIncident { members.append("track") }
            types += "\(index > 0 ? "," : "")\"\(type.qualifiedName)\":\(members)"
        }
        types += "}"
        let file = FileManager.default.temporaryDirectory.appending(path: "types-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(types.utf8).write(to: file)
        let answer = try #require(SchemaCheck.run(["types", file.path()]))
        #expect(answer.status == 0, "\(answer.text)")
    }
}
