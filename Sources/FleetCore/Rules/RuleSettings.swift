/// The limits of all rules: what one vehicle is judged by.
package struct RuleSettings: Sendable, Equatable, BitwiseCopyable {
    package var motion = MotionLimits()
    package var condition = ConditionLimits()
    package var stale = StaleLimits()
    package var outage = OutageLimits()
    package var lag = LagLimits()

    package init() {}
}

/// One rule as the file of rules, the commands and the documentation see it: its parameters by name, whatever type holds
/// them.
package struct RuleDescription: Sendable {
    package let name: String
    package let explanation: String
    package let parameters: [Parameter]
    /// It judges the fleet as a whole, so that groups and vehicles have no values of their own.
    package let isOfFleet: Bool

    /// One number of a rule.
    package struct Parameter: Sendable {
        package let name: String
        /// One sentence for people.
        package let explanation: String
        package let range: ClosedRange<Double>
        /// The built-in value.
        package let standard: Double
        package let get: @Sendable (RuleSettings) -> Double
        package let set: @Sendable (inout RuleSettings, Double) -> Void

        /// It turns something on (1) or off (0).
        package var isSwitch: Bool { range == 0...1 && (standard == 0 || standard == 1) }
    }

    init<Limits: RuleLimits>(
        _ path: any WritableKeyPath<RuleSettings, Limits> & Sendable, isOfFleet: Bool = false
    ) {
        name = Limits.name
        explanation = Limits.explanation
        self.isOfFleet = isOfFleet
        let standards = Limits()
        parameters = Limits.parameters.map { parameter in
            let inner = parameter.path
            return Parameter(
                name: parameter.name, explanation: parameter.explanation, range: parameter.range,
                standard: standards[keyPath: inner],
                get: { $0[keyPath: path][keyPath: inner] },
                set: { $0[keyPath: path][keyPath: inner] = $1 })
        }
    }

    package func parameter(named name: String) -> Parameter? { parameters.first { $0.name == name } }

    /// Every rule there is, in the order of the shipped file.
    package static let all: [RuleDescription] = [
        RuleDescription(\.motion.trip), RuleDescription(\.motion.idle), RuleDescription(\.motion.parking),
        RuleDescription(\.motion.utilisation), RuleDescription(\.motion.speeding), RuleDescription(\.motion.harsh),
        RuleDescription(\.motion.crash), RuleDescription(\.motion.alarms), RuleDescription(\.motion.tow),
        RuleDescription(\.motion.score),
        RuleDescription(\.condition.engine), RuleDescription(\.condition.fuel),
        RuleDescription(\.condition.temperature), RuleDescription(\.condition.coolant),
        RuleDescription(\.condition.battery), RuleDescription(\.condition.door), RuleDescription(\.condition.codes),
        RuleDescription(\.condition.maintenance), RuleDescription(\.condition.drivingTime),
        RuleDescription(\.condition.hazmat), RuleDescription(\.condition.anomaly),
        RuleDescription(\.condition.level),
        RuleDescription(\.stale), RuleDescription(\.outage, isOfFleet: true), RuleDescription(\.lag, isOfFleet: true),
    ]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static func named(_ name: String) -> RuleDescription? { byName[name] }
}
