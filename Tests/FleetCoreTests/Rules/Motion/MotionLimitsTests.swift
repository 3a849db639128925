import FleetCore
import Testing

@Suite struct MotionLimitsTests {
    private func check<Limits: RuleLimits>(_: Limits.Type) {
        let parameters = Limits.parameters
        let defaults = Limits()
        #expect(Set(parameters.map(\.name)).count == parameters.count, "\(Limits.name): a name twice")
        #expect(parameters.contains { $0.name == "enabled" && $0.range == 0...1 }, "\(Limits.name): cannot be switched")
        #expect(!Limits.explanation.isEmpty)
        for parameter in parameters {
            #expect(
                parameter.range.contains(defaults[keyPath: parameter.path]), "\(Limits.name).\(parameter.name): default"
            )
            #expect(parameter.explanation.hasSuffix("."), "\(Limits.name).\(parameter.name): no sentence")
            var changed = defaults
            changed[keyPath: parameter.path] += 1
            #expect(changed != defaults, "\(Limits.name).\(parameter.name): leads nowhere")
        }
        #expect(
            MemoryLayout<Limits>.size == parameters.count * MemoryLayout<Double>.size,
            "\(Limits.name): a number that is not a parameter")
    }

    @Test func `each parameter of motion is described, in range by default and leads to its own number`() {
        check(TripLimits.self)
        check(IdleLimits.self)
        check(ParkingLimits.self)
        check(SpeedingLimits.self)
        check(HarshLimits.self)
        check(CrashLimits.self)
        check(AlarmLimits.self)
        check(TowLimits.self)
        check(UtilisationLimits.self)
        check(ScoreLimits.self)
    }
}
