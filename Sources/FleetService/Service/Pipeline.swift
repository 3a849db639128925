import FleetCore
import Foundation
import Geo
import Store
import Synchronization
import Wire

/// The way of a batch: router, shards, store, and then, only then, back to the receiver for its acknowledgements.
///
/// One batch at a time: the receiver's thread waits for each, so that the calls never overlap. It runs on the store's thread:
/// a batch crosses from the receiver's thread to that one and back, and, where it is large, to the pool for its shards.
actor Pipeline {
    /// Where committed effects go.
    struct Outlet: Sendable {
        /// These entries of the outbox are committed.
        var publish: @Sendable (_ ids: ClosedRange<Int64>, _ entries: [OutboxEntry]) -> Void
        /// The newest retained state of a topic.
        var publishState: @Sendable (_ topic: [UInt8], _ payload: [UInt8]) -> Void
        /// Questions for the road router. They are asked again where no answer comes, so that none is kept.
        var askRoads: @Sendable ([RoadQuestion]) -> Void = { _ in }
    }

    enum Outcome: Sendable, Equatable {
        case committed
        /// The service is stopping, or the store failed for good: nothing was committed.
        case abandoned
    }

    private var router: Router
    private var desks: Desks
    private let shards: [ShardHost]
    private let commits: CommitThread
    private let snapshots: SnapshotWriter
    private let board: StatusBoard
    private let logger: Logger
    private let links: MessageLinks?
    private let snapshotInterval_s: Double
    private let snapshotEveryMessages: Int
    private let isStopping: StopFlag
    private let onFailure: @Sendable (StoreError) -> Void
    private var outlet = Outlet(publish: { _, _ in }, publishState: { _, _ in })

    nonisolated var unownedExecutor: UnownedSerialExecutor { commits.asUnownedSerialExecutor() }

    /// A batch of less work than this is not spread: the threads' waking would take longer.
    private static let spreadItems = 512

    /// A batch was applied that the store does not have: the engine is ahead of the journal, and nothing of its state may
    /// be kept.
    private var isAheadOfStore = false
    private var messagesSinceSnapshot = 0
    private var lastSnapshot_s = Date().timeIntervalSince1970
    private var journalSequence: Int64 = 0
    /// Since when the batch in hand is worked on, or the store has refused it the last time; nil between batches.
    private var workingSince: ContinuousClock.Instant?

    init(
        configuration: Configuration, shardCount: Int, commits: CommitThread, board: StatusBoard, logger: Logger,
        links: MessageLinks? = nil, isStopping: StopFlag, onFailure: @escaping @Sendable (StoreError) -> Void
    ) {
        router = Router(
            topicRoot: configuration.topicRoot, shardCount: shardCount, resolveTimeZone: TimeZones.rules(named:))
        desks = Desks(
            topicRoot: configuration.topicRoot, resolveTimeZone: TimeZones.rules(named:))
        shards = (0..<shardCount).map { ShardHost(number: $0, topicRoot: configuration.topicRoot) }
        self.commits = commits
        snapshots = SnapshotWriter(commits) { error in
            // The journal still holds everything; a later snapshot replaces this one.
            if let error { logger.warning("the snapshot was not written: \(error.message)") }
        }
        self.board = board
        self.logger = logger
        self.links = links
        self.isStopping = isStopping
        self.onFailure = onFailure
        snapshotInterval_s = Double(configuration.store.snapshotInterval_s)
        snapshotEveryMessages = configuration.store.snapshotEveryMessages
    }

    func connect(to outlet: Outlet) { self.outlet = outlet }

    // MARK: - A batch

    /// Processes and commits a batch. Returns when it is durable.
    func process(_ batch: MessageBatch) async -> Outcome {
        if isAheadOfStore { return .abandoned }
        workingSince = .now
        defer { workingSince = nil }
        let start_ms = batch.isEmpty ? 0 : batch.header(at: 0).receivedTime_ms
        let output = await apply(batch)
        guard let entry = JournalEntry(batch) else { return .committed }
        let entries = outbox(output, created_ms: entry.last_received_ms)
        let transaction = Transaction(
            journal: entry, outbox: [OutboxBatch(entries)],
            deadLetters: output.deadLetters.map(DeadLetter.init))
        guard let result = await commitPatiently(transaction) else {
            isAheadOfStore = true
            return .abandoned
        }
        journalSequence = result.journalSequence ?? journalSequence
        if let ids = result.outboxIDs { outlet.publish(ids, entries) }
        let now = Date().timeIntervalSince1970
        board.committed(output, lag_ms: now * 1000 - Double(start_ms), now_s: now)
        publishStates(output)
        askRoads(output)
        board.metrics { $0.worked(messages: batch.count, output) }
        messagesSinceSnapshot += batch.count
        snapshotIfDue(now_s: now)
        return .committed
    }

    private func apply(_ batch: MessageBatch) async -> BatchOutput {
        var (output, end) = await applyPlan(batch, from: 0)
        while end < batch.count {
            let (next, nextEnd) = await applyPlan(batch, from: end)
            output.append(next)
            end = nextEnd
        }
        return output
    }

    /// Works through one plan. Few batches need more than one: those that span more than one survey of the fleets.
    private func applyPlan(_ batch: MessageBatch, from start: Int) async -> (BatchOutput, end: Int) {
        let plan = router.plan(batch, from: start)
        let outputs = await work(through: plan, of: batch)
        router.absorb(outputs)
        return (BatchOutput(plan, outputs, &desks), plan.end)
    }

    private func work(through plan: BatchPlan, of batch: MessageBatch) async -> [Shard.Output] {
        let busy = shards.indices.filter { plan.load(of: $0) > 0 }
        guard let last = busy.last else { return [] }
        if busy.count == 1 || busy.reduce(0, { $0 + plan.load(of: $1) }) < Self.spreadItems {
            return busy.map { shards[$0].apply(batch, plan) }
        }
        return await withTaskGroup(of: (Int, Shard.Output).self) { group in
            for index in busy.dropLast() {
                let shard = shards[index]
                group.addTask(executorPreference: globalConcurrentExecutor) { (index, shard.apply(batch, plan)) }
            }
            // This thread would only wait.
            var outputs = [(last, shards[last].apply(batch, plan))]
            for await output in group { outputs.append(output) }
            return outputs.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// What is kept until the broker has confirmed it, in order.
    private func outbox(_ output: BatchOutput, created_ms: Int64) -> [OutboxEntry] {
        var entries: [OutboxEntry] = []
        output.visit { effect, bytes in
            guard effect.kind != .state, effect.kind != .roadQuestion else { return }
            let isPlain = effect.kind == .answer || effect.kind == .command
            var eventID: [UInt8] = []
            if !isPlain {
                eventID.append(hex: effect.id.high)
                eventID.append(hex: effect.id.low)
            }
            let topic = Array(bytes[effect.topic])
            var payload = Array(bytes[effect.payload])
            if let links, effect.kind == .event, effect.type == .smsRequest {
                payload = links.signed(payload, topic: topic, recorded_ms: effect.recordedTime_ms)
            }
            entries.append(
                OutboxEntry(
                    topic: topic, payload: payload,
                    contentType: isPlain ? "application/json" : "application/cloudevents+json",
                    correlation: Array(bytes[effect.correlation]), eventID: eventID, created_ms: created_ms))
        }
        return entries
    }

    private func askRoads(_ output: BatchOutput) {
        var questions: [RoadQuestion] = []
        output.visit { effect, bytes in
            guard effect.kind == .roadQuestion else { return }
            let payload = Array(bytes[effect.payload])
            if let question = RoadQuestion(topic: Array(bytes[effect.topic]), json: payload.span) {
                questions.append(question)
            }
        }
        if !questions.isEmpty { outlet.askRoads(questions) }
    }

    private func publishStates(_ output: BatchOutput) {
        output.visit { effect, bytes in
            guard effect.kind == .state else { return }
            outlet.publishState(Array(bytes[effect.topic]), Array(bytes[effect.payload]))
        }
    }

    // MARK: - The store

    /// Commits, and where there is no room waits until there is: nothing is acknowledged meanwhile, so that the broker
    /// keeps what we cannot. Nil where the service stops, or the store fails for good.
    private func commitPatiently(_ transaction: Transaction) async -> CommitResult? {
        var isWaiting = false
        while true {
            let begun = ContinuousClock.now
            switch await commits.commit(transaction) {
            case .success(let result):
                let took = (ContinuousClock.now - begun) / .milliseconds(1)
                board.update { status in
                    status.store.lastCommit_ms = took
                    if isWaiting {
                        status.state = "running"
                        status.reason = ""
                    }
                }
                board.metrics { $0.stored(took_s: took / 1000) }
                if isWaiting { logger.info("there is room in the store again: processing goes on") }
                return result
            case .failure(let error) where error.isRetriable:
                isWaiting = true
                // A store without room answers: nothing hangs.
                workingSince = .now
                board.update { status in
                    status.state = error.code == .full ? "store_full" : "store_busy"
                    status.reason = error.message
                }
                logger.error("\(error.message); nothing is acknowledged until it works again", once: "store")
                if isStopping.isSet { return nil }
                try? await Task.sleep(for: .milliseconds(500))
                if isStopping.isSet { return nil }
            case .failure(let error):
                board.update { status in
                    status.state = "failed"
                    status.reason = error.message
                }
                onFailure(error)
                return nil
            }
        }
    }

    /// Begins a snapshot where one is due and the one before is complete: it is written beside the batches.
    private func snapshotIfDue(now_s: Double) {
        guard messagesSinceSnapshot > 0, !snapshots.isBusy else { return }
        guard messagesSinceSnapshot >= snapshotEveryMessages || now_s - lastSnapshot_s >= snapshotInterval_s else {
            return
        }
        _ = snapshots.begin(takeImage())
    }

    /// The state as it is after the last committed batch. Between batches only.
    private func takeImage() -> SnapshotWriter.Image {
        messagesSinceSnapshot = 0
        lastSnapshot_s = Date().timeIntervalSince1970
        return SnapshotWriter.Image(
            journalSequence: journalSequence, created_ms: Int64(lastSnapshot_s * 1000), router: router.snapshot(),
            desks: desks, shards: shards.map { $0.image() })
    }

    /// Writes the last snapshot, in one transaction: nothing waits for it any more. Not where a batch was abandoned: the broker
    /// sends it again, and after a restart from such a state it would count as known.
    func writeLastSnapshot() async -> Bool {
        snapshots.cancel()
        if isAheadOfStore { return false }
        let image = takeImage()
        var parts = [image.router, image.desks.snapshot()]
        for var shard in image.shards {
            while let part = shard.nextPart() { parts.append(part) }
        }
        let snapshot = SnapshotToWrite(
            journal_sequence: image.journalSequence, created_ms: image.created_ms, format: SnapshotWriter.format,
            parts: parts)
        switch await commits.commit(Transaction(snapshot: snapshot)) {
        case .success:
            return true
        case .failure(let error):
            logger.warning("the snapshot was not written: \(error.message)")
            return false
        }
    }

    // MARK: - Recovery

    /// Brings the engine to the state that the store proves: the newest snapshot and the journal after it. Effects are
    /// not stored again, for they were committed with their inputs; states are published again.
    ///
    /// Returns how many messages were replayed.
    func recover(
        from reader: StoreReader, progress: @Sendable (_ messages: Int) -> Void
    ) async throws -> Int {
        if let stored = try reader.newestSnapshot() {
            let snapshot = try Snapshot(parts: stored.parts)
            try router.restore(snapshot.router)
            try desks.restore(snapshot.desks)
            for lost in router.lostGeofences { logger.error("\(lost); it is left out") }
            for shard in shards {
                try shard.restore(snapshot, router: router, shardCount: shards.count)
            }
            journalSequence = stored.journal_sequence
        }
        let messages = try await replayJournal(of: reader, progress: progress)
        messagesSinceSnapshot = messages
        return messages
    }

    /// Applies the rows of the journal after `journalSequence`. While the shards work on one, the next is put before them,
    /// and those after it are read.
    private func replayJournal(
        of reader: StoreReader, progress: @Sendable (_ messages: Int) -> Void
    ) async throws -> Int {
        let rows = JournalRows(reader, after: journalSequence)
        defer { rows.cancel() }
        var messages = 0
        var current = try rows.next().map { (row: $0, plan: router.plan($0.batch)) }
        while let (row, plan) = current {
            if isStopping.isSet { throw CancellationError() }
            let isWhole = plan.end == row.batch.count
            let busy = shards.filter { plan.load(of: $0.number) > 0 }
            let (outputs, next) = try await withThrowingTaskGroup(of: (Int, Shard.Output).self) { group in
                for shard in busy {
                    group.addTask(executorPreference: globalConcurrentExecutor) {
                        (shard.number, shard.apply(row.batch, plan))
                    }
                }
                let next = isWhole ? try rows.next().map { (row: $0, plan: router.plan($0.batch)) } : nil
                var outputs: [(Int, Shard.Output)] = []
                for try await output in group { outputs.append(output) }
                return (outputs.sorted { $0.0 < $1.0 }.map(\.1), next)
            }
            router.absorb(outputs)
            publishStates(BatchOutput(plan, outputs, &desks))
            guard isWhole else {
                current = (row, router.plan(row.batch, from: plan.end))
                continue
            }
            journalSequence = row.sequence
            messages += row.batch.count
            progress(messages)
            current = next
        }
        return messages
    }

    // MARK: - What the service asks

    var fileGeofences: [String: [String: [UInt8]]] { router.fileGeofences() }
    var settings: Settings { router.settings }
    var adapters: Adapters { router.adapters }
    var ruleBook: RuleBook { router.ruleBook }
    var messageRules: MessageRules { router.messageRules }
    var commandRules: CommandRules { router.commandRules }
    var hasHistory: Bool { journalSequence > 0 }

    /// The geofences, where they changed since a version.
    func geofences(after version: UInt64?) -> (version: UInt64, catalogues: [GeofenceCatalogue])? {
        guard router.geofencesVersion != version else { return nil }
        return (router.geofencesVersion, router.geofenceCatalogues)
    }

    /// How long the batch in hand has been worked on, in seconds; 0 between batches. That it answers at all says that the
    /// store's thread does.
    var working_s: Double { workingSince.map { (ContinuousClock.now - $0) / .seconds(1) } ?? 0 }

    /// Over all fleets. One pass over deliveries.
    var dispatchCensus: DispatchCensus { desks.census() }

    /// The paths of open routes, where they changed since a version.
    func routes(after version: UInt64?) -> (version: UInt64, catalogues: [RouteCatalogue])? {
        let current = desks.pathsVersion
        guard current != version else { return nil }
        return (current, desks.routeCatalogues)
    }

    var shardLoads: [ShardLoad] { shards.map(\.load) }

    /// Tells the retained states of the vehicles as they are now: of each fleet and shard at most `vehicles_max`.
    func visitStates(vehicles_max: Int, _ body: @Sendable (_ topic: [UInt8], _ payload: [UInt8]) -> Void) {
        for shard in shards { shard.visitStates(vehicles_max: vehicles_max, body) }
    }

    func figures() -> (census: Census, geofences: Int) {
        var census = Census()
        for shard in shards { census += shard.census() }
        return (census, router.geofenceCount)
    }
}

extension DeadLetter {
    init(_ note: DeadLetterNote) {
        self.init(
            received_ms: note.receivedTime_ms, topic: note.topic, reason: note.reason, detail: note.detail,
            byteOffset: note.byteOffset, payload: note.payload, fleet: note.fleet)
    }
}

/// Set once, from any thread.
final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)
    var isSet: Bool { flag.load(ordering: .acquiring) }
    func set() { flag.store(true, ordering: .releasing) }
}
