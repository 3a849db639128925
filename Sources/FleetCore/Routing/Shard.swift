import Geo
import Telemetry
package import Wire

/// The part of the engine that one actor owns: for every fleet the vehicles whose ids hash to this shard. Synchronous and
/// deterministic; the actor around it adds nothing but a place to run.
package struct Shard {
    /// A box, because arrays cannot hold noncopyable values: one dynamic exclusivity check per item of work.
    final class Fleet {
        var engine: Engine
        init(_ engine: consuming Engine) { self.engine = engine }
    }

    let number: Int
    private let topicRoot: [UInt8]
    private(set) var fleets: [Fleet] = []
    private(set) var settings = Settings()
    private(set) var ruleBook = RuleBook()
    /// Silence before this moment proves nothing: the feed was interrupted.
    private(set) var heardSince_ms = Int64.min
    private let decoder = NativeDecoder()
    private let writesStates: Bool
    /// What the batch before gave: the next one gives about as much.
    private var lastBytes = 0
    private var lastStates = 0

    package init(number: Int, topicRoot: String, writesStates: Bool = true) {
        self.number = number
        self.writesStates = writesStates
        self.topicRoot = Array(topicRoot.utf8)
    }

    /// What a shard made of its part of a batch.
    package struct Output: Sendable {
        package var effects = EffectBuffer()
        /// Answers by the index of the query among the plan's controls.
        var answers: [(control: Int, part: PartialAnswer)] = []
        var counters = Counters()
        /// What was counted of each fleet, by its number; empty where the plan has no survey.
        var surveys: [FleetSurvey] = []

        package init() {}

        mutating func removeAll() {
            effects.removeAll()
            answers.removeAll(keepingCapacity: true)
            surveys.removeAll(keepingCapacity: true)
            counters.reset()
        }
    }

    /// Works through this shard's list of the plan.
    package mutating func apply(_ batch: MessageBatch, _ plan: BatchPlan) -> Output {
        var output = Output()
        // Growing step by step would copy everything several times.
        output.effects.bytes.reserveCapacity(lastBytes + lastBytes / 4)
        output.effects.states.reserveCapacity(lastStates + lastStates / 4)
        apply(batch, plan, into: &output)
        lastBytes = output.effects.bytes.count
        lastStates = output.effects.states.count
        return output
    }

    /// The same into an output that was used before, whose buffers are kept.
    package mutating func apply(_ batch: MessageBatch, _ plan: BatchPlan, into output: inout Output) {
        output.removeAll()
        for fleet in fleets { fleet.engine.counters.reset() }
        let list = plan.items[number]
        let items = list.span
        var index = 0
        while index < items.count {
            let item = items[index]
            if item.kind == .control {
                apply(
                    plan.controls[Int(item.index)], item, plan.verdicts, shardCount: plan.items.count, into: &output)
                index += 1
                continue
            }
            if item.kind == .adapted {
                fleets[Int(item.fleet)].engine.applyAdapted(item, batch, plan.adapted, into: &output.effects)
                index += 1
                continue
            }
            // The engine is looked up once for a run of messages of one fleet.
            var end = index + 1
            while end < items.count, items[end].kind != .control, items[end].kind != .adapted,
                items[end].fleet == item.fleet
            { end += 1 }
            fleets[Int(item.fleet)].engine.apply(
                items.extracting(index..<end), batch, decoder, into: &output.effects)
            index = end
        }
        for fleet in fleets { output.counters += fleet.engine.counters }
    }

    private mutating func apply(
        _ control: Control, _ item: WorkItem, _ verdicts: [FleetVerdict], shardCount: Int,
        into output: inout Output
    ) {
        switch control {
        case .openFleet(let name, let set):
            openFleet(name, set)
        case .settings(let new, let time_ms):
            settings = new
            for fleet in fleets { fleet.engine.change(to: new, at: time_ms) }
        case .rules(let book):
            ruleBook = book
            for fleet in fleets { fleet.engine.change(to: book) }
        case .survey(let time_ms):
            let step = Engine.Step(ordinal: item.ordinal, receivedTime_ms: time_ms)
            for (fleet, verdict) in zip(fleets, verdicts) {
                output.surveys.append(fleet.engine.survey(verdict, step, into: &output.effects))
            }
        case .tick(let time_ms):
            let step = Engine.Step(ordinal: item.ordinal, receivedTime_ms: time_ms)
            let first = output.effects.states.count
            for fleet in fleets { fleet.engine.tick(step, into: &output.effects) }
            // Each fleet's states are in order; those of several fleets are merged. (The library's sort is stable.)
            if fleets.count > 1 { output.effects.states[first...].sort(by: StateEffect.precedes) }
        case .resumed(let time_ms):
            heardSince_ms = max(heardSince_ms, time_ms)
            let step = Engine.Step(ordinal: item.ordinal, receivedTime_ms: time_ms)
            for fleet in fleets { fleet.engine.resume(step) }
        case .fences(let fleet, let set, let removed):
            fleets[fleet].engine.replaceFences(with: set, removed: removed, into: &output.effects)
        case .follow(let fleet, let vehicle, let handle):
            follow(vehicle, fleet: fleet, handle: handle, shardCount: shardCount)
        case .query(let fleet, let query, let address):
            let part = fleets[fleet].engine.answer(query, receivedTime_ms: address.receivedTime_ms)
            output.answers.append((Int(item.index), part))
        }
    }

    /// Tells the desk of a vehicle's fixes from here on, if the vehicle is one of this shard's.
    func follow(_ vehicle: [UInt8], fleet: Int, handle: Int32, shardCount: Int) {
        let hash = stableHash64(vehicle.span)
        guard Int(hash % UInt64(shardCount)) == number else { return }
        fleets[fleet].engine.follow(vehicle, hash: hash, handle: handle)
    }

    mutating func openFleet(_ name: [UInt8], _ set: FenceSet) {
        var engine = Engine(fleet: name, topicRoot: topicRoot, settings: settings, fences: set)
        engine.ruleBook = ruleBook
        engine.heardSince_ms = heardSince_ms
        engine.writesStates = writesStates
        engine.fleetNumber = Int32(fleets.count)
        fleets.append(Fleet(engine))
    }

    /// Forgets everything, to take over a snapshot.
    mutating func reset(settings: Settings, ruleBook: RuleBook, heardSince_ms: Int64) {
        fleets = []
        self.settings = settings
        self.ruleBook = ruleBook
        self.heardSince_ms = heardSince_ms
    }

    /// Vehicles known, online, moving and inside fences, over all fleets. O(vehicles).
    package func census() -> Census {
        var census = Census()
        for fleet in fleets {
            for slot in fleet.engine.vehicles.indices {
                census.vehicles += 1
                if fleet.engine.vehicles[slot].connectivity == .online {
                    census.online += 1
                    let speed_kmh = fleet.engine.vehicles[slot].newest?.speed_kmh ?? 0
                    if speed_kmh >= Census.movingFrom_kmh { census.moving += 1 }
                }
                if fleet.engine.vehicles[slot].story.visits.contains(where: { $0.phase != .entering }) {
                    census.insideFences += 1
                }
            }
        }
        return census
    }

    /// Tells the retained states of the vehicles as they are now, of each fleet at most `vehicles_max`. O(vehicles).
    package func visitStates(vehicles_max: Int, _ body: (_ topic: [UInt8], _ payload: [UInt8]) -> Void) {
        let atOnce = 256
        var effects = EffectBuffer()
        for fleet in fleets {
            for first in stride(from: 0, to: min(vehicles_max, fleet.engine.vehicles.count), by: atOnce) {
                effects.removeAll()
                fleet.engine.writeAllStates(
                    from: first, count: min(atOnce, vehicles_max - first), into: &effects)
                for state in effects.states {
                    body(Array(effects.bytes[state.effect.topic]), Array(effects.bytes[state.effect.payload]))
                }
            }
        }
    }

    package func _checkInvariants() {
        for fleet in fleets {
            fleet.engine._checkInvariants()
            fleet.engine.index._checkInvariants()
        }
    }
}

/// How many vehicles there are, by state.
package struct Census: Sendable {
    package var vehicles = 0
    package var online = 0
    /// Online, and at least `movingFrom_kmh` fast by the newest fix.
    package var moving = 0
    package var insideFences = 0

    /// Slower is what GPS noise makes of standing.
    static let movingFrom_kmh = 5.0

    package init() {}

    package static func += (total: inout Census, part: Census) {
        total.vehicles += part.vehicles
        total.online += part.online
        total.moving += part.moving
        total.insideFences += part.insideFences
    }
}
