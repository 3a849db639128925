import FleetCore
import Geo

/// Reads `messages.json5`: everything but the texts.
struct MessageSettingsReader {
    private(set) var document: MessageDocument

    private static let keys = [
        "language", "time_zone", "quiet_hours", "delayed_s", "resend_s", "link", "rate_per_min",
        "burst",
        "queue_max", "receipt_s", "kinds",
    ]
    private static let kindKeys = ["enabled", "expiry_s", "priority", "keeps_quiet_hours"]

    init(_ content: [UInt8], name: String) { document = MessageDocument(content, name: name) }

    mutating func read(into rules: inout MessageRules) {
        guard let top = document.top else { return }
        document.refuseOthers(top, at: [], known: Self.keys)
        readNumbers(top, &rules)
        if let language = document.text(top["language"], at: ["language"], "a language's tag in quotes") {
            rules.language = language
        }
        readZone(top, &rules)
        readQuietHours(top["quiet_hours"], &rules)
        readLink(top["link"], &rules)
        let kinds = document.object(top["kinds"], at: ["kinds"], "kinds, such as {arriving: {expiry_s: 600}}")
        document.refuseOthers(kinds, at: ["kinds"], known: MessageKind.allCases.map(\.name))
        for kind in MessageKind.allCases {
            if let value = kinds[kind.name] { readKind(kind, value, &rules) }
        }
    }

    private mutating func readNumbers(_ top: [String: JSON5Value], _ rules: inout MessageRules) {
        typealias Limits = MessageRules.Limits
        let numbers: [(String, ClosedRange<Int>, WritableKeyPath<MessageRules, Int>, String)] = [
            ("delayed_s", Limits.moved_s, \.delayed_s, "seconds behind the promise"),
            ("resend_s", Limits.moved_s, \.resend_s, "seconds by which a promise moves"),
            ("rate_per_min", Limits.rate_per_min, \.rate_per_min, "messages a minute"),
            ("queue_max", Limits.queue_max, \.queue_max, "messages that wait"),
            ("receipt_s", Limits.receipt_s, \.receipt_s, "seconds until a receipt is missed"),
        ]
        for (key, range, field, meaning) in numbers {
            if let value = document.integer(top[key], at: [key], in: range, meaning) { rules[keyPath: field] = value }
        }
        let burst = 1...(rules.rate_per_min - 1)
        let meaning = "messages at once, fewer than rate_per_min"
        if let value = document.integer(top["burst"], at: ["burst"], in: burst, meaning) {
            rules.burst = value
        } else if !burst.contains(rules.burst) {
            rules.burst = burst.upperBound
        }
    }

    private mutating func readZone(_ top: [String: JSON5Value], _ rules: inout MessageRules) {
        if let name = document.text(top["time_zone"], at: ["time_zone"], "a time zone such as \"Asia/Taipei\"") {
            do throws(Setting.Objection) {
                try SettingCheck.timeZone(name)
                rules.timeZone = name
            } catch {
                document.report(["time_zone"], .value, error.problem, error.advice)
            }
        }
        if let zone = TimeZones.rules(named: rules.timeZone) { rules.localTime = zone }
    }

    private mutating func readQuietHours(_ value: JSON5Value?, _ rules: inout MessageRules) {
        guard let value else { return }
        if value == .null {
            rules.quietHours = nil
            return
        }
        let advice = "give {from: \"21:00\", to: \"08:00\"}, two different times of day, or null for none"
        guard case .object(let members) = value else {
            return document.report(["quiet_hours"], .value, "is \(value.shown)", advice)
        }
        document.refuseOthers(members, at: ["quiet_hours"], known: ["from", "to"])
        guard case .string(let from)? = members["from"], case .string(let to)? = members["to"],
            let hours = DayHours("\(from)-\(to)")
        else { return document.report(["quiet_hours"], .value, "are no hours of a day", advice) }
        rules.quietHours = hours
    }

    private mutating func readLink(_ value: JSON5Value?, _ rules: inout MessageRules) {
        guard let link = document.text(value, at: ["link"], "an address of a page in quotes") else { return }
        var bare = link
        for placeholder in ["{order}", "{stop}", MessageLink.token] { bare = bare.replacing(placeholder, with: "") }
        let isURL = link.isEmpty || link.hasPrefix("https://") || link.hasPrefix("http://")
        guard isURL, !bare.contains(where: { "{}".contains($0) || $0.isWhitespace }) else {
            return document.report(
                ["link"], .value, "\(value?.shown ?? "") is no address of a page",
                "give one such as \"https://gas.example/t/{token}\", with {token}, {order} or {stop} in it, or \"\"")
        }
        rules.link = link
    }

    private mutating func readKind(_ kind: MessageKind, _ value: JSON5Value, _ rules: inout MessageRules) {
        let path = ["kinds", kind.name]
        let members = document.object(value, at: path, "its settings, such as {enabled: false}")
        document.refuseOthers(members, at: path, known: Self.kindKeys)
        var rule = rules[kind]
        func at(_ key: String) -> [String] { path + [key] }
        if let flag = document.flag(members["enabled"], at: at("enabled"), "whether it is sent at all") {
            rule.isEnabled = flag
        }
        if let flag = document.flag(
            members["keeps_quiet_hours"], at: at("keeps_quiet_hours"), "whether it is not sent in quiet hours")
        {
            rule.ignoresQuietHours = !flag
        }
        let limits = MessageRules.Limits.expiry_s
        if let value = document.integer(members["expiry_s"], at: at("expiry_s"), in: limits, "seconds of use") {
            rule.expiry_s = value
        }
        let words = MessagePriority.allCases.map { ("\($0.name)", $0) }
        if let priority = document.word(members["priority"], at: at("priority"), of: words) { rule.priority = priority }
        rules[kind] = rule
    }

    /// The default language must be one of those that there are files of.
    mutating func checkLanguage(_ rules: MessageRules, tags: [String]) {
        guard document.top != nil, !tags.contains(rules.language) else { return }
        document.report(
            ["language"], .value, "there is no file \(shortened(rules.language, to: 60)).json5 in this folder",
            "write one, or name another language")
    }
}
