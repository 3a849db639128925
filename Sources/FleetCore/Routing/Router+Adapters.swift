import Telemetry
import Wire

/// Messages that are not on our own topics.
///
/// Where the topic names the vehicle, or there is only one, the message goes to the vehicle's shard as native ones do, and
/// is decoded there. Where only the payload names it, the router decodes and deals out: a gateway's message may be about
/// many vehicles, each of which gets its own reports as a step of its own, in the order in which they first appear.
extension Router {
    /// Takes new adapters over.
    mutating func changeAdapters(_ json: Span<UInt8>, in plan: inout BatchPlan) {
        guard let new = Adapters(json: json) else { return }
        adapters = new
        plan.adapted.setAdapters(new.entries)
    }

    /// Routes a message on a topic outside the root. False where no adapter takes it.
    mutating func adapt(
        _ batch: MessageBatch, _ frame: Int, _ header: FrameHeader, step: Engine.Step, into plan: inout BatchPlan
    ) -> Bool {
        if adapters.entries.isEmpty { return false }
        let topic = batch.bytes.span.extracting(header.topic)
        guard let index = adapters.index(for: topic) else { return false }
        plan.counters.adapted[adapters.entries[index].format.number] += 1
        // What clears a retained message says nothing.
        if header.payload.isEmpty { return true }
        guard let fleet = openFleet(ofAdapter: index, batch, frame, step: step, in: &plan) else { return true }
        let adapter = Int32(plan.adapted.firstAdapter + index)
        switch adapters.entries[index].source {
        case .level(let level):
            guard let range = TopicPattern.level(level, of: topic), !range.isEmpty,
                range.count <= TopicParser.idLengthLimit
            else {
                let fault = Fault(
                    reason: "no_vehicle_in_topic",
                    detail: "level \(level) of the topic, which is the vehicle's id, is missing, empty or too long")
                refuse(batch, frame, fault, fleet: fleet, step: step, into: &plan)
                return true
            }
            let start = header.topic.lowerBound + range.lowerBound
            let id = start..<(start + range.count)
            if adapters.entries[index].devices.isEmpty {
                let hash = stableHash64(batch.bytes.span.extracting(id))
                let message = AdaptedMessage(frame: Int32(frame), adapter: adapter, isNamed: false)
                append(message, fleet: fleet, id: id, hash: hash, step: step, to: &plan)
            } else {
                let vehicle = adapters.entries[index].vehicle(ofDevice: Array(batch.bytes[id]))
                appendNamed(vehicle, frame, adapter, fleet: fleet, step: step, to: &plan)
            }
        case .fixed(let vehicle):
            appendNamed(Array(vehicle.utf8), frame, adapter, fleet: fleet, step: step, to: &plan)
        case .payload:
            dealOut(batch, frame, header, adapter: index, fleet: fleet, step: step, into: &plan)
        }
        return true
    }

    /// The number of an adapter's fleet, which is opened if it is new. Nil, with a dead letter, where there are too many.
    private mutating func openFleet(
        ofAdapter index: Int, _ batch: MessageBatch, _ frame: Int, step: Engine.Step, in plan: inout BatchPlan
    ) -> Int? {
        let name = Array(adapters.entries[index].fleet.utf8)
        if let number = fleetNumbers[name] { return number }
        guard fleets.count < Self.fleetsMax else {
            let fault = Fault(reason: "too_many_fleets", detail: "there are \(Self.fleetsMax) fleets already")
            refuse(batch, frame, fault, step: step, into: &plan)
            return nil
        }
        let number = openFleet(named: name)
        broadcast(.openFleet(name: name, fleets[number].set), step: step, in: &plan)
        return number
    }

    func refuse(
        _ batch: MessageBatch, _ frame: Int, _ fault: Fault, fleet: Int, step: Engine.Step, into plan: inout BatchPlan
    ) {
        plan.effects.appendDeadLetter(
            fault, fleet: fleets[fleet].name, topicPrefix: topicPrefix(of: fleet),
            message: MessageView(batch, frame), step: step)
        plan.counters.deadLetters += 1
    }

    // MARK: - To the shards

    private mutating func appendNamed(
        _ vehicle: [UInt8], _ frame: Int, _ adapter: Int32, fleet: Int, step: Engine.Step, to plan: inout BatchPlan
    ) {
        let message = AdaptedMessage(frame: Int32(frame), adapter: adapter, isNamed: true)
        append(message, vehicle, fleet: fleet, step: step, to: &plan)
    }

    private mutating func append(
        _ message: AdaptedMessage, _ vehicle: [UInt8], fleet: Int, step: Engine.Step, to plan: inout BatchPlan
    ) {
        let start = plan.adapted.names.count
        plan.adapted.names.append(contentsOf: vehicle)
        append(
            message, fleet: fleet, id: start..<plan.adapted.names.count, hash: stableHash64(vehicle.span), step: step,
            to: &plan)
    }

    private mutating func append(
        _ message: AdaptedMessage, fleet: Int, id: Range<Int>, hash: UInt64, step: Engine.Step, to plan: inout BatchPlan
    ) {
        flushFences(in: &plan)
        let item = WorkItem(
            kind: .adapted, ordinal: step.ordinal, index: Int32(plan.adapted.messages.count), fleet: Int32(fleet),
            vehicleStart: Int32(id.lowerBound), vehicleCount: Int32(id.count), vehicleHash: hash)
        plan.adapted.messages.append(message)
        plan.items[Int(hash % UInt64(shardCount))].append(item)
    }

    // MARK: - Vehicles in the payload

    /// What one vehicle has of a payload.
    private struct Share {
        var vehicle: [UInt8]
        var reports: [Report] = []
        var statuses: [StatusReport] = []
    }

    private mutating func dealOut(
        _ batch: MessageBatch, _ frame: Int, _ header: FrameHeader, adapter index: Int, fleet: Int, step: Engine.Step,
        into plan: inout BatchPlan
    ) {
        let payload = batch.bytes.span.extracting(header.payload)
        var buffer = ReportBuffer()
        do throws(DecodeError) {
            try TelemetryDecoder().decode(
                payload, as: adapters.entries[index].format, receivedTime_ms: header.receivedTime_ms,
                namesVehicles: true,
                into: &buffer)
        } catch {
            let fault = Fault(reason: error.reason.rawValue, detail: error.description, offset: error.offset)
            return refuse(batch, frame, fault, fleet: fleet, step: step, into: &plan)
        }
        plan.counters.otherTypes += Int64(buffer.otherTypes)
        var faults = buffer.problems.map {
            Fault(reason: $0.reason.rawValue, detail: $0.description, offset: $0.offset)
        }
        let shares = shares(of: buffer, payload, adapter: index, faults: &faults)
        for fault in Fault.limited(faults) {
            refuse(batch, frame, fault, fleet: fleet, step: step, into: &plan)
        }
        for share in shares {
            var message = AdaptedMessage(
                frame: Int32(frame), adapter: Int32(plan.adapted.firstAdapter + index), isNamed: true, isDecoded: true)
            let (reports, statuses) = (plan.adapted.reports.count, plan.adapted.statuses.count)
            plan.adapted.reports += share.reports
            plan.adapted.statuses += share.statuses
            message.reports = Int32(reports)..<Int32(plan.adapted.reports.count)
            message.statuses = Int32(statuses)..<Int32(plan.adapted.statuses.count)
            append(message, share.vehicle, fleet: fleet, step: nextStep(header.receivedTime_ms), to: &plan)
        }
    }

    /// The reports and statuses of a payload by vehicle, in the order in which the vehicles first appear.
    private func shares(
        of buffer: ReportBuffer, _ payload: Span<UInt8>, adapter index: Int, faults: inout [Fault]
    ) -> [Share] {
        var shares: [Share] = []
        var numbers: [[UInt8]: Int] = [:]
        func number(_ identity: ByteRange, at offset: Int32) -> Int? {
            guard let device = identity.text(in: payload) else {
                let member = adapters.entries[index].format.identityMember
                faults.append(
                    Fault(
                        reason: "missing_identity", detail: "the payload does not name its vehicle (\(member))",
                        offset: Int(offset)))
                return nil
            }
            let vehicle = adapters.entries[index].vehicle(ofDevice: device)
            if let known = numbers[vehicle] { return known }
            guard Adapter.isVehicleID(vehicle) else {
                faults.append(
                    Fault(
                        reason: "invalid_identity",
                        detail: "the vehicle's name cannot be a level of a topic: 1 to 128 bytes without / + #",
                        offset: Int(identity.lower)))
                return nil
            }
            numbers[vehicle] = shares.count
            shares.append(Share(vehicle: vehicle))
            return shares.count - 1
        }
        for report in buffer.reports {
            if let number = number(report.identity, at: report.offset) { shares[number].reports.append(report) }
        }
        for status in buffer.statuses {
            if let number = number(status.identity, at: status.offset) { shares[number].statuses.append(status) }
        }
        return shares
    }
}
