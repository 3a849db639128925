import FleetCore

/// Reads a language's file: its texts, and how values look in them.
struct MessageLanguageReader {
    private(set) var document: MessageDocument

    private static let keys = ["company", "dates", "lengths", "reasons", "texts"]
    /// Those whose length a file declares.
    private static let declared = MessagePlaceholder.allCases.filter {
        $0 != .company && $0.fixedLength(.numeric) == nil
    }

    init(_ content: [UInt8], name: String) { document = MessageDocument(content, name: name) }

    /// The language; nil where the file is none. `rules` says which kinds are enabled.
    mutating func read(tag: String, rules: MessageRules) -> MessageLanguage? {
        guard let top = document.top else { return nil }
        document.refuseOthers(top, at: [], known: Self.keys)
        var language = MessageLanguage(tag: tag)
        let styles = MessageDateStyle.allCases.map { ($0.rawValue, $0) }
        language.dates = document.word(top["dates"], at: ["dates"], of: styles) ?? .numeric
        if let company = document.text(top["company"], at: ["company"], "the company's name in quotes") {
            language.company = company.onOneLine
        }
        let lengths = document.object(top["lengths"], at: ["lengths"], "lengths, such as {order: 12}")
        document.refuseOthers(lengths, at: ["lengths"], known: Self.declared.map(\.name))
        for placeholder in Self.declared {
            language.lengths[placeholder] = document.integer(
                lengths[placeholder.name], at: ["lengths", placeholder.name], in: MessageRules.Limits.length,
                "most characters of \(placeholder.name)")
        }
        // A link with a token is always as long, whatever is declared of others.
        if let length = MessageLink.length(rules.link) { language.lengths[.link] = length }
        readReasons(top["reasons"], &language)
        readTexts(top["texts"], &language, rules)
        return language
    }

    private mutating func readReasons(_ value: JSON5Value?, _ language: inout MessageLanguage) {
        let reasons = document.object(value, at: ["reasons"], "reasons, such as {absent: \"無人在家\"}")
        for word in reasons.keys.sorted() {
            let path = ["reasons", word]
            guard let text = document.text(reasons[word], at: path, "what it is called, in quotes") else { continue }
            language.reasons[word] = text
            if let limit = language.lengths[.reason], text.onOneLine.utf16.count > limit {
                document.report(
                    path, .value, "has \(text.utf16.count) characters", "shorten it to lengths.reason, \(limit)")
            }
        }
    }

    private mutating func readTexts(
        _ value: JSON5Value?, _ language: inout MessageLanguage, _ rules: MessageRules
    ) {
        let texts = document.object(value, at: ["texts"], "texts, such as {arrived: \"…\"}")
        document.refuseOthers(texts, at: ["texts"], known: MessageKind.allCases.map(\.name))
        for kind in MessageKind.allCases {
            let path = ["texts", kind.name]
            guard let value = texts[kind.name] else {
                guard rules[kind].isEnabled else { continue }
                document.report(
                    ["texts"], .key, "there is no text for \(kind.name)",
                    "write one, or turn the kind off in \(MessageFiles.settingsName)")
                continue
            }
            guard let text = document.text(value, at: path, "a text in quotes") else { continue }
            do throws(MessageTemplate.Fault) {
                let template = try MessageTemplate(text)
                language.texts[kind] = template
                checkLength(template, language, at: path)
            } catch {
                report(error, at: path)
            }
        }
    }

    /// Refuses a text that may not fit into one message.
    private mutating func checkLength(_ template: MessageTemplate, _ language: MessageLanguage, at path: [String]) {
        let missing = template.placeholders.filter { language.length(of: $0) == nil }
        if let first = missing.first {
            return document.report(
                path, .value, "the length of {\(first.name)} is not declared",
                "give the most characters of its values as lengths.\(first.name)")
        }
        guard let units = template.worstCase(language.length), units > MessageLanguage.limit else { return }
        let values = template.placeholders.map { "\($0.name) \(language.length(of: $0) ?? 0)" }
        document.report(
            path, .value,
            "can have \(units) characters with the longest values, and \(MessageLanguage.limit) fit into one message",
            "shorten the text by \(units - MessageLanguage.limit)"
                + (values.isEmpty ? "" : ", or the lengths of its values (\(values.joined(separator: ", ")))"))
    }

    private mutating func report(_ fault: MessageTemplate.Fault, at path: [String]) {
        let (problem, advice): (String, String) =
            switch fault.problem {
            case .empty: ("is empty", "write a text, or turn the kind off in \(MessageFiles.settingsName)")
            case .openBrace: ("has a brace that is not closed", "close it: {order}")
            case .strayBrace: ("has a closing brace without an opening one", "write placeholders as {order}")
            case .controlCharacter: ("has a control character or a line break", "put a space in its place")
            case .unknownPlaceholder(let name):
                ("there is no placeholder {\(shortened(name, to: 40))}", Self.advice(name))
            }
        let place = fault.problem == .empty ? "" : " (at character \(fault.offset + 1))"
        document.report(path, .value, problem + place, advice)
    }

    private static func advice(_ name: String) -> String {
        let names = MessagePlaceholder.allCases.map(\.name)
        if let nearest = nearestName(to: name, among: names) { return "did you mean {\(nearest)}?" }
        return "the placeholders are \(names.map { "{\($0)}" }.joined(separator: ", "))"
    }
}
