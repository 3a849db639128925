import Geo
import Wire

/// Messages to customers and drivers: which occasions there are, and who is told.
extension Desk {
    /// Offers the message that goes with an event about a stop.
    mutating func inform(
        of event: DeskEvent, _ stop: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard tellsPeople, let kind = messageKind(of: event.type), let delivery = deliveries[stop],
            let order = delivery.order,
            let record = records.orders[order]
        else { return }
        // What was told is not told again because late data told it otherwise.
        guard event.corrects == nil else { return }
        var occasion = MessageOccasion(kind, .stop(stop), time_ms: event.time_ms)
        occasion.isLate = event.isLate
        occasion.vehicle = event.vehicle
        occasion.stop = stop
        occasion.order = order
        occasion.route = delivery.route
        occasion.customer = record.customer
        occasion.driver = delivery.history.summary.facts?.driver
        occasion.windowFrom_ms = record.window?.from_ms
        occasion.windowTo_ms = record.window?.to_ms
        occasion.eta_ms = delivery.outlook.p50_ms ?? delivery.history.summary.facts?.plannedArrival_ms
        occasion.address = Array((record.place?.address ?? "").utf8)
        if record.priority == .emergency { occasion.priority = .emergency }
        switch kind {
        case .scheduled:
            occasion.promise_ms = record.window?.from_ms ?? delivery.history.summary.facts?.plannedArrival_ms
            // A customer with neither is told when the vehicle comes.
            guard occasion.promise_ms != nil else { return }
        case .arriving:
            // It is of no use when the vehicle is there.
            occasion.usefulUntil_ms = delivery.outlook.p50_ms
        case .delayed:
            guard let eta_ms = delivery.outlook.p50_ms, let end_ms = record.window?.to_ms,
                eta_ms - end_ms >= Int64(messages.rules.delayed_s) * 1000
            else { return }
            occasion.promise_ms = eta_ms
        case .failed, .rescheduled:
            occasion.reason = lastReason(of: delivery)
        case .outForDelivery, .arrived, .delivered, .routeChanged, .emergency: break
        }
        perform(
            messages.offer(occasion, recipient: customer(record.customer), now_ms: step.receivedTime_ms), step: step,
            into: &effects)
    }

    /// There are texts for messages: without any, nobody expects some.
    private var tellsPeople: Bool { !messages.rules.languages.isEmpty }

    private func messageKind(of type: EventType) -> MessageKind? {
        switch type {
        case .deliveryAssigned: .scheduled
        case .deliveryEnRoute: .outForDelivery
        case .deliveryApproaching: .arriving
        case .deliveryArrived: .arrived
        case .deliveryDelivered, .deliveryPartiallyDelivered: .delivered
        case .deliveryFailed: .failed
        case .deliveryRescheduleRequested: .rescheduled
        case .deliveryAtRisk, .etaUpdated: .delayed
        default: nil
        }
    }

    private func lastReason(of delivery: DeskDelivery) -> [UInt8] {
        for piece in delivery.history.evidence.reversed() {
            if case .word(let word) = piece.kind, !word.reason.isEmpty { return word.reason }
        }
        return []
    }

    /// The driver of a route that changed after it was given out.
    mutating func informDriver(
        of route: DispatchID, _ record: RouteRecord, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard tellsPeople else { return }
        var occasion = MessageOccasion(.routeChanged, .route(route), time_ms: step.receivedTime_ms)
        occasion.route = route
        occasion.driver = record.driver
        occasion.vehicle = record.vehicle
        occasion.cause.append(hex: Hash128(records.routes.payload(of: route)).low)
        let recipient = driver(record.driver, record.vehicle)
        perform(
            messages.offer(occasion, recipient: recipient, now_ms: step.receivedTime_ms), step: step, into: &effects)
        for entry in record.stops {
            guard let order = entry.order, records.orders[order]?.priority == .emergency,
                deliveries[entry.stop]?.history.state == .assigned
            else { continue }
            var urgent = occasion
            urgent.kind = .emergency
            urgent.subject = .stop(entry.stop)
            urgent.stop = entry.stop
            urgent.order = order
            urgent.cause = []
            urgent.priority = .emergency
            urgent.address = Array((records.orders[order]?.place?.address ?? "").utf8)
            perform(
                messages.offer(urgent, recipient: recipient, now_ms: step.receivedTime_ms), step: step, into: &effects)
        }
    }

    // MARK: - Who

    func customer(_ id: DispatchID?) -> Recipient {
        var recipient = Recipient()
        guard let record = id.flatMap({ records.customers[$0] }) else { return recipient }
        recipient.phone = record.phone.map { Array($0.utf8) }
        recipient.name = Array((record.name ?? "").utf8)
        recipient.language = Array((record.language ?? "").utf8)
        recipient.hasConsent = record.consentsToSMS ?? false
        recipient.kinds = record.messageKinds.map { $0.compactMap(MessageKind.init(name:)) }
        recipient.quietHours = record.quietHours.flatMap { DayHours(from_min: $0.from_min, to_min: $0.to_min) }
        recipient.localTime = record.timeZone.flatMap { resolveTimeZone($0) }
        return recipient
    }

    func driver(_ id: DispatchID?, _ vehicle: DispatchID?) -> Recipient {
        var recipient = Recipient()
        let record = id.flatMap { records.drivers[$0] }
        let vehicleRecord = vehicle.flatMap { records.vehicles[$0] }
        recipient.phone = (record?.phone ?? vehicleRecord?.phone).map { Array($0.utf8) }
        recipient.name = Array((record?.name ?? "").utf8)
        recipient.language = Array((record?.language ?? vehicleRecord?.language ?? "").utf8)
        recipient.hasConsent = true
        return recipient
    }
}
