import FleetCore
import Foundation
import Wire

/// Makes batches of the lines of a capture, on a thread of its own.
struct CaptureReader {
    /// What comes of a capture, in order.
    enum Piece: Sendable {
        case messages(MessageBatch, last_ms: Int64)
        /// A line that is none, with the time of the message before it.
        case badLine([UInt8], number: Int, CaptureLine.Fault, time_ms: Int64)
        case failed(ReplayError)
    }

    private static let batchMessages = 4096
    private static let batchBytes = 1 << 20

    private let filter: ReplayFilter
    private let pieces: HandOver<Piece>
    private var lines: LineReader
    private var line = CaptureLine()
    private var batch = CaptureReader.emptyBatch()
    private var last_ms: Int64 = 0

    init(_ handle: FileHandle, filter: ReplayFilter, pieces: HandOver<Piece>) {
        lines = LineReader(handle)
        self.filter = filter
        self.pieces = pieces
    }

    private static func emptyBatch() -> MessageBatch {
        MessageBatch(reservingBytes: batchBytes + batchBytes / 4, frames: batchMessages)
    }

    /// Reads to the end, or until nobody takes any more.
    mutating func run() {
        do throws(ReplayError) {
            var number = 0
            while let range = try lines.next() {
                number += 1
                guard read(range, number: number) else { break }
            }
            _ = flush()
        } catch {
            _ = flush()
            _ = pieces.put(.failed(error))
        }
        pieces.finish()
    }

    /// Takes one line. False where nobody takes any more.
    private mutating func read(_ range: Range<Int>, number: Int) -> Bool {
        // Blank lines, also those of files with CR LF.
        guard !lines.isBlank(range) else { return true }
        do throws(CaptureLine.Fault) {
            try line.read(lines.bytes.span.extracting(range))
            guard let time_ms = line.time_ms else { throw CaptureLine.Fault(detail: "tst is missing", offset: 0) }
            // The receive time of a log never runs backwards, whatever the clock of the capturing machine did.
            last_ms = max(last_ms, time_ms)
            if filter.isWanted(line.topic, time_ms) { line.append(to: &batch, receivedTime_ms: last_ms) }
        } catch {
            return flush()
                && pieces.put(.badLine(Array(lines.bytes[range]), number: number, error, time_ms: last_ms))
        }
        return batch.count >= Self.batchMessages || batch.bytes.count >= Self.batchBytes ? flush() : true
    }

    private mutating func flush() -> Bool {
        if batch.isEmpty { return pieces.put(.messages(batch, last_ms: last_ms)) }
        defer { batch = Self.emptyBatch() }
        return pieces.put(.messages(batch, last_ms: last_ms))
    }
}

/// Which messages of the input a replay takes.
struct ReplayFilter: Sendable {
    private let from_ms: Int64?
    private let to_ms: Int64?
    private let fleet: String?
    private let root: [UInt8]
    private let rootDepth: Int
    /// What messages outside of the root are taken by.
    var adapters = Adapters()

    init(topicRoot: String, _ options: ReplayOptions) {
        from_ms = options.from_ms
        to_ms = options.to_ms
        fleet = options.fleet
        root = Array("\(topicRoot)/".utf8)
        rootDepth = topicRoot.split(separator: "/").count
    }

    func isWanted(_ topic: [UInt8], _ time_ms: Int64) -> Bool {
        if let from_ms, time_ms < from_ms, !isDispatch(topic) { return false }
        if let to_ms, time_ms > to_ms { return false }
        guard let fleet else { return true }
        if topic.starts(with: root) {
            return topic.dropFirst(root.count).starts(with: "\(fleet)/".utf8)
        }
        return adapters.index(for: topic.span).map { adapters.entries[$0].fleet } == fleet
    }

    /// What dispatch said before holds on: fences and vehicles' records are taken over, whenever they came.
    private func isDispatch(_ topic: [UInt8]) -> Bool {
        let levels = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard levels.count > rootDepth + 2, levels[rootDepth + 1].elementsEqual("dispatch".utf8) else { return false }
        return !levels[rootDepth + 2].elementsEqual("queries".utf8)
    }
}
