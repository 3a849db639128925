package import FleetCore
package import Foundation
import MQTTTransport
package import Store
package import Wire

/// Runs the engine over a capture or a journal, without a broker, and writes what would have been published.
package struct Replay {
    private var processor: Processor
    private let output: ReplayOutput
    package private(set) var counters = Counters()
    /// Lines that are not lines of a capture.
    package private(set) var badLines = 0
    /// First and last received time.
    package private(set) var times_ms: ClosedRange<Int64>?

    private var filter: ReplayFilter
    private let includesState: Bool

    /// Batches between the reader and the engine.
    private static let waitingMax = 4

    package init(topicRoot: String, shardCount: Int, options: ReplayOptions, output: FileHandle) {
        processor = Processor(
            topicRoot: topicRoot, shardCount: shardCount, writesStates: options.includesState,
            resolveTimeZone: TimeZones.rules(named:))
        self.output = ReplayOutput(output, topicRoot: topicRoot, includesState: options.includesState)
        filter = ReplayFilter(topicRoot: topicRoot, options)
        includesState = options.includesState
    }

    /// Takes the rules and the geofences over before anything else.
    package mutating func begin(_ setup: MessageBatch) throws(ReplayError) {
        try apply(setup)
        filter.adapters = processor.router.adapters
    }

    // MARK: - A capture

    /// Replays a capture, a message a line: lines are read on a thread of their own, and output is written on another.
    package mutating func run(capture: FileHandle) throws(ReplayError) {
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
                try apply(batch)
            case .badLine(let line, let number, let fault, let time_ms):
                badLines += 1
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
        if includesState {
            var tick = MessageBatch()
            tick.append(kind: .tick, receivedTime_ms: last_ms + Int64(processor.router.stateInterval_s) * 1000 + 1000)
            try output.put(.effects(processor.apply(tick), onlyStates: true))
        }
        try output.finish()
    }

    // MARK: - A journal

    /// Replays the journal of a store, from where it begins. Rules in `replacement`, and `geofences` where there are some,
    /// stand for those of the journal, whose own frames of these kinds are passed over.
    package mutating func run(journal reader: StoreReader, replacement: MessageBatch, geofences: GeofenceFiles?) throws
    {
        let start = try reader.journalStart()
        if let anchor = start.anchor {
            let stored = try reader.snapshot(anchor.id)
            try processor.restore(try Snapshot(parts: stored.parts))
        }
        var setup = replacement
        geofences?.appendChanges(from: processor.router.fileGeofences(), to: &setup, receivedTime_ms: 0)
        try apply(setup)
        var replaced = Set((0..<replacement.count).map { replacement.header(at: $0).kind })
        if geofences != nil { replaced.insert(.fileGeofence) }
        var sequence = start.sequence
        while let row = try reader.nextJournalRow(after: sequence) {
            sequence = row.sequence
            guard let journalled = MessageBatch(journalled: row.entry.bytes) else {
                throw ReplayError(message: "journal row \(row.sequence) cannot be read")
            }
            // As of the row before: adapters change between rows, when the service starts.
            filter.adapters = processor.router.adapters
            try apply(filtered(journalled, without: replaced))
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

    private mutating func apply(_ batch: MessageBatch) throws(ReplayError) {
        guard !batch.isEmpty else { return }
        let first_ms = batch.header(at: 0).receivedTime_ms
        let last_ms = batch.header(at: batch.count - 1).receivedTime_ms
        if first_ms > 0 {
            times_ms = min(times_ms?.lowerBound ?? first_ms, first_ms)...max(times_ms?.upperBound ?? last_ms, last_ms)
        }
        let effects = processor.apply(batch)
        counters += effects.counters
        try output.put(.effects(effects, onlyStates: false))
    }
}
