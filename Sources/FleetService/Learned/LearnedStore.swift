import FleetCore
package import Forecast
import Store
import Wire

/// Learned values in a store: read from its newest snapshot, and put into its journal.
package enum LearnedStore {
    /// What the newest snapshot holds.
    package struct Reading: Sendable {
        package var created_ms: Int64
        /// Of each fleet that dispatch is done for, by the bytes of the fleets' names.
        package var fleets: [(fleet: String, values: LearnedValues)]
    }

    /// Reads the store, also while a process writes it.
    package static func read(_ path: String, topicRoot: String) throws(ServiceError) -> Reading {
        do throws(StoreError) {
            let reader = try StoreReader(path: path)
            defer { reader.close() }
            guard let stored = try reader.newestSnapshot() else {
                throw StoreError(
                    .gap, "the store \(path) holds no snapshot yet; one is written every few minutes, and at the end")
            }
            let parts = stored.parts
            var desks = Desks(topicRoot: topicRoot, resolveTimeZone: TimeZones.rules(named:))
            do throws(SnapshotError) { try desks.restore(try Snapshot(parts: parts).desks) } catch {
                throw StoreError(.corrupt, "the newest snapshot of the store \(path) cannot be read: \(error.reason)")
            }
            return Reading(
                created_ms: stored.info.created_ms,
                fleets: desks.learned.map { (String(decoding: $0.fleet, as: UTF8.self), $0.values) })
        } catch {
            throw ServiceError(exitCode: error.code == .gap ? .failure : .inputOutput, message: error.message)
        }
    }

    /// Writes values into the journal of a store that no process has: from the next start on the fleet goes by them.
    ///
    /// The row has the time up to which the log goes already, so that no time passes with it: what follows from time is then
    /// published by the process that starts.
    /// - Parameter json: what ``LearnedValues/json()`` wrote; read before anything else is done.
    package static func replace(
        _ json: [UInt8], fleet: String, inStore path: String, topicRoot: String, now_ms: Int64
    ) throws(ServiceError) {
        do throws(LearnedProblem) { _ = try LearnedValues(json: json.span) } catch {
            throw ServiceError(exitCode: .failure, message: error.description)
        }
        do throws(StoreError) {
            // A reader opens no store that is not there, so that a misspelt path makes no new one.
            let reader = try StoreReader(path: path)
            defer { reader.close() }
            let writer = try StoreWriter(path: path)
            defer { writer.close() }
            var batch = MessageBatch()
            batch.append(
                kind: .learned, receivedTime_ms: try logEnd_ms(reader, topicRoot: topicRoot) ?? now_ms,
                topic: Array(fleet.utf8), payload: json)
            _ = try writer.commit(Transaction(journal: JournalEntry(batch)))
        } catch {
            throw ServiceError(exitCode: error.code == .locked ? .unavailable : .inputOutput, message: error.message)
        }
    }

    /// Up to when the log goes; nil for an empty one.
    private static func logEnd_ms(_ reader: StoreReader, topicRoot: String) throws(StoreError) -> Int64? {
        if let last = try reader.statistics().lastJournalSequence,
            let row = try reader.nextJournalRow(after: last - 1)
        {
            return row.entry.last_received_ms
        }
        guard let stored = try reader.newestSnapshot() else { return nil }
        var router = Router(topicRoot: topicRoot, shardCount: 1, resolveTimeZone: TimeZones.rules(named:))
        do throws(SnapshotError) { try router.restore(try Snapshot(parts: stored.parts).router) } catch {
            throw StoreError(.corrupt, "the newest snapshot of the store cannot be read: \(error.reason)")
        }
        return router.passed_ms
    }
}
