import Wire

/// The rules of all vehicles: the fleet's, and what goes before them for groups and for single vehicles.
///
/// Vehicles that are judged alike share one `RuleSettings`: a vehicle holds its index. Which vehicle has which is found
/// when it is first asked for, because only the engine knows which vehicles there are.
package struct RuleBook: Sendable {
    /// Values that go before others, by rule and parameter.
    package typealias Overrides = [String: [String: Double]]

    /// What holds for every vehicle without values of its own; entry 0 of `settings`.
    package let defaults: RuleSettings
    /// What holds for the vehicles of a group.
    package let groups: [String: Overrides]
    /// What holds for one vehicle, and goes before its group's.
    package let vehicles: [String: Overrides]

    /// Settings that differ from one another, those of `index(vehicle:group:)` among them.
    package private(set) var settings: [RuleSettings]
    /// Where in `settings` a pair of overrides stands: of those that were asked for.
    private var known: [Pair: Int32] = [:]
    /// The same by the numbers of the settings: two pairs may give one result.
    private var byValues: [[UInt64]: Int32] = [:]

    private struct Pair: Hashable {
        /// Nil where the vehicle, or the group, has no overrides.
        var vehicle: String?
        var group: String?
    }

    package init(
        defaults: RuleSettings = RuleSettings(), groups: [String: Overrides] = [:], vehicles: [String: Overrides] = [:]
    ) {
        self.defaults = defaults
        self.groups = groups.filter { !$0.value.isEmpty }
        self.vehicles = vehicles.filter { !$0.value.isEmpty }
        settings = [defaults]
        byValues[Self.values(of: defaults)] = 0
    }

    /// Where in `settings` the rules of a vehicle stand. O(1) for a pair that was asked for before; O(parameters) for a new
    /// one, which may add to `settings`: so it must not be called between its brackets, which have the array before that.
    package mutating func index(vehicle: String, group: String?) -> Int32 {
        if groups.isEmpty, vehicles.isEmpty { return 0 }
        let pair = Pair(
            vehicle: vehicles[vehicle] == nil ? nil : vehicle, group: group.flatMap { groups[$0] == nil ? nil : $0 })
        if pair.vehicle == nil, pair.group == nil { return 0 }
        if let index = known[pair] { return index }
        let resolved = resolved(vehicle: pair.vehicle, group: pair.group)
        let values = Self.values(of: resolved)
        let index = byValues[values] ?? Int32(settings.count)
        if Int(index) == settings.count {
            settings.append(resolved)
            byValues[values] = index
        }
        known[pair] = index
        return index
    }

    /// The rules of a vehicle: its own before its group's before the fleet's.
    package func resolved(vehicle: String?, group: String?) -> RuleSettings {
        var settings = defaults
        for overrides in [group.flatMap { groups[$0] }, vehicle.flatMap { vehicles[$0] }] {
            guard let overrides else { continue }
            for rule in RuleDescription.all where !rule.isOfFleet {
                guard let values = overrides[rule.name] else { continue }
                for parameter in rule.parameters {
                    if let value = values[parameter.name] { parameter.set(&settings, value) }
                }
            }
        }
        return settings
    }

    private static func values(of settings: RuleSettings) -> [UInt64] {
        RuleDescription.all.flatMap { rule in rule.parameters.map { $0.get(settings).bitPattern } }
    }
}

extension RuleBook: Equatable {
    /// What was resolved so far makes no difference.
    package static func == (left: RuleBook, right: RuleBook) -> Bool {
        left.defaults == right.defaults && left.groups == right.groups && left.vehicles == right.vehicles
    }
}

extension RuleBook {
    /// The book as one line of JSON, names in a fixed order: the payload of a `rules` frame. It holds every default, so that
    /// a replay by a later version goes by the numbers of this one.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"defaults\":")
        Self.append(defaults, to: &out)
        for (name, overrides) in [("groups", groups), ("vehicles", vehicles)] {
            out.append(UInt8(ascii: ","))
            out.appendJSON(string: name)
            out.append(UInt8(ascii: ":"))
            Self.appendObject(overrides.keys.sorted(by: Self.precedes), to: &out) { key, out in
                Self.append(overrides[key] ?? [:], to: &out)
            }
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    private static func append(_ settings: RuleSettings, to out: inout [UInt8]) {
        appendObject(RuleDescription.all.map(\.name), to: &out) { name, out in
            let parameters = RuleDescription.named(name)?.parameters ?? []
            appendObject(parameters.map(\.name), to: &out) { member, out in
                out.appendJSON(parameters.first { $0.name == member }?.get(settings) ?? 0)
            }
        }
    }

    private static func append(_ overrides: Overrides, to out: inout [UInt8]) {
        appendObject(overrides.keys.sorted(by: precedes), to: &out) { rule, out in
            let values = overrides[rule] ?? [:]
            appendObject(values.keys.sorted(by: precedes), to: &out) { $1.appendJSON(values[$0] ?? 0) }
        }
    }

    private static func appendObject(
        _ keys: [String], to out: inout [UInt8], _ value: (String, inout [UInt8]) -> Void
    ) {
        out.append(UInt8(ascii: "{"))
        for (index, key) in keys.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.appendJSON(string: key)
            out.append(UInt8(ascii: ":"))
            value(key, &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    /// The order of the bytes, which is that of no language.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    /// Reads what `json()` wrote. A default that is missing or out of its range is the built-in one, and so is what a newer
    /// version knows besides passed over. Nil where it is not a JSON object.
    package init?(json: Span<UInt8>) {
        guard let node = try? JSONNode.parse(json), node.object != nil else { return nil }
        var defaults = RuleSettings()
        for rule in RuleDescription.all {
            for parameter in rule.parameters {
                guard let value = Self.value(node["defaults"]?[rule.name], parameter) else { continue }
                parameter.set(&defaults, value)
            }
        }
        func all(_ name: String) -> [String: Overrides] {
            var all: [String: Overrides] = [:]
            for member in node[name]?.object ?? [] { all[member.key] = Self.overrides(member.value) }
            return all
        }
        self.init(defaults: defaults, groups: all("groups"), vehicles: all("vehicles"))
    }

    private static func overrides(_ node: JSONNode) -> Overrides {
        var overrides: Overrides = [:]
        for rule in RuleDescription.all where !rule.isOfFleet {
            for parameter in rule.parameters {
                guard let value = value(node[rule.name], parameter) else { continue }
                overrides[rule.name, default: [:]][parameter.name] = value
            }
        }
        return overrides
    }

    private static func value(_ rule: JSONNode?, _ parameter: RuleDescription.Parameter) -> Double? {
        guard let value = rule?[parameter.name]?.number, parameter.range.contains(value) else { return nil }
        return value
    }
}
