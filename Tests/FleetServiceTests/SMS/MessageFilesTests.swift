import FleetCore
import Foundation
import Geo
import Testing

@testable import FleetService

@Suite struct `The folder of messages` {
    private let folder: ConfigurationFolder
    private static let shipped = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Config/sms").standardizedFileURL.path

    init() throws {
        folder = try ConfigurationFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/sms", withIntermediateDirectories: true)
    }

    /// A file of texts for every kind, these before the others.
    private static func language(_ texts: [String: String] = [:], _ rest: String = "lengths: {order: 12, reason: 5}")
        -> String
    {
        let all = MessageKind.allCases.map { "\($0.name): \"\(texts[$0.name] ?? "x")\"" }
        return "{\(rest), texts: {\(all.joined(separator: ", "))}}"
    }

    private func load(_ files: [String: String]) throws -> MessageRules {
        for (name, text) in files { try folder.write(text, to: "sms/\(name)") }
        return try MessageFiles.load(folder: folder.path + "/sms")
    }

    private func errors(_ files: [String: String]) throws -> [String] {
        do {
            _ = try load(files)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map { $0.description.replacing(folder.path + "/sms", with: "F") }
        }
    }

    @Test func `the shipped one has a text for every kind in two languages, each within one message`() throws {
        let rules = try MessageFiles.load(folder: Self.shipped)
        #expect(rules.languages.map(\.tag) == ["en", "zh-Hant-TW"])
        for language in rules.languages {
            for kind in MessageKind.allCases {
                let template = try #require(language.texts[kind])
                let units = try #require(template.worstCase(language.length))
                #expect(units <= 70, "\(language.tag) \(kind.name): \(units)")
            }
            #expect(language.reasons[""] != nil)
        }
        // Its settings are the built-in ones.
        var expected = MessageRules()
        for language in rules.languages { expected.set(language) }
        #expect(rules == expected)
        #expect(MessageRules(json: rules.json().span) == rules)
    }

    @Test func `settings are taken over`() throws {
        let rules = try load([
            "en.json5": Self.language(),
            "messages.json5": """
            {
                language: "en", time_zone: "UTC", quiet_hours: null, rate_per_min: 5, burst: 4,
                link: "https://x.example/{order}", receipt_s: 60, queue_max: 9, delayed_s: 1, resend_s: 2,
                kinds: {arrived: {enabled: false, expiry_s: 10, priority: "emergency", keeps_quiet_hours: false}},
            }
            """,
        ])
        #expect(rules.language == "en" && rules.timeZone == "UTC" && rules.quietHours == nil)
        #expect(rules.localTime.offset_s(at: 0) == 0 && rules.rate_per_min == 5 && rules.burst == 4)
        #expect(rules.link.hasSuffix("{order}") && rules.receipt_s == 60)
        #expect(rules.queue_max == 9 && rules.delayed_s == 1 && rules.resend_s == 2)
        let arrived = rules[.arrived]
        #expect(!arrived.isEnabled && arrived.expiry_s == 10 && arrived.priority == .emergency)
        #expect(arrived.ignoresQuietHours && rules[.arriving].isEnabled)
    }

    @Test(arguments: [
        (
            ["arrived": String(repeating: "中", count: 58) + "{order}{eta}"],
            "texts.arrived: can have 75 characters with the longest values, and 70 fit into one message; shorten the text by 5, or the lengths of its values (order 12, eta 5)"
        ),
        (
            ["arrived": String(repeating: "🛢", count: 36)],
            "texts.arrived: can have 72 characters with the longest values, and 70 fit into one message; shorten the text by 2"
        ),
        (
            ["failed": "ab {ordr}"],
            "texts.failed: there is no placeholder {ordr} (at character 4); did you mean {order}?"
        ),
        (["failed": "ab {eta"], "texts.failed: has a brace that is not closed (at character 4); close it: {order}"),
        (
            ["failed": "}"],
            "texts.failed: has a closing brace without an opening one (at character 1); write placeholders as {order}"
        ),
        (["failed": ""], "texts.failed: is empty; write a text, or turn the kind off in messages.json5"),
        (
            ["failed": "a\\nb"],
            "texts.failed: has a control character or a line break (at character 2); put a space in its place"
        ),
        (
            ["failed": "{driver}"],
            "texts.failed: the length of {driver} is not declared; give the most characters of its values as lengths.driver"
        ),
    ])
    func `a text that cannot be sent is refused at its place`(texts: [String: String], expected: String) throws {
        let found = try errors(["zh-Hant-TW.json5": Self.language(texts)])
        #expect(found.count == 1)
        let name = texts.keys.first ?? ""
        let file = Self.language(texts)
        let column = file.unicodeScalars.distance(
            from: file.startIndex, to: try #require(file.range(of: "\(name): \"")).upperBound)
        #expect(found.first == "F/zh-Hant-TW.json5:1:\(column): \(expected)")
    }

    @Test func `everything that is wrong comes at once, with file, line and column`() throws {
        let found = try errors([
            "messages.json5": """
            {
                languag: "en",
                quiet_hours: {from: "25:00", to: "08:00"},
                rate_per_min: 1,
                burst: 200,
                link: "ftp://x",
                time_zone: "Asia/Taipeh",
                kinds: {arived: {}, failed: {priority: "low", expiry_s: 1, enabled: 1}},
            }
            """,
            "zh-Hant-TW.json5": Self.language([:], "dates: \"iso\", lengths: {order: 71, eta: 5}, reasons: {a: 1}"),
            "fr.json5": "{texts: 5}", "de.json5": "{", "it.json5": "[]",
        ])
        let expected = [
            "F/messages.json5:2:5: languag: there is no such key; did you mean language?",
            "F/messages.json5:3:18: quiet_hours: are no hours of a day; give",
            "F/messages.json5:4:19: rate_per_min: is 1; give a whole number from 2 to 60000: messages a minute",
            "F/messages.json5:5:12: burst: is 200; give a whole number from 1 to 99",
            "F/messages.json5:6:11: link: \"ftp://x\" is no address of a page",
            "F/messages.json5:7:16: time_zone: \"Asia/Taipeh\" is no time zone; did you mean \"Asia/Taipei\"?",
            "F/messages.json5:8:13: kinds.arived: there is no such key; did you mean arrived?",
            "F/messages.json5:8:44: kinds.failed.priority: is \"low\"; give one of",
            "F/messages.json5:8:61: kinds.failed.expiry_s: is 1; give a whole number from 10 to 604800",
            "F/messages.json5:8:73: kinds.failed.enabled: is 1; give true or false",
            "F/de.json5:1:2: ", "F/fr.json5:1:9: texts: is 5; give texts",
        ]
        for line in expected {
            #expect(found.contains { $0.hasPrefix(line) }, "\(line)\nnot in\n\(found.joined(separator: "\n"))")
        }
        for line in [
            "F/it.json5:1:1: is not one object", "dates: is \"iso\"", "lengths.order: is 71",
            "lengths.eta: there is no such key", "reasons.a: is 1",
        ] {
            #expect(found.contains { $0.contains(line) }, "\(line)\nnot in\n\(found.joined(separator: "\n"))")
        }
    }

    @Test func `folders without what is needed say so`() throws {
        #expect(
            try errors([:]) == [
                "F: has no texts; put a file of texts there, such as zh-Hant-TW.json5, or give none as sms_folder: \"\""
            ])
        #expect(try errors(["en.json5": Self.language()]).first?.hasPrefix("F: has no zh-Hant-TW.json5") == true)
        let named = try errors(["messages.json5": "{language: \"ja\"}"])
        #expect(
            named == [
                "F/messages.json5:1:12: language: there is no file ja.json5 in this folder; write one, or name another language"
            ])
        #expect(throws: ConfigurationErrors.self) { try MessageFiles.load(folder: "/nonexistent") }
        let missing = try errors(["messages.json5": "{language: \"en\"}", "en.json5": "{texts: {}}"])
        #expect(missing.count == MessageKind.allCases.count && missing[0].contains("there is no text for scheduled"))
        let reason = try errors(["en.json5": Self.language([:], "lengths: {reason: 2}, reasons: {a: \"abc\"}")])
        #expect(reason.count == 1 && reason[0].contains("reasons.a: has 3 characters; shorten it to lengths.reason, 2"))
    }

    @Test func `without a folder there are no messages`() throws {
        #expect(try folder.load("{}").configuration.smsFolder == "")
        #expect(try MessageFiles.load(folder.load("{}").configuration) == MessageRules())
        #expect(try MessageFiles.load(folder.load("{}").configuration).language(for: "en", kind: .arrived) == nil)
        try FileManager.default.createDirectory(atPath: folder.path + "/Config/sms", withIntermediateDirectories: true)
        #expect(throws: ConfigurationErrors.self) { try MessageFiles.load(folder.load("{}").configuration) }
    }
}
