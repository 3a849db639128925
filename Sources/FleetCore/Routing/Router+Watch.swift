import Wire

/// What concerns fleets as a whole: decided between the shards' surveys.
extension Router {
    /// All shards count their vehicles whenever the received time passes a multiple of so many seconds.
    static let surveyPeriod_s: Int64 = 5

    /// Whether a message received then comes behind the next survey.
    func isSurveyDue(at receivedTime_ms: Int64) -> Bool {
        let second = receivedTime_ms.floorDivided(by: 1000)
        return second > lastTick_s && second.floorDivided(by: Self.surveyPeriod_s) > lastSurvey
    }

    /// Judges what was counted last, tells it, and has all shards count again.
    mutating func survey(at time_ms: Int64, in plan: inout BatchPlan) {
        lastSurvey = time_ms.floorDivided(by: Self.surveyPeriod_s * 1000)
        guard !fleets.isEmpty else { return }
        let step = nextStep(time_ms)
        for number in fleets.indices {
            while watches.count <= number { watches.append(FleetWatch()) }
            for finding in watches[number].judge(ruleBook.defaults, resumed_ms: lastResumed_ms) {
                emit(finding, fleet: number, step: step, into: &plan)
            }
        }
        awaitsCounts = true
        // A step of its own: what the fleet as a whole suffers is told before what single vehicles do.
        for index in watches.indices { plan.verdicts.append(watches[index].verdict) }
        broadcast(.survey(time_ms), step: nextStep(time_ms), in: &plan)
    }

    /// Takes what the shards counted in working through a plan: after every plan, and all of a plan at once. A plan that was
    /// made before ends where it would need it.
    package mutating func absorb(_ outputs: [Shard.Output]) {
        for index in outputs.indices {
            for number in outputs[index].surveys.indices {
                awaitsCounts = false
                watches[number].add(outputs[index].surveys[number])
            }
        }
    }

    /// The shards' counts will not come: for measuring them alone. As if no position was ever lost.
    package mutating func goWithoutCounts() { awaitsCounts = false }

    /// An event about the fleet as a whole, which has no vehicle.
    private mutating func emit(
        _ finding: FleetWatch.Finding, fleet: Int, step: Engine.Step, into plan: inout BatchPlan
    ) {
        watches[fleet].sequence += 1
        plan.counters.events[Int(finding.type.rawValue)] += 1
        let name = fleets[fleet].name
        var identity = EventIdentity()
        identity.begin(finding.type, fleet: name)
        identity.add(finding.incident.number)
        let head = EventHead(
            type: finding.type, id: identity.hash(), time_ms: finding.time_ms, recordedTime_ms: step.receivedTime_ms,
            sequence: watches[fleet].sequence)
        let prefix = topicPrefix(of: fleet)
        let topic = plan.effects.span { out in
            out.append(contentsOf: prefix)
            out.append(ascii: "events/")
            out.append(ascii: finding.type.group)
            out.append(ascii: "/")
            out.append(ascii: finding.type.name)
        }
        let payload = plan.effects.span { out in
            out.openFleetEvent(head, fleet: Engine.jsonContent(name))
            out.members(of: finding)
            out.closeCloudEvent()
        }
        plan.effects.effects.append(
            Effect(
                kind: .event, ordinal: step.ordinal, recordedTime_ms: step.receivedTime_ms, type: finding.type,
                id: head.id, topic: topic, payload: payload, vehicle: topic, correlation: 0..<0))
    }
}

extension [UInt8] {
    fileprivate mutating func members(of finding: FleetWatch.Finding) {
        let incident = finding.incident
        switch incident.reason {
        case .outage: break
        case .silence: member("reason", string: "silence")
        case .age: member("reason", string: "age")
        }
        if finding.time_ms != incident.begin_ms || finding.remaining != nil || finding.type == .sourceRecovered {
            member("from_time", time_ms: incident.begin_ms)
            member("duration_s", Double(finding.time_ms - incident.begin_ms) / 1000, decimals: 3)
        }
        member("vehicles", Double(incident.vehicles), decimals: 0)
        member("expected_vehicles", Double(finding.expected), decimals: 0)
        if let remaining = finding.remaining { member("remaining_vehicles", Double(remaining), decimals: 0) }
        if let median_ms = finding.median_ms { member("median_age_s", Double(median_ms) / 1000, decimals: 3) }
    }
}
