package import Geo
import Wire

extension MessageRules {
    /// What numbers may be; the same for the file and for the journal.
    package enum Limits {
        package static let expiry_s = 10...604_800
        package static let moved_s = 0...86_400
        package static let rate_per_min = 2...60_000
        package static let queue_max = 1...1_000_000
        package static let receipt_s = 10...604_800
        package static let length = 0...70
    }

    /// The rules as one line of JSON, names in a fixed order: the payload of a `messages` frame.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"kinds\":{")
        for kind in MessageKind.allCases {
            if kind != .scheduled { out.append(UInt8(ascii: ",")) }
            Self.append(self[kind], named: kind.name, to: &out)
        }
        out.append(ascii: "}")
        let numbers: [(StaticString, Int)] = [
            ("delayed_s", delayed_s), ("resend_s", resend_s),
            ("rate_per_min", rate_per_min), ("burst", burst), ("queue_max", queue_max), ("receipt_s", receipt_s),
        ]
        for (name, number) in numbers {
            out.member(name)
            out.append(decimal: Int64(number))
        }
        if let quietHours {
            out.member("quiet_from_min")
            out.append(decimal: Int64(quietHours.start_min))
            out.member("quiet_to_min")
            out.append(decimal: Int64(quietHours.end_min))
        }
        out.member("time_zone", string: timeZone)
        out.member("language", string: language)
        out.member("link", string: link)
        out.append(ascii: ",\"languages\":[")
        for (index, language) in languages.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            Self.append(language, to: &out)
        }
        out.append(ascii: "]}")
        return out
    }

    private static func append(_ rule: MessageKindRule, named name: String, to out: inout [UInt8]) {
        out.appendJSON(string: name)
        out.append(ascii: ":{\"priority\":")
        out.append(decimal: Int64(rule.priority.rawValue))
        out.member("enabled", flag: rule.isEnabled)
        out.member("expiry_s")
        out.append(decimal: Int64(rule.expiry_s))
        out.member("ignores_quiet_hours", flag: rule.ignoresQuietHours)
        out.append(ascii: "}")
    }

    private static func append(_ language: MessageLanguage, to out: inout [UInt8]) {
        out.append(ascii: "{\"tag\":")
        out.appendJSON(string: language.tag)
        out.member("company", string: language.company)
        out.member("dates", string: language.dates.rawValue)
        out.append(ascii: ",\"lengths\":{")
        let lengths = MessagePlaceholder.allCases.compactMap { name in language.lengths[name].map { (name.name, $0) } }
        append(lengths, to: &out) { $1.append(decimal: Int64($0)) }
        out.append(ascii: "},\"reasons\":{")
        let reasons = language.reasons.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        append(reasons.map { ($0.key, $0.value) }, to: &out) { $1.appendJSON(string: $0) }
        out.append(ascii: "},\"texts\":{")
        let texts = MessageKind.allCases.compactMap { kind in language.texts[kind].map { (kind.name, $0.text) } }
        append(texts, to: &out) { $1.appendJSON(string: $0) }
        out.append(ascii: "}}")
    }

    private static func append<Value>(
        _ members: [(String, Value)], to out: inout [UInt8], _ value: (Value, inout [UInt8]) -> Void
    ) {
        for (index, member) in members.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.appendJSON(string: member.0)
            out.append(UInt8(ascii: ":"))
            value(member.1, &out)
        }
    }

    /// Reads what `json()` wrote. What is missing, unknown or out of its range is the built-in value. Nil where it is not a
    /// JSON object. `localTime` is looked up by whoever calls.
    package init?(json: Span<UInt8>) {
        guard let node = try? JSONNode.parse(json), node.object != nil else { return nil }
        self.init()
        for kind in MessageKind.allCases {
            guard let rule = node["kinds"]?[kind.name] else { continue }
            if let flag = rule["enabled"]?.bool { self[kind].isEnabled = flag }
            if let flag = rule["ignores_quiet_hours"]?.bool { self[kind].ignoresQuietHours = flag }
            if let value = Self.integer(rule["expiry_s"], Limits.expiry_s) { self[kind].expiry_s = value }
            let priority = Self.integer(rule["priority"], 0...2).flatMap { MessagePriority(rawValue: UInt8($0)) }
            if let priority { self[kind].priority = priority }
        }
        delayed_s = Self.integer(node["delayed_s"], Limits.moved_s) ?? delayed_s
        resend_s = Self.integer(node["resend_s"], Limits.moved_s) ?? resend_s
        rate_per_min = Self.integer(node["rate_per_min"], Limits.rate_per_min) ?? rate_per_min
        burst = Self.integer(node["burst"], 1...(rate_per_min - 1)) ?? min(burst, rate_per_min - 1)
        queue_max = Self.integer(node["queue_max"], Limits.queue_max) ?? queue_max
        receipt_s = Self.integer(node["receipt_s"], Limits.receipt_s) ?? receipt_s
        quietHours = nil
        if let from = Self.integer(node["quiet_from_min"], 0...1439),
            let to = Self.integer(node["quiet_to_min"], 0...1440)
        {
            quietHours = DayHours(from_min: from, to_min: to)
        }
        timeZone = node["time_zone"]?.string ?? timeZone
        language = node["language"]?.string ?? language
        link = node["link"]?.string ?? link
        for language in node["languages"]?.array ?? [] {
            if let language = Self.language(language) { set(language) }
        }
    }

    private static func language(_ node: JSONNode) -> MessageLanguage? {
        guard let tag = node["tag"]?.string else { return nil }
        var language = MessageLanguage(tag: tag)
        language.company = node["company"]?.string ?? ""
        language.dates = node["dates"]?.string.flatMap(MessageDateStyle.init) ?? .numeric
        for placeholder in MessagePlaceholder.allCases {
            language.lengths[placeholder] = integer(node["lengths"]?[placeholder.name], Limits.length)
        }
        for member in node["reasons"]?.object ?? [] { language.reasons[member.key] = member.value.string }
        for kind in MessageKind.allCases {
            guard let text = node["texts"]?[kind.name]?.string else { continue }
            language.texts[kind] = try? MessageTemplate(text)
        }
        return language
    }

    private static func integer(_ node: JSONNode?, _ range: ClosedRange<Int>) -> Int? {
        guard let value = node?.number.flatMap({ Int(exactly: $0) }), range.contains(value) else { return nil }
        return value
    }
}

extension DayHours {
    /// From minutes since midnight; nil where they are the same or out of range.
    package init?(from_min: Int, to_min: Int) {
        func text(_ minutes: Int) -> String {
            let (hours, rest) = (minutes / 60, minutes % 60)
            return (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "") + "\(rest)"
        }
        guard (0...1440).contains(from_min), (0...1440).contains(to_min) else { return nil }
        self.init("\(text(from_min))-\(text(to_min))")
    }
}
