import FleetCore
import Foundation
import Locks
import MQTTTransport
import Signing
import Store
import Synchronization
import Window
import Wire

/// Why a service could not start, or had to end.
package struct ServiceError: Error, Sendable, CustomStringConvertible {
    package var exitCode: ExitCode
    package var message: String
    package var description: String { message }
}

/// A running Fleetstream: receiver, engine, store and publisher put together.
///
/// `start` recovers and connects, `stop` drains. In between everything runs on threads of its own and on the shards'
/// actors; whoever owns the service only looks at `status`.
package final class Service: Sendable {
    private let configuration: Configuration
    private let logger: Logger
    private let board = StatusBoard()
    private let clock: ReceiveClock
    private let isStopping = StopFlag()
    private let failure = Guarded<ServiceError?>(nil)
    private let needsReload = Atomic<Bool>(false)
    /// The second in which the supervisor was asked for time the last time.
    private let askedForTime_s = Atomic<Int64>(0)
    private let parts = Guarded<Parts?>(nil)
    private let onFailure: @Sendable (ServiceError) -> Void
    /// Nil where no road router is configured.
    private let roads: RoadClient?
    /// Nil where nobody supervises the process.
    private let supervisor: Supervisor?

    private struct Parts: Sendable {
        var commits: CommitThread
        var reader: StoreReader
        var pipeline: Pipeline
        var receiver: MQTTReceiver
        var publisher: MQTTPublisher
        var statusServer: StatusServer?
        var window: WindowHost?
        var housekeeping: Task<Void, Never>?
        var supervision: Task<Void, Never>?
    }

    /// `onFailure` is called once where the service cannot go on; it must then be stopped.
    package init(
        configuration: Configuration, logger: Logger, supervisor: Supervisor? = nil,
        onFailure: @escaping @Sendable (ServiceError) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.logger = logger
        self.supervisor = supervisor
        self.onFailure = onFailure
        clock = ReceiveClock()
        roads = RoadOptions(configuration.router).map { RoadClient($0) }
    }

    // MARK: - Start

    /// Opens the store, recovers, and begins to receive and to publish.
    package func start() async throws(ServiceError) {
        describeStart()
        let rules: RuleFiles
        do throws(ConfigurationErrors) { rules = try RuleFiles(configuration) } catch {
            throw ServiceError(exitCode: .configuration, message: "\(error)")
        }
        var statusServer: StatusServer?
        let (writer, reader) = try await openStore(&statusServer)
        let logger = logger
        let commits = CommitThread(writer) { error in
            logger.error("confirmations were not stored: \(error.message)", once: "confirmations")
        }
        do throws(ServiceError) {
            try await start(commits, reader, rules, statusServer)
        } catch {
            commits.stop()
            reader.close()
            throw error
        }
    }

    /// Opens the store. Where the disk is too full even for that it waits for room, and answers meanwhile who asks for the
    /// status.
    private func openStore(
        _ statusServer: inout StatusServer?
    ) async throws(ServiceError) -> (StoreWriter, StoreReader) {
        while true {
            do throws(StoreError) {
                let writer = try StoreWriter(path: configuration.store.path, options: configuration.storeOptions)
                do throws(StoreError) {
                    return (writer, try StoreReader(path: configuration.store.path))
                } catch {
                    writer.close()
                    throw error
                }
            } catch {
                guard error.code == .full, !isStopping.isSet else {
                    statusServer?.stop()
                    throw ServiceError(exitCode: .inputOutput, message: error.message)
                }
                board.update { status in
                    status.state = "store_full"
                    status.reason = error.message
                }
                logger.error("\(error.message); nothing is received until it works again", once: "store")
                if statusServer == nil { statusServer = try startStatusServer() }
                askForTime()
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func start(
        _ commits: CommitThread, _ reader: StoreReader, _ rules: RuleFiles, _ earlyStatusServer: StatusServer?
    ) async throws(ServiceError) {
        let statusServer: StatusServer
        if let earlyStatusServer { statusServer = earlyStatusServer } else { statusServer = try startStatusServer() }
        board.update { status in
            status.state = "recovering"
            status.reason = ""
        }
        let links: MessageLinks?
        do throws(SigningError) { links = try MessageLinks(configuration) } catch {
            statusServer.stop()
            throw ServiceError(exitCode: .configuration, message: error.message)
        }
        let pipeline = Pipeline(
            configuration: configuration, shardCount: configuration.shardCount, commits: commits, board: board,
            logger: logger, links: links, isStopping: isStopping,
            onFailure: { [self] in fail(.inputOutput, $0.message) })
        let window: WindowHost?
        do throws(WindowError) {
            window = try WindowHost.open(configuration, keys: links?.keys, board: board) { [board] in
                board.snapshot(now: Date())
            }
        } catch {
            statusServer.stop()
            throw ServiceError(exitCode: .configuration, message: error.message)
        }
        board.update { $0.window = window?.url ?? "" }
        let tail = OutboxTail()
        let publisher = makePublisher(
            OutboxSource(reader: reader, tail: tail, commits: commits, logger: logger, clock: clock))
        await pipeline.connect(
            to: Pipeline.Outlet(
                publish: { ids, entries in
                    tail.append(ids, entries)
                    publisher.wake()
                    window?.show(entries)
                },
                publishState: { topic, payload in
                    publisher.publishLatest(topic: topic, payload: payload)
                    window?.inbox.putState(topic: topic, payload: payload)
                },
                askRoads: { [roads] in roads?.ask($0) }))
        let receiver = makeReceiver(pipeline, commits)
        do throws(ServiceError) {
            try await recover(pipeline, reader)
            try await takeOverConfiguration(pipeline, rules)
            if let window {
                // What the snapshot held was published by the process before.
                await pipeline.visitStates(vehicles_max: window.vehicles_max) { [inbox = window.inbox] in
                    inbox.putState(topic: $0, payload: $1)
                }
            }
            try seed(receiver, from: reader)
            do throws(MQTTError) {
                try publisher.start()
                try receiver.start()
            } catch {
                throw ServiceError(exitCode: .configuration, message: "\(error)")
            }
        } catch {
            statusServer.stop()
            window?.stop()
            publisher.stop()
            throw error
        }
        let housekeeping = Task { [self] in await keepHouse(pipeline, commits, reader, window) }
        parts.withLock {
            $0 = Parts(
                commits: commits, reader: reader, pipeline: pipeline, receiver: receiver, publisher: publisher,
                statusServer: statusServer, window: window, housekeeping: housekeeping)
        }
        board.update { $0.state = "running" }
        if let supervisor {
            let supervision = Task { [self] in await keepInformed(supervisor, pipeline) }
            parts.withLock { $0?.supervision = supervision }
        }
        logger.info(
            "running", ["broker": "\(configuration.brokerAddress)", "store": "\(configuration.store.path)"])
        if let window { logger.info("the window is open", ["address": "\(window.url)"]) }
    }

    private func describeStart() {
        board.update { status in
            status.version = Command.versionText
            status.pid = getpid()
            status.started = Date()
            status.state = "recovering"
            status.broker.address = configuration.brokerAddress
            status.store.path = configuration.store.path
        }
    }

    private func startStatusServer() throws(ServiceError) -> StatusServer {
        do throws(StatusError) {
            return try StatusServer(path: configuration.statusSocket) { [self] in status.json }
        } catch {
            throw ServiceError(exitCode: .inputOutput, message: error.message)
        }
    }

    private func makePublisher(_ source: OutboxSource) -> MQTTPublisher {
        let logger = logger
        return MQTTPublisher(
            options: configuration.publisherOptions, window: configuration.publisher.window, source: source
        ) { state in
            if case .disconnected(let error?) = state {
                logger.warning("the publisher lost the broker: \(error)", once: "publisher")
            }
        }
    }

    private func makeReceiver(_ pipeline: Pipeline, _ commits: CommitThread) -> MQTTReceiver {
        let limits = BatchLimits(
            maxMessages: configuration.engine.batchMessages, maxBytes: configuration.engine.batch_kib << 10,
            idleTick_ms: 1000)
        let clock = clock
        return MQTTReceiver(
            options: configuration.receiverOptions, subscriptions: configuration.subscriptions, limits: limits,
            clock: { clock.now_ms() },
            handler: { [self] batch in handle(&batch, pipeline, on: commits) },
            onStateChange: { [self] in brokerChanged($0) })
    }

    // MARK: - The receiver's thread

    /// Called with every batch, and with an empty one where nothing came for a second. Blocks until it is durable.
    private func handle(
        _ batch: inout MessageBatch, _ pipeline: Pipeline, on thread: CommitThread
    ) -> HandlerVerdict {
        if needsReload.exchange(false, ordering: .acquiringAndReleasing) {
            appendReload(to: &batch, pipeline, on: thread)
        }
        roads?.drain(into: &batch, receivedTime_ms: clock.now_ms())
        if batch.isEmpty { batch.append(kind: .tick, receivedTime_ms: clock.now_ms()) }
        let work = batch
        let outcome = waitFor(on: thread) { await pipeline.process(work) }
        return outcome == .committed ? .committed : .stop
    }

    /// The receiver's thread is nobody else's: it may wait for another. The work begins on the pipeline's own thread.
    private func waitFor<T: Sendable>(on thread: CommitThread, _ body: @escaping @Sendable () async -> T) -> T {
        let result = Guarded<T?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task(executorPreference: thread) {
            let value = await body()
            result.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        guard let value = result.withLock({ $0 }) else { fatalError("Service: work ended without a result") }
        return value
    }

    private func brokerChanged(_ state: MQTTConnectionState) {
        switch state {
        case .connecting:
            break
        case .connected(let sessionPresent):
            board.update { status in
                status.broker.isConnected = true
                status.broker.lastError = ""
            }
            logger.info(
                sessionPresent ? "connected; the broker kept the session" : "connected with a new session",
                ["broker": "\(configuration.brokerAddress)"])
        case .subscribed:
            logger.debug("subscribed")
        case .subscriptionRefused(let filter, let error):
            board.update { $0.broker.lastError = "\(filter): \(error)" }
            logger.error("the broker refuses the subscription \(filter): \(error)")
        case .disconnected(let error):
            board.update { status in
                status.broker.isConnected = false
                if let error { status.broker.lastError = "\(error)" }
            }
            if let error { logger.warning("the broker is away: \(error)", once: "broker") }
        }
    }

    // MARK: - Recovery and configuration

    private func recover(_ pipeline: Pipeline, _ reader: StoreReader) async throws(ServiceError) {
        let begun = ContinuousClock.now
        let logger = logger
        do {
            if let last_ms = try reader.statistics().lastReceived_ms { clock.advance(to: last_ms) }
            let messages = try await pipeline.recover(from: reader) { [self] count in
                askForTime()
                logger.info("recovering", once: "recovering", ["messages": .integer(count)])
            }
            if await pipeline.hasHistory {
                let took = (ContinuousClock.now - begun) / .milliseconds(1)
                logger.info("recovered", ["messages": .integer(messages), "ms": .integer(Int(took))])
            }
        } catch {
            throw ServiceError(exitCode: .inputOutput, message: "recovery failed: \(error)")
        }
    }

    /// Makes the settings, the adapters, the rules and the geofence files of the configuration the engine's, where they differ
    /// from what it knows:
    /// through the journal, like all input.
    private func takeOverConfiguration(_ pipeline: Pipeline, _ rules: RuleFiles) async throws(ServiceError) {
        var batch = MessageBatch()
        let now_ms = clock.now_ms()
        let known = await pipeline.settings
        let adapters = Adapters(configuration.adapters)
        let hasHistory = await pipeline.hasHistory
        // What passed while no process ran is no silence of the vehicles.
        if hasHistory { batch.append(kind: .resumed, receivedTime_ms: now_ms) }
        if known != configuration.settings || !hasHistory {
            batch.append(kind: .settings, receivedTime_ms: now_ms, payload: configuration.settings.json())
        }
        if await pipeline.adapters != adapters {
            batch.append(kind: .adapters, receivedTime_ms: now_ms, payload: adapters.json())
        }
        await rules.appendChanges(from: pipeline, to: &batch, receivedTime_ms: now_ms, all: !hasHistory)
        let files = GeofenceFiles.load(configuration.fleets, defaultTimeZone: configuration.rules.timeZone)
        for problem in files.problems {
            logger.log(problem.isWarning ? .warning : .error, problem.description)
        }
        files.appendChanges(from: await pipeline.fileGeofences, to: &batch, receivedTime_ms: now_ms)
        guard !batch.isEmpty else { return }
        guard await pipeline.process(batch) == .committed else {
            throw ServiceError(
                exitCode: .inputOutput, message: failure.withLock(\.?.message) ?? "stopped before it was running")
        }
    }

    private func appendReload(to batch: inout MessageBatch, _ pipeline: Pipeline, on thread: CommitThread) {
        appendRules(to: &batch, pipeline, on: thread)
        let files = GeofenceFiles.load(configuration.fleets, defaultTimeZone: configuration.rules.timeZone)
        for problem in files.problems {
            logger.log(problem.isWarning ? .warning : .error, problem.description)
        }
        let known = waitFor(on: thread) { await pipeline.fileGeofences }
        let before = batch.count
        files.appendChanges(from: known, to: &batch, receivedTime_ms: clock.now_ms())
        logger.info("geofences reloaded", ["changes": .integer(batch.count - before)])
    }

    /// Rules with an error in them change nothing: those in force stay.
    private func appendRules(to batch: inout MessageBatch, _ pipeline: Pipeline, on thread: CommitThread) {
        do throws(ConfigurationErrors) {
            let rules = try RuleFiles(configuration)
            let now_ms = clock.now_ms()
            let changes = waitFor(on: thread) {
                var changes = MessageBatch()
                await rules.appendChanges(from: pipeline, to: &changes, receivedTime_ms: now_ms, all: false)
                return changes
            }
            for index in 0..<changes.count {
                let header = changes.header(at: index)
                batch.append(kind: header.kind, receivedTime_ms: now_ms, payload: Array(changes.bytes[header.payload]))
            }
            if !changes.isEmpty { logger.info("rules reloaded") }
        } catch {
            for problem in error.errors { logger.error("\(problem)") }
            logger.error("the rules stay as they were")
        }
    }

    /// The broker sends again what was committed but not acknowledged when an earlier process ended. Its last messages are
    /// in the journal; the receiver knows them by their packet ids.
    private func seed(_ receiver: MQTTReceiver, from reader: StoreReader) throws(ServiceError) {
        do throws(StoreError) {
            let statistics = try reader.statistics()
            guard let first = statistics.firstJournalSequence, let last = statistics.lastJournalSequence else { return }
            var start = last
            var messages = 0
            while start >= first, messages < 65_535 {
                start -= 1
                messages += try reader.nextJournalRow(after: start)?.entry.frames ?? 0
            }
            var sequence = start
            while let row = try reader.nextJournalRow(after: sequence) {
                sequence = row.sequence
                if let batch = MessageBatch(journalled: row.entry.bytes) { receiver.seed(from: batch) }
            }
        } catch {
            throw ServiceError(exitCode: .inputOutput, message: error.message)
        }
    }

    // MARK: - The supervisor

    /// So much longer may the start take, counted from each sign of progress.
    private static let startExtension_s = 60
    /// How seldom the supervisor's text for people is renewed.
    private static let statusLineEvery_s = 5.0

    /// The start goes on, and takes its time: by a long journal, or a full disk. At most one message a second.
    private func askForTime() {
        guard let supervisor else { return }
        let now_s = clock.now_ms() / 1000
        guard askedForTime_s.exchange(now_s, ordering: .relaxed) != now_s else { return }
        supervisor.tell(.moreTime(seconds: Self.startExtension_s), .status(board.snapshot(now: Date()).supervisorLine))
    }

    /// Says that the start is over, and then again and again that the work goes on: only where the pipeline answers, and has
    /// not been busy with one batch for too long.
    private func keepInformed(_ supervisor: Supervisor, _ pipeline: Pipeline) async {
        let first = board.snapshot(now: Date()).supervisorLine
        await offPool { supervisor.tell(.ready, .status(first)) }
        let watchdog_s = supervisor.watchdog_s ?? .infinity
        let pause_s = min(1, watchdog_s / 4)
        var sinceStatus_s = 0.0
        while !Task.isCancelled {
            let working_s = await pipeline.working_s
            if watchdog_s.isFinite, working_s < watchdog_s / 2 { await offPool { supervisor.tell(.watchdog) } }
            sinceStatus_s += pause_s
            if sinceStatus_s >= Self.statusLineEvery_s {
                sinceStatus_s = 0
                let line = board.snapshot(now: Date()).supervisorLine
                await offPool { supervisor.tell(.status(line)) }
            }
            try? await Task.sleep(for: .seconds(pause_s))
        }
    }

    // MARK: - Housekeeping

    private static let pruneEvery_s = 60
    /// Between the steps of pruning, a transaction each, the batches have the store.
    private static let pruneDelay_ms = 20

    private func keepHouse(
        _ pipeline: Pipeline, _ commits: CommitThread, _ reader: StoreReader, _ window: WindowHost?
    ) async {
        var turn = 0
        var geofencesVersion: UInt64?
        var routesVersion: UInt64?
        while !Task.isCancelled {
            let figures = await pipeline.figures()
            let loads = await pipeline.shardLoads
            board.metrics { $0.shards = loads }
            let dispatch = ServiceStatus.Dispatch(await pipeline.dispatchCensus, roads?.statistics)
            board.update { $0.dispatch = dispatch }
            if let window, let changed = await pipeline.geofences(after: geofencesVersion) {
                geofencesVersion = changed.version
                await offPool { window.show(changed.catalogues) }
            }
            if let window, let changed = await pipeline.routes(after: routesVersion) {
                routesVersion = changed.version
                await offPool { window.show(changed.catalogues) }
            }
            let statistics = await offPool { try? reader.statistics() }
            updateBoard(figures, statistics)
            // Should a wake-up or a read of the outbox have failed, what is left there goes out now.
            if statistics?.outbox.count ?? 0 > 0 { parts.withLock { $0?.publisher }?.wake() }
            if turn % Self.pruneEvery_s == 0 { await prune(commits) }
            turn += 1
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func updateBoard(_ figures: (census: Census, geofences: Int), _ statistics: StoreStatistics?) {
        let publisher = parts.withLock { $0?.publisher.statistics }
        let receiver = parts.withLock { $0?.receiver.statistics }
        let now_ms = clock.now_ms()
        board.update { status in
            status.vehicles.total = figures.census.vehicles
            status.vehicles.online = figures.census.online
            status.vehicles.moving = figures.census.moving
            status.vehicles.insideGeofences = figures.census.insideFences
            status.geofences = figures.geofences
            status.output.published = publisher?.confirmed ?? 0
            status.output.refused = publisher?.rejected ?? 0
            status.broker.reconnects = receiver?.reconnects ?? 0
            status.input.redeliveriesDropped = receiver?.redeliveriesDropped ?? 0
            guard let statistics else { return }
            status.output.outboxDepth = statistics.outbox.count
            status.output.outboxOldestAge_s =
                statistics.outbox.oldestCreated_ms.map {
                    max(0, Double(now_ms - $0) / 1000)
                } ?? 0
            status.store.journalRows = statistics.journalRows
            status.store.journalBytes = statistics.journalBytes
            status.store.fileBytes = statistics.fileSize_bytes
            status.store.walBytes = statistics.walSize_bytes
            status.store.deadLetters = statistics.deadLetters
            status.store.snapshots = statistics.snapshots.count
        }
    }

    private func prune(_ commits: CommitThread) async {
        let now_ms = clock.now_ms()
        while !Task.isCancelled {
            let result = await commits.perform { writer throws(StoreError) in
                try writer.prune(now_ms: now_ms, steps_max: 1)
            }
            switch result {
            case .success(let result) where !result.isFinished:
                try? await Task.sleep(for: .milliseconds(Self.pruneDelay_ms))
            case .success:
                return
            case .failure(let error):
                logger.warning("old data were not removed: \(error.message)", once: "prune")
                return
            }
        }
    }

    /// Runs what blocks on a thread that is not of the cooperative pool.
    private func offPool<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: body()) }
        }
    }

    // MARK: - While it runs

    /// The figures of this moment.
    package var status: ServiceStatus { board.snapshot(now: Date()) }

    /// Reads the geofence files and the file of rules again, before the next batch.
    package func reload() { needsReload.store(true, ordering: .releasing) }

    private func fail(_ exitCode: ExitCode, _ message: String) {
        let error = ServiceError(exitCode: exitCode, message: message)
        let isFirst = failure.withLock { failure in
            guard failure == nil else { return false }
            failure = error
            return true
        }
        guard isFirst else { return }
        logger.error(message)
        onFailure(error)
    }

    // MARK: - Stop

    /// Ends a `start` that is under way, which may be waiting for room on the disk or replaying a long journal: it throws
    /// then, or, where it was nearly there, returns and is to be followed by `stop`. From any thread.
    package func cancelStart() { isStopping.set() }

    /// How long the outbox may take to empty in the end. What is left goes out after the next start.
    private static let flush_ms = 2500

    /// Finishes the batch in hand, publishes what is ready, writes a snapshot, closes. Takes at most about 4 s.
    package func stop() async {
        isStopping.set()
        guard
            let parts = parts.withLock({ parts in
                defer { parts = nil }
                return parts
            })
        else { return }
        board.update { $0.state = "stopping" }
        supervisor?.tell(.stopping, .status("stopping"))
        parts.housekeeping?.cancel()
        parts.supervision?.cancel()
        await offPool { parts.receiver.stop() }
        roads?.stop()
        if failure.withLock({ $0 == nil }) { _ = await parts.pipeline.writeLastSnapshot() }
        await offPool {
            parts.publisher.flush(timeout_ms: Self.flush_ms)
            // The last connection to close folds the write-ahead log into the file: it must be the writer's.
            parts.reader.close()
            parts.commits.stop()
            parts.statusServer?.stop()
            parts.window?.stop()
        }
        logger.info("stopped")
    }
}
