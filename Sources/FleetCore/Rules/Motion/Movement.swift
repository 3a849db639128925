import Geo
import Telemetry
package import Wire

/// Tells standing from moving, once for all rules.
///
/// Standing is staying: the vehicle came to stand at a place, the mark, and every fix since is within a radius of it. So
/// wandering positions add up to no distance however many there are, and a vehicle without a speedometer is judged like
/// one with. A vehicle that reports a speed moves as soon as it has left the mark by more than the usual inaccuracy. The
/// method is the detection of stay points of Li et al., doi:10.1145/1463434.1463477, made to run along.
///
/// Leaving the radius counts as motion only where it went fast enough; a position that creeps, or that jumps about while
/// the vehicle reports that it stands, takes the mark along and adds nothing.
package struct Movement: Sendable, BitwiseCopyable {
    /// Where and since when the vehicle stands; while it moves, the last fix.
    private var mark = Fix(time_ms: 0, latitude_e7: 0, longitude_e7: 0)
    private var last_ms: Int64 = 0
    private var engineSince_ms = RFC3339.minimum_ms
    private var hasMark = false
    private var engine = Motion.Engine.unknown
    /// The revolutions were too few for a running engine when they were last told.
    private var isStalled = false

    /// A reported speed counts only so far from the mark: receivers that stand report a little speed now and then.
    private static let speedDistance_m = 15.0
    /// Standing for less is driving in traffic.
    private static let briefStop_ms: Int64 = 30_000
    /// Between two reports of standing so close together there was no time for motion, whatever the positions say.
    private static let steadyInterval_s = 30.0
    /// A worse inaccuracy does not widen the radius further.
    private static let maximumAccuracy_m = 500.0

    private static let engineBits = Observation.Contents.ignition.rawValue | Observation.Contents.rpm.rawValue

    package init() {}

    package mutating func step(
        _ input: RuleInput, _ limits: TripLimits, minimum_rpm: Double
    ) -> Motion {
        var motion = Motion()
        motion.formerMark = mark
        motion.formerTime_ms = last_ms
        readEngine(input.now, minimum_rpm: minimum_rpm)
        motion.engine = engine
        motion.runs = runs
        motion.engineSince_ms = engineSince_ms
        if input.now.hasPosition {
            place(input, limits, &motion)
            last_ms = input.now.time_ms
        } else {
            motion.isSilent = hasMark && Double(input.now.time_ms - last_ms) > limits.silence_s * 1000
        }
        motion.mark = mark
        motion.hasMark = hasMark
        return motion
    }

    private var runs: Bool { engine == .on && !isStalled }

    private mutating func readEngine(_ now: Observation, minimum_rpm: Double) {
        guard now.has.rawValue & Self.engineBits != 0 else { return }
        let former = (engine, runs)
        if let ignition = now.ignition {
            engine = ignition ? .on : .off
            if !ignition { isStalled = false }
        }
        if now.has.contains(.rpm) {
            isStalled = Double(now.rpm) < minimum_rpm
            if engine == .unknown, now.rpm > 0, !isStalled { engine = .on }
        }
        if former != (engine, runs) { engineSince_ms = now.time_ms }
    }

    private mutating func place(_ input: RuleInput, _ limits: TripLimits, _ motion: inout Motion) {
        let now = input.now.fix
        guard hasMark, let previous = input.previous else {
            motion.isSilent = hasMark
            hasMark = true
            mark = now
            motion.kind = .elsewhere
            return
        }
        let elapsed_s = input.elapsed_s
        motion.isSilent = elapsed_s > limits.silence_s
        // While it moves, the fix before is the mark, and its distance is known already.
        let atPrevious = mark.isAt(previous)
        let distance_m =
            atPrevious
            ? input.distance_m
            : mark.isSurelyWithin(Self.speedDistance_m, of: now)
                ? 0 : mark.coordinate.shortDistance_m(to: now.coordinate)
        switch judge(distance_m, input, previous, limits) {
        case .stays:
            motion.kind = .standing
            motion.standing_s = elapsed_s
        case .creeps:
            motion.kind = .standing
            motion.standing_s = elapsed_s
            let since_ms = mark.time_ms
            mark = now
            mark.time_ms = since_ms
        case .leaves where motion.isSilent:
            motion.kind = .elsewhere
            mark = now
        case .leaves:
            motion.kind = .moving
            motion.distance_m = distance_m
            motion.driving_s = elapsed_s
            let stay_ms = last_ms - mark.time_ms
            if stay_ms < Self.briefStop_ms {
                motion.driving_s += Double(stay_ms) / 1000
                motion.standing_s = -Double(stay_ms) / 1000
            }
            mark = now
        }
    }

    private enum Judgement {
        case stays
        case creeps
        case leaves
    }

    private func judge(
        _ distance_m: Double, _ input: RuleInput, _ previous: Fix, _ limits: TripLimits
    ) -> Judgement {
        let speed_kmh = input.now.fix.speed_kmh
        let reportsMotion = speed_kmh.map { $0 >= limits.minimumSpeed_kmh }
        if reportsMotion == true, distance_m > Self.speedDistance_m { return .leaves }
        let accuracy_m = max(input.now.fix.accuracy_m ?? 0, mark.accuracy_m ?? 0)
        guard distance_m > max(limits.stayRadius_m, min(accuracy_m, Self.maximumAccuracy_m)) else { return .stays }
        if reportsMotion == false, let former_kmh = previous.speed_kmh, former_kmh < limits.minimumSpeed_kmh,
            input.elapsed_s <= Self.steadyInterval_s || distance_m <= limits.startDistance_m
        {
            return .creeps
        }
        let isSlow = input.distance_m * 3.6 < limits.minimumSpeed_kmh * input.elapsed_s
        return isSlow && distance_m <= limits.startDistance_m ? .creeps : .leaves
    }

    package func write(to writer: inout ByteWriter) {
        mark.write(to: &writer)
        writer.write(last_ms)
        writer.write(engineSince_ms)
        writer.write(hasMark)
        writer.write(engine.rawValue)
        writer.write(isStalled)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        mark = try Fix(from: &reader)
        last_ms = try reader.time_ms()
        engineSince_ms = try reader.time_ms()
        hasMark = try reader.bool()
        engine = try reader.phase()
        isStalled = try reader.bool()
    }
}

extension Fix {
    /// Whether it is within the radius by a bound that needs no trigonometry: of two places, the degrees between them
    /// north and east together, as if both were of a meridian. False does not mean that it is not.
    @inline(__always)
    func isSurelyWithin(_ radius_m: Double, of other: Fix) -> Bool {
        let sum_e7 =
            abs(Int64(latitude_e7) - Int64(other.latitude_e7)) + abs(Int64(longitude_e7) - Int64(other.longitude_e7))
        // A ten-millionth of a degree of a great circle is 11.12 mm; 2 % are for its being rounded up.
        return Double(sum_e7) * 0.011_34 <= radius_m
    }
}

extension Observation {
    /// Hardly any report has an alarm. The operations of option sets of other modules go by way of protocols, which costs
    /// more than a rule does, so that they are for those that have one.
    @inline(__always)
    var hasAlarms: Bool { alarms.rawValue != 0 }
}

extension ByteReader {
    /// One of the cases of a rule's state.
    mutating func phase<Phase: RawRepresentable<UInt8>>(_: Phase.Type = Phase.self) throws(SnapshotError) -> Phase {
        guard let phase = Phase(rawValue: try integer()) else {
            throw SnapshotError(reason: "a rule has no such state")
        }
        return phase
    }

    /// A sum that can be added to.
    mutating func sum() throws(SnapshotError) -> Float {
        let sum = try float()
        guard sum.isFinite else { throw SnapshotError(reason: "a rule's sum is not finite") }
        return sum
    }

    mutating func sum() throws(SnapshotError) -> Double {
        let sum = try double()
        guard sum.isFinite else { throw SnapshotError(reason: "a rule's sum is not finite") }
        return sum
    }
}
