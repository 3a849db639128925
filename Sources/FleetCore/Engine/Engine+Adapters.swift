import Telemetry
import Wire

extension Engine {
    /// One message of an adapter for one vehicle.
    mutating func applyAdapted(
        _ item: WorkItem, _ batch: MessageBatch, _ work: AdaptedWork, into effects: inout EffectBuffer
    ) {
        let message = work.messages[Int(item.index)]
        var item = item
        item.index = message.frame
        let range = Int(item.vehicleStart)..<Int(item.vehicleStart + item.vehicleCount)
        if message.isNamed {
            let id = work.names.span.extracting(range)
            applyAdapted(id, message, item, batch, work, into: &effects)
        } else {
            let id = batch.bytes.span.extracting(range)
            applyAdapted(id, message, item, batch, work, into: &effects)
        }
    }

    private mutating func applyAdapted(
        _ id: Span<UInt8>, _ message: AdaptedMessage, _ item: WorkItem, _ batch: MessageBatch, _ work: AdaptedWork,
        into effects: inout EffectBuffer
    ) {
        let header = batch.header(at: Int(message.frame))
        let step = Step(ordinal: item.ordinal, receivedTime_ms: header.receivedTime_ms)
        scratch.reports.removeAll()
        if message.isDecoded {
            scratch.reports.append(
                work.reports[Int(message.reports.lowerBound)..<Int(message.reports.upperBound)],
                work.statuses[Int(message.statuses.lowerBound)..<Int(message.statuses.upperBound)])
        } else {
            let adapter = work.adapters[Int(message.adapter)]
            let payload = batch.bytes.span.extracting(header.payload)
            do throws(DecodeError) {
                try TelemetryDecoder().decode(
                    payload, as: adapter.format, receivedTime_ms: header.receivedTime_ms, into: &scratch.reports)
            } catch {
                let fault = Fault(reason: error.reason.rawValue, detail: error.description, offset: error.offset)
                return deadLetter(fault, batch, item, step: step, into: &effects)
            }
            counters.otherTypes += Int64(scratch.reports.otherTypes)
            if !scratch.reports.problems.isEmpty { refuseReports(batch, item, step: step, into: &effects) }
            if scratch.reports.hasIdentities, case .level = adapter.source {
                refuseOthers(than: id, adapter, batch, item, step: step, into: &effects)
            }
        }
        let statuses = scratch.reports.statuses
        if scratch.reports.reports.isEmpty, statuses.isEmpty { return }
        guard let slot = admit(id, item, batch, step: step, into: &effects) else { return }
        let before = vehicles[slot].newest
        if !scratch.reports.reports.isEmpty {
            let payload = batch.bytes.span.extracting(header.payload)
            applyReports(of: payload, slot: slot, step: step, into: &effects)
        }
        for report in statuses {
            let status = report.status
            // As on our own status topic: what the broker repeats to a new subscription is no sign of life.
            if header.isRetained, status.isOnline, vehicles[slot].connectivity != .unknown { continue }
            applyStatus(slot: slot, isOnline: status.isOnline, time_ms: status.time_ms, step: step, into: &effects)
        }
        watchPosition(slot, before: before, step: step, into: &effects)
    }

    /// Takes reports and statuses out whose payload names another vehicle than the topic: a dead letter each. `adapter` is
    /// that which the message came by, nil on our own topics.
    mutating func refuseOthers(
        than id: Span<UInt8>, _ adapter: Adapter?, _ batch: MessageBatch, _ item: WorkItem, step: Step,
        into effects: inout EffectBuffer
    ) {
        let payload = batch.bytes.span.extracting(batch.header(at: Int(item.index)).payload)
        var faults: [Fault] = []
        func isOther(_ identity: ByteRange) -> Bool {
            guard let device = identity.text(in: payload) else { return false }
            let vehicle = adapter?.vehicle(ofDevice: device) ?? device
            var isSame = vehicle.count == id.count
            for index in vehicle.indices where isSame && vehicle[index] != id[index] { isSame = false }
            if isSame { return false }
            faults.append(
                Fault(
                    reason: "identity_mismatch",
                    detail:
                        "the payload is about '\(String(decoding: vehicle, as: UTF8.self))', not about the topic's vehicle",
                    offset: Int(identity.lower)))
            return true
        }
        scratch.reports.remove(reports: { isOther($0.identity) }, statuses: { isOther($0.identity) })
        for fault in Fault.limited(faults) { deadLetter(fault, batch, item, step: step, into: &effects) }
    }
}

extension Fault {
    /// Dead letters of one payload, beyond which one says how many more there would be: a payload of thousands of empty
    /// objects must not become thousands of messages.
    private static let faultsMax = 16

    static func limited(_ faults: [Fault]) -> [Fault] {
        guard faults.count > faultsMax else { return faults }
        let more = Fault(
            reason: "more_problems", detail: "\(faults.count - faultsMax) more reports are refused",
            offset: faults[faultsMax].offset)
        return faults.prefix(faultsMax) + [more]
    }
}
