import Geo
import Telemetry
import Wire

/// Positions that stay away, and come again.
extension Engine {
    /// A message of the vehicle was taken in; `before` was its newest fix before it.
    mutating func watchPosition(_ slot: Int, before: Fix?, step: Step, into effects: inout EffectBuffer) {
        while watches.count <= slot { watches.append(PositionWatch()) }
        lastHeard_ms = max(lastHeard_ms, vehicles[slot].lastHeard_ms)
        let newest = vehicles[slot].newest
        var watch = watches[slot]
        if let newest, newest.time_ms > before?.time_ms ?? Int64.min {
            if watch.phase == .told, let before {
                emitRecovered(slot, from: before, step: step, into: &effects)
            }
            if let told = manualPosition(of: slot), told.time_ms <= newest.time_ms {
                manualPositions[Int32(slot)] = nil
            }
            watch.phase = .fresh
            watch.received_ms = step.receivedTime_ms
            watch.ageRange = AgeHistogram.range(ofAge_ms: step.receivedTime_ms - newest.time_ms)
            let motion = motion(at: newest, after: before)
            watch.speed_kmh = motion.speed_kmh
            watch.heading_deg = motion.heading_deg
        }
        // In two steps: finding the index may add to the settings.
        let index = ruleIndex(of: slot)
        let moving_kmh = ruleBook.settings[index].stale.moving_kmh
        let isMoving = watch.speed_kmh.map { $0 > 0 && $0 >= moving_kmh } ?? false
        watch.isExpected = isMoving || vehicles[slot].sensors.ignition == true
        watches[slot] = watch
    }

    /// What the tracker says; where it says nothing, what the way from the fix before says, as far as it is longer than
    /// both inaccuracies.
    private func motion(at newest: Fix, after before: Fix?) -> (speed_kmh: Double?, heading_deg: Double?) {
        var speed_kmh = newest.speed_kmh
        var heading_deg = newest.heading_deg
        guard speed_kmh == nil || heading_deg == nil, let before, !newest.flags.contains(.relocated) else {
            return (speed_kmh, heading_deg)
        }
        let elapsed_ms = newest.time_ms - before.time_ms
        guard elapsed_ms > 0, elapsed_ms <= Int64(settings.crossingMaxGap_s) * 1000 else {
            return (speed_kmh, heading_deg)
        }
        let distance_m = before.coordinate.distance_m(to: newest.coordinate)
        let isFar = distance_m > accuracy_m(of: before) + accuracy_m(of: newest)
        if speed_kmh == nil { speed_kmh = isFar ? distance_m / (Double(elapsed_ms) / 1000) * 3.6 : 0 }
        if heading_deg == nil, isFar {
            heading_deg = DeadReckoning.bearing_deg(from: before.coordinate, to: newest.coordinate)
        }
        return (speed_kmh, heading_deg)
    }

    // MARK: - The survey

    /// Goes through all vehicles: counts those whose positions come and those whose stay away, and tells of the latter
    /// what the fleet's verdict lets it tell. O(vehicles), 16 bytes of each where all is well.
    mutating func survey(_ verdict: FleetVerdict, _ step: Step, into effects: inout EffectBuffer) -> FleetSurvey {
        var survey = FleetSurvey()
        let now_ms = step.receivedTime_ms
        survey.time_ms = now_ms
        survey.heard_ms = lastHeard_ms
        let from_ms = max(heardSince_ms, verdict.silenceFrom_ms)
        let ages_ms = Int64(ruleBook.defaults.lag.window_s * 1000)
        for slot in watches.indices {
            let watch = watches[slot]
            guard watch.received_ms != Int64.min else { continue }
            if now_ms - watch.received_ms <= ages_ms { survey.ages.add(range: watch.ageRange) }
            if watch.phase == .told { continue }
            guard watch.isExpected else {
                if watch.phase != .fresh { setPhase(.fresh, of: slot, step: step) }
                continue
            }
            let silent_ms = now_ms - max(watch.received_ms, from_ms)
            if silent_ms < Self.staleAfter_ms_min {
                if watch.phase != .fresh { setPhase(.fresh, of: slot, step: step) }
                survey.fresh += 1
            } else {
                judgeSilence(slot, silent_ms, verdict, step, &survey, into: &effects)
            }
        }
        return survey
    }

    /// The least that `stale_after_s` may be: whoever was heard more lately need not be looked at.
    private static let staleAfter_ms_min: Int64 = 10_000

    private mutating func judgeSilence(
        _ slot: Int, _ silent_ms: Int64, _ verdict: FleetVerdict, _ step: Step, _ survey: inout FleetSurvey,
        into effects: inout EffectBuffer
    ) {
        // In two steps: finding the index may add to the settings.
        let index = ruleIndex(of: slot)
        let limits = ruleBook.settings[index].stale
        let after_ms = Int64(limits.staleAfter_s * 1000)
        guard limits.enabled > 0, silent_ms >= after_ms else {
            setPhase(.fresh, of: slot, step: step)
            survey.fresh += 1
            return
        }
        if verdict.isSuppressing {
            setPhase(.suppressed, of: slot, step: step)
            survey.suppressed += 1
            return
        }
        let outage = ruleBook.defaults.outage
        let window_ms = outage.enabled > 0 ? Int64(outage.window_s * 1000) : 0
        let wasSeen = watches[slot].phase != .fresh
        // At least one survey lies between seeing it and telling it: by then the other shards' vehicles are counted too.
        if window_ms == 0 || wasSeen && silent_ms >= after_ms + window_ms {
            setPhase(.told, of: slot, step: step)
            emitStale(slot, limits, step: step, into: &effects)
        } else {
            setPhase(.candidate, of: slot, step: step)
            survey.candidates += 1
        }
    }

    // MARK: - Events

    private mutating func emitStale(
        _ slot: Int, _ limits: StaleLimits, step: Step, into effects: inout EffectBuffer
    ) {
        // Late data may have shown that no position was to be believed.
        guard let newest = vehicles[slot].newest else { return }
        take(slot)
        beginIdentity(.positionStale)
        identity.add(newest.time_ms)
        let watch = watches[slot]
        let estimate = DeadReckoning(
            from: newest, speed_kmh: watch.speed_kmh, heading_deg: watch.heading_deg,
            accuracy_m: accuracy_m(of: newest), elapsed_s: limits.staleAfter_s, limits)
        let time_ms = newest.time_ms + Int64(limits.staleAfter_s * 1000)
        emit(.positionStale, slot: slot, time_ms: time_ms, step: step, into: &effects) { out in
            out.member("position", position: Place(newest))
            out.member("position_time", time_ms: newest.time_ms)
            if let speed_kmh = watch.speed_kmh { out.member("speed_kmh", speed_kmh, decimals: 1) }
            if let heading_deg = watch.heading_deg { out.member("heading_deg", heading_deg, decimals: 1) }
            out.member("estimated_position", position: estimate.place)
            out.member("uncertainty_growth_mps", estimate.growth_mps, decimals: 2)
        }
    }

    /// Not faster than any vehicle.
    private func canReach(_ fix: Fix, from before: Fix) -> Bool {
        let elapsed_s = Double(fix.time_ms - before.time_ms) / 1000
        return before.coordinate.distance_m(to: fix.coordinate) <= settings.maxSpeed_kmh / 3.6 * elapsed_s
    }

    /// `before` is the fix after which nothing came.
    private mutating func emitRecovered(
        _ slot: Int, from before: Fix, step: Step, into effects: inout EffectBuffer
    ) {
        guard let newest = vehicles[slot].newest else { return }
        take(slot)
        beginIdentity(.positionRecovered)
        identity.add(before.time_ms)
        // The first of an uploaded buffer ends the gap, not its last.
        let first = scratch.reports.reports.first {
            $0.fields.contains(.position) && $0.time_ms > before.time_ms && $0.time_ms < newest.time_ms
                && canReach(Fix($0), from: before)
        }
        let end = first.map(Fix.init) ?? newest
        let manual = manualPosition(of: slot)
        emit(.positionRecovered, slot: slot, time_ms: end.time_ms, step: step, into: &effects) { out in
            out.member("position", position: Place(end))
            out.member("stale_position", position: Place(before))
            out.member("from_time", time_ms: before.time_ms)
            out.member("gap_s", Double(end.time_ms - before.time_ms) / 1000, decimals: 3)
            out.member("distance_m", before.coordinate.distance_m(to: end.coordinate), decimals: 1)
            if let manual { out.member(manualPosition: manual) }
        }
    }
}
