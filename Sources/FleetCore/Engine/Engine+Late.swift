import Geo
import Wire

/// Late data: what was decided is decided again, and what turns out differently is corrected.
extension Engine {
    /// Places a late observation into the track. Its index there until the next change, nil where it comes too late: from
    /// its time on the story must be told again.
    mutating func placeLate(
        _ observation: Observation, slot: Int, step: Step, into effects: inout EffectBuffer
    ) -> Int? {
        let limit = settings.trackFixes
        let isInWindow =
            vehicles[slot].track.last.map {
                $0.time_ms - observation.time_ms <= Int64(settings.reorderWindow_s) * 1000
            } ?? false
        guard isInWindow, vehicles[slot].track.makeRoom(for: observation.time_ms, limit: limit),
            case .late(let index) = vehicles[slot].track.placement(of: observation)
        else {
            reject(observation, .olderThanWindow, slot: slot, step: step, into: &effects)
            return nil
        }
        if observation.hasPosition {
            vehicles[slot].lateFixes += 1
            counters.lateFixes += 1
        }
        vehicles[slot].track.insert(observation, at: index)
        return index
    }

    /// Tells the story again from the observations of a time on, and publishes what is different.
    mutating func retell(since_ms: Int64, slot: Int, step: Step, into effects: inout EffectBuffer) {
        let position = vehicles[slot].newest
        let index = vehicles[slot].track.index(of: since_ms)
        #if FLEETSTREAM_CANARY
            // A planted bug, for a test that the tests find it.
            if index.isMultiple(of: 2) { return }
        #endif
        let start = vehicles[slot].rewind(to: index)
        scratch.retelling.begin()
        for index in start..<vehicles[slot].track.observations.count {
            if !vehicles[slot].track.isWithinOneTime(index) {
                vehicles[slot].keepCheckpoint(at: index, limit: settings.trackFixes)
            }
            advance(
                vehicles[slot].track.observations[index], isPlaceKnown: vehicles[slot].track.repeatsPlace(index),
                slot: slot, step: step, into: &effects)
        }
        scratch.retelling.isActive = false
        reconcile(
            since_ms: vehicles[slot].track.observations[start].time_ms, slot: slot, step: step, into: &effects)
        // Late data do not move a vehicle; but a jump that was not believed may be a drive now.
        if let newest = vehicles[slot].newest, newest != position {
            self.index.update(vehicle: Int32(slot), latitude_e7: newest.latitude_e7, longitude_e7: newest.longitude_e7)
        }
    }

    /// Compares what was just told again with what was told before, from a time on, and publishes the differences: what is
    /// new, what corrects something, and what takes something back.
    private mutating func reconcile(since_ms: Int64, slot: Int, step: Step, into effects: inout EffectBuffer) {
        let before = vehicles[slot].ledger
        // What is gone may come again from a later observation than the one that it came from.
        let old = before.filter { $0.cause_ms >= since_ms || $0.standing.isGone }
        let pending = scratch.retelling.pending
        let newest_ms = vehicles[slot].track.last?.time_ms ?? since_ms
        let comparison = Reconciliation(old: old, new: pending.map(\.told))
        var ledger = before.filter { $0.cause_ms < since_ms && !$0.standing.isGone }
        for (index, item) in pending.enumerated() {
            var told = item.told
            switch comparison.verdicts[index] {
            case .known:
                if let partner = comparison.partners[index] {
                    told.published = old[partner].published
                    told.standing = old[partner].standing
                    told.evidence = old[partner].evidence
                }
            case .new:
                publish(told, corrects: nil, item.data, slot: slot, step: step, into: &effects)
            case .corrects(let id):
                told.published = Self.followingID(told, id)
                publish(told, corrects: id, item.data, slot: slot, step: step, into: &effects)
                if let partner = comparison.partners[index], old[partner].standing == .holds,
                    old[partner].identity != told.identity
                {
                    ledger.append(old[partner].superseded(by: told.published, at: newest_ms))
                }
                if let partner = comparison.partners[index], old[partner].standing == .holds {
                    // Its id is used, also where the happening itself holds at another time.
                    var used = old[partner].superseded(by: told.published, at: newest_ms)
                    used.identity = id
                    ledger.append(used)
                }
            case .returns(let id):
                told.published = Self.followingID(told, id)
                publish(told, corrects: nil, item.data, slot: slot, step: step, into: &effects)
            }
            ledger.append(told)
        }
        // What holds again is not remembered as gone: the next id is made from what happens to it next.
        let told = Set(pending.map(\.told.identity) + pending.map(\.told.published))
        ledger += old.filter { $0.standing != .holds && !told.contains($0.identity) }
        for index in comparison.retracted {
            var gone = retract(old[index], slot: slot, step: step, into: &effects)
            gone.cause_ms = newest_ms
            ledger.append(gone)
        }
        vehicles[slot].ledger = ledger
        pruneLedger(slot: slot)
    }

    private mutating func publish(
        _ told: Told, corrects: Hash128?, _ data: Range<Int>, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        writeVehicleID()
        let bytes = scratch.retelling.bytes
        emit(
            told.type, id: told.published, isLate: true, corrects: corrects, slot: slot, time_ms: told.time_ms,
            step: step, into: &effects
        ) { $0.append(contentsOf: bytes[data]) }
    }

    /// What was told did not happen. Returns what is remembered of that: it may turn out to have happened after all.
    private mutating func retract(
        _ told: Told, slot: Int, step: Step, into effects: inout EffectBuffer
    ) -> Told {
        writeVehicleID()
        let type = told.type.retraction
        var retracted = told
        retracted.standing = .retracted
        retracted.published = Self.followingID(retracted, told.published)
        emit(
            type, id: retracted.published, isLate: true, corrects: told.published, slot: slot, time_ms: told.time_ms,
            step: step, into: &effects
        ) { out in
            out.member("type")
            out.append(ascii: "\"fleetstream.")
            out.append(ascii: told.type.group)
            out.append(ascii: ".")
            out.append(ascii: told.type.name)
            out.append(ascii: "\"")
        }
        return retracted
    }

    /// The id of an event that follows another one: of what happened, what is said of it, and the one before. So a happening
    /// that is told, corrected and told again has a new id each time, and the same ones in every replay.
    static func followingID(_ told: Told, _ former: Hash128) -> Hash128 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(41)
        for word in [told.identity.high, told.identity.low, told.content, former.high, former.low] {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes.append(told.standing.rawValue)
        return Hash128(bytes)
    }

    /// So many events that are gone are remembered beyond the track, for a rule may come back to the same happening long
    /// after: a trip that had seemed to end goes on for hours.
    private static let goneMax = 32

    /// Forgets what nothing can change any more. O(ledger); called when a part of the track was dropped.
    mutating func pruneLedger(slot: Int) {
        let settled_ms = vehicles[slot].track.settled_ms
        var surplus = -Self.goneMax
        for told in vehicles[slot].ledger where told.cause_ms <= settled_ms && told.standing.isGone { surplus += 1 }
        vehicles[slot].ledger.removeAll { told in
            guard told.cause_ms <= settled_ms else { return false }
            guard told.standing.isGone else { return true }
            surplus -= 1
            return surplus >= 0
        }
    }
}

extension Told {
    /// What is remembered of an event in whose place another came: should it hold after all, it needs another id. It may
    /// come again from any observation that can still be told again, so it is remembered as long as the newest one.
    fileprivate func superseded(by id: Hash128, at newest_ms: Int64) -> Told {
        var told = self
        told.standing = .superseded
        told.published = id
        told.cause_ms = newest_ms
        return told
    }
}
