import Geo
import Wire

/// Rules about vehicles: what they are told, and what becomes of what they decide.
extension Engine {
    /// Steps the rules through an observation. Its position must have been believed; `previous` is the fix before it from
    /// which the vehicle drove here.
    mutating func judgeRules(
        _ observation: Observation, after previous: Fix?, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        let rules = ruleIndex(of: slot)
        var input = RuleInput(now: observation, previous: previous)
        input.utcOffset_ms = settings.localTime.offset_s(at: observation.time_ms) * 1000
        for visit in vehicles[slot].story.visits where visit.phase != .entering {
            let policy = policies[Int(visit.fence)]
            input.places.formUnion(policy.places)
            let limit_kmh = Double(policy.speedLimit_kmh)
            if limit_kmh > 0, input.zoneLimit_kmh == 0 || limit_kmh < input.zoneLimit_kmh {
                input.zoneLimit_kmh = limit_kmh
            }
        }
        scratch.ruleEvents.removeAll(keepingCapacity: true)
        vehicles[slot].story.motion.step(input, ruleBook.settings[rules].motion, into: &scratch.ruleEvents)
        vehicles[slot].story.engine.step(input, ruleBook.settings[rules].condition.engine, into: &scratch.ruleEvents)
        // Vehicles that report nothing but positions and ignition have hardly a condition to judge, and need no memory for
        // it.
        if vehicles[slot].story.condition.isEmpty,
            observation.has.rawValue & Observation.conditions.rawValue != 0
                || ruleBook.settings[rules].condition.judgesPositions(in: input.places)
        {
            vehicles[slot].story.condition.append(ConditionRules())
        }
        if !vehicles[slot].story.condition.isEmpty {
            vehicles[slot].story.condition[0].step(
                input, ruleBook.settings[rules].condition, into: &scratch.ruleEvents)
        }
        for index in scratch.ruleEvents.indices {
            tell(scratch.ruleEvents[index], at: observation, slot: slot, step: step, into: &effects)
        }
    }

    private mutating func tell(
        _ event: RuleEvent, at observation: Observation, slot: Int, step: Step, into effects: inout EffectBuffer
    ) {
        let isCodes = event.type == .codeRaised || event.type == .codeCleared
        var codes: [Substring] = []
        if isCodes {
            codes = codesGained(
                by: event.type == .codeRaised ? event.text : event.formerText,
                over: event.type == .codeRaised ? event.formerText : event.text)
            // The rule sees that the list has changed; whether codes came or went only the texts tell.
            if codes.isEmpty { return }
        }
        let text = event.text < 0 || isCodes ? nil : texts.text(of: event.text)
        beginIdentity(event.type)
        identity.add(event.key_ms)
        if let text { identity.add(text) }
        for code in codes { identity.add(code.utf8) }
        // What is over the day and what is over the limit without a break are two things, and one does not correct the other.
        let subject = event.type == .drivingHoursExceeded ? event.word.map { "\($0)" } ?? "" : ""
        identity.add(subject.utf8)
        let happening = identity.hash()
        // The same happening at another time has another id even where nobody remembers the first one.
        if event.time_ms != event.key_ms { identity.add(event.time_ms) }
        let evidence =
            event.type.isIncident
            ? evidence(of: slot, for: event.time_ms, until: observation.time_ms) : Evidence()
        tell(
            event.type, happening: happening, subject: subject, slot: slot, time_ms: event.time_ms, evidence: evidence,
            step: step, into: &effects
        ) { out in
            if let place = event.place { out.member("position", position: Place(place)) }
            if let word = event.word { out.member("reason", string: "\(word)") }
            if let text { out.member("driver", string: String(decoding: text, as: UTF8.self)) }
            if isCodes { out.member("dtc", list: codes) }
            out.members(event.values, of: event.type)
        }
    }

    /// The codes that one list has and another has not.
    private func codesGained(by list: Int32, over former: Int32) -> [Substring] {
        func codes(_ number: Int32) -> [Substring] {
            texts.text(of: number).map { String(decoding: $0, as: UTF8.self).split(separator: ",") } ?? []
        }
        let known = Set(codes(former))
        return codes(list).filter { !known.contains($0) }
    }

    // MARK: - Evidence

    /// How far back the track of an incident goes.
    private static let evidence_ms: Int64 = 60_000
    /// How much of what followed belongs to it, where it was told only later: of a crash it would else be all.
    private static let aftermath_ms: Int64 = 10_000
    /// The most positions of it: of a tracker that reports more often than once a second, the newest.
    private static let evidenceMax = 90

    /// The vehicle's positions of the minute before a happening, and of what followed until it was told, oldest first.
    private func evidence(of slot: Int, for time_ms: Int64, until told_ms: Int64) -> Evidence {
        let observations = vehicles[slot].track.observations
        let first = vehicles[slot].track.index(of: time_ms - Self.evidence_ms)
        let end = vehicles[slot].track.index(of: min(told_ms, time_ms + Self.aftermath_ms) + 1)
        let fixes = observations[first..<max(first, end)].filter(\.hasPosition).map(\.fix).suffix(Self.evidenceMax)
        var evidence = Evidence()
        guard !fixes.isEmpty else { return evidence }
        evidence.bytes.member("track", fixes)
        evidence.isCut =
            fixes.count < Self.evidenceMax && time_ms - Self.evidence_ms <= vehicles[slot].track.settled_ms
        return evidence
    }
}

extension EventType {
    /// Something that somebody may have to prove: it carries the last minute of the track.
    var isIncident: Bool {
        switch self {
        case .harshBraking, .harshAcceleration, .harshCornering, .crashSuspected, .sos, .tamper, .towSuspected,
            .jammingSuspected, .speedingStarted:
            true
        default: false
        }
    }
}

extension Observation {
    /// What the rules about a vehicle's condition look at.
    static let conditions: Contents = [
        .fuel, .odometer, .engineHours, .battery, .coolant, .cargo, .rpm, .driver, .codes, .door,
    ]
}

extension [UInt8] {
    fileprivate mutating func members(_ values: RuleEvent.Values, of type: EventType) {
        for (index, shape) in type.values.enumerated() {
            let value = values[index]
            if !shape.isTime {
                member(shape.name, value, decimals: shape.decimals)
            } else if value.isFinite {
                member(shape.name, time_ms: Int64(value))
            }
        }
    }

    fileprivate mutating func member(_ name: StaticString, list: [Substring]) {
        member(name)
        append(ascii: "[")
        for (index, text) in list.enumerated() {
            if index > 0 { append(ascii: ",") }
            appendJSON(string: String(text))
        }
        append(ascii: "]")
    }

    fileprivate mutating func member(_ name: StaticString, _ fixes: ArraySlice<Fix>) {
        member(name)
        append(ascii: "[")
        for (index, fix) in fixes.enumerated() {
            append(ascii: index > 0 ? ",{\"time\":\"" : "{\"time\":\"")
            RFC3339.append(fix.time_ms, to: &self)
            append(ascii: "\",\"lat\":")
            append(fixed: Int64(fix.latitude_e7), decimals: 7)
            append(ascii: ",\"lon\":")
            append(fixed: Int64(fix.longitude_e7), decimals: 7)
            if let speed_kmh = fix.speed_kmh { member("speed_kmh", speed_kmh, decimals: 1) }
            append(ascii: "}")
        }
        append(ascii: "]")
    }
}
