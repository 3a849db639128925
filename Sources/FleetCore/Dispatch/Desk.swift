import Forecast
import Geo
import Telemetry
import Wire

/// What dispatch told of one fleet, and what becomes of it: orders, routes, deliveries, forecasts, messages, commands.
///
/// Deterministic: what it decides follows from the items and the fixes that it is given, in their order.
struct Desk: Sendable {
    let fleet: [UInt8]
    let fleetJSON: [UInt8]
    /// `{root}/{fleet}/`.
    let topicPrefix: [UInt8]
    let writesStates: Bool
    let resolveTimeZone: Router.TimeZoneResolver

    var settings = Settings()
    var deliverySettings = DeliverySettings()
    var records = DispatchRecords()
    /// By stop.
    var deliveries: [DispatchID: DeskDelivery] = [:]
    /// Under which stop an order is delivered, where that is not the order's own id.
    var stopOfOrder: [DispatchID: DispatchID] = [:]
    /// Which orders and stops a customer has: those that are to be looked at again when the customer's record changes.
    var ordersOfCustomer: [DispatchID: Set<DispatchID>] = [:]
    var routes: [DispatchID: RouteHistory] = [:]
    /// The routes that dispatch gave a vehicle.
    var routesByVehicle: [DispatchID: Set<DispatchID>] = [:]
    /// By the number of the vehicle.
    var runs: [Int32: DeskRun] = [:]
    /// What the road router was asked for routes without a path, and what it said.
    var roads: [DispatchID: RouteRoads] = [:]
    var cash: [DispatchID: ShiftCash] = [:]
    var waiting = WaitingRoom()

    var learned = LearnedValues()
    var conditions = Conditions()
    var messages: MessageDesk
    var commands = CommandDesk()
    var commandRules = CommandRules()

    /// Stops whose retained state is to be published.
    var dirty: Set<DispatchID> = []
    /// Stops at which a vehicle was or is, and of which the driver has not said a word.
    var unproven: Set<DispatchID> = []
    /// A route is being read: what follows for its vehicles is worked out when all of it is.
    var isPlanning = false
    /// Many stops are being looked at: their route is looked at after them.
    var isObserving = false
    /// Events emitted so far: the `sequence` of the last one.
    var sequence: Int64 = 0
    var pruned_ms = Int64.min
    /// Counts what may change the paths of open routes; see `RouteCatalogue`. Of this process only.
    var pathsVersion: UInt64 = 0
    /// Since the counters were handed over last.
    var counters = Counters()
    /// Used again for every fix.
    var forecasts: [StopForecast] = []
    /// For those who measure forecasts.
    var recording = ForecastRecording()

    init(
        fleet: [UInt8], topicRoot: [UInt8], writesStates: Bool, resolveTimeZone: @escaping Router.TimeZoneResolver
    ) {
        self.fleet = fleet
        fleetJSON = Engine.jsonContent(fleet)
        topicPrefix = topicRoot + [UInt8(ascii: "/")] + fleet + [UInt8(ascii: "/")]
        self.writesStates = writesStates
        self.resolveTimeZone = resolveTimeZone
        messages = MessageDesk(fleet: fleet, rules: MessageRules())
    }

    /// Adds what was counted to the counters of the plan, and begins anew.
    mutating func handOver(_ total: inout Counters) {
        total += counters
        counters.reset()
    }

    mutating func apply(_ input: DeskInput, step: Engine.Step, into effects: inout EffectBuffer) {
        switch input {
        case .open: break
        case .settings(let new): change(to: new)
        case .tick: tick(step, into: &effects)
        case .order(let id, let order, let answer): take(order, as: id, answer: answer, step, into: &effects)
        case .route(let id, let route, let vehicle): take(route, as: id, vehicle: vehicle, step, into: &effects)
        case .customer(let id, let customer): take(customer, as: id, step, into: &effects)
        case .vehicle(let id, let vehicle, let handle): take(vehicle, as: id, handle: handle, step, into: &effects)
        case .driver(let id, let driver): take(driver, as: id, step, into: &effects)
        case .condition(let id, let condition): take(condition, as: id, step, into: &effects)
        case .report(let vehicle, let handle, let report, let payload):
            let told = VehicleReport(vehicle: vehicle, handle: handle, report: report, payload: payload)
            hear(told, step, into: &effects)
        case .query(let query, let address): answer(query, address, step, into: &effects)
        case .command(let id, let message, let handle):
            // The interlock looks at the fixes of vehicles that are on no route, too.
            if case .request(let request) = message, runs[handle] == nil {
                runs[handle] = DeskRun(vehicle: request.vehicle)
            }
            let actions = commands.ask(id, message, now_ms: step.receivedTime_ms, rules: commandRules)
            perform(actions, step: step, into: &effects)
        case .commandResult(let vehicle, let id, let result, let topic, let payload):
            let reception = commands.result(
                vehicle: vehicle, id, result, now_ms: step.receivedTime_ms, rules: commandRules)
            perform(reception.actions, step: step, into: &effects)
            if let fault = reception.fault {
                refuse(fault.fault, topic: topic, payload: payload, step: step, into: &effects)
            }
        case .receipt(let id, let receipt):
            let actions = messages.receipt(
                id, receipt.status, code: receipt.code, now_ms: step.receivedTime_ms)
            perform(actions, step: step, into: &effects)
        case .roadAnswer(let question, let reply): take(reply, to: question, step, into: &effects)
        case .learned(let values): learned = values
        case .commandRules(let rules): commandRules = rules
        case .messageRules(let rules): change(to: rules)
        }
    }

    mutating func change(to new: Settings) {
        settings = new
        deliverySettings.filter.maxSpeed_kmh = new.maxSpeed_kmh
        deliverySettings.filter.confirmFixes = new.teleportConfirmFixes
        deliverySettings.filter.assumedAccuracy_m = new.assumedAccuracy_m
        deliverySettings.reorderWindow_s = Int64(new.reorderWindow_s)
        deliverySettings.trackFixes = new.trackFixes
        deliverySettings.proofMissing_s = Int64(new.proofWait_s)
    }

    mutating func change(to rules: MessageRules) {
        var rules = rules
        rules.localTime = resolveTimeZone(rules.timeZone) ?? settings.localTime
        messages.rules = rules
    }

    private mutating func take(
        _ condition: Sourced<ConditionRecord>?, as id: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        switch records.conditions.take(id, condition) {
        case .removed: _ = conditions.remove(id.bytes)
        case .stored:
            guard let record = condition?.record else { return }
            _ = conditions.upsert(record.area(id))
        case .stale: counters.staleRecords += 1
        case .unknown: break
        case .full:
            let fault = Fault(reason: "too_many_conditions", detail: "the fleet has as many conditions as are kept")
            refuse(
                fault, topic: topic("dispatch/conditions/", id), payload: condition?.payload ?? [], step: step,
                into: &effects)
        }
    }

    func _checkInvariants() {
        for (id, delivery) in deliveries where delivery.history.stop != id {
            fatalError("Desk: a delivery stands under another stop's id")
        }
        for (vehicle, run) in runs where run.next != nextStop(of: vehicle) {
            fatalError("Desk: a vehicle's next stop is not the one that follows from its deliveries")
        }
        for run in runs.values where run.gates.count != run.stops.count {
            fatalError("Desk: a run's stops and gates differ in number")
        }
    }
}

extension ConditionRecord {
    func area(_ id: DispatchID) -> ConditionArea {
        ConditionArea(
            id: id.bytes, shape: shape, speedFactor: speedFactor, isClosed: isClosed,
            from_ms: window.from_ms ?? .min, to_ms: window.to_ms ?? .max)
    }
}
