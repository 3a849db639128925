import FleetCore
import Foundation

/// Tells where the parts of a setting's value come from; a part is named by its path within the value (`["0", "id"]`).
struct ValueOrigin {
    enum Part {
        case key
        case value
    }

    private let find: (_ path: [String], Part) -> ConfigurationOrigin

    init(_ find: @escaping (_ path: [String], Part) -> ConfigurationOrigin) {
        self.find = find
    }

    /// Of the value at a path, without one of the whole value.
    func ofValue(_ path: String...) -> ConfigurationOrigin { find(path, .value) }

    /// Of the key at a path.
    func ofKey(_ path: String...) -> ConfigurationOrigin { find(path, .key) }
}

/// Builds a configuration from its sources, one after the other, and collects what is wrong.
struct ConfigurationReader {
    /// More than any configuration needs; a larger file is something else, named by mistake.
    static let fileSize_max = 1 << 20

    private(set) var configuration = Configuration.default
    private(set) var origins = ConfigurationOrigins()
    private(set) var errors: [ConfigurationError] = []

    /// Absolute.
    let workingDirectory: String

    init(workingDirectory: String) {
        self.workingDirectory = workingDirectory
    }

    mutating func report(_ origin: ConfigurationOrigin, _ key: String?, _ problem: String, _ advice: String) {
        errors.append(ConfigurationError(origin: origin, key: key, problem: problem, advice: advice))
    }

    /// Resolves the built-in relative paths as if the file had given them.
    mutating func resolveDefaultPaths(from folder: String) {
        configuration.store.path = absolute(configuration.store.path, from: folder)
        configuration.rulesFile = absolute(configuration.rulesFile, from: folder)
        configuration.smsFolder = absolute(configuration.smsFolder, from: folder)
        configuration.smsBridge.store = absolute(configuration.smsBridge.store, from: folder)
        for index in configuration.fleets.indices {
            configuration.fleets[index].geofences = absolute(configuration.fleets[index].geofences, from: folder)
        }
    }

    // MARK: Environment and flags

    /// Takes the settings from variables such as `FLEETSTREAM_MQTT_HOST`. Variables with the prefix that resemble none of
    /// ours are left alone: container platforms set some with a service's name.
    mutating func readEnvironment(_ environment: [String: String]) {
        let settings = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.variable, $0) })
        let others = ["FLEETSTREAM_CONFIG"] + Self.secrets.values.sorted()
        for (variable, text) in environment.sorted(by: { $0.key < $1.key }) {
            guard variable.hasPrefix(Setting.variablePrefix), !others.contains(variable) else { continue }
            let origin = ConfigurationOrigin.environment(variable: variable)
            if let setting = settings[variable] {
                apply(setting, text: text, origin: origin)
            } else {
                let known = Setting.all.map(\.variable) + others
                if let nearest = nearestVariable(to: variable, among: known) {
                    report(origin, nil, "there is no such variable", "did you mean \(nearest)?")
                }
            }
        }
    }

    private func nearestVariable(to variable: String, among known: [String]) -> String? {
        // The common prefix must not make everything look alike, so only what follows is compared.
        let length = Setting.variablePrefix.count
        let nearest = nearestName(
            to: String(variable.dropFirst(length)), among: known.map { String($0.dropFirst(length)) })
        return nearest.map { Setting.variablePrefix + $0 }
    }

    /// Takes the settings from flags, the last of several for one key.
    mutating func readOverrides(_ overrides: [ConfigurationOverride]) {
        for override in overrides {
            let origin = ConfigurationOrigin.flag(override.flag)
            if Self.secrets[override.key] != nil {
                refuseSecret(override.key, origin)
            } else if let setting = Setting.byKey[override.key] {
                apply(setting, text: override.value, origin: origin)
            } else if !Setting.members(of: override.key).isEmpty {
                let member = override.key + "." + Setting.members(of: override.key)[0]
                report(origin, override.key, "is a group of settings", "set one of them, such as \(member)")
            } else {
                let nearest = nearestName(to: override.key, among: Setting.all.map(\.key))
                let advice =
                    nearest.map { "did you mean \($0)?" } ?? "the shipped Config/fleetstream.json5 lists all of them"
                report(origin, shortened(override.key, to: 60), "there is no such key", advice)
            }
        }
    }

    /// Sets from a text that has no JSON5 around it.
    private mutating func apply(_ setting: Setting, text: String, origin: ConfigurationOrigin) {
        let value: JSON5Value
        switch setting.kind {
        case .flag:
            value = ["true": .bool(true), "false": .bool(false)][text] ?? .string(text)
        case .integer, .number:
            value = Double(text).map(JSON5Value.number) ?? .string(text)
        case .choice, .text, .path:
            value = .string(text)
        case .fleets, .adapters:
            guard let parsed = JSON5Value(json5: text.utf8) else {
                let example =
                    setting.key == "fleets" ? "[{id: \"+\", geofences: \"Geofences\"}]" : Self.adapterExample
                report(
                    origin, setting.key, "\(SettingCheck.quoted(text)) is not JSON5", "give a list such as \(example)")
                return
            }
            value = parsed
        }
        apply(setting, value, folder: workingDirectory, origin: ValueOrigin { _, _ in origin })
    }

    // MARK: One setting

    /// Checks a value, and sets it if it is right.
    mutating func apply(_ setting: Setting, _ value: JSON5Value, folder: String, origin: ValueOrigin) {
        if case .fleets = setting.kind { return applyFleets(value, folder: folder, origin: origin) }
        if case .adapters = setting.kind { return applyAdapters(value, folder: folder, origin: origin) }
        do throws(Setting.Objection) {
            try set(setting, value, folder: folder)
            origins.byKey[setting.key] = origin.ofValue()
        } catch {
            report(origin.ofValue(), setting.key, error.problem, error.advice)
        }
    }

    private mutating func set(_ setting: Setting, _ value: JSON5Value, folder: String) throws(Setting.Objection) {
        switch setting.kind {
        case .flag(let field):
            guard case .bool(let flag) = value else { throw wrongType(value, "true or false", setting) }
            configuration[keyPath: field] = flag
        case .integer(let field, let range):
            let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            guard case .number(let number) = value else { throw wrongType(value, wanted, setting) }
            guard let integer = Int(exactly: number) else {
                throw Setting.Objection(
                    problem: "\(value.shown) is not a whole number", advice: "give \(wanted) (\(setting.meaning))")
            }
            guard range.contains(integer) else { throw outOfRange(value, wanted, setting) }
            configuration[keyPath: field] = integer
        case .number(let field, let range):
            let wanted = "a number from \(JSON5Value.shown(range.lowerBound)) to \(JSON5Value.shown(range.upperBound))"
            guard case .number(let number) = value else { throw wrongType(value, wanted, setting) }
            guard range.contains(number) else { throw outOfRange(value, wanted, setting) }
            configuration[keyPath: field] = number
        case .choice(let choice):
            let wanted = "one of " + choice.names.map { "\"\($0)\"" }.joined(separator: ", ")
            guard case .string(let name) = value else { throw wrongType(value, wanted, setting) }
            guard choice.set(&configuration, name) else {
                let nearest = nearestName(to: name, among: choice.names)
                throw Setting.Objection(
                    problem: "\(value.shown) is unknown",
                    advice: nearest.map { "did you mean \"\($0)\"?" } ?? "give \(wanted) (\(setting.meaning))")
            }
        case .text(let field, let check):
            guard case .string(let text) = value else { throw wrongType(value, "a text in quotes", setting) }
            try check(text)
            configuration[keyPath: field] = text
        case .path(let field, let mayBeEmpty):
            configuration[keyPath: field] = try path(
                value, folder: folder, mayBeEmpty: mayBeEmpty, meaning: setting.meaning)
        case .fleets, .adapters:
            break
        }
    }

    /// The absolute path that a value gives.
    func path(
        _ value: JSON5Value, folder: String, mayBeEmpty: Bool, meaning: String
    ) throws(Setting.Objection) -> String {
        guard case .string(let path) = value else {
            throw Setting.Objection(problem: "is \(value.shown)", advice: "give a path in quotes (\(meaning))")
        }
        if path.isEmpty, mayBeEmpty { return "" }
        if path.isEmpty { throw Setting.Objection(problem: "is empty", advice: "give a path (\(meaning))") }
        if path.utf8.contains(0) {
            throw Setting.Objection(problem: "\(value.shown) has a zero byte", advice: "remove it")
        }
        return absolute(path, from: folder)
    }

    private func wrongType(_ value: JSON5Value, _ wanted: String, _ setting: Setting) -> Setting.Objection {
        Setting.Objection(problem: "is \(value.shown)", advice: "give \(wanted) (\(setting.meaning))")
    }

    private func outOfRange(_ value: JSON5Value, _ wanted: String, _ setting: Setting) -> Setting.Objection {
        Setting.Objection(problem: "\(value.shown) is out of range", advice: "give \(wanted) (\(setting.meaning))")
    }

    /// Takes over a list of fleets that was checked, and where its members come from.
    mutating func setFleets(_ fleets: [Configuration.Fleet], origin: ValueOrigin) {
        configuration.fleets = fleets
        origins.byKey["fleets"] = origin.ofValue()
        for index in fleets.indices {
            origins.byKey["fleets[\(index)]"] = origin.ofValue("\(index)")
            origins.byKey["fleets[\(index)].id"] = origin.ofValue("\(index)", "id")
            origins.byKey["fleets[\(index)].geofences"] = origin.ofValue("\(index)", "geofences")
        }
    }

    /// Takes over a list of adapters that were checked each for itself, and where their members come from.
    mutating func setAdapters(_ adapters: [Adapter], origin: ValueOrigin) {
        configuration.adapters = adapters
        origins.byKey["adapters"] = origin.ofValue()
        for index in adapters.indices {
            for member in ["topic", "fleet"] {
                origins.byKey["adapters[\(index)].\(member)"] = origin.ofValue("\(index)", member)
            }
        }
    }

    /// Puts the errors from index `first` on into the order of their places.
    mutating func sortByPlace(from first: Int) {
        func place(_ error: ConfigurationError) -> TextPlace {
            guard case .file(_, let line, let column) = error.origin else { return TextPlace(line: 0, column: 0) }
            return TextPlace(line: line, column: column)
        }
        // The position in the list makes the order of equal places definite.
        let sorted = errors[first...].enumerated().sorted {
            (place($0.element), $0.offset) < (place($1.element), $1.offset)
        }
        errors.replaceSubrange(first..., with: sorted.map(\.element))
    }

    /// Removes errors from index `first` on.
    mutating func removeErrors(from first: Int, where isUnwanted: (ConfigurationError) -> Bool) {
        errors = errors[..<first] + errors[first...].filter { !isUnwanted($0) }
    }

    /// Nobody has asked for the file of rules or the folder of messages, and it is not there: then there is none.
    mutating func forgetMissingRules() {
        if origins["rules_file"] == .builtIn, access(configuration.rulesFile, F_OK) != 0 {
            configuration.rulesFile = ""
        }
        if origins["sms_folder"] == .builtIn, access(configuration.smsFolder, F_OK) != 0 {
            configuration.smsFolder = ""
        }
    }

    mutating func setFile(_ name: String) {
        origins.file = name
    }

    mutating func setPassword(_ password: Secret, origin: ConfigurationOrigin) {
        configuration.mqtt.password = password
        origins.byKey[Self.passwordKey] = origin
    }
}
