import Wire

/// What the configuration says about commands. It is part of the engine's input, as the rules are: a change is journaled,
/// so that a replay decides as it was decided.
package struct CommandRules: Sendable, Equatable {
    /// Who may have vehicles immobilised: values of `requested_by`, compared by bytes. Nobody, where it is empty.
    package var immobilisers: [String] = [] {
        didSet { immobilisers = Self.sorted(immobilisers) }
    }
    /// How long an answer is waited for, where the request does not say.
    package var timeout_s = 30.0
    /// How often a command is sent again, where the request does not say.
    package var retries = 2.0
    /// How long a command is of use, where the request does not say.
    package var expires_s = 300.0
    /// How long a vehicle must have been seen standing before it is immobilised.
    package var standing_s = 10.0
    /// Below this speed a vehicle stands.
    package var standing_kmh = 2.0
    /// How far positions of a standing vehicle may lie from where it came to a stand: receivers are not steady.
    package var standing_m = 25.0
    /// The oldest fix that shows what a vehicle does now.
    package var fixAge_s = 10.0
    /// The least accurate fix that shows it; of a fix that does not tell its accuracy, nothing is asked.
    package var fixAccuracy_m = 50.0
    /// The longest time between two fixes between which a vehicle with a running engine is taken to have stood.
    package var fixGap_s = 60.0
    /// Where the fleet has no geofences of the kind `motorway`: a vehicle that was as fast as this…
    package var motorway_kmh = 80.0
    /// …as short a time ago as this may be standing on one.
    package var motorway_s = 300.0
    /// Open commands of a fleet.
    package var openOfFleet = 10_000.0
    /// Open commands of a vehicle.
    package var openOfVehicle = 16.0

    package init() {}

    /// A number of the rules, as the configuration and the journal name it.
    package struct Parameter: Sendable {
        package let name: String
        /// One sentence for people.
        package let explanation: String
        package let range: ClosedRange<Double>
        package let path: any WritableKeyPath<CommandRules, Double> & Sendable
    }

    /// All numbers, in the order of the journal. Ranges keep products of them far from overflow.
    package static let parameters: [Parameter] = [
        Parameter(
            name: "timeout_s", explanation: "how long an answer is waited for", range: 1...3600, path: \.timeout_s),
        Parameter(name: "retries", explanation: "how often a command is sent again", range: 0...10, path: \.retries),
        Parameter(
            name: "expires_s", explanation: "how long a command is of use", range: 1...604_800, path: \.expires_s),
        Parameter(
            name: "standing_s", explanation: "immobilise: how long the vehicle must have stood", range: 10...3600,
            path: \.standing_s),
        Parameter(
            name: "standing_kmh", explanation: "immobilise: below this speed it stands", range: 0.1...5,
            path: \.standing_kmh),
        Parameter(
            name: "standing_m", explanation: "immobilise: how far its positions may lie apart while it stands",
            range: 1...100, path: \.standing_m),
        Parameter(
            name: "fix_age_s", explanation: "immobilise: the oldest fix that shows it", range: 1...60, path: \.fixAge_s),
        Parameter(
            name: "fix_accuracy_m", explanation: "immobilise: the least accurate fix that shows it", range: 1...500,
            path: \.fixAccuracy_m),
        Parameter(
            name: "fix_gap_s", explanation: "immobilise: the longest time between fixes of a stand", range: 1...3600,
            path: \.fixGap_s),
        Parameter(
            name: "motorway_kmh",
            explanation: "immobilise: without motorway fences, a vehicle that was as fast may be on one",
            range: 20...130, path: \.motorway_kmh),
        Parameter(
            name: "motorway_s", explanation: "immobilise: for as long after it was as fast", range: 0...86_400,
            path: \.motorway_s),
        Parameter(
            name: "open_of_fleet", explanation: "the most open commands of a fleet", range: 1...100_000,
            path: \.openOfFleet),
        Parameter(
            name: "open_of_vehicle", explanation: "the most open commands of a vehicle", range: 1...1000,
            path: \.openOfVehicle),
    ]

    /// Whether somebody may have vehicles immobilised.
    func mayImmobilise(_ requester: [UInt8]?) -> Bool {
        guard let requester else { return false }
        return immobilisers.contains { $0.utf8.elementsEqual(requester) }
    }

    private static func sorted(_ names: [String]) -> [String] {
        var sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for index in sorted.indices.dropFirst().reversed()
        where sorted[index].utf8.elementsEqual(sorted[index - 1].utf8) {
            sorted.remove(at: index)
        }
        return sorted
    }

    package static func == (left: CommandRules, right: CommandRules) -> Bool {
        left.immobilisers.map { Array($0.utf8) } == right.immobilisers.map { Array($0.utf8) }
            && parameters.allSatisfy { left[keyPath: $0.path] == right[keyPath: $0.path] }
    }
}

extension CommandRules {
    /// The rules as one line of JSON, names in a fixed order, defaults included: what is journaled.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"immobilisers\":[")
        for (index, name) in immobilisers.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            out.appendJSON(string: name)
        }
        out.append(UInt8(ascii: "]"))
        for parameter in Self.parameters {
            out.append(UInt8(ascii: ","))
            out.appendJSON(string: parameter.name)
            out.append(UInt8(ascii: ":"))
            out.appendJSON(self[keyPath: parameter.path])
        }
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// Reads what `json()` wrote. A number that is missing or out of its range is the built-in one. Nil where it is not a
    /// JSON object.
    package init?(json: Span<UInt8>) {
        guard let node = try? JSONNode.parse(json), node.object != nil else { return nil }
        self.init()
        immobilisers = Self.sorted((node["immobilisers"]?.array ?? []).compactMap(\.string))
        for parameter in Self.parameters {
            guard let value = node[parameter.name]?.number, parameter.range.contains(value) else { continue }
            self[keyPath: parameter.path] = value
        }
    }
}
