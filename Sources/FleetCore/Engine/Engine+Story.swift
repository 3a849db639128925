import Geo
import Wire

/// Telling a vehicle's story: one observation after the other, in order of their times.
extension Engine {
    /// The ordinary case: an observation that is newer than all before.
    mutating func tellNewest(_ observation: Observation, slot: Int, step: Step, into effects: inout EffectBuffer) {
        let settled_ms = vehicles[slot].track.settled_ms
        vehicles[slot].keep(observation, limit: settings.trackFixes)
        if vehicles[slot].track.settled_ms != settled_ms { pruneLedger(slot: slot) }
        let accepted = vehicles[slot].newest?.time_ms
        advance(observation, isPlaceKnown: false, slot: slot, step: step, into: &effects)
        guard let newest = vehicles[slot].newest, newest.time_ms != accepted else {
            if observation.hasPosition {
                vehicles[slot].rejectedFixes += 1
                counters.rejectedFixes += 1
            }
            return
        }
        vehicles[slot].changesSinceFix = 0
        vehicles[slot].acceptedFixes += 1
        counters.acceptedFixes += 1
        index.update(vehicle: Int32(slot), latitude_e7: newest.latitude_e7, longitude_e7: newest.longitude_e7)
    }

    /// The story's next step. With `isPlaceKnown` the observation repeats time and place of the one before: what counts is
    /// what else it holds.
    mutating func advance(
        _ observation: Observation, isPlaceKnown: Bool, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        scratch.cause_ms = observation.time_ms
        guard observation.hasPosition, !isPlaceKnown else {
            var placeless = observation
            placeless.has.remove(.position)
            return judgeRules(placeless, after: nil, slot: slot, step: step, into: &effects)
        }
        let belief = advance(observation.fix, slot: slot, step: step, into: &effects)
        var believed = observation
        if !belief.isBelieved { believed.has.remove(.position) }
        judgeRules(believed, after: belief.previous, slot: slot, step: step, into: &effects)
    }

    /// Whether a fix is believed, and from which fix the vehicle drove there.
    private struct Belief {
        var isBelieved: Bool
        var previous: Fix?
    }

    private mutating func advance(
        _ fix: Fix, slot: Int, step: Step, into effects: inout EffectBuffer
    ) -> Belief {
        let isFirst = vehicles[slot].story.newest == nil
        let limits = FixFilter.Limits(
            maxSpeed_kmh: settings.maxSpeed_kmh, confirmFixes: settings.teleportConfirmFixes,
            assumedAccuracy_m: settings.assumedAccuracy_m)
        switch vehicles[slot].story.filter.judge(fix, limits) {
        case .timeConflict: return disbelieve(fix, .timeConflict, slot: slot, step: step, into: &effects)
        case .teleport: return disbelieve(fix, .teleport, slot: slot, step: step, into: &effects)
        case .follows(let previous):
            judgeFences(fix, previous: previous, isFirst: false, slot: slot, step: step, into: &effects)
            return Belief(isBelieved: true, previous: previous)
        case .appears:
            var appeared = fix
            // It reappears here after a jump: no line leads here from the fix before.
            if !isFirst { appeared.flags.insert(.relocated) }
            vehicles[slot].story.newest = appeared
            judgeFences(appeared, previous: nil, isFirst: isFirst, slot: slot, step: step, into: &effects)
            return Belief(isBelieved: true, previous: nil)
        }
    }

    /// A fix that contradicts those around it.
    private mutating func disbelieve(
        _ fix: Fix, _ reason: Rejection, slot: Int, step: Step, into effects: inout EffectBuffer
    ) -> Belief {
        identifyRejection(fix, reason)
        let newest = vehicles[slot].story.newest
        tell(.vehiclePositionRejected, subject: "", slot: slot, time_ms: fix.time_ms, step: step, into: &effects) {
            $0.members(ofRejected: fix, reason, newest: newest)
        }
        return Belief(isBelieved: false)
    }

    func accuracy_m(of fix: Fix) -> Double { fix.accuracy_m ?? settings.assumedAccuracy_m }

    // MARK: - Telling

    /// An event that follows from the story. It goes out at once, and is remembered for as long as late data may change
    /// it; where the story is told again, it waits for the comparison with what was told before.
    ///
    /// The identity must have been begun and completed: it gives the event's id, and unless `happening` is given, tells what
    /// happened from other happenings. `data` must say nothing that depends on when something was received. `evidence` is
    /// the last member of the data, as written.
    mutating func tell(
        _ type: EventType, happening: Hash128? = nil, subject: String, slot: Int, time_ms: Int64,
        evidence: Evidence = Evidence(), step: Step, into effects: inout EffectBuffer, data: (inout [UInt8]) -> Void
    ) {
        let id = identity.hash()
        let happening = happening ?? id
        var told = Told(
            identity: happening, published: id, content: 0, evidence: evidence.key, subject: Self.subjectKey(subject),
            time_ms: time_ms, cause_ms: scratch.cause_ms, type: type)
        if scratch.retelling.isActive { return scratch.retelling.add(told, evidence: evidence.bytes, data: data) }
        let former = vehicles[slot].ledger.lastIndex {
            ($0.identity == happening || $0.identity == id) && $0.standing.isGone
        }
        var corrects: Hash128?
        if let former {
            // It was told before late data made it doubtful, and holds after all.
            let gone = vehicles[slot].ledger[former]
            vehicles[slot].ledger.removeAll {
                ($0.identity == happening || $0.identity == id) && $0.standing.isGone
            }
            told.published = Self.followingID(told, gone.published)
            if gone.standing == .retracted { corrects = gone.published }
        }
        var content: UInt64 = 0
        emit(
            type, id: told.published, corrects: corrects, slot: slot, time_ms: time_ms, step: step, into: &effects
        ) { out in
            let start = out.count
            data(&out)
            content = Hash128(out.span.extracting(start..<out.count), seed: 0).low
            out.append(contentsOf: evidence.bytes)
        }
        told.content = content
        vehicles[slot].ledger.append(told)
    }

    /// The track of an incident, as it stands in the event.
    struct Evidence {
        var bytes: [UInt8] = []
        /// What was known of it was dropped from the track since: what was told of it stays.
        var isCut = false

        var key: UInt64 { bytes.isEmpty || isCut ? 0 : max(Hash128(bytes).low, 1) }
    }

    /// Tells subjects apart in the ledger.
    static func subjectKey(_ subject: String) -> UInt64 {
        var subject = subject
        return subject.withUTF8 { Hash128(UnsafeRawBufferPointer($0), seed: 0).low }
    }
}
