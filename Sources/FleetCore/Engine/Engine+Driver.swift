import Telemetry
import Wire

/// What drivers tell: where the vehicle is while its own positions stay away.
///
/// A manual position is no fix. It moves no vehicle and no trip, is in no geofence, and is no sign of life of the tracker. It
/// stands until a fix that is no older, and is shown while the positions are told to be lost.
extension Engine {
    mutating func applyDriverAction(
        _ id: Span<UInt8>, _ payload: Span<UInt8>, _ item: WorkItem, _ batch: MessageBatch, step: Step,
        into effects: inout EffectBuffer
    ) {
        // What clears a retained message says nothing.
        if payload.isEmpty { return }
        do {
            switch try DriverActionDecoder().decode(payload) {
            case .other:
                counters.skipped += 1
            case .manualPosition(let position):
                guard position.time_ms <= step.receivedTime_ms + Int64(settings.futureTolerance_s) * 1000 else {
                    let fault = Fault(
                        reason: Rejection.futureTime.rawValue, detail: "the time of a manual position has not come",
                        offset: Int(position.timeOffset))
                    return deadLetter(fault, batch, item, step: step, into: &effects)
                }
                guard let slot = admit(id, item, batch, step: step, into: &effects) else { return }
                keep(position, slot: slot, step: step)
            }
        } catch {
            let fault = Fault(reason: error.reason.rawValue, detail: error.description, offset: error.offset)
            deadLetter(fault, batch, item, step: step, into: &effects)
        }
    }

    /// Only the newest is of use, and only where it is newer than all fixes.
    private mutating func keep(_ position: ManualPosition, slot: Int, step: Step) {
        if let newest = vehicles[slot].newest, newest.time_ms >= position.time_ms { return }
        if let known = manualPositions[Int32(slot)], known.time_ms >= position.time_ms { return }
        manualPositions[Int32(slot)] = position
        if isLost(slot) { markState(slot, step: step) }
    }

    /// Whether the vehicle's positions are told to stay away, by an event of its own or of its fleet's outage.
    func isLost(_ slot: Int) -> Bool {
        guard slot < watches.count else { return false }
        return watches[slot].phase == .told || watches[slot].phase == .suppressed
    }

    /// What the driver told of a vehicle, where nothing newer is known.
    func manualPosition(of slot: Int) -> ManualPosition? {
        manualPositions.isEmpty ? nil : manualPositions[Int32(slot)]
    }

    /// Moves a watch on. What the driver told is shown from the moment that the positions are told to be lost, and no
    /// longer than that.
    mutating func setPhase(_ phase: PositionWatch.Phase, of slot: Int, step: Step) {
        let wasLost = isLost(slot)
        watches[slot].phase = phase
        if isLost(slot) != wasLost, manualPosition(of: slot) != nil { markState(slot, step: step) }
    }
}

extension [UInt8] {
    mutating func member(manualPosition position: ManualPosition) {
        member("manual_position")
        append(ascii: "{\"lat\":")
        append(fixed: Int64(position.latitude_e7), decimals: 7)
        append(ascii: ",\"lon\":")
        append(fixed: Int64(position.longitude_e7), decimals: 7)
        member("time", time_ms: position.time_ms)
        append(UInt8(ascii: "}"))
    }
}

extension ManualPosition {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(latitude_e7)
        writer.write(longitude_e7)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            time_ms: try reader.time_ms(), latitude_e7: try reader.integer(), longitude_e7: try reader.integer())
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a manual position lies outside of the world")
        }
    }
}
