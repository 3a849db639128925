import Wire

/// What befalls a fleet as a whole, judged from what all shards together counted of it.
///
/// Every `Router.surveyPeriod_s` each shard counts (`FleetSurvey`) and is told what was judged from the counts before
/// (`FleetVerdict`). So the shards need not wait for one another, and what they decide depends on neither their number nor
/// on how messages are split into batches.
struct FleetWatch: Sendable {
    /// Something that lasts, as its end must name it.
    struct Incident: Sendable, Equatable {
        enum Reason: UInt8 {
            case outage = 0
            case silence = 1
            case age = 2
        }

        var reason: Reason
        /// Which of the fleet's incidents it is: what its events' ids are made from, for it has no fix of its own.
        var number: Int64
        /// When it began, by the clock of receipt.
        var begin_ms: Int64
        /// Most vehicles that it concerned.
        var vehicles: Int64
    }

    /// What is to be told.
    struct Finding: Sendable, Equatable {
        var type: EventType
        var incident: Incident
        var time_ms: Int64
        /// Vehicles whose positions are expected.
        var expected: Int64
        /// Of an end: vehicles whose positions still stay away.
        var remaining: Int64?
        var median_ms: Int64?
    }

    /// The last counts over all shards; none before the first survey.
    private(set) var counts: FleetSurvey?
    private(set) var outage: Incident?
    private(set) var lag: Incident?
    /// Since when nothing is heard of the whole fleet: when it was last heard.
    private(set) var silentSince_ms: Int64?
    private(set) var verdict = FleetVerdict()
    private var incidents: Int64 = 0
    /// Of the fleet's own events.
    var sequence: Int64 = 0

    init() {}

    /// The counts of one more shard.
    mutating func add(_ part: FleetSurvey) {
        if counts == nil { counts = part } else { counts? += part }
    }

    /// Judges the counts of the last survey and forgets them. `resumed_ms` is when the feed was last interrupted: silence
    /// before it proves nothing.
    mutating func judge(_ rules: RuleSettings, resumed_ms: Int64) -> [Finding] {
        guard let counts else { return [] }
        defer { self.counts = nil }
        var findings: [Finding] = []
        judgeSilence(counts, rules.lag, resumed_ms, &findings)
        judgeAges(counts, rules.lag, &findings)
        judgeOutage(counts, rules.outage, &findings)
        verdict.isSuppressing = outage != nil || silentSince_ms != nil
        return findings
    }

    private mutating func begin(_ reason: Incident.Reason, _ begin_ms: Int64, _ counts: FleetSurvey, _ vehicles: Int64)
        -> Incident
    {
        incidents += 1
        return Incident(
            reason: reason, number: incidents, begin_ms: begin_ms, vehicles: vehicles)
    }

    // MARK: - The feed

    private mutating func judgeSilence(
        _ counts: FleetSurvey, _ limits: LagLimits, _ resumed_ms: Int64, _ findings: inout [Finding]
    ) {
        if let since_ms = silentSince_ms {
            let isHeard = counts.heard_ms > since_ms
            guard isHeard || limits.enabled == 0 else { return }
            silentSince_ms = nil
            verdict.silenceFrom_ms = max(verdict.silenceFrom_ms, isHeard ? counts.heard_ms : counts.time_ms)
            if let lag, lag.reason == .silence { end(lag, at: max(counts.heard_ms, lag.begin_ms), counts, &findings) }
            return
        }
        guard limits.enabled > 0, Double(counts.expected) >= limits.vehicles_min, counts.heard_ms != Int64.min else {
            return
        }
        let since_ms = max(counts.heard_ms, resumed_ms)
        let due_ms = since_ms + Int64(limits.silent_s * 1000)
        guard counts.time_ms >= due_ms else { return }
        silentSince_ms = counts.heard_ms
        if lag == nil { beginLag(.silence, at: due_ms, counts, &findings) }
    }

    private mutating func judgeAges(_ counts: FleetSurvey, _ limits: LagLimits, _ findings: inout [Finding]) {
        if limits.enabled == 0 {
            if let lag, lag.reason == .age { end(lag, at: counts.time_ms, counts, &findings) }
            return
        }
        guard Double(counts.ages.count) >= limits.vehicles_min, let median_ms = counts.ages.median_ms else { return }
        if let lag, lag.reason == .age {
            if Double(median_ms) * 2 < limits.age_s * 1000 { end(lag, at: counts.time_ms, counts, &findings) }
        } else if lag == nil, Double(median_ms) >= limits.age_s * 1000 {
            beginLag(.age, at: counts.time_ms, counts, &findings)
        }
    }

    private mutating func beginLag(
        _ reason: Incident.Reason, at time_ms: Int64, _ counts: FleetSurvey, _ findings: inout [Finding]
    ) {
        let vehicles = reason == .age ? counts.ages.count : counts.expected
        let incident = begin(reason, time_ms, counts, vehicles)
        lag = incident
        findings.append(
            Finding(
                type: .sourceLagging, incident: incident, time_ms: time_ms, expected: counts.expected,
                median_ms: reason == .age ? counts.ages.median_ms : nil))
    }

    private mutating func end(
        _ incident: Incident, at time_ms: Int64, _ counts: FleetSurvey, _ findings: inout [Finding]
    ) {
        lag = nil
        findings.append(
            Finding(
                type: .sourceRecovered, incident: incident, time_ms: time_ms, expected: counts.expected,
                median_ms: incident.reason == .age ? counts.ages.median_ms : nil))
    }

    // MARK: - Outages

    private mutating func judgeOutage(_ counts: FleetSurvey, _ limits: OutageLimits, _ findings: inout [Finding]) {
        let share = limits.share_pct / 100
        if var incident = outage {
            let remaining = counts.suppressed + counts.candidates
            incident.vehicles = max(incident.vehicles, remaining)
            outage = incident
            guard Double(remaining) < share / 2 * Double(counts.expected) || remaining == 0 || limits.enabled == 0
            else { return }
            outage = nil
            findings.append(
                Finding(
                    type: .gpsRestored, incident: incident, time_ms: counts.time_ms, expected: counts.expected,
                    remaining: remaining))
            return
        }
        // While nothing at all is heard, it is not the positions that are lost.
        guard limits.enabled > 0, silentSince_ms == nil, Double(counts.candidates) >= limits.vehicles_min,
            Double(counts.candidates) >= share * Double(counts.expected)
        else { return }
        let incident = begin(.outage, counts.time_ms, counts, counts.candidates)
        outage = incident
        findings.append(
            Finding(type: .gpsOutage, incident: incident, time_ms: counts.time_ms, expected: counts.expected))
    }
}

// MARK: - Snapshots

extension FleetWatch.Incident {
    func write(to writer: inout ByteWriter) {
        writer.write(reason.rawValue)
        writer.write(number)
        writer.write(begin_ms)
        writer.write(vehicles)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let rawReason: UInt8 = try reader.integer()
        guard let reason = Reason(rawValue: rawReason) else {
            throw SnapshotError(reason: "the reason of an incident is not known")
        }
        self.reason = reason
        number = try reader.smallCount()
        begin_ms = try reader.time_ms()
        vehicles = try reader.smallCount()
    }
}

extension FleetWatch {
    func write(to writer: inout ByteWriter) {
        writer.write(optional: counts) { $1.write(to: &$0) }
        writer.write(optional: outage) { $1.write(to: &$0) }
        writer.write(optional: lag) { $1.write(to: &$0) }
        writer.write(optional: silentSince_ms) { $0.write($1) }
        writer.write(verdict.isSuppressing)
        writer.write(verdict.silenceFrom_ms)
        writer.write(incidents)
        writer.write(sequence)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        counts = try reader.optional { reader throws(SnapshotError) in try FleetSurvey(from: &reader) }
        outage = try reader.optional { reader throws(SnapshotError) in try Incident(from: &reader) }
        lag = try reader.optional { reader throws(SnapshotError) in try Incident(from: &reader) }
        silentSince_ms = try reader.optional { reader throws(SnapshotError) in try reader.time_ms() }
        verdict.isSuppressing = try reader.bool()
        verdict.silenceFrom_ms = try reader.timeOrNever_ms()
        incidents = try reader.smallCount()
        sequence = try reader.smallCount()
    }
}

extension FleetSurvey {
    func write(to writer: inout ByteWriter) {
        for value in [time_ms, fresh, candidates, suppressed, heard_ms] { writer.write(value) }
        ages.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        time_ms = try reader.time_ms()
        fresh = try reader.smallCount()
        candidates = try reader.smallCount()
        suppressed = try reader.smallCount()
        heard_ms = try reader.timeOrNever_ms()
        ages = try AgeHistogram(from: &reader)
    }
}
