package import Geo
import Telemetry
package import Wire

/// Puts every message of a batch before the shard of its vehicle, and what concerns all vehicles before all of them, in
/// one order.
///
/// It owns what the shards share and only read: the fleets that there are and their geofences.
package struct Router {
    /// The offsets of a named time zone, nil for a name that does not exist. Supplied by the shell: the core reads no files.
    package typealias TimeZoneResolver = @Sendable (String) -> TimeZoneRules?

    let topicRoot: [UInt8]
    let shardCount: Int
    let resolveTimeZone: TimeZoneResolver
    private let parser: TopicParser

    /// The rules in force.
    package internal(set) var settings = Settings()
    /// The adapters in force.
    package internal(set) var adapters = Adapters()
    /// The rules of vehicles in force.
    package internal(set) var ruleBook = RuleBook()
    /// How people are told, and how commands go to vehicles.
    package internal(set) var messageRules = MessageRules()
    package internal(set) var commandRules = CommandRules()
    var fleets: [FleetFences] = []
    var fleetNumbers: [[UInt8]: Int] = [:]
    /// Geofences from files, by the fleet they are for; under "+" those for every fleet without an entry of its own.
    var files: [String: FileFences] = [:]
    /// Whether some fleet has changes of fences that the shards have not been told yet.
    var hasPendingFences = false
    /// Counts the changes of geofences, for whoever shows them; no part of the state.
    package var geofencesVersion: UInt64 = 0
    /// What a snapshot held and could not be read any more, as sentences for the log.
    package internal(set) var lostGeofences: [String] = []
    var lastTick_s = Int64.min
    /// Up to when time has passed: what is received until then brings no further tick. Nil before the first message.
    package var passed_ms: Int64? { lastTick_s == .min ? nil : lastTick_s * 1000 }
    /// The number of the last survey's period: the time divided by `surveyPeriod_s`.
    var lastSurvey = Int64.min
    /// When the feed was last heard again after an interruption.
    var lastResumed_ms = Int64.min
    /// The shards were asked to count and have not answered yet: the next survey depends on it.
    var awaitsCounts = false
    /// What befalls each fleet as a whole, by its number; fewer than fleets before the first survey of the last ones.
    var watches: [FleetWatch] = []
    /// The vehicles that each fleet's desk follows, by the fleet's number; fewer than fleets before the last ones have a desk.
    var followed: [FollowedVehicles] = []
    private var ordinal: Int32 = 0
    /// `{root}/{fleet}/vehicles/` of the last report's topic, and that fleet; empty before the first.
    var lastTelemetry: (prefix: [UInt8], fleet: Int) = ([], 0)

    /// A fleet is opened by the first message that names it; this bounds what a stranger can open.
    static let fleetsMax = 1000

    /// The time zone that settings name; where this machine does not know it any more, that of the settings before.
    func localTime(of new: Settings) -> TimeZoneRules { resolveTimeZone(new.timeZone) ?? settings.localTime }

    package init(topicRoot: String, shardCount: Int, resolveTimeZone: @escaping TimeZoneResolver) {
        self.topicRoot = Array(topicRoot.utf8)
        self.shardCount = shardCount
        self.resolveTimeZone = resolveTimeZone
        parser = TopicParser(root: topicRoot)
    }

    /// Takes a batch apart from frame `start` on, mostly to its end; where it spans more than one survey, the rest is left
    /// for a further plan (see `BatchPlan.end`). O(messages); a change of geofences costs in addition what the change of
    /// the index costs.
    package mutating func plan(_ batch: MessageBatch, from start: Int = 0) -> BatchPlan {
        var plan = BatchPlan(shards: shardCount)
        self.plan(batch, from: start, into: &plan)
        return plan
    }

    /// The same into a plan that was used before, whose buffers are kept.
    package mutating func plan(_ batch: MessageBatch, from start: Int = 0, into plan: inout BatchPlan) {
        plan.removeAll()
        plan.end = batch.count
        plan.adapted.setAdapters(adapters.entries)
        if start == 0 { ordinal = 0 }
        for frame in start..<batch.count {
            let header = batch.header(at: frame)
            if awaitsCounts, isSurveyDue(at: header.receivedTime_ms) {
                plan.end = frame
                break
            }
            // The end of an interruption is told before time passes: the silence until here proves nothing.
            if header.kind == .resumed {
                lastResumed_ms = max(lastResumed_ms, header.receivedTime_ms)
                broadcast(.resumed(header.receivedTime_ms), step: nextStep(header.receivedTime_ms), in: &plan)
            }
            pass(to: header.receivedTime_ms, in: &plan)
            let step = nextStep(header.receivedTime_ms)
            switch header.kind {
            case .message:
                plan.counters.messages += 1
                route(batch, frame, header, step: step, into: &plan)
            case .tick, .resumed:
                break
            case .settings:
                guard var new = Settings(json: batch.bytes.span.extracting(header.payload)) else { break }
                new.localTime = localTime(of: new)
                let isZoneChanged = new.timeZone != settings.timeZone
                settings = new
                if isZoneChanged { rereadGeofences() }
                broadcast(.settings(new, header.receivedTime_ms), step: step, in: &plan)
                tellDesks(.settings(new), step: step, in: &plan)
            case .adapters:
                changeAdapters(batch.bytes.span.extracting(header.payload), in: &plan)
            case .rules:
                guard let new = RuleBook(json: batch.bytes.span.extracting(header.payload)) else { break }
                ruleBook = new
                broadcast(.rules(new), step: step, in: &plan)
            case .fileGeofence:
                changeFileGeofence(batch, header, step: step)
            case .messages, .commands, .roadAnswer, .learned:
                tellDesks(header, in: batch, step: step, in: &plan)
            }
        }
        flushFences(in: &plan)
    }

    /// Every whole second that the received time passes is a tick for all, before the message that passed it. Several
    /// seconds at once are one tick.
    private mutating func pass(to receivedTime_ms: Int64, in plan: inout BatchPlan) {
        let second = receivedTime_ms.floorDivided(by: 1000)
        guard second > lastTick_s else { return }
        let hasSurvey = isSurveyDue(at: receivedTime_ms)
        lastTick_s = second
        let step = nextStep(second * 1000)
        flushFences(in: &plan)
        broadcast(.tick(second * 1000), step: step, in: &plan)
        tellDesks(.tick, step: step, in: &plan)
        if hasSurvey { survey(at: second * 1000, in: &plan) }
    }

    mutating func nextStep(_ receivedTime_ms: Int64) -> Engine.Step {
        ordinal += 1
        return Engine.Step(ordinal: ordinal, receivedTime_ms: receivedTime_ms)
    }

    func broadcast(_ control: Control, step: Engine.Step, in plan: inout BatchPlan) {
        let item = WorkItem(
            kind: .control, ordinal: step.ordinal, index: Int32(plan.controls.count), fleet: -1, vehicleStart: 0,
            vehicleCount: 0, vehicleHash: 0)
        plan.controls.append(control)
        for shard in plan.items.indices { plan.items[shard].append(item) }
    }

    // MARK: - Messages

    private mutating func route(
        _ batch: MessageBatch, _ frame: Int, _ header: FrameHeader, step: Engine.Step, into plan: inout BatchPlan
    ) {
        if routeTelemetry(batch, frame, header, step: step, into: &plan) { return }
        let topic: Topic
        do { topic = try parser.parse(batch.bytes.span.extracting(header.topic)) } catch {
            if error.reason == .otherRoot, adapt(batch, frame, header, step: step, into: &plan) { return }
            let fault = Fault(reason: error.reason.rawValue, detail: "\(error)", offset: nil)
            return refuse(batch, frame, fault, step: step, into: &plan)
        }
        let kind: WorkKind
        switch topic.kind {
        case .telemetry: kind = .reports
        case .status: kind = .status
        case .vehicle: kind = .vehicleRecord
        case .driver: kind = .driverAction
        case .order, .route, .customer, .driverRecord, .condition, .command, .commandResult, .smsReceipt:
            guard let fleet = openFleet(batch, frame, topic, step: step, in: &plan) else { return }
            routeToDesk(batch, frame, topic, fleet: fleet, step: step, into: &plan)
            return
        case .geofence, .query:
            guard let fleet = openFleet(batch, frame, topic, step: step, in: &plan) else { return }
            if topic.kind == .geofence {
                changeGeofence(batch, frame, topic, fleet: fleet, step: step, into: &plan)
            } else {
                ask(batch, frame, topic, fleet: fleet, step: step, into: &plan)
            }
            return
        default:
            plan.counters.skipped += 1
            return
        }
        guard let fleet = openFleet(batch, frame, topic, step: step, in: &plan) else { return }
        if kind == .driverAction || kind == .vehicleRecord,
            routeToDesk(batch, frame, topic, fleet: fleet, step: step, into: &plan)
        {
            return
        }
        if kind == .reports {
            let start = header.topic.lowerBound
            lastTelemetry = (Array(batch.bytes[start..<(start + topic.id.lowerBound)]), fleet)
        }
        assign(kind, batch, frame, header, topic.id, fleet: fleet, step: step, into: &plan)
    }

    /// A report of the fleet that the last report was of: nearly every message. False for all others.
    private mutating func routeTelemetry(
        _ batch: MessageBatch, _ frame: Int, _ header: FrameHeader, step: Engine.Step, into plan: inout BatchPlan
    ) -> Bool {
        let topic = batch.bytes.span.extracting(header.topic)
        guard let id = TopicParser.telemetryID(topic, after: lastTelemetry.prefix.span) else { return false }
        assign(.reports, batch, frame, header, id, fleet: lastTelemetry.fleet, step: step, into: &plan)
        return true
    }

    /// Puts a message before the shard of its vehicle; `id` stands in the topic.
    @inline(__always)
    private mutating func assign(
        _ kind: WorkKind, _ batch: MessageBatch, _ frame: Int, _ header: FrameHeader, _ id: Range<Int>, fleet: Int,
        step: Engine.Step, into plan: inout BatchPlan
    ) {
        flushFences(in: &plan)
        let start = header.topic.lowerBound + id.lowerBound
        let hash = stableHash64(batch.bytes.span.extracting(start..<(start + id.count)))
        let shard = Int(hash % UInt64(shardCount))
        plan.items[shard].append(
            WorkItem(
                kind: kind, ordinal: step.ordinal, index: Int32(frame), fleet: Int32(fleet),
                vehicleStart: Int32(start), vehicleCount: Int32(id.count), vehicleHash: hash))
    }

    /// A message that no fleet's engine can take: a dead letter of the fleet that its topic names, or under the name `_`.
    func refuse(
        _ batch: MessageBatch, _ frame: Int, _ fault: Fault, step: Engine.Step, into plan: inout BatchPlan
    ) {
        let message = MessageView(batch, frame)
        let fleet = fleetName(in: message.topicBytes) ?? Array("_".utf8)
        let slash = [UInt8(ascii: "/")]
        plan.effects.appendDeadLetter(
            fault, fleet: fleet, topicPrefix: topicRoot + slash + fleet + slash, message: message, step: step)
        plan.counters.deadLetters += 1
    }

    /// The level behind the root, where it can stand in a topic of ours.
    private func fleetName(in topic: [UInt8]) -> [UInt8]? {
        guard topic.starts(with: topicRoot + [UInt8(ascii: "/")]) else { return nil }
        let name = Array(topic.dropFirst(topicRoot.count + 1).prefix { $0 != UInt8(ascii: "/") })
        let forbidden = [UInt8(ascii: "+"), UInt8(ascii: "#"), 0]
        guard !name.isEmpty, name.count <= TopicParser.idLengthLimit, !name.contains(where: forbidden.contains),
            firstInvalidUTF8(name.span) == nil
        else { return nil }
        return name
    }

    /// The number of a topic's fleet, which is opened if it is new. Nil, with a dead letter, where there are too many.
    private mutating func openFleet(
        _ batch: MessageBatch, _ frame: Int, _ topic: Topic, step: Engine.Step, in plan: inout BatchPlan
    ) -> Int? {
        let header = batch.header(at: frame)
        let start = header.topic.lowerBound
        let range = (start + topic.fleet.lowerBound)..<(start + topic.fleet.upperBound)
        if let last = lastFleet, batch.bytes[range].elementsEqual(last.name) { return last.number }
        let name = Array(batch.bytes[range])
        if let number = fleetNumbers[name] {
            lastFleet = (name, number)
            return number
        }
        guard fleets.count < Self.fleetsMax else {
            let fault = Fault(reason: "too_many_fleets", detail: "there are \(Self.fleetsMax) fleets already")
            refuse(batch, frame, fault, step: step, into: &plan)
            return nil
        }
        let number = openFleet(named: name)
        broadcast(.openFleet(name: name, fleets[number].set), step: step, in: &plan)
        return number
    }

    /// The fleet of the last message: mostly that of the next one too.
    var lastFleet: (name: [UInt8], number: Int)?

    mutating func openFleet(named name: [UInt8]) -> Int {
        let number = fleets.count
        fleets.append(FleetFences(name: name, files: &files))
        fleetNumbers[name] = number
        geofencesVersion += 1
        return number
    }

    // MARK: - Queries

    private mutating func ask(
        _ batch: MessageBatch, _ frame: Int, _ topic: Topic, fleet: Int, step: Engine.Step, into plan: inout BatchPlan
    ) {
        let header = batch.header(at: frame)
        plan.counters.queries += 1
        let address = address(of: header, topic, in: batch, fleet: fleet, step)
        flushFences(in: &plan)
        let payload = batch.bytes.span.extracting(header.payload)
        do throws(Query.Problem) {
            if let query = try SuitableQuery(payload) {
                openDesk(fleet: fleet, step: step, in: &plan)
                plan.deskItems.append(DeskItem(fleet: fleet, step: step, input: .query(query, address)))
                return
            }
            let query = try Query(payload)
            plan.hasQueries = true
            broadcast(.query(fleet: fleet, query, address), step: step, in: &plan)
        } catch {
            let answer = PartialAnswer.refusal(id: address.id, problem: error, receivedTime_ms: step.receivedTime_ms)
            plan.effects.appendAnswer(answer, to: address, ordinal: step.ordinal)
        }
    }
}

extension Router {
    /// Where the answer to a message goes: to its response topic, or where that may not be, to the message's topic with
    /// `/result` behind it.
    func address(
        of header: FrameHeader, _ topic: Topic, in batch: MessageBatch, fleet: Int, _ step: Engine.Step
    ) -> QueryAddress {
        let start = header.topic.lowerBound
        let id = Array(batch.bytes[(start + topic.id.lowerBound)..<(start + topic.id.upperBound)])
        let wanted = Array(batch.bytes[header.responseTopic])
        let answerTopic =
            isAllowed(wanted, fleet: fleet) ? wanted : Array(batch.bytes[header.topic]) + Array("/result".utf8)
        return QueryAddress(
            id: id, topic: answerTopic, correlation: Array(batch.bytes[header.correlation]),
            receivedTime_ms: step.receivedTime_ms)
    }

    /// A response topic that the asker may have the answer on: one that can be published to, and under the root only below
    /// the fleet's own `answers`. Elsewhere there it could be taken for a command or a message of ours.
    private func isAllowed(_ topic: [UInt8], fleet: Int) -> Bool {
        guard !topic.isEmpty, topic[0] != UInt8(ascii: "$"), firstInvalidUTF8(topic.span) == nil else { return false }
        if topic.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") || $0 == 0 }) { return false }
        let slash = [UInt8(ascii: "/")]
        return !topic.starts(with: topicRoot + slash)
            || topic.starts(with: topicRoot + slash + fleets[fleet].name + Array("/answers/".utf8))
    }
}

extension EffectBuffer {
    /// An answer to a query, for its response topic.
    mutating func appendAnswer(_ answer: [UInt8], to address: QueryAddress, ordinal: Int32) {
        let topic = span { $0.append(contentsOf: address.topic) }
        let payload = span { $0.append(contentsOf: answer) }
        let correlation = span { $0.append(contentsOf: address.correlation) }
        effects.append(
            Effect(
                kind: .answer, ordinal: ordinal, recordedTime_ms: address.receivedTime_ms, type: nil,
                id: Hash128(high: 0, low: 0), topic: topic,
                payload: payload, vehicle: topic, correlation: correlation))
    }
}
