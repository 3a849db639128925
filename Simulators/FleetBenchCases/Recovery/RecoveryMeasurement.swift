import FleetCore
import FleetService
import Foundation
import Store
import Wire

/// How fast a start replays the journal: reports a second, by the process that users start.
///
/// The journal is written beforehand by a store as the service writes it, in batches of as many messages. Afterwards the
/// process is stopped, and the snapshot that it leaves must be, byte for byte, the state of an engine that has applied the
/// same journal one row after the other.
struct RecoveryMeasurement {
    let size: BenchSize

    private static let batchMessages = 4096

    func rows() throws(BenchError) -> [BenchRow] {
        var traffic = FleetTraffic(
            vehicles: size.count(10_000, least: 50), fences: size.count(1_000, least: 20), seed: size.seed,
            now_ms: Int64(Date().timeIntervalSince1970 * 1000))
        let count = size.count(1_000_000, least: 500)
        let folder = try BenchFolder()
        let fences = folder.file("fences.geojson")
        guard FileManager.default.createFile(atPath: fences, contents: Data(traffic.geofences())) else {
            throw BenchError("\(fences) cannot be written")
        }
        let empty = folder.file("empty.sqlite")
        // The settings and geofences as the process itself journals them.
        try Self.run(store: empty, fences, folder)
        let original = folder.file("journal.sqlite")
        let frames = try write(count, of: &traffic, behind: empty, to: original)
        var perSecond: [Double] = []
        var time_us: [Double] = []
        var checksum: UInt64 = 0
        for number in 0..<min(size.repetitions, 5) {
            let store = folder.file("copy-\(number).sqlite")
            do { try FileManager.default.copyItem(atPath: original, toPath: store) } catch {
                throw BenchError("\(error)")
            }
            let took = try Self.run(store: store, fences, folder, recovering: frames)
            perSecond.append(Double(count) * 1000 / max(Double(took.wall_ms), 1))
            time_us.append(took.processor_s * 1e6 / Double(count))
            checksum = try Self.checkState(store)
            try? FileManager.default.removeItem(atPath: store)
        }
        return [
            .count("recovery.reports", count, ""), .measured("recovery.rate", perSecond, "reports/s"),
            .measured("recovery.cpu", time_us, "µs/report"),
            .checksum("recovery.checksum", checksum),
        ]
    }

    /// A journal of `count` reports behind the rows of another store. Returns how many messages it holds.
    private func write(
        _ count: Int, of traffic: inout FleetTraffic, behind first: String, to path: String
    ) throws(BenchError) -> Int {
        do {
            let reader = try StoreReader(path: first)
            let writer = try StoreWriter(path: path)
            defer {
                reader.close()
                writer.close()
            }
            var sequence: Int64 = 0
            var frames = count
            var time_ms = Int64(Date().timeIntervalSince1970 * 1000)
            while let row = try reader.nextJournalRow(after: sequence) {
                sequence = row.sequence
                time_ms = row.entry.last_received_ms
                frames += row.entry.frames
                _ = try writer.commit(Transaction(journal: row.entry))
            }
            var batch = MessageBatch()
            for index in 0..<count {
                let message = traffic.message()
                batch.append(
                    receivedTime_ms: time_ms + Int64(index / 100), topic: message.topic, payload: message.payload)
                guard batch.count >= Self.batchMessages || index == count - 1, let entry = JournalEntry(batch) else {
                    continue
                }
                _ = try writer.commit(Transaction(journal: entry))
                batch.removeAll()
            }
            return frames
        } catch {
            throw BenchError("\(error)")
        }
    }

    /// Starts the process on a store, without a broker, and stops it. Returns how long it said that recovery took, and what
    /// processor time its start took, over all threads.
    @discardableResult
    private static func run(
        store: String, _ fences: String, _ folder: BenchFolder, recovering count: Int = 0
    ) throws(BenchError) -> (wall_ms: Int, processor_s: Double) {
        // Nobody listens on port 1: it recovers all the same.
        let process = try ProcessorProcess(port: 1, hasBroker: false, geofences: fences, store: store, folder: folder)
        let processor_s = process.time_s
        try process.stop()
        guard count > 0 else { return (0, processor_s) }
        // … recovered messages=1000000 ms=1234
        guard let line = process.said.split(separator: "\n").first(where: { $0.contains("recovered") }),
            let messages = number(after: "messages=", in: line), let took_ms = number(after: "ms=", in: line)
        else { throw BenchError("fleetstream says nothing of a recovery: \(process.said)") }
        guard messages == count else { throw BenchError("\(messages) of \(count) messages were replayed") }
        return (took_ms, processor_s)
    }

    private static func number(after key: String, in line: Substring) -> Int? {
        line.split(separator: " ").first { $0.hasPrefix(key) }.flatMap { Int($0.dropFirst(key.count)) }
    }

    /// Compares the snapshot that the process left with the state that its journal gives; over its bytes.
    private static func checkState(_ store: String) throws(BenchError) -> UInt64 {
        do {
            let reader = try StoreReader(path: store)
            defer { reader.close() }
            guard let stored = try reader.newestSnapshot() else { throw BenchError("there is no snapshot") }
            var processor = Processor(
                topicRoot: "fleets", shardCount: stored.parts.count - 2, resolveTimeZone: TimeZones.rules(named:))
            var sequence: Int64 = 0
            while sequence < stored.journal_sequence, let row = try reader.nextJournalRow(after: sequence) {
                sequence = row.sequence
                guard let batch = MessageBatch(journalled: row.entry.bytes) else {
                    throw BenchError("journal row \(sequence) cannot be read")
                }
                _ = processor.apply(batch)
            }
            let expected = processor.snapshot()
            let parts = expected.parts
            guard parts == stored.parts else { throw BenchError("the state after recovery is another") }
            return parts.reduce(0) { $0 &+ Checksum.mix64(stableHash64($1.span)) }
        } catch let error as BenchError {
            throw error
        } catch {
            throw BenchError("\(error)")
        }
    }
}

/// What a start costs.
enum RecoveryCases {
    static let all: [BenchCase] = [
        BenchCase(name: "recovery/journal", help: "a start that replays a journal of a million reports") {
            (size) throws(BenchError) in try RecoveryMeasurement(size: size).rows()
        }
    ]
}
