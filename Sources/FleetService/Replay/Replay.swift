package import FleetCore
package import Foundation
package import Store
package import Wire

/// Runs the engine over a capture or a journal, without a broker, and writes what would have been published.
package struct Replay {
    private var processor: Processor
    private var writer: ReplayWriter
    package private(set) var counters = Counters()
    /// Lines that are not lines of a capture.
    package private(set) var badLines = 0
    /// First and last received time.
    package private(set) var times_ms: ClosedRange<Int64>?

    private let topicRoot: String
    private let options: ReplayOptions
    private var batch = MessageBatch()

    private static let batchMessages = 4096
    private static let batchBytes = 1 << 20

    package init(topicRoot: String, shardCount: Int, options: ReplayOptions, output: FileHandle) {
        processor = Processor(
            topicRoot: topicRoot, shardCount: shardCount, writesStates: options.includesState,
            resolveTimeZone: TimeZones.rules(named:))
        writer = ReplayWriter(output, includesState: options.includesState)
        self.topicRoot = topicRoot
        self.options = options
    }

    /// Takes the rules and the geofences over before anything else.
    package mutating func begin(_ setup: MessageBatch) throws(ReplayError) {
        try apply(setup)
    }

    // MARK: - A capture

    /// Replays a capture, a message a line.
    package mutating func run(capture: FileHandle) throws(ReplayError) {
        var reader = LineReader(capture)
        var number = 0
        var last_ms: Int64 = 0
        while let range = try reader.next() {
            number += 1
            // Blank lines, also those of files with CR LF.
            guard reader.bytes[range].contains(where: { $0 > 0x20 }) else { continue }
            do throws(CaptureLine.Fault) {
                let line = try CaptureLine(reader.bytes.span.extracting(range))
                guard let time_ms = line.time_ms else {
                    throw CaptureLine.Fault(detail: "tst is missing", offset: 0)
                }
                // The receive time of a log never runs backwards, whatever the clock of the capturing machine did.
                last_ms = max(last_ms, time_ms)
                guard isWanted(line.topic, time_ms) else { continue }
                batch.append(
                    receivedTime_ms: last_ms, topic: line.topic, payload: line.payload,
                    responseTopic: Array(line.responseTopic.prefix(65_535)),
                    correlation: Array(line.correlation.prefix(65_535)), isRetained: line.isRetained)
            } catch {
                try flush()
                badLines += 1
                try writer.writeBadLine(
                    Array(reader.bytes[range]), number: number, fault: error, time_ms: last_ms, topicRoot: topicRoot)
                continue
            }
            if batch.count >= Self.batchMessages || batch.bytes.count >= Self.batchBytes { try flush() }
        }
        try flush()
        try finish(at: last_ms)
    }

    /// What dispatch said before holds on: fences and vehicles' records are taken over, whenever they came.
    private func isDispatch(_ topic: [UInt8]) -> Bool {
        let levels = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let depth = topicRoot.split(separator: "/").count
        guard levels.count > depth + 2, levels[depth + 1].elementsEqual("dispatch".utf8) else { return false }
        return !levels[depth + 2].elementsEqual("queries".utf8)
    }

    private func isWanted(_ topic: [UInt8], _ time_ms: Int64) -> Bool {
        if let from_ms = options.from_ms, time_ms < from_ms, !isDispatch(topic) { return false }
        if let to_ms = options.to_ms, time_ms > to_ms { return false }
        guard let fleet = options.fleet else { return true }
        return topic.starts(with: "\(topicRoot)/\(fleet)/".utf8)
    }

    private mutating func flush() throws(ReplayError) {
        guard !batch.isEmpty else { return }
        try apply(batch)
        batch.removeAll()
    }

    /// Writes the states that the engine holds back for their interval. What else the time until then would bring (a
    /// vehicle falls silent) is not in the input, and so not in the output.
    private mutating func finish(at last_ms: Int64) throws(ReplayError) {
        if options.includesState {
            var tick = MessageBatch()
            tick.append(kind: .tick, receivedTime_ms: last_ms + Int64(processor.router.stateInterval_s) * 1000 + 1000)
            try writer.write(processor.apply(tick), onlyStates: true)
        }
        try writer.flush()
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
            if header.kind == .message, !isWanted(topic, header.receivedTime_ms) { continue }
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
        let output = processor.apply(batch)
        counters += output.counters
        try writer.write(output)
    }
}
