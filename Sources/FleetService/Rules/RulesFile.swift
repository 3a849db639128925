package import FleetCore
import Foundation
import Wire

/// The file of vehicles' rules (`Config/rules.json5`): read, and everything that is wrong with it found in one run.
package enum RulesFile {
    /// More than any fleet needs: some twenty thousand vehicles with rules of their own.
    static let size_max = 2 << 20

    /// The rules of the configuration: those of its file, or the built-in ones where it names none.
    package static func load(_ configuration: Configuration) throws(ConfigurationErrors) -> RuleBook {
        configuration.rulesFile.isEmpty ? RuleBook() : try load(path: configuration.rulesFile)
    }

    /// Reads a file; errors name it as `path` does.
    package static func load(path: String) throws(ConfigurationErrors) -> RuleBook {
        switch readWholeFile(path, size_max: size_max) {
        case .success(let content):
            return try read(content, name: path)
        case .failure(let failure):
            throw ConfigurationErrors(errors: [
                ConfigurationError(
                    origin: .wholeFile(path: path), key: nil, problem: failure.problem,
                    advice: "give a file of rules that can be read, or none as rules_file: \"\"")
            ])
        }
    }

    /// Whether a text is one of rules and not a configuration: by its keys.
    static func isRules(_ content: [UInt8]) -> Bool {
        guard case .object(let top) = JSON5Value(json5: content) else { return false }
        return top.isEmpty || top.keys.contains(where: RulesReader.parts.contains)
    }

    /// Reads a text; `name` is what errors call its file.
    package static func read(_ content: [UInt8], name: String) throws(ConfigurationErrors) -> RuleBook {
        var reader = RulesReader(content, name: name)
        let book = reader.read()
        guard let book, reader.errors.isEmpty else { throw ConfigurationErrors(errors: reader.sortedErrors) }
        return book
    }
}

/// Builds a book of rules from a text, and collects what is wrong.
private struct RulesReader {
    private(set) var errors: [ConfigurationError] = []
    private let content: [UInt8]
    private let name: String
    private let places: JSON5Places

    init(_ content: [UInt8], name: String) {
        self.content = content
        self.name = name
        places = JSON5Places(scanning: content)
    }

    private enum Part { case key, value }

    private mutating func report(_ path: [String], _ part: Part, _ problem: String, _ advice: String) {
        let place = part == .key ? places.key(path) : places.value(path)
        let key = path.isEmpty ? nil : path.map { shortened($0, to: 60) }.joined(separator: ".")
        errors.append(ConfigurationError(origin: origin(place), key: key, problem: problem, advice: advice))
    }

    private func origin(_ place: TextPlace) -> ConfigurationOrigin {
        .file(path: name, line: place.line, column: place.column)
    }

    /// In the order of their places.
    var sortedErrors: [ConfigurationError] {
        func place(_ error: ConfigurationError) -> TextPlace {
            guard case .file(_, let line, let column) = error.origin else { return TextPlace(line: 0, column: 0) }
            return TextPlace(line: line, column: column)
        }
        return errors.enumerated().sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
            .map(\.element)
    }

    // MARK: - The document

    static let parts = ["defaults", "groups", "vehicles"]

    mutating func read() -> RuleBook? {
        if let offset = firstInvalidUTF8(content.span) {
            errors.append(
                ConfigurationError(
                    origin: origin(LineTable(content).place(of: offset)), key: nil,
                    problem: "the byte here is not UTF-8", advice: "save the file as UTF-8"))
            return nil
        }
        let document = JSON5Value(json5: content)
        if let failure = places.failure {
            errors.append(
                ConfigurationError(
                    origin: origin(failure.place), key: nil, problem: failure.problem, advice: failure.advice))
            return nil
        }
        guard let document else {
            errors.append(
                ConfigurationError(
                    origin: .wholeFile(path: name), key: nil, problem: "is not JSON5",
                    advice: "check it with a JSON5 parser"))
            return nil
        }
        for repetition in places.repetitions {
            let first = places.members[repetition.path]?.key.line ?? 1
            errors.append(
                ConfigurationError(
                    origin: origin(repetition.key), key: repetition.path.joined(separator: "."),
                    problem: "the key was given on line \(first) already", advice: "remove one of the two"))
        }
        guard case .object(let top) = document else {
            report([], .value, "the document is \(document.shown)", "put braces around the rules")
            return nil
        }
        return book(top)
    }

    private mutating func book(_ top: [String: JSON5Value]) -> RuleBook? {
        for key in top.keys.sorted() where !Self.parts.contains(key) {
            let isRule = RuleDescription.named(key) != nil
            let nearest = nearestName(to: key, among: Self.parts).map { "did you mean \($0)?" }
            report(
                [key], .key, "there is no such key",
                isRule
                    ? "put the rule into defaults"
                    : nearest ?? "the keys here are \(Self.parts.joined(separator: ", "))"
            )
        }
        var defaults = RuleSettings()
        let values = overrides(top["defaults"], ["defaults"], areDefaults: true)
        for (rule, values) in values {
            for (name, value) in values {
                RuleDescription.named(rule)?.parameter(named: name)?.set(&defaults, value)
            }
        }
        let book = RuleBook(defaults: defaults, groups: all(top, "groups"), vehicles: all(top, "vehicles"))
        check(defaults, of: values, at: ["defaults"])
        for (group, overrides) in book.groups {
            check(book.resolved(vehicle: nil, group: group), of: overrides, at: ["groups", group])
        }
        for (vehicle, overrides) in book.vehicles {
            check(book.resolved(vehicle: vehicle, group: nil), of: overrides, at: ["vehicles", vehicle])
        }
        return book
    }

    private mutating func all(_ top: [String: JSON5Value], _ part: String) -> [String: RuleBook.Overrides] {
        guard let value = top[part] else { return [:] }
        guard case .object(let members) = value else {
            let example =
                part == "groups" ? "{truck: {speeding: {limit_kmh: 80}}}" : "{\"V-1\": {stale: {enabled: false}}}"
            report([part], .value, "is \(value.shown)", "give rules by name, such as \(example)")
            return [:]
        }
        var all: [String: RuleBook.Overrides] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if name.isEmpty {
                report([part, name], .key, "the name is empty", "give the name that dispatch and the topics have")
            }
            all[name] = overrides(value, [part, name], areDefaults: false)
        }
        return all
    }

    // MARK: - Rules and parameters

    private mutating func overrides(
        _ value: JSON5Value?, _ path: [String], areDefaults: Bool
    ) -> RuleBook.Overrides {
        guard let value else { return [:] }
        guard case .object(let members) = value else {
            report(path, .value, "is \(value.shown)", "give rules, such as {speeding: {limit_kmh: 80}}")
            return [:]
        }
        var overrides: RuleBook.Overrides = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let rule = RuleDescription.named(name) else {
                report(path + [name], .key, "there is no such rule", adviceForRule(name))
                continue
            }
            if rule.isOfFleet, !areDefaults {
                report(
                    path + [name], .key, "the rule judges the fleet as a whole, not single vehicles",
                    "move it to defaults")
                continue
            }
            overrides[name] = parameters(value, rule, path + [name])
        }
        return overrides
    }

    private func adviceForRule(_ name: String) -> String {
        let names = RuleDescription.all.map(\.name)
        if let nearest = nearestName(to: name, among: names) { return "did you mean \(nearest)?" }
        if let rule = RuleDescription.all.first(where: { $0.parameter(named: name) != nil }) {
            return "did you mean \(rule.name): {\(name): …}?"
        }
        return "the rules are \(names.joined(separator: ", "))"
    }

    private mutating func parameters(
        _ value: JSON5Value, _ rule: RuleDescription, _ path: [String]
    ) -> [String: Double] {
        guard case .object(let members) = value else {
            let advice: String
            if case .bool(let flag) = value {
                advice = "write {enabled: \(flag)}"
            } else {
                advice = "put braces around its parameters (\(rule.parameters.map(\.name).joined(separator: ", ")))"
            }
            report(path, .value, "is \(value.shown)", advice)
            return [:]
        }
        var values: [String: Double] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let parameter = rule.parameter(named: name) else {
                report(path + [name], .key, "the rule \(rule.name) has no such parameter", adviceFor(name, rule))
                continue
            }
            values[name] = number(value, parameter, path + [name])
        }
        return values
    }

    private func adviceFor(_ name: String, _ rule: RuleDescription) -> String {
        let names = rule.parameters.map(\.name)
        if let nearest = nearestName(to: name, among: names) { return "did you mean \(nearest)?" }
        if let other = RuleDescription.all.first(where: { $0.parameter(named: name) != nil }) {
            return "did you mean \(other.name).\(name)? Those here are \(names.joined(separator: ", "))"
        }
        return "the parameters are \(names.joined(separator: ", "))"
    }

    private mutating func number(
        _ value: JSON5Value, _ parameter: RuleDescription.Parameter, _ path: [String]
    ) -> Double? {
        let range = parameter.range
        let limits = "\(JSON5Value.shown(range.lowerBound)) to \(JSON5Value.shown(range.upperBound))"
        let wanted =
            (parameter.isSwitch ? "give true or false" : "give a number from \(limits)") + ": \(parameter.explanation)"
        switch value {
        case .bool(let flag) where parameter.isSwitch:
            return flag ? 1 : 0
        case .number(let number) where parameter.isSwitch && number != 0 && number != 1:
            report(path, .value, "\(value.shown) is neither on nor off", wanted)
            return nil
        case .number(let number):
            if range.contains(number) { return number }
            report(path, .value, "\(value.shown) is out of range", wanted)
            return nil
        default:
            report(path, .value, "is \(value.shown)", wanted)
            return nil
        }
    }

    // MARK: - What does not fit together

    /// A date is one number, of which not all within the range are dates.
    private mutating func checkDate(_ overrides: RuleBook.Overrides, at path: [String]) {
        guard let value = overrides[MaintenanceLimits.name]?["base_date"], value != 0 else { return }
        let date = Int(value)
        let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100)
        if Double(date) == value, year >= 1970, (1...12).contains(month), day >= 1,
            day <= CivilDate.daysInMonth(year: year, month: month)
        {
            return
        }
        report(
            path, .value, "\(JSON5Value.shown(value)) is not a date",
            "give year, month and day in one number, such as 20260131, or 0 for none")
    }

    /// Checks pairs of parameters of what results, and reports them where `overrides` gives one of them.
    private mutating func check(_ settings: RuleSettings, of overrides: RuleBook.Overrides, at path: [String]) {
        checkDate(overrides, at: path + [MaintenanceLimits.name, "base_date"])
        for contradiction in RuleContradiction.all {
            guard let rule = RuleDescription.named(contradiction.rule),
                let lower = rule.parameter(named: contradiction.lower),
                let upper = rule.parameter(named: contradiction.upper)
            else { continue }
            let given = overrides[rule.name] ?? [:]
            guard let culprit = [lower, upper].first(where: { given[$0.name] != nil }) else { continue }
            let (low, high) = (lower.get(settings), upper.get(settings))
            if contradiction.isOffAtZero, low == 0 || high == 0 { continue }
            if contradiction.mayBeEqual ? low <= high : low < high { continue }
            let (lowText, highText) = (JSON5Value.shown(low), JSON5Value.shown(high))
            report(
                path + [rule.name, culprit.name], .value,
                "\(lower.name) is \(lowText), which is not \(contradiction.mayBeEqual ? "at most" : "below") "
                    + "\(upper.name), \(highText)",
                "change one of the two")
        }
    }
}

/// Two parameters of a rule of which one must be the smaller.
struct RuleContradiction: Sendable {
    let rule: String
    let lower: String
    let upper: String
    var mayBeEqual = true
    /// Either is turned off by 0.
    var isOffAtZero = false

    static let all = [
        RuleContradiction(rule: "temperature", lower: "min_c", upper: "max_c", mayBeEqual: false),
        RuleContradiction(rule: "battery", lower: "low_v", upper: "restored_v"),
        RuleContradiction(rule: "level", lower: "low_pct", upper: "restored_pct"),
        RuleContradiction(rule: "anomaly", lower: "restored", upper: "threshold"),
        RuleContradiction(rule: "driving_time", lower: "break_part_min", upper: "break_min"),
        RuleContradiction(
            rule: "driving_time", lower: "warning_min", upper: "continuous_min", mayBeEqual: false, isOffAtZero: true),
        RuleContradiction(
            rule: "driving_time", lower: "warning_min", upper: "daily_min", mayBeEqual: false, isOffAtZero: true),
        RuleContradiction(rule: "harsh", lower: "braking_ms2", upper: "implausible_ms2", mayBeEqual: false),
        RuleContradiction(rule: "harsh", lower: "acceleration_ms2", upper: "implausible_ms2", mayBeEqual: false),
        RuleContradiction(rule: "harsh", lower: "cornering_ms2", upper: "implausible_ms2", mayBeEqual: false),
    ]
}
