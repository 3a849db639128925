/// A drive along a path, worked out in advance as phases of constant acceleration, so that position and speed at any time
/// cost a few multiplications, however seldom the vehicle reports.
package struct DrivePlan: Sendable {
    /// From `start_s` (simulated time) at `distance_m` along the path with `speed_mps`, changing by `acceleration_mps2`.
    package struct Phase: Sendable {
        package var start_s: Double
        package var distance_m: Double
        package var speed_mps: Double
        package var acceleration_mps2: Double
    }

    package private(set) var phases: [Phase] = []
    package private(set) var end_s: Double
    package let path: DrivePath

    /// Where and how fast the vehicle is.
    package struct Motion: Sendable, Equatable {
        package var distance_m: Double
        package var speed_mps: Double
        package var acceleration_mps2: Double
        /// The segment of the path that it is on.
        package var segment: Int
    }

    /// Plans a drive that starts and ends standing: within the style's accelerations, no faster than the roads allow,
    /// slower in corners, and waiting at red lights.
    ///
    /// A light that shows red when the vehicle would pass becomes a stop, and the approach to it is planned again. Time is
    /// linear in the number of segments, plus the approaches of the stops.
    ///
    /// - Parameter paces: for each segment, how much of its usual speed the traffic lets the driver have (above 0);
    ///   empty for an empty city.
    package init(
        path: DrivePath, start_s: Double, style: DriverStyle, lights: [TrafficLight], paces: [Double] = []
    ) {
        precondition(paces.isEmpty || paces.count == path.segments.count, "a pace for each segment, or none")
        self.path = path
        end_s = start_s
        var planner = Planner(path: path, start_s: start_s, style: style, paces: paces)
        planner.plan(lights: lights)
        phases.reserveCapacity(path.segments.count * 3)
        for index in path.segments.indices {
            appendPhases(of: index, planner: planner)
        }
        end_s = path.segments.isEmpty ? start_s : planner.arrival_s[path.segments.count]
    }

    /// The motion at `time_s`; before the start it stands at the path's start, after the end at its end. The cursors make
    /// a series of ascending times cheap: start them at 0 and hand them back.
    package func motion(at time_s: Double, phaseCursor: inout Int, segmentCursor: inout Int) -> Motion {
        guard time_s < end_s, let first = phases.first, time_s > first.start_s else {
            let isOver = time_s >= end_s
            segmentCursor = isOver ? max(0, path.segments.count - 1) : 0
            return Motion(
                distance_m: isOver ? path.length_m : 0, speed_mps: 0, acceleration_mps2: 0, segment: segmentCursor)
        }
        while phaseCursor + 1 < phases.count, phases[phaseCursor + 1].start_s <= time_s { phaseCursor += 1 }
        let phase = phases[phaseCursor]
        let elapsed_s = time_s - phase.start_s
        let speed_mps = max(0, phase.speed_mps + phase.acceleration_mps2 * elapsed_s)
        let distance_m = min(
            path.length_m,
            phase.distance_m + (phase.speed_mps + 0.5 * phase.acceleration_mps2 * elapsed_s) * elapsed_s)
        while segmentCursor + 1 < path.segments.count, path.segments[segmentCursor + 1].start_m <= distance_m {
            segmentCursor += 1
        }
        return Motion(
            distance_m: distance_m, speed_mps: speed_mps, acceleration_mps2: phase.acceleration_mps2,
            segment: segmentCursor)
    }

    /// The point at a distance along the path that lies on `segment`.
    package func point(at motion: Motion) -> PlanePoint {
        guard !path.segments.isEmpty else { return path.points[0] }
        let segment = path.segments[motion.segment]
        let fraction = min(1, max(0, (motion.distance_m - segment.start_m) / segment.length_m))
        return path.points[motion.segment].interpolated(to: path.points[motion.segment + 1], fraction: fraction)
    }

    /// Appends the phases of one segment: speeding up, going on, slowing down, and the wait at its end.
    private mutating func appendPhases(of index: Int, planner: Planner) {
        let profile = planner.profile(of: index)
        let entry_mps = planner.speed_mps[index]
        var time_s = planner.arrival_s[index] + planner.wait_s[index]
        var distance_m = path.segments[index].start_m
        func push(_ duration_s: Double, _ speed_mps: Double, _ acceleration_mps2: Double) {
            guard duration_s > 0 else { return }
            phases.append(
                Phase(
                    start_s: time_s, distance_m: distance_m, speed_mps: speed_mps,
                    acceleration_mps2: acceleration_mps2))
            time_s += duration_s
            distance_m += (speed_mps + 0.5 * acceleration_mps2 * duration_s) * duration_s
        }
        push(profile.accelerating_s, entry_mps, planner.style.acceleration_mps2)
        push(profile.cruising_s, profile.peak_mps, 0)
        push(profile.decelerating_s, profile.peak_mps, -planner.style.deceleration_mps2)
        if planner.wait_s[index + 1] > 0 {
            phases.append(
                Phase(
                    start_s: planner.arrival_s[index + 1],
                    distance_m: path.segments[index].start_m
                        + path.segments[index].length_m, speed_mps: 0, acceleration_mps2: 0))
        }
    }
}

/// Speeds and times at the points of a path.
private struct Planner {
    let path: DrivePath
    let style: DriverStyle
    private let paces: [Double]
    /// The speed at which each point may be passed at most, so that all that follows can be kept.
    private var bound_mps: [Double]
    /// The speed at which each point is passed.
    private(set) var speed_mps: [Double]
    private(set) var arrival_s: [Double]
    /// How long the vehicle stands at each point before it goes on.
    private(set) var wait_s: [Double]

    struct Profile {
        var accelerating_s: Double
        var cruising_s: Double
        var decelerating_s: Double
        var peak_mps: Double
        var duration_s: Double { accelerating_s + cruising_s + decelerating_s }
    }

    init(path: DrivePath, start_s: Double, style: DriverStyle, paces: [Double]) {
        self.path = path
        self.style = style
        self.paces = paces
        let count = path.segments.count
        bound_mps = [Double](repeating: 0, count: count + 1)
        speed_mps = [Double](repeating: 0, count: count + 1)
        arrival_s = [Double](repeating: start_s, count: count + 1)
        wait_s = [Double](repeating: 0, count: count + 1)
        guard count > 1 else { return }
        for point in stride(from: count - 1, through: 1, by: -1) {
            bound_mps[point] = min(
                cruise_mps(point - 1), cruise_mps(point),
                path.cornerSpeed_mps(after: point - 1, cornering_mps2: style.cornering_mps2), stoppable_mps(point))
        }
    }

    private func cruise_mps(_ segment: Int) -> Double {
        path.segments[segment].roadClass.speedLimit_mps * style.limitShare * (paces.isEmpty ? 1 : paces[segment])
    }

    /// The fastest that point `point` can be passed and the next point's bound be kept.
    private func stoppable_mps(_ point: Int) -> Double {
        let next_mps = bound_mps[point + 1]
        return (next_mps * next_mps + 2 * style.deceleration_mps2 * path.segments[point].length_m).squareRoot()
    }

    mutating func plan(lights: [TrafficLight]) {
        for segment in path.segments.indices {
            drive(segment)
            let light = path.segments[segment].lightIndex
            guard light >= 0, segment + 1 < path.segments.count else { continue }
            let isEastWest = path.segments[segment].isEastWest
            guard lights[Int(light)].wait_s(at: arrival_s[segment + 1], isEastWest: isEastWest) > 0 else { continue }
            stop(after: segment)
            // Slowing down took time: the light may have turned green by now; the driver needs a second to notice.
            wait_s[segment + 1] = 1 + lights[Int(light)].wait_s(at: arrival_s[segment + 1], isEastWest: isEastWest)
        }
    }

    private mutating func drive(_ segment: Int) {
        let length_m = path.segments[segment].length_m
        let entry_mps = speed_mps[segment]
        let reachable_mps = (entry_mps * entry_mps + 2 * style.acceleration_mps2 * length_m).squareRoot()
        speed_mps[segment + 1] = min(bound_mps[segment + 1], reachable_mps)
        arrival_s[segment + 1] = arrival_s[segment] + wait_s[segment] + profile(of: segment).duration_s
    }

    /// Makes the end of `segment` a stop and plans the approach again, as far back as it changes.
    private mutating func stop(after segment: Int) {
        bound_mps[segment + 1] = 0
        var first = segment
        while first > 0, stoppable_mps(first) < speed_mps[first] {
            bound_mps[first] = stoppable_mps(first)
            first -= 1
        }
        for again in first...segment { drive(again) }
    }

    /// Speeding up from the speed at the segment's start, going on, and slowing down to the speed at its end.
    func profile(of segment: Int) -> Profile {
        let a = style.acceleration_mps2
        let d = style.deceleration_mps2
        let length_m = path.segments[segment].length_m
        let entry_mps = speed_mps[segment]
        let exit_mps = speed_mps[segment + 1]
        let entrySquare = entry_mps * entry_mps
        let exitSquare = exit_mps * exit_mps
        // Where both ramps meet without a cruise: v² = (2 a d L + d v₀² + a v₁²) / (a + d).
        let meetSquare = (2 * a * d * length_m + d * entrySquare + a * exitSquare) / (a + d)
        let peak_mps = max(entry_mps, exit_mps, min(cruise_mps(segment), meetSquare.squareRoot()))
        let peakSquare = peak_mps * peak_mps
        let rampLength_m = (peakSquare - entrySquare) / (2 * a) + (peakSquare - exitSquare) / (2 * d)
        return Profile(
            accelerating_s: (peak_mps - entry_mps) / a,
            cruising_s: max(0, length_m - rampLength_m) / max(peak_mps, 0.1),
            decelerating_s: (peak_mps - exit_mps) / d, peak_mps: peak_mps)
    }
}
