/// One key of the configuration: where its value is kept, what it may be, what it means. The table of all of them is
/// `Setting.all`; reading, checking, overriding and the tests follow it.
struct Setting: Sendable {
    typealias Field<Value> = any WritableKeyPath<Configuration, Value> & Sendable

    /// A complaint about a value whose type is right: what is wrong, and what to do.
    struct Objection: Error {
        let problem: String
        let advice: String
    }

    enum Kind: Sendable {
        case flag(Field<Bool>)
        case integer(Field<Int>, ClosedRange<Int>)
        case number(Field<Double>, ClosedRange<Double>)
        case choice(Choice)
        case text(Field<String>, check: @Sendable (String) throws(Objection) -> Void)
        /// A file or folder; relative ones are resolved, empty ones only taken where `mayBeEmpty`.
        case path(Field<String>, mayBeEmpty: Bool)
        /// The list of fleets.
        case fleets
        /// The list of adapters.
        case adapters
    }

    /// An enumeration's names, and how to get and set it.
    struct Choice: Sendable {
        let names: [String]
        let get: @Sendable (Configuration) -> String
        let set: @Sendable (inout Configuration, String) -> Bool
    }

    /// With dots: `mqtt.tls.ca_file`.
    let key: String
    /// A few words for errors: "the broker's TCP port".
    let meaning: String
    let kind: Kind

    init(_ key: String, _ meaning: String, _ kind: Kind) {
        self.key = key
        self.meaning = meaning
        self.kind = kind
    }

    /// `FLEETSTREAM_` and the key in capitals, dots as underscores.
    var variable: String {
        Self.variablePrefix + key.replacing(".", with: "_").uppercased()
    }

    static let variablePrefix = "FLEETSTREAM_"

    static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })

    /// The keys directly within a group: for `mqtt` `["host", "port", …, "tls"]`, for the empty text the top's. Empty
    /// where there is no such group.
    static func members(of group: String) -> [String] {
        let prefix = group.isEmpty ? "" : group + "."
        var names: [String] = []
        for setting in all where setting.key.hasPrefix(prefix) {
            let name = String(setting.key.dropFirst(prefix.count).prefix { $0 != "." })
            if names.last != name { names.append(name) }
        }
        return names
    }

    /// The value that a configuration holds for this setting, as the file would write it.
    func value(in configuration: Configuration) -> JSON5Value {
        switch kind {
        case .flag(let field): .bool(configuration[keyPath: field])
        case .integer(let field, _): .number(Double(configuration[keyPath: field]))
        case .number(let field, _): .number(configuration[keyPath: field])
        case .choice(let choice): .string(choice.get(configuration))
        case .text(let field, _), .path(let field, _): .string(configuration[keyPath: field])
        case .fleets:
            .array(
                configuration.fleets.map { .object(["id": .string($0.id), "geofences": .string($0.geofences)]) })
        case .adapters: .array(configuration.adapters.map { .object($0.members) })
        }
    }
}

extension Setting.Kind {
    /// An enumeration whose raw values are the words of the file.
    static func choice<E: RawRepresentable<String> & CaseIterable & Sendable>(_ field: Setting.Field<E>) -> Self {
        .choice(
            Setting.Choice(
                names: E.allCases.map(\.rawValue),
                get: { $0[keyPath: field].rawValue },
                set: { configuration, name in
                    guard let value = E(rawValue: name) else { return false }
                    configuration[keyPath: field] = value
                    return true
                }))
    }

    /// A path that may be left empty.
    static func optionalPath(_ field: Setting.Field<String>) -> Self { .path(field, mayBeEmpty: true) }
}
