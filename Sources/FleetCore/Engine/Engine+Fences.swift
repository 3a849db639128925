import Geo
import Wire

/// A fence that is no longer there, where it stood, and what removed it.
struct RemovedFence: Sendable {
    var slot: Int32
    var fence: Geofence
    var step: Engine.Step
}

extension Engine {
    /// Judges a fix that is newer than all before it against the fences around it: exits first, then passages, then
    /// everything inside; among themselves in order of the fences' ids.
    mutating func judgeFences(
        _ fix: Fix, previous: Fix?, isFirst: Bool, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        scratch.hits.removeAll(keepingCapacity: true)
        fences.containing(longitude: fix.longitude, latitude: fix.latitude, into: &scratch.hits)
        if !vehicles[slot].story.visits.isEmpty {
            judgeOpenVisits(fix, slot: slot, step: step, into: &effects)
        }
        if let previous { judgeCrossings(from: previous, to: fix, slot: slot, step: step, into: &effects) }
        if !scratch.hits.isEmpty {
            openVisits(fix, isFirst: isFirst, slot: slot, step: step, into: &effects)
        }
    }

    /// Every visit that the vehicle has, inside or outside of its fence by this fix.
    private mutating func judgeOpenVisits(_ fix: Fix, slot: Int, step: Step, into effects: inout EffectBuffer) {
        var position = 0
        while position < vehicles[slot].story.visits.count {
            var visit = vehicles[slot].story.visits[position]
            let isInside = scratch.hits.contains(visit.fence)
            if !applies(visit.fence, to: slot) {
                vehicles[slot].story.visits.remove(at: position)
                if visit.phase != .entering {
                    emitExited(
                        visit, fence(visit), at: fix, reason: "not_applicable", slot: slot, step: step, into: &effects)
                }
                continue
            }
            let transition = observe(&visit, fix, isInside: isInside)
            switch transition {
            case .exited:
                vehicles[slot].story.visits.remove(at: position)
                emitExited(visit, fence(visit), at: visit.runStart, reason: nil, slot: slot, step: step, into: &effects)
                continue
            case .dropped:
                vehicles[slot].story.visits.remove(at: position)
                continue
            case .entered:
                emitEntered(visit, fence(visit), slot: slot, step: step, into: &effects)
                attend(&visit, fix, slot: slot, step: step, into: &effects)
            case .stayed:
                attend(&visit, fix, slot: slot, step: step, into: &effects)
            case .none:
                break
            }
            vehicles[slot].story.visits[position] = visit
            position += 1
        }
    }

    /// The fence of a visit. Copying a fence costs a dozen reference counts: it is asked for only where an event comes of it.
    private func fence(_ visit: Visit) -> Geofence {
        guard let fence = fences.fence(at: visit.fence) else { fatalError("Engine: a visit outlived its fence") }
        return fence
    }

    private func observe(_ visit: inout Visit, _ fix: Fix, isInside: Bool) -> Transition {
        let sighting = Visit.Sighting(fix: fix, isInside: isInside, accuracy_m: accuracy_m(of: fix))
        let number = visit.fence
        return visit.observe(sighting, policy: policies[Int(number)]) {
            fences.signedDistance_m(slot: number, longitude: fix.longitude, latitude: fix.latitude)
        }
    }

    /// Fences that contain the fix and that the vehicle was not in.
    private mutating func openVisits(
        _ fix: Fix, isFirst: Bool, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        let open = vehicles[slot].story.visits
        scratch.hits.removeAll { hit in open.contains { $0.fence == hit } }
        sortHitsByID()
        for number in scratch.hits {
            guard applies(number, to: slot) else { continue }
            var visit = Visit(fence: number, at: fix, isInitial: isFirst)
            if observe(&visit, fix, isInside: true) == .entered {
                emitEntered(visit, fence(visit), slot: slot, step: step, into: &effects)
                attend(&visit, fix, slot: slot, step: step, into: &effects)
            }
            let id = fenceID(number)
            let position = vehicles[slot].story.visits.firstIndex { fenceID($0.fence) > id }
            vehicles[slot].story.visits.insert(visit, at: position ?? vehicles[slot].story.visits.count)
        }
    }

    /// Slots depend on the history of the fence set, ids do not: what follows from one fix is told in order of ids.
    private mutating func sortHitsByID() {
        guard scratch.hits.count > 1 else { return }
        let fences = self.fences
        scratch.hits.sort { (fences.fence(at: $0)?.id ?? "") < (fences.fence(at: $1)?.id ?? "") }
    }

    func fenceID(_ number: Int32) -> String { fences.fence(at: number)?.id ?? "" }

    /// What follows from being inside at this fix: dwelling, and presence at a time that the schedule forbids.
    private mutating func attend(
        _ visit: inout Visit, _ fix: Fix, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        let policy = policies[Int(visit.fence)]
        if policy.dwell_ms != FencePolicy.never_ms, !visit.hasDwelled {
            let dwelled_ms = visit.entered_ms + policy.dwell_ms
            if fix.time_ms >= dwelled_ms {
                visit.hasDwelled = true
                emitDwelled(visit, fence(visit), fix, time_ms: dwelled_ms, slot: slot, step: step, into: &effects)
            }
        }
        guard policy.traits.contains(.mayAlarm) else { return }
        let fence = fence(visit)
        guard let period_ms = alarmPeriod(fence, at: fix.time_ms), visit.alarmPeriod_ms != period_ms else { return }
        visit.alarmPeriod_ms = period_ms
        let type: EventType = fence.kind == .noGo ? .geofenceProhibitedEntered : .geofenceOutsideHours
        emitAlarm(type, fence, entered_ms: visit.entered_ms, at: fix, slot: slot, step: step, into: &effects)
    }

    /// The period in which presence is an alarm, by its start; nil where presence is allowed. In a no-go fence the
    /// schedule says when it is forbidden (without one: always), in any other when it is allowed (without one: always).
    private func alarmPeriod(_ fence: Geofence, at time_ms: Int64) -> Int64? {
        guard let schedule = fence.schedule else { return fence.kind == .noGo ? Int64.min : nil }
        guard schedule.isOpen(at: time_ms) == (fence.kind == .noGo) else { return nil }
        return schedule.periodStart_ms(at: time_ms)
    }

    private func applies(_ number: Int32, to slot: Int) -> Bool {
        guard policies[Int(number)].traits.contains(.isLimited) else { return true }
        guard let group = groups.name(of: vehicles[slot].group), let fence = fences.fence(at: number) else {
            return false
        }
        return fence.appliesTo.contains(group)
    }

    // MARK: - Passages between two fixes

    /// Fences that the straight line between two fixes passes through although neither fix lies inside.
    private mutating func judgeCrossings(
        from: Fix, to: Fix, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        guard !from.isAt(to), to.time_ms - from.time_ms <= Int64(settings.crossingMaxGap_s) * 1000 else { return }
        scratch.crossings.removeAll(keepingCapacity: true)
        fences.crossings(from: from.coordinate, to: to.coordinate, into: &scratch.crossings)
        guard !scratch.crossings.isEmpty,
            from.coordinate.distance_m(to: to.coordinate) <= settings.crossingMaxDistance_m
        else { return }
        let accuracy_m = max(accuracy_m(of: from), accuracy_m(of: to))
        if scratch.crossings.count > 1 {
            let fences = self.fences
            scratch.crossings.sort { (fences.fence(at: $0.slot)?.id ?? "") < (fences.fence(at: $1.slot)?.id ?? "") }
        }
        for crossing in scratch.crossings {
            // A chord shorter than the accuracy may be noise along the fence's edge.
            guard crossing.chord_m > accuracy_m, applies(crossing.slot, to: slot),
                let fence = fences.fence(at: crossing.slot),
                !vehicles[slot].story.visits.contains(where: { $0.fence == crossing.slot })
            else { continue }
            emitCrossed(crossing, fence, from: from, to: to, slot: slot, step: step, into: &effects)
        }
    }

    // MARK: - Changes of the fences

    /// Takes over a new set of fences, from the next fix on. Visits to a fence that was removed end here: at the
    /// vehicle's newest fix, with the reason `fence_removed`.
    mutating func replaceFences(with set: FenceSet, removed: [RemovedFence], into effects: inout EffectBuffer) {
        fences = set
        guard !removed.isEmpty else { return }
        for slot in vehicles.indices {
            for gone in removed {
                if let position = vehicles[slot].story.visits.firstIndex(where: { $0.fence == gone.slot }) {
                    let visit = vehicles[slot].story.visits.remove(at: position)
                    endVisit(visit, gone, slot: slot, into: &effects)
                }
                // What was told of it stays as it is: no late fix undoes or repeats visits to a fence that is no more.
                vehicles[slot].track.changeStories { $0.visits.removeAll { $0.fence == gone.slot } }
                if vehicles[slot].ledger.isEmpty { continue }
                let subject = Self.subjectKey(gone.fence.id)
                for index in vehicles[slot].ledger.indices where vehicles[slot].ledger[index].subject == subject {
                    if vehicles[slot].ledger[index].standing == .holds {
                        vehicles[slot].ledger[index].standing = .closed
                    }
                }
            }
        }
    }

    private mutating func endVisit(
        _ visit: Visit, _ gone: RemovedFence, slot: Int, into effects: inout EffectBuffer
    ) {
        guard visit.phase != .entering, let newest = vehicles[slot].newest else { return }
        take(slot)
        emitExited(
            visit, gone.fence, at: newest, reason: "fence_removed", slot: slot, step: gone.step, into: &effects)
        markState(slot, step: gone.step)
    }
}
