/// A fleet under way: gives its messages in the order of their sending.
///
/// Knows no wall clock: the caller says up to when. The same world, settings and number of vehicles give the same bytes.
/// A message costs O(log vehicles).
package struct FleetSimulator {
    /// Where messages are published: `{root}/{fleet}/vehicles/{vehicle}/telemetry`.
    package struct Address: Sendable {
        package var root: String
        package var fleet: String

        package init(root: String = "fleets", fleet: String = "demo") {
            self.root = root
            self.fleet = fleet
        }

        package func topic(_ rest: String) -> String { "\(root)/\(fleet)/\(rest)" }
    }

    private let world: FleetWorld
    let run: SimulatedVehicle.RunSettings
    let start_us: Int64
    private let announcesStatus: Bool
    private let statusTopics: [[UInt8]]
    package internal(set) var vehicles: [SimulatedVehicle]
    private var telemetryTopics: [[UInt8]]
    let address: Address
    private var events = EventQueue()
    /// Messages that were delayed, by the index that their event holds; free places are in `freeMessages`.
    private var waiting: [SimulatedMessage?] = []
    private var freeMessages: [Int32] = []
    private var emissions: [SimulatedVehicle.Emission] = []
    /// Nil where there are no orders.
    var stage: DispatchStage?
    /// Simulated time up to which everything was sent, microseconds since the start.
    private(set) var now_us: Int64 = 0
    package private(set) var counts = RunCounts()

    /// Puts `vehicleCount` vehicles, 1 ... count, on the roads.
    package init(
        world: FleetWorld, run: SimulatedVehicle.RunSettings, vehicleCount: Int, address: Address = Address()
    ) {
        self.world = world
        self.address = address
        self.run = run
        announcesStatus = run.announcesStatus
        start_us = run.start_ms * 1_000
        vehicles = (0..<vehicleCount).map { SimulatedVehicle(number: $0 + 1, world: world, run: run) }
        let isNative = run.scenario.reports.format == .native
        telemetryTopics = vehicles.map {
            let topic =
                isNative ? address.topic("vehicles/\($0.id)/telemetry") : "owntracks/\(address.fleet)/\($0.id)"
            return Array(topic.utf8)
        }
        statusTopics = vehicles.map { Array(address.topic("vehicles/\($0.id)/status").utf8) }
        for (index, vehicle) in vehicles.enumerated() {
            counts.skewedVehicles += vehicle.clockOffset_ms == 0 ? 0 : 1
            events.push(.init(time_us: vehicle.firstReport_us, vehicle: Int32(index), message: -1))
        }
        guard let dispatch = run.scenario.dispatch, run.days > 0 else { return }
        stage = DispatchStage(world: world, run: run, dispatch: dispatch, vehicleCount: vehicleCount)
        // The first day is played at once, so that a run against a broker does not begin late.
        beginDay()
    }

    /// When the next message or report is due, microseconds since the start.
    package var nextEvent_us: Int64? { events.first?.time_us }

    /// Sends the master data of all vehicles, drivers and customers, and that the vehicles are online.
    package mutating func begin(into sink: inout some MessageSink) throws(SimulationError) {
        for index in vehicles.indices {
            let master = address.topic("dispatch/vehicles/\(vehicles[index].id)")
            var payload = vehicles[index].masterData()
            stage?.complete(&payload, of: index)
            try send(.masterData, index, topic: Array(master.utf8), payload, into: &sink)
        }
        for (topic, payload) in stage?.masterData() ?? [] {
            try send(.masterData, -1, topic: Array(address.topic(topic).utf8), payload, into: &sink)
        }
        try announce(isOnline: true, into: &sink)
    }

    /// Sends everything that is due before `end_us` (since the start).
    package mutating func advance(to end_us: Int64, into sink: inout some MessageSink) throws(SimulationError) {
        while let event = events.first, event.time_us < end_us {
            now_us = event.time_us
            if event.message >= 0 {
                events.removeFirst()
                try deliver(event.message, into: &sink)
            } else if event.vehicle < 0 {
                events.removeFirst()
                beginDay()
            } else {
                try report(event, into: &sink)
            }
        }
        now_us = max(now_us, end_us)
    }

    /// Has the vehicles drive the next day and its messages wait for their time; the day after it comes later.
    private mutating func beginDay() {
        guard let day = stage?.beginDay() else { return }
        for (index, steps) in day.steps.enumerated() { vehicles[index].journey.add(steps) }
        for message in day.messages {
            let time_us = max(now_us, Int64((message.send_s * 1e6).rounded()))
            wait(
                SimulatedMessage(
                    kind: message.kind, vehicle: message.vehicle, time_us: start_us + time_us,
                    topic: Array(address.topic(message.topic).utf8), payload: message.payload,
                    isRetained: message.kind.isRetained, isJSON: true), until: time_us)
        }
        guard let next_s = stage?.nextDay_s else { return }
        events.push(.init(time_us: Int64((next_s * 1e6).rounded(.up)), vehicle: -1, message: -1))
    }

    /// Ends the run: what was delayed or waits for coverage is sent now, and vehicles go offline.
    package mutating func finish(into sink: inout some MessageSink) throws(SimulationError) {
        while let event = events.first {
            events.removeFirst()
            guard event.message >= 0, waiting[Int(event.message)]?.kind.isPlayed == false else { continue }
            try deliver(event.message, into: &sink)
        }
        for index in vehicles.indices {
            vehicles[index].reconnect(emissions: &emissions)
            vehicles[index].upload(emissions: &emissions, counts: &counts)
            for emission in emissions {
                try send(emission.kind, index, topic: topic(of: emission, index), emission.payload, into: &sink)
            }
            emissions.removeAll(keepingCapacity: true)
        }
        try announce(isOnline: false, into: &sink)
    }

    private mutating func announce(isOnline: Bool, into sink: inout some MessageSink) throws(SimulationError) {
        guard announcesStatus else { return }
        for index in vehicles.indices {
            let status = SimulatedVehicle.Emission.status(isOnline: isOnline)
            try send(.status, index, topic: statusTopics[index], status.payload, into: &sink)
        }
    }

    /// What the broker publishes when the vehicle's connection breaks, and where.
    package func lastWill(of vehicle: Int) -> (topic: [UInt8], payload: [UInt8]) {
        (statusTopics[vehicle], SimulatedVehicle.Emission.status(isOnline: false).payload)
    }

    private func topic(of emission: SimulatedVehicle.Emission, _ vehicle: Int) -> [UInt8] {
        switch emission.kind {
        case .status, .lastWill: statusTopics[vehicle]
        default:
            emission.isMisaddressed ? Array(address.topic("vehicles//telemetry").utf8) : telemetryTopics[vehicle]
        }
    }

    private mutating func report(
        _ event: EventQueue.Event, into sink: inout some MessageSink
    ) throws(SimulationError) {
        let index = Int(event.vehicle)
        let next_us = vehicles[index].report(
            at: event.time_us, world: world, emissions: &emissions, counts: &counts)
        events.replaceFirst(with: .init(time_us: next_us, vehicle: event.vehicle, message: -1))
        for emission in emissions {
            let message = SimulatedMessage(
                kind: emission.kind, vehicle: index, time_us: start_us + event.time_us + emission.delay_us,
                topic: topic(of: emission, index), payload: emission.payload, isRetained: emission.kind.isRetained,
                isJSON: emission.isJSON)
            if emission.delay_us > 0 {
                wait(message, until: event.time_us + emission.delay_us)
            } else {
                counts.messages[Int(message.kind.rawValue)] += 1
                try sink.send(message)
            }
        }
        emissions.removeAll(keepingCapacity: true)
    }

    mutating func wait(_ message: SimulatedMessage, until time_us: Int64) {
        let place: Int32
        if let free = freeMessages.popLast() {
            place = free
            waiting[Int(free)] = message
        } else {
            place = Int32(waiting.count)
            waiting.append(message)
        }
        events.push(.init(time_us: time_us, vehicle: Int32(message.vehicle), message: place))
    }

    private mutating func deliver(_ place: Int32, into sink: inout some MessageSink) throws(SimulationError) {
        guard var message = waiting[Int(place)] else { return }
        waiting[Int(place)] = nil
        freeMessages.append(place)
        message.time_us = start_us + now_us
        counts.messages[Int(message.kind.rawValue)] += 1
        try sink.send(message)
    }

    private mutating func send(
        _ kind: MessageKind, _ vehicle: Int, topic: [UInt8], _ payload: [UInt8], into sink: inout some MessageSink
    ) throws(SimulationError) {
        counts.messages[Int(kind.rawValue)] += 1
        try sink.send(
            SimulatedMessage(
                kind: kind, vehicle: vehicle, time_us: start_us + now_us, topic: topic, payload: payload,
                isRetained: kind.isRetained, isJSON: true))
    }
}
