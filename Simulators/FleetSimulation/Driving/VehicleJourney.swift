/// The true life of one vehicle: loading at its depot, driving, standing at customers, and again, for ever.
///
/// Knows no clock: `advance(to:)` is given ascending simulated times. The journey depends on the world, the style and its own
/// random stream only, never on how often it is asked.
package struct VehicleJourney {
    package enum Activity: Sendable {
        case loading
        case driving
        case serving
    }

    /// Where the vehicle truly is and what it does.
    package struct State: Sendable {
        package var activity: Activity
        package var position: PlanePoint
        package var heading_deg: Double
        package var speed_mps: Double
        package var acceleration_mps2: Double
        package var isIgnitionOn: Bool
        package var isTunnel: Bool
        package var roadClass: RoadClass
        /// Driven since the journey's start.
        package var distance_m: Double
        /// The engine's running time since the journey's start.
        package var engine_s: Double
        /// How long it has stood at the depot in this stay, 0 elsewhere.
        package var loading_s: Double

        package init(
            activity: Activity, position: PlanePoint, heading_deg: Double, speed_mps: Double,
            acceleration_mps2: Double, isIgnitionOn: Bool, isTunnel: Bool, roadClass: RoadClass, distance_m: Double,
            engine_s: Double, loading_s: Double
        ) {
            self.activity = activity
            self.position = position
            self.heading_deg = heading_deg
            self.speed_mps = speed_mps
            self.acceleration_mps2 = acceleration_mps2
            self.isIgnitionOn = isIgnitionOn
            self.isTunnel = isTunnel
            self.roadClass = roadClass
            self.distance_m = distance_m
            self.engine_s = engine_s
            self.loading_s = loading_s
        }
    }

    private let world: FleetWorld
    private let style: DriverStyle
    /// Nil where others say what the vehicle does.
    private let habits: JourneyHabits?
    /// What it does next, where others say so.
    private var steps: ArraySlice<JourneyStep> = []
    private let depot: Place
    private var random: RandomSource

    private var activity = Activity.loading
    private var start_s: Double
    private var end_s: Double
    /// While standing: the ignition is off between these times.
    private var ignitionOff: ClosedRange<Double>?
    private var plan: DrivePlan
    private var phaseCursor = 0
    private var segmentCursor = 0
    private var here: Place
    private var stops: ArraySlice<Place> = []
    private var drivenBefore_m = 0.0
    private var engineBefore_s = 0.0
    private var standingHeading_deg: Double

    /// Begins at `depot` at `start_s`, leaving it within the first minutes.
    package init(
        world: FleetWorld, style: DriverStyle, habits: JourneyHabits, depot: Place, start_s: Double,
        random: RandomSource
    ) {
        self.world = world
        self.style = style
        self.habits = habits
        self.depot = depot
        self.random = random
        self.start_s = start_s
        here = depot
        plan = DrivePlan(path: DrivePath(start: depot.position), start_s: start_s, style: style, lights: [])
        standingHeading_deg = self.random.uniform(0...359)
        end_s = start_s + 30 + self.random.exponential(mean: 60)
        ignitionOff = start_s...(end_s - 20)
    }

    /// Stands at `depot` from `start_s` on, with the engine off, and does what `add` says.
    package init(world: FleetWorld, style: DriverStyle, depot: Place, start_s: Double, random: RandomSource) {
        self.world = world
        self.style = style
        habits = nil
        self.depot = depot
        self.random = random
        self.start_s = start_s
        here = depot
        plan = DrivePlan(path: DrivePath(start: depot.position), start_s: start_s, style: style, lights: [])
        standingHeading_deg = self.random.uniform(0...359)
        end_s = .infinity
        ignitionOff = start_s...(.infinity)
    }

    /// Does these steps after those that it was told before, and then stands where it is with the engine off. For a journey
    /// without habits; the first step may not begin before the time of the last `advance`.
    package mutating func add(_ more: [JourneyStep]) {
        precondition(habits == nil, "a vehicle with habits decides for itself")
        guard let first = more.first else { return }
        if steps.isEmpty, end_s == .infinity {
            end_s = max(start_s, first.start_s)
            ignitionOff = ignitionOff.map { $0.lowerBound...max($0.lowerBound, end_s - 20) }
        }
        steps.append(contentsOf: more)
    }

    /// The state at `time_s`, which must not be before the time of the last call. The cost is that of the activities begun
    /// since then.
    package mutating func advance(to time_s: Double) -> State {
        while time_s >= end_s { beginNext() }
        return activity == .driving ? drivingState(at: time_s) : standingState(at: time_s)
    }

    /// When the ignition is next switched after `time_s`, as far as the present activity tells; its end where it does not.
    package func nextChange(after time_s: Double) -> Double {
        if let ignitionOff {
            if time_s < ignitionOff.lowerBound { return ignitionOff.lowerBound }
            if time_s < ignitionOff.upperBound { return ignitionOff.upperBound }
        }
        return end_s
    }

    private mutating func drivingState(at time_s: Double) -> State {
        let motion = plan.motion(at: time_s, phaseCursor: &phaseCursor, segmentCursor: &segmentCursor)
        let segment = plan.path.segments[motion.segment]
        return State(
            activity: .driving, position: plan.point(at: motion), heading_deg: segment.heading_deg,
            speed_mps: motion.speed_mps, acceleration_mps2: motion.acceleration_mps2, isIgnitionOn: true,
            isTunnel: segment.isTunnel, roadClass: segment.roadClass, distance_m: drivenBefore_m + motion.distance_m,
            engine_s: engineBefore_s + (time_s - start_s), loading_s: 0)
    }

    private func standingState(at time_s: Double) -> State {
        State(
            activity: activity, position: here.position, heading_deg: standingHeading_deg, speed_mps: 0,
            acceleration_mps2: 0, isIgnitionOn: !isIgnitionOff(at: time_s), isTunnel: false, roadClass: .driveway,
            distance_m: drivenBefore_m, engine_s: engineBefore_s + engineRunning_s(until: time_s),
            loading_s: activity == .loading ? time_s - start_s : 0)
    }

    private func isIgnitionOff(at time_s: Double) -> Bool {
        guard let ignitionOff else { return false }
        return time_s >= ignitionOff.lowerBound && time_s < ignitionOff.upperBound
    }

    private func engineRunning_s(until time_s: Double) -> Double {
        guard let ignitionOff else { return time_s - start_s }
        let off_s = max(0, min(time_s, ignitionOff.upperBound) - ignitionOff.lowerBound)
        return time_s - start_s - off_s
    }

    /// Ends the present activity and begins the next at its end: after standing comes driving, after driving standing.
    private mutating func beginNext() {
        engineBefore_s += activity == .driving ? end_s - start_s : engineRunning_s(until: end_s)
        start_s = end_s
        guard let habits else {
            if activity == .driving {
                drivenBefore_m += plan.path.length_m
                if let last = plan.path.segments.last { standingHeading_deg = last.heading_deg }
            }
            return beginStep()
        }
        switch activity {
        case .loading, .serving: beginDriving(habits)
        case .driving:
            drivenBefore_m += plan.path.length_m
            if let last = plan.path.segments.last { standingHeading_deg = last.heading_deg }
            if here == depot { beginLoading(habits) } else { beginServing(habits) }
        }
    }

    /// Begins the next step that it was told, at the present one's end.
    private mutating func beginStep() {
        guard let step = steps.popFirst() else {
            activity = here == depot ? .loading : .serving
            end_s = .infinity
            ignitionOff = (start_s + 5)...(.infinity)
            return
        }
        switch step {
        case .stand(let stand):
            activity = stand.activity
            end_s = max(start_s, stand.end_s)
            ignitionOff = stand.isEngineOff && end_s - start_s > 20 ? (start_s + 5)...(end_s - 10) : nil
        case .drive(let plan, let destination):
            activity = .driving
            here = destination
            self.plan = plan
            phaseCursor = 0
            segmentCursor = 0
            ignitionOff = nil
            end_s = plan.end_s
        }
    }

    private mutating func beginDriving(_ habits: JourneyHabits) {
        if activity == .loading {
            let count = random.integer(habits.stopsPerTour)
            stops = world.tour(from: depot, count: count, random: &random)[...]
        }
        let next = stops.popFirst() ?? depot
        let path = world.path(from: here, to: next)
        here = next
        plan = DrivePlan(path: path, start_s: start_s, style: style, lights: world.network.lights)
        phaseCursor = 0
        segmentCursor = 0
        ignitionOff = nil
        guard !path.segments.isEmpty else {
            // Two places at the same spot: nothing to drive, the next stay begins at once.
            if here == depot { beginLoading(habits) } else { beginServing(habits) }
            return
        }
        activity = .driving
        end_s = plan.end_s
    }

    private mutating func beginServing(_ habits: JourneyHabits) {
        activity = .serving
        end_s = start_s + random.uniform(habits.service_s)
        switchOff(probability: habits.ignitionOffShare)
    }

    private mutating func beginLoading(_ habits: JourneyHabits) {
        activity = .loading
        end_s = start_s + random.uniform(habits.loading_s)
        switchOff(probability: 1)
    }

    /// The driver stops the engine 5 s after arriving and starts it 10 s before leaving, or lets it idle.
    private mutating func switchOff(probability: Double) {
        let isOff = random.chance(probability)
        ignitionOff = isOff && end_s - start_s > 20 ? (start_s + 5)...(end_s - 10) : nil
    }
}
