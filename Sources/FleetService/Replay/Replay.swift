package import FleetCore
package import Foundation
import MQTTTransport
package import Store
package import Wire

/// Runs the engine over a capture or a journal, without a broker, and writes what would have been published; or runs two
/// engines that go by different rules, and writes what only one of them would have published.
package struct Replay {
    private var processor: Processor
    private let output: ReplayOutput
    private let handle: FileHandle
    private var comparison: Comparison?
    package private(set) var counters = Counters()
    /// Lines that are not lines of a capture.
    package private(set) var badLines = 0
    /// First and last received time.
    package private(set) var times_ms: ClosedRange<Int64>?

    /// The second engine.
    private struct Comparison {
        var processor: Processor
        var difference: EventDifference
    }

    /// What goes before the input: settings, adapters, rules and geofences of a configuration.
    package struct Setup {
        /// Takes the place of frames of its kinds in a journal.
        package var frames = MessageBatch()
        /// Those of files; they take the place of a journal's. Nil leaves the journal's.
        package var geofences: GeofenceFiles?

        package init() {}

        fileprivate func batch(over known: [String: [String: [UInt8]]]) -> MessageBatch {
            var batch = frames
            geofences?.appendChanges(from: known, to: &batch, receivedTime_ms: 0)
            return batch
        }

        fileprivate var kinds: Set<FrameKind> {
            let kinds = Set((0..<frames.count).map { frames.header(at: $0).kind })
            return geofences == nil ? kinds : kinds.union([.fileGeofence])
        }
    }

    private let topicRoot: String
    private var filter: ReplayFilter
    private let includesState: Bool

    /// Batches between the reader and the engine.
    private static let waitingMax = 4

    package init(topicRoot: String, shardCount: Int, options: ReplayOptions, output: FileHandle) {
        processor = Processor(
            topicRoot: topicRoot, shardCount: shardCount, writesStates: options.includesState,
            resolveTimeZone: TimeZones.rules(named:))
        self.output = ReplayOutput(output, topicRoot: topicRoot, includesState: options.includesState)
        handle = output
        self.topicRoot = topicRoot
        filter = ReplayFilter(topicRoot: topicRoot, options)
        includesState = options.includesState
    }

    /// Compares with a second engine from here on. Before the input.
    package mutating func compare(shardCount: Int) throws(ReplayError) {
        let second = Processor(
            topicRoot: topicRoot, shardCount: shardCount, writesStates: false,
            resolveTimeZone: TimeZones.rules(named:))
        comparison = Comparison(processor: second, difference: try EventDifference())
    }

    /// Events that only one of the two engines has, by type: `base` those of the first.
    package var differences: [(type: EventType, base: Int, other: Int)] { comparison?.difference.summary ?? [] }

    // MARK: - A capture

    /// Replays a capture, a message a line: lines are read on a thread of their own, and output is written on another.
    /// `other` is for the second engine.
    package mutating func run(capture: FileHandle, _ setup: Setup, other: Setup? = nil) throws(ReplayError) {
        try apply(setup.batch(over: [:]), other: other?.batch(over: [:]))
        filter.adapters = processor.router.adapters
        let pieces = HandOver<CaptureReader.Piece>(limit: Self.waitingMax)
        let filter = filter
        // Not waited for where writing fails: it may be waiting itself, for a pipe that says nothing.
        let reader = WorkerThread(name: "replay-read") {
            var reader = CaptureReader(capture, filter: filter, pieces: pieces)
            reader.run()
        }
        defer { pieces.cancel() }
        var last_ms: Int64 = 0
        while let piece = pieces.take() {
            switch piece {
            case .messages(let batch, let time_ms):
                last_ms = time_ms
                try apply(batch, other: batch)
            case .badLine(let line, let number, let fault, let time_ms):
                badLines += 1
                if comparison != nil { continue }
                try output.put(.badLine(line, number: number, fault, time_ms: time_ms))
            case .failed(let error):
                // What was read before is written.
                try output.finish()
                throw error
            }
        }
        reader.join()
        try finish(at: last_ms)
    }

    /// Writes the states that the engine holds back for their interval. What else the time until then would bring (a
    /// vehicle falls silent) is not in the input, and so not in the output.
    private mutating func finish(at last_ms: Int64) throws(ReplayError) {
        if let comparison {
            try output.finish()
            return try comparison.difference.write(to: handle)
        }
        if includesState {
            var tick = MessageBatch()
            tick.append(kind: .tick, receivedTime_ms: last_ms + Int64(processor.router.stateInterval_s) * 1000 + 1000)
            try output.put(.effects(processor.apply(tick), onlyStates: true))
        }
        try output.finish()
    }

    // MARK: - A journal

    /// Replays the journal of a store, from where it begins. What a setup holds stands for the journal's own frames of its
    /// kinds, which are passed over. `other` is for the second engine.
    package mutating func run(journal reader: StoreReader, _ setup: Setup, other: Setup? = nil) throws {
        let start = try reader.journalStart()
        if let anchor = start.anchor {
            let snapshot = try Snapshot(parts: try reader.snapshot(anchor.id).parts)
            try processor.restore(snapshot)
            try comparison?.processor.restore(snapshot)
        }
        let known = processor.router.fileGeofences()
        try apply(setup.batch(over: known), other: other?.batch(over: known))
        let (kinds, otherKinds) = (setup.kinds, (other ?? setup).kinds)
        var sequence = start.sequence
        while let row = try reader.nextJournalRow(after: sequence) {
            sequence = row.sequence
            guard let journalled = MessageBatch(journalled: row.entry.bytes) else {
                throw ReplayError(message: "journal row \(row.sequence) cannot be read")
            }
            // As of the row before: adapters change between rows, when the service starts.
            filter.adapters = processor.router.adapters
            let kept = filtered(journalled, without: kinds)
            try apply(kept, other: kinds == otherKinds ? kept : filtered(journalled, without: otherKinds))
        }
        try finish(at: times_ms?.upperBound ?? 0)
    }

    private func filtered(_ journalled: MessageBatch, without replaced: Set<FrameKind>) -> MessageBatch {
        var kept = MessageBatch(reservingBytes: journalled.bytes.count, frames: journalled.count)
        for frame in 0..<journalled.count {
            let header = journalled.header(at: frame)
            let topic = Array(journalled.bytes[header.topic])
            if replaced.contains(header.kind) { continue }
            if header.kind == .message, !filter.isWanted(topic, header.receivedTime_ms) { continue }
            kept.append(
                kind: header.kind, receivedTime_ms: header.receivedTime_ms, topic: topic,
                payload: Array(journalled.bytes[header.payload]),
                responseTopic: Array(journalled.bytes[header.responseTopic]),
                correlation: Array(journalled.bytes[header.correlation]), packetID: header.packetID,
                isRetained: header.isRetained)
        }
        return kept
    }

    private mutating func apply(_ batch: MessageBatch, other: MessageBatch?) throws(ReplayError) {
        var effects: BatchOutput?
        if !batch.isEmpty {
            let first_ms = batch.header(at: 0).receivedTime_ms
            let last_ms = batch.header(at: batch.count - 1).receivedTime_ms
            if first_ms > 0 {
                let (begin_ms, end_ms) = (times_ms?.lowerBound ?? first_ms, times_ms?.upperBound ?? last_ms)
                times_ms = min(begin_ms, first_ms)...max(end_ms, last_ms)
            }
            let made = processor.apply(batch)
            counters += made.counters
            effects = made
        }
        if comparison != nil {
            var second: BatchOutput?
            if let other, !other.isEmpty { second = comparison?.processor.apply(other) }
            try comparison?.difference.compare(effects, second)
        } else if let effects {
            try output.put(.effects(effects, onlyStates: false))
        }
    }
}
