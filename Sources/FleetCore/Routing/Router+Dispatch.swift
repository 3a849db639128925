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
