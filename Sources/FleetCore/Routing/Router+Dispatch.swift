import Forecast
import Geo
import Telemetry
import Wire

/// The vehicles whose fixes a fleet's desk is told of, each under a number.
struct FollowedVehicles: Sendable {
    /// The fleet has a desk.
    var isOpen = false
    /// Ids by number.
    private(set) var ids: [[UInt8]] = []
    private var numbers: [[UInt8]: Int32] = [:]

    /// The number of a vehicle, and whether it is new.
    mutating func number(of vehicle: [UInt8]) -> (number: Int32, isNew: Bool) {
        if let number = numbers[vehicle] { return (number, false) }
        let number = Int32(ids.count)
        ids.append(vehicle)
        numbers[vehicle] = number
        return (number, true)
    }
}

/// Messages of dispatch: read here, in the order of the log, and worked on by the fleet's desk behind the shards.
extension Router {
    /// Puts a message before the fleet's desk. True where nobody else needs it.
    @discardableResult
    mutating func routeToDesk(
        _ batch: MessageBatch, _ frame: Int, _ topic: Topic, fleet: Int, step: Engine.Step, into plan: inout BatchPlan
    ) -> Bool {
        let header = batch.header(at: frame)
        let start = header.topic.lowerBound
        let id = DispatchID(Array(batch.bytes[(start + topic.id.lowerBound)..<(start + topic.id.upperBound)]))
        do throws(RecordProblem) {
            let answer = header.responseTopic.isEmpty ? nil : address(of: header, topic, in: batch, fleet: fleet, step)
            if let input = try readExchange(batch, header, topic, id, fleet: fleet, step: step, in: &plan) {
                openDesk(fleet: fleet, step: step, in: &plan)
                plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: input))
                return true
            }
            let input = try readInput(
                topic.kind, id, Array(batch.bytes[header.payload]), answer: answer, fleet: fleet, step: step, in: &plan)
            guard let input else { return false }
            openDesk(fleet: fleet, step: step, in: &plan)
            plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: input))
            // A vehicle's record concerns its shard too.
            return topic.kind != .vehicle
        } catch {
            refuse(batch, frame, error.fault, fleet: fleet, step: step, into: &plan)
            return topic.kind != .vehicle
        }
    }

    /// What a message tells of commands and of messages to people; nil where it is about something else.
    private mutating func readExchange(
        _ batch: MessageBatch, _ header: FrameHeader, _ topic: Topic, _ id: DispatchID, fleet: Int,
        step: Engine.Step, in plan: inout BatchPlan
    ) throws(RecordProblem) -> DeskInput? {
        let payload = Array(batch.bytes[header.payload])
        do throws(CommandFault) {
            switch topic.kind {
            case .command:
                let message = try CommandMessage(payload, id: id)
                var handle: Int32 = -1
                if case .request(let request) = message {
                    handle = follow(request.vehicle, fleet: fleet, step: step, in: &plan)
                }
                return .command(id, message, handle: handle)
            case .commandResult:
                if payload.isEmpty { return nil }
                let start = header.topic.lowerBound
                let range = (start + topic.subID.lowerBound)..<(start + topic.subID.upperBound)
                return .commandResult(
                    vehicle: id, id: DispatchID(Array(batch.bytes[range])), try CommandResult(payload),
                    topic: Array(batch.bytes[header.topic]), payload: payload)
            case .smsReceipt:
                return try readReceipt(payload, id)
            default: return nil
            }
        } catch {
            let fault = error.fault
            throw RecordProblem(reason: fault.reason, detail: fault.detail, offset: fault.offset ?? 0)
        }
    }

    private func readReceipt(_ payload: [UInt8], _ id: DispatchID) throws(CommandFault) -> DeskInput? {
        if payload.isEmpty { return nil }
        guard let request = Hash128(hex: id.bytes) else {
            throw CommandFault(reason: .identityMismatch, detail: "a receipt's id is that of its request", offset: nil)
        }
        do throws(MessageReceipt.Fault) {
            return .receipt(request, try MessageReceipt(json: payload.span))
        } catch {
            throw CommandFault(reason: .wrongType, detail: error.detail, offset: error.offset)
        }
    }

    /// What a message tells the desk; nil where it is none of the desk's.
    private mutating func readInput(
        _ kind: TopicKind, _ id: DispatchID, _ bytes: [UInt8], answer: QueryAddress?, fleet: Int, step: Engine.Step,
        in plan: inout BatchPlan
    ) throws(RecordProblem) -> DeskInput? {
        if bytes.isEmpty { return deletion(kind, id, fleet: fleet, step: step, in: &plan) }
        let payload = bytes.span
        switch kind {
        case .order:
            return .order(id, Sourced(record: try OrderRecord(payload, id: id), payload: bytes), answer: answer)
        case .customer: return .customer(id, Sourced(record: try CustomerRecord(payload, id: id), payload: bytes))
        case .driverRecord: return .driver(id, Sourced(record: try DriverRecord(payload, id: id), payload: bytes))
        case .condition:
            let record = try ConditionRecord(payload, id: id, reader: fenceReader)
            return .condition(id, Sourced(record: record, payload: bytes))
        case .route:
            let record = try RouteRecord(payload, id: id)
            let vehicle = follow(record.vehicle, fleet: fleet, step: step, in: &plan)
            return .route(id, Sourced(record: record, payload: bytes), vehicle: vehicle)
        case .vehicle:
            // A group alone is no matter of dispatch.
            guard let record = try VehicleRecord(payload, id: id), record.isOfDispatch else { return nil }
            let handle = follow(id, fleet: fleet, step: step, in: &plan)
            return .vehicle(id, Sourced(record: record, payload: bytes), handle: handle)
        case .driver:
            guard let report = try DriverReport(payload) else { return nil }
            let handle = follow(id, fleet: fleet, step: step, in: &plan)
            return .report(vehicle: id, handle: handle, report, payload: bytes)
        default: return nil
        }
    }

    /// What an empty payload tells the desk: what it was about is no more.
    private mutating func deletion(
        _ kind: TopicKind, _ id: DispatchID, fleet: Int, step: Engine.Step, in plan: inout BatchPlan
    ) -> DeskInput? {
        switch kind {
        case .order: .order(id, nil, answer: nil)
        case .customer: .customer(id, nil)
        case .driverRecord: .driver(id, nil)
        case .condition: .condition(id, nil)
        case .route: .route(id, nil, vehicle: -1)
        case .vehicle: .vehicle(id, nil, handle: follow(id, fleet: fleet, step: step, in: &plan))
        default: nil
        }
    }

    /// The number under which the fleet's desk follows a vehicle. From here on its shard tells of it.
    private mutating func follow(
        _ vehicle: DispatchID, fleet: Int, step: Engine.Step, in plan: inout BatchPlan
    ) -> Int32 {
        openDesk(fleet: fleet, step: step, in: &plan)
        let (number, isNew) = followed[fleet].number(of: vehicle.bytes)
        if isNew {
            broadcast(.follow(fleet: fleet, vehicle: vehicle.bytes, handle: number), step: step, in: &plan)
        }
        return number
    }

    mutating func openDesk(fleet: Int, step: Engine.Step, in plan: inout BatchPlan) {
        while followed.count <= fleet { followed.append(FollowedVehicles()) }
        guard !followed[fleet].isOpen else { return }
        followed[fleet].isOpen = true
        plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: .open(fleets[fleet].name)))
        plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: .settings(settings)))
        plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: .messageRules(messageRules)))
        plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: .commandRules(commandRules)))
    }

    /// Takes over rules that concern desks alone, and answers of the road router.
    mutating func tellDesks(
        _ header: FrameHeader, in batch: MessageBatch, step: Engine.Step, in plan: inout BatchPlan
    ) {
        let payload = batch.bytes.span.extracting(header.payload)
        switch header.kind {
        case .messages:
            guard var new = MessageRules(json: payload) else { return }
            new.localTime = resolveTimeZone(new.timeZone) ?? settings.localTime
            messageRules = new
            tellDesks(.messageRules(new), step: step, in: &plan)
        case .commands:
            guard let new = CommandRules(json: payload) else { return }
            commandRules = new
            tellDesks(.commandRules(new), step: step, in: &plan)
        case .roadAnswer:
            let topic = Array(batch.bytes[header.topic])
            guard let slash = topic.firstIndex(of: UInt8(ascii: "/")),
                let fleet = fleetNumbers[Array(topic[..<slash])], fleet < followed.count, followed[fleet].isOpen,
                let reply = try? RoadReply(json: payload)
            else { return }
            let question = Array(topic[(slash + 1)...])
            plan.deskItems.append(
                DeskItem(fleet: fleet, step: step, input: .roadAnswer(question: question, reply)))
        case .learned:
            guard let values = try? LearnedValues(json: payload),
                let fleet = openFleet(known: Array(batch.bytes[header.topic]), step: step, in: &plan)
            else { return }
            openDesk(fleet: fleet, step: step, in: &plan)
            plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: .learned(values)))
        default: return
        }
    }

    /// The number of a fleet that is named by an input of our own; opened if it is new. Nil where there are too many.
    private mutating func openFleet(known name: [UInt8], step: Engine.Step, in plan: inout BatchPlan) -> Int? {
        if let number = fleetNumbers[name] { return number }
        guard !name.isEmpty, fleets.count < Self.fleetsMax else { return nil }
        let number = openFleet(named: name)
        broadcast(.openFleet(name: name, fleets[number].set), step: step, in: &plan)
        return number
    }

    /// Tells all desks that there are.
    func tellDesks(_ input: DeskInput, step: Engine.Step, in plan: inout BatchPlan) {
        for fleet in followed.indices where followed[fleet].isOpen {
            plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: input))
        }
    }
}

extension VehicleRecord {
    /// It holds something that dispatch needs.
    fileprivate var isOfDispatch: Bool {
        capacity != nil || hazmatPermitUntil_ms != nil || vehicleClass != nil || phone != nil
    }
}
