import BrokerHarness
import Foundation
import Testing

/// All dispatch events of a small simulated day, as they are checked in, with a reason for each kind of line.
///
/// `make golden` writes the file anew where a change of the events is meant; the difference then is part of the change, for
/// whoever reads it. Reasons are kept; a kind that is new must be given one by hand.
@Suite struct GoldenTests {
    private static let folder = Programs.checkout.appendingPathComponent("Tests/IntegrationTests/Dispatch/Golden").path
    private static let file = folder + "/day.events"
    private static let unknown = "no reason is given yet"
    /// Groups of events that dispatch causes.
    private static let groups: Set<String> = [
        "delivery", "route", "eta", "finance", "cargo", "dispatch", "command", "sms",
    ]
    /// Ids that follow from the subject, and what is different in each release.
    private static let leftOut: Set<String> = [
        "vehicle", "stop", "order", "route", "customer", "request", "dedupe_key",
    ]

    @Test func `a small day is told line by line as it is checked in`() throws {
        let lines = try told()
        let golden = (try? String(contentsOfFile: Self.file, encoding: .utf8)) ?? ""
        let isRenewal = ProcessInfo.processInfo.environment["FLEETSTREAM_RENEW_GOLDEN"] != nil
        if isRenewal {
            try (head(lines, Self.reasons(golden)) + lines.joined(separator: "\n") + "\n")
                .write(toFile: Self.file, atomically: true, encoding: .utf8)
        }
        let text = isRenewal ? try String(contentsOfFile: Self.file, encoding: .utf8) : golden
        let expected = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        #expect(lines.count == expected.count)
        for (index, (line, expected)) in zip(lines, expected).enumerated() where line != expected {
            Issue.record("line \(index + 1) of the events is\n\(line)\nand was\n\(expected)")
            break
        }
        // Neither a kind without a reason nor a reason without a line.
        let reasons = Self.reasons(text)
        let kinds = Set(lines.map(Self.kind))
        #expect(kinds.subtracting(reasons.keys) == [])
        #expect(Set(reasons.keys).subtracting(kinds) == [])
        #expect(reasons.filter { $0.value == Self.unknown }.keys.sorted() == [])
    }

    /// The events as lines: time, kind, subject, vehicle, marks, and the rest of the data.
    private func told() throws -> [String] {
        let simulator = try run(
            Programs.fleetsim, ["--scenario", Self.folder + "/day.json5", "--print", "--quiet"])
        #expect(simulator.status == 0, "\(simulator.errors)")
        let folder = try Folder()
        let path = try folder.write(simulator.output, to: "day.jsonl")
        let messages = Programs.checkout.appendingPathComponent("Config/sms").path
        let outcome = try run(Programs.fleetstream, ["replay", "--set", "sms_folder=\(messages)", path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.messages.compactMap(line)
    }

    private func line(_ message: Received) -> String? {
        let event = message.json
        guard let type = event["type"] as? String, let time = event["time"] as? String,
            let subject = event["subject"] as? String
        else { return nil }
        let kind = String(type.dropFirst("fleetstream.".count))
        guard Self.groups.contains(String(kind.prefix { $0 != "." })) else { return nil }
        var words = [time, kind, subject]
        if let vehicle = message.string("vehicle") { words.append(vehicle) }
        if event["late"] as? Bool == true { words.append("late") }
        if event["corrects"] != nil { words.append("corrects") }
        let rest = message.data.filter { !Self.leftOut.contains($0.key) }
        let json = try? JSONSerialization.data(withJSONObject: rest, options: [.sortedKeys, .withoutEscapingSlashes])
        if !rest.isEmpty, let json { words.append(String(decoding: json, as: UTF8.self)) }
        return words.joined(separator: " ")
    }

    private static func kind(_ line: String) -> String {
        line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    }

    /// Kind → reason, of the lines that begin with `# `.
    private static func reasons(_ text: String) -> [String: String] {
        var reasons: [String: String] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("# ") {
            let parts = line.dropFirst(2).split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].contains("."), !parts[0].contains(" ") else { continue }
            reasons[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return reasons
    }

    private func head(_ lines: [String], _ reasons: [String: String]) -> String {
        let kinds = Set(lines.map(Self.kind)).sorted().map { "# \($0): \(reasons[$0] ?? Self.unknown)\n" }
        return
            "# The dispatch events of day.json5, by fleetsim and `fleetstream replay`; `make golden` writes them anew.\n"
            + "# Why each kind of line is there:\n" + kinds.joined()
    }
}
