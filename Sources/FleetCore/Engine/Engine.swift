import Geo
import Telemetry
import Wire

/// One fleet's vehicles on one shard: a deterministic function from an ordered log of inputs to effects.
///
/// It knows no clock, file, socket or task. Every call carries the receive time of its cause; time without messages
/// passes by `tick`. The same calls in the same order give the same effects, byte for byte; vehicles do not influence
/// one another, so that it does not matter how they are spread over shards.
struct Engine: ~Copyable {
    /// The fleet's id, and the same as it stands between the quotes of a JSON string.
    let fleet: [UInt8]
    let fleetJSON: [UInt8]
    /// `{root}/{fleet}/`, with which every topic begins.
    let topicPrefix: [UInt8]
    /// The topic of a vehicle's state up to its id.
    let stateTopic: [UInt8]

    /// The fleet's number, the same in all shards.
    var fleetNumber: Int32 = 0
    /// Numbers of vehicles that the desk follows and that were not heard of yet.
    var awaitedHandles: [[UInt8]: Int32] = [:]

    var settings: Settings
    var ruleBook = RuleBook()
    var fences: FenceSet {
        didSet {
            policies = FencePolicy.all(of: fences)
            hasMotorways = policies.contains { $0.places.contains(.motorway) }
        }
    }
    /// How visits to each fence are judged, by its slot.
    private(set) var policies: ContiguousArray<FencePolicy>
    /// Some fence is of the kind `motorway`.
    private(set) var hasMotorways: Bool
    /// Whether the retained states are written at all: a replay that nobody reads them from does without.
    var writesStates = true

    var table = VehicleTable()
    var vehicles: ContiguousArray<Vehicle> = []
    var index = VehicleIndex()
    var groups = GroupNames()
    /// Where in `ruleBook.settings` each vehicle's rules stand, -1 where that is not known yet; see `ruleIndex(of:)`.
    var ruleIndexes: ContiguousArray<Int32> = []

    /// Of each vehicle whether its positions come; as many as the last vehicle that was heard needs.
    var watches: ContiguousArray<PositionWatch> = []
    /// Where drivers say that their vehicles are, by slot: of the few whose positions stay away.
    var manualPositions: [Int32: ManualPosition] = [:]
    /// When any vehicle was last heard.
    var lastHeard_ms = Int64.min
    /// Drivers and diagnostic codes.
    var texts = TextTable()

    var silence = TimerWheel()
    var statePublication = TimerWheel()
    /// Silence before this moment proves nothing: the feed was interrupted.
    var heardSince_ms = Int64.min

    var counters = Counters()
    var identity = EventIdentity()
    private var vehicleInHand = -1
    private var vehicleWritten = -1
    /// The id of the vehicle in hand as it stands between the quotes of a JSON string.
    var vehicleJSON: [UInt8] = []
    /// The id of the vehicle in hand.
    var vehicleID: [UInt8] = []
    var scratch = Scratch()

    /// Buffers that are used again for every message, so that the steady state allocates nothing.
    struct Scratch {
        var hits: [Int32] = []
        var crossings: [FenceCrossing] = []
        var reports = ReportBuffer()
        var due: [Int32] = []
        var retelling = Retelling()
        var ruleEvents: [RuleEvent] = []
        /// The time of the observation that the story is at.
        var cause_ms: Int64 = 0
        var dueStates: [HashedVehicle] = []
        var hashOrder = HashOrder()
    }

    init(fleet: [UInt8], topicRoot: [UInt8], settings: Settings, fences: FenceSet) {
        self.fleet = fleet
        fleetJSON = Self.jsonContent(fleet)
        topicPrefix = topicRoot + [UInt8(ascii: "/")] + fleet + [UInt8(ascii: "/")]
        stateTopic = topicPrefix + Array("state/vehicles/".utf8)
        self.settings = settings
        self.fences = fences
        policies = FencePolicy.all(of: fences)
        hasMotorways = policies.contains { $0.places.contains(.motorway) }
    }

    /// UTF-8 text as it stands between the quotes of a JSON string.
    static func jsonContent(_ text: [UInt8]) -> [UInt8] {
        var content: [UInt8] = []
        writeJSONContent(text, to: &content)
        return content
    }

    private static func writeJSONContent(_ text: [UInt8], to content: inout [UInt8]) {
        content.removeAll(keepingCapacity: true)
        content.appendJSON(stringBytes: text.span)
        content.removeLast()
        content.removeFirst()
    }

    /// The step of the batch in hand: what its effects are marked with.
    struct Step: Sendable {
        var ordinal: Int32
        /// When the message was received, or the tick's time.
        var receivedTime_ms: Int64
    }

    /// Makes a vehicle the one in hand.
    mutating func take(_ slot: Int) { vehicleInHand = slot }

    /// Writes the id of the vehicle in hand into the buffers that topics and events are made from. Most messages cause no
    /// event, and need no id.
    mutating func writeVehicleID() {
        guard vehicleWritten != vehicleInHand else { return }
        vehicleWritten = vehicleInHand
        let slot = vehicleInHand
        vehicleID.removeAll(keepingCapacity: true)
        vehicleID.append(contentsOf: table.id(of: slot))
        Self.writeJSONContent(vehicleID, to: &vehicleJSON)
    }

    // MARK: - Emitting

    /// Begins the identity of an event about the vehicle in hand.
    mutating func beginIdentity(_ type: EventType) {
        writeVehicleID()
        identity.begin(type, fleet: fleet)
        identity.add(vehicleID)
    }

    /// Writes an event about the vehicle in hand. The identity must have been begun and completed; `data` writes the
    /// members after `vehicle`.
    mutating func emit(
        _ type: EventType, slot: Int, time_ms: Int64, step: Step, into effects: inout EffectBuffer,
        data: (inout [UInt8]) -> Void
    ) {
        emit(type, id: identity.hash(), slot: slot, time_ms: time_ms, step: step, into: &effects, data: data)
    }

    /// Writes an event under a given id. An event that was decided from late data says so, and which one it corrects.
    mutating func emit(
        _ type: EventType, id: Hash128, isLate: Bool = false, corrects: Hash128? = nil, slot: Int, time_ms: Int64,
        step: Step, into effects: inout EffectBuffer, data: (inout [UInt8]) -> Void
    ) {
        vehicles[slot].sequence += 1
        counters.events[Int(type.rawValue)] += 1
        let head = EventHead(
            type: type, id: id, time_ms: time_ms, recordedTime_ms: step.receivedTime_ms,
            sequence: vehicles[slot].sequence, isLate: isLate, corrects: corrects)
        let topic = effects.span { out in
            out.append(contentsOf: topicPrefix)
            out.append(ascii: "events/")
            out.append(ascii: type.group)
            out.append(ascii: "/")
            out.append(ascii: type.name)
        }
        let payload = effects.span { out in
            out.openCloudEvent(head, fleet: fleetJSON, vehicle: vehicleJSON)
            data(&out)
            out.closeCloudEvent()
        }
        let vehicle = effects.span { $0.append(contentsOf: vehicleID) }
        effects.effects.append(
            Effect(
                kind: .event, ordinal: step.ordinal, recordedTime_ms: step.receivedTime_ms, type: type, id: head.id,
                topic: topic, payload: payload,
                vehicle: vehicle, correlation: 0..<0))
    }

    // MARK: - Invariants

    /// Checks what must hold between two calls; for tests.
    func _checkInvariants() {
        table._checkInvariants()
        guard table.count == vehicles.count else { fatalError("Engine: table and vehicles differ in number") }
        for vehicle in vehicles {
            vehicle.track._checkInvariants()
            for (earlier, later) in zip(vehicle.story.visits, vehicle.story.visits.dropFirst())
            where fenceID(earlier.fence) >= fenceID(later.fence) {
                fatalError("Engine: visits are not in ascending order of their fences")
            }
        }
    }
}

/// Names of vehicle groups as small numbers.
struct GroupNames {
    private(set) var names: [String] = []

    mutating func number(of name: String) -> Int32 {
        // By their bytes: what `==` takes for one name would be told as whichever of two spellings this shard saw first.
        if let index = names.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) { return Int32(index) }
        names.append(name)
        return Int32(names.count - 1)
    }

    func name(of number: Int32) -> String? { number < 0 ? nil : names[Int(number)] }
}
