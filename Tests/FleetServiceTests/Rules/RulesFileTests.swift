import FleetCore
import Foundation
import Testing

@testable import FleetService

@Suite struct `The file of rules` {
    private func read(_ text: String) throws -> RuleBook { try RulesFile.read(Array(text.utf8), name: "F") }

    /// The errors of a text, each as one line; none where it is right.
    private func errors(_ text: String) throws -> [String] {
        do {
            _ = try read(text)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.errors.map(\.description)
        }
    }

    @Test func `nothing in it is the built-in rules`() throws {
        for text in [
            "{}", "{defaults: {}, groups: {}, vehicles: {}}", "{groups: {red: {}}} // none", "{defaults: {trip: {}}}",
        ] {
            #expect(try read(text) == RuleBook(), "\(text)")
        }
    }

    @Test func `the date of the last maintenance is a date`() throws {
        func text(_ date: String) -> String { "{vehicles: {v: {maintenance: {every_days: 90, base_date: \(date)}}}}" }
        for date in ["0", "20260131", "20240229", "19700101"] { #expect(try errors(text(date)) == [], "\(date)") }
        for date in ["20261301", "20260230", "20250229", "20260100", "20260131.5", "131", "19691231"] {
            #expect(
                try errors(text(date)) == [
                    "F:1:58: vehicles.v.maintenance.base_date: \(date) is not a date; give year, month and day in one number, such as 20260131, or 0 for none"
                ])
        }
    }

    @Test func `defaults, groups and vehicles, switches as numbers or words`() throws {
        var book = try read(
            """
            {
                defaults: {speeding: {limit_kmh: 80, enabled: true}, outage: {enabled: false}, idle: {enabled: 0}},
                groups: {"gas-truck": {speeding: {limit_kmh: 70}}},
                vehicles: {"truck-7": {speeding: {tolerance_kmh: 0}, tow: {enabled: false}}},
            }
            """)
        let index = book.index(vehicle: "truck-7", group: "gas-truck")
        let settings = book.settings[Int(index)]
        #expect(settings.motion.speeding.limit_kmh == 70 && settings.motion.speeding.tolerance_kmh == 0)
        #expect(settings.motion.tow.enabled == 0 && settings.motion.idle.enabled == 0 && settings.outage.enabled == 0)
        #expect(book.defaults.motion.speeding.limit_kmh == 80 && book.defaults.motion.tow.enabled == 1)
    }

    @Test(arguments: [
        ("{defaults: {speedng: {}}}", "F:1:13: defaults.speedng: there is no such rule; did you mean speeding?"),
        (
            "{defaults: {limit_kmh: 80}}",
            "F:1:13: defaults.limit_kmh: there is no such rule; did you mean speeding: {limit_kmh: …}?"
        ),
        ("{speeding: {}}", "F:1:2: speeding: there is no such key; put the rule into defaults"),
        ("{default: {}}", "F:1:2: default: there is no such key; did you mean defaults?"),
        ("{xyz: {}}", "F:1:2: xyz: there is no such key; the keys here are defaults, groups, vehicles"),
        (
            "{\n  groups: {a: {speeding: {limit_kph: 5}}}}",
            "F:2:27: groups.a.speeding.limit_kph: the rule speeding has no such parameter; did you mean limit_kmh?"
        ),
        (
            "{vehicles: {a: {outage: {}}}}",
            "F:1:17: vehicles.a.outage: the rule judges the fleet as a whole, not single vehicles; move it to defaults"
        ),
        (
            "{vehicles: {\"\": {}}}",
            "F:1:13: vehicles.: the name is empty; give the name that dispatch and the topics have"
        ),
        ("{defaults: {tow: false}}", "F:1:18: defaults.tow: is false; write {enabled: false}"),
        ("{defaults: 5}", "F:1:12: defaults: is 5; give rules, such as {speeding: {limit_kmh: 80}}"),
        (
            "{groups: []}",
            "F:1:10: groups: is an array; give rules by name, such as {truck: {speeding: {limit_kmh: 80}}}"
        ),
        ("[]", "F:1:1: the document is an array; put braces around the rules"),
        (
            "{defaults: {idle: {enabled: 2}}}",
            "F:1:29: defaults.idle.enabled: 2 is neither on nor off; give true or false: 1 tells idling, 0 does not."
        ),
        (
            "{defaults: {trip: {}, trip: {}}}",
            "F:1:23: defaults.trip: the key was given on line 1 already; remove one of the two"
        ),
    ])
    func `what is wrong is told with its place, and what to do`(_ text: String, _ message: String) throws {
        #expect(try errors(text) == [message])
    }

    @Test func `wrong types and values out of range name the range and the meaning`() throws {
        for (value, problem) in [
            ("-1", "-1 is out of range"), ("1e9", "1000000000 is out of range"), ("\"80\"", "is \"80\""),
            ("null", "is null"), ("true", "is true"), ("{}", "is an object"), ("NaN", "is out of range"),
        ] {
            let lines = try errors("{defaults: {speeding: {limit_kmh: \(value)}}}")
            #expect(lines.count == 1 && lines[0].hasPrefix("F:1:35: defaults.speeding.limit_kmh: "), "\(lines)")
            #expect(lines.first?.contains(problem) == true && lines.first?.contains("0 to 250") == true, "\(lines)")
        }
    }

    @Test func `all errors are told, in the order of their places`() throws {
        let lines = try errors(
            """
            {
                defaults: {speeding: {limit_kmh: -1}},
                groups: {a: {nothing: {}}, b: 7},
                vehicles: {v: {idle: {duration_s: "x"}}},
                more: 1,
            }
            """)
        #expect(lines.map { String($0.prefix(5)) } == ["F:2:3", "F:3:1", "F:3:3", "F:4:3", "F:5:5"], "\(lines)")
    }

    @Test(arguments: [
        "{defaults: {temperature: {min_c: 50, max_c: 40}}}", "{defaults: {temperature: {min_c: 40, max_c: 40}}}",
        "{groups: {cold: {temperature: {min_c: 60}}}, defaults: {temperature: {max_c: 50}}}",
        "{vehicles: {v: {level: {low_pct: 50, restored_pct: 49}}}}",
        "{defaults: {driving_time: {warning_min: 500}}}", "{defaults: {harsh: {braking_ms2: 19}}}",
    ])
    func `what does not fit together is told once, where it is given`(_ text: String) throws {
        let lines = try errors(text)
        #expect(!lines.isEmpty && lines.allSatisfy { $0.hasSuffix("; change one of the two") }, "\(lines)")
    }

    @Test func `every contradiction is one of parameters that there are, and none of the defaults`() {
        for contradiction in RuleContradiction.all {
            let rule = RuleDescription.named(contradiction.rule)
            #expect(rule?.parameter(named: contradiction.lower) != nil, "\(contradiction)")
            #expect(rule?.parameter(named: contradiction.upper) != nil, "\(contradiction)")
            let names = RuleDescription.all.map {
                "\($0.name): {\($0.parameters.map { "\($0.name): \($0.standard)" }.joined(separator: ", "))}"
            }
            #expect(throws: Never.self) { try read("{defaults: {\(names.joined(separator: ", "))}}") }
        }
    }

    @Test func `what is no JSON5, no UTF-8 or no file`() throws {
        for text in ["", "{", "{defaults: {speeding: {limit_kmh: }}}", "{a: 'b", "defaults"] {
            let lines = try errors(text)
            #expect(lines.count == 1 && lines[0].hasPrefix("F:1:"), "\(text): \(lines)")
        }
        #expect(throws: ConfigurationErrors.self) { try RulesFile.read([0x7B, 0xFF, 0x7D], name: "F") }
        for path in ["/nonexistent/rules.json5", "/"] {
            do {
                _ = try RulesFile.load(path: path)
                Issue.record("\(path) was read")
            } catch {
                #expect(error.errors.first?.description.hasPrefix(path + ": ") == true, "\(error)")
            }
        }
    }

    @Test func `where the configuration names no file, the one beside it counts if it is there`() throws {
        let folder = try ConfigurationFolder()
        #expect(try folder.load("{}").configuration.rulesFile == "")
        #expect(try RulesFile.load(folder.load("{}").configuration) == RuleBook())
        let named = try folder.load("{rules_file: \"none.json5\"}").configuration
        #expect(named.rulesFile == folder.path + "/Config/none.json5")
        #expect(throws: ConfigurationErrors.self) { try RulesFile.load(named) }
        try folder.write("{defaults: {idle: {enabled: false}}}", to: "Config/rules.json5")
        let beside = try folder.load("{}").configuration
        #expect(try RulesFile.load(beside).defaults.motion.idle.enabled == 0)
        #expect(try RulesFile.load(folder.load("{rules_file: \"\"}").configuration) == RuleBook())
    }
}

@Suite struct `The shipped rules` {
    static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../..")
        .standardizedFileURL.path

    @Test func `are the template, and the defaults`() throws {
        let path = Self.checkout + "/Config/rules.json5"
        let content = try String(contentsOfFile: path, encoding: .utf8)
        #expect(content == RulesTemplate.text, "make Config/rules.json5 the output of `fleetstream rules --template`")
        #expect(try RulesFile.load(path: path) == RuleBook())
    }

    @Test func `the template has every parameter with its default, in the table's order`() throws {
        let document = try #require(JSON5Value(json5: RulesTemplate.text.utf8))
        guard case .object(let top) = document, case .object(let defaults) = top["defaults"] else {
            Issue.record("no defaults")
            return
        }
        #expect(Set(defaults.keys) == Set(RuleDescription.all.map(\.name)))
        let places = JSON5Places(scanning: Array(RulesTemplate.text.utf8))
        var order: [TextPlace] = []
        for rule in RuleDescription.all {
            let standards = rule.parameters.map { ($0.name, JSON5Value.number($0.standard)) }
            #expect(defaults[rule.name] == .object(Dictionary(uniqueKeysWithValues: standards)))
            order.append(places.key(["defaults", rule.name]))
            order += rule.parameters.map { places.key(["defaults", rule.name, $0.name]) }
        }
        #expect(order == order.sorted())
        #expect(RulesTemplate.text.split(separator: "\n").allSatisfy { $0.count <= 120 && $0.last != " " })
    }

    @Test func `are in the README as the command prints them`() throws {
        let readme = try String(contentsOfFile: Self.checkout + "/README.md", encoding: .utf8)
        #expect(
            readme.contains("```\n" + RulesTable(RuleBook()).text + "```\n"),
            "put the output of `fleetstream rules --set rules_file=` between the fences of README's section Rules")
    }
}

@Suite struct `The table of rules` {
    private let book = RuleBook(
        defaults: {
            var settings = RuleSettings()
            settings.motion.speeding.limit_kmh = 85
            return settings
        }(), groups: ["red": ["speeding": ["limit_kmh": 70]]],
        vehicles: ["V1": ["speeding": ["tolerance_kmh": 0], "lag": ["age_s": 7]]])

    private func line(_ table: RulesTable, _ parameter: String) -> String {
        let lines = table.text.split(separator: "\n").map(String.init)
        let start = lines.firstIndex { $0.hasPrefix("  \(parameter) ") } ?? 0
        let more = lines[(start + 1)...].prefix { $0.hasPrefix("      ") }
        return ([lines[start]] + more).joined(separator: " ").split(separator: " ").joined(separator: " ")
    }

    @Test func `says what holds, and who says so`() {
        #expect(line(RulesTable(book), "limit_kmh").hasPrefix("limit_kmh 85 0 … 250 "))
        #expect(line(RulesTable(book), "limit_kmh").hasSuffix("(Built-in: 90; changed by defaults.)"))
        let one = RulesTable(book, vehicle: "V1", group: "red")
        #expect(line(one, "limit_kmh").hasSuffix("(Built-in: 90; changed by group red.)"))
        #expect(line(one, "tolerance_kmh").hasSuffix("(Built-in: 5; changed by vehicle V1.)"))
        #expect(!line(RulesTable(RuleBook()), "limit_kmh").contains("Built-in"))
        // No vehicle has rules of the fleet's own.
        #expect(!line(one, "age_s").contains("changed"))
    }

    @Test func `no line is longer than a screen is wide, and none ends in a space`() {
        for line in RulesTable(book, vehicle: "V1", group: "red").text.split(separator: "\n") {
            #expect(line.count <= 118 && line.last != " ", "\(line)")
        }
    }

    @Test func `as JSON it holds every parameter`() throws {
        let json = try RulesTable(book, vehicle: "V1", group: "red").json()
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let rules = try #require(object["rules"] as? [[String: Any]])
        #expect(rules.compactMap { $0["name"] as? String } == RuleDescription.all.map(\.name))
        let speeding = try #require(
            rules.first { $0["name"] as? String == "speeding" }?["parameters"] as? [[String: Any]])
        let limit = try #require(speeding.first { $0["name"] as? String == "limit_kmh" })
        #expect(limit["value"] as? Double == 70 && limit["default"] as? Double == 90)
        #expect(limit["changed_by"] as? String == "group red" && limit["maximum"] as? Double == 250)
    }
}
