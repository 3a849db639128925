package import Wire

/// All rules about how a vehicle is driven, with their states: 395 bytes.
///
/// ``Movement`` goes first, for most rules ask whether the vehicle moves; those that sum up what others tell go last.
package struct MotionRules: Sendable, BitwiseCopyable {
    package var movement = Movement()
    package var trip = TripRule()
    package var idle = IdleRule()
    package var parking = ParkingRule()
    package var speeding = SpeedingRule()
    package var harsh = HarshRule()
    package var crash = CrashRule()
    package var alarms = AlarmRule()
    package var tow = TowRule()
    package var utilisation = UtilisationRule()
    package var score = ScoreRule()

    package init() {}

    /// Steps all rules through one observation and adds what they tell to `events`. Those already there are of no
    /// account. `input.motion` is made here.
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing MotionLimits, into events: inout [RuleEvent]
    ) {
        let moved = Self.input(input, with: movement.step(input, limits.trip, minimum_rpm: limits.idle.minimum_rpm))
        let first = events.count
        judge(moved, limits, into: &events)
        guard events.count > first else { return sumUp(moved, limits, into: &events) }
        var motion = moved.motion
        for index in first..<events.count { motion.found.count(events[index]) }
        sumUp(Self.input(input, with: motion), limits, into: &events)
    }

    // A rule's input is large. Handed on from a parameter or a constant it is not copied for each rule, as it would be from
    // a variable.

    @inline(never)
    private static func input(_ input: borrowing RuleInput, with motion: Motion) -> RuleInput {
        var input = copy input
        input.motion = motion
        return input
    }

    @inline(never)
    private mutating func judge(
        _ input: borrowing RuleInput, _ limits: borrowing MotionLimits, into events: inout [RuleEvent]
    ) {
        trip.step(input, limits.trip, into: &events)
        idle.step(input, limits.idle, into: &events)
        parking.step(input, limits.parking, into: &events)
        speeding.step(input, limits.speeding, into: &events)
        harsh.step(input, limits.harsh, into: &events)
        crash.step(input, limits.crash, into: &events)
        alarms.step(input, limits.alarms, into: &events)
        tow.step(input, limits.tow, into: &events)
    }

    @inline(never)
    private mutating func sumUp(
        _ input: borrowing RuleInput, _ limits: borrowing MotionLimits, into events: inout [RuleEvent]
    ) {
        utilisation.step(input, limits.utilisation, into: &events)
        score.step(input, limits.score, into: &events)
    }

    package func write(to writer: inout ByteWriter) {
        movement.write(to: &writer)
        trip.write(to: &writer)
        idle.write(to: &writer)
        parking.write(to: &writer)
        speeding.write(to: &writer)
        harsh.write(to: &writer)
        crash.write(to: &writer)
        alarms.write(to: &writer)
        tow.write(to: &writer)
        utilisation.write(to: &writer)
        score.write(to: &writer)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        movement = try Movement(from: &reader)
        trip = try TripRule(from: &reader)
        idle = try IdleRule(from: &reader)
        parking = try ParkingRule(from: &reader)
        speeding = try SpeedingRule(from: &reader)
        harsh = try HarshRule(from: &reader)
        crash = try CrashRule(from: &reader)
        alarms = try AlarmRule(from: &reader)
        tow = try TowRule(from: &reader)
        utilisation = try UtilisationRule(from: &reader)
        score = try ScoreRule(from: &reader)
    }
}
