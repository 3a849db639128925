import MQTTTransport
import Store
import Wire

/// The rows of a journal, read on a thread of its own while those before them are applied.
final class JournalRows: Sendable {
    struct Row: Sendable {
        var sequence: Int64
        var batch: MessageBatch
    }

    /// Rows that are read ahead.
    private static let waitingMax = 4

    private let rows = HandOver<Result<Row, StoreError>>(limit: JournalRows.waitingMax)
    private let thread: WorkerThread

    /// Begins to read.
    init(_ reader: StoreReader, after sequence: Int64) {
        let rows = rows
        thread = WorkerThread(name: "journal-read") {
            var sequence = sequence
            do throws(StoreError) {
                while let row = try reader.nextJournalRow(after: sequence) {
                    sequence = row.sequence
                    guard let batch = MessageBatch(journalled: row.entry.bytes) else {
                        throw StoreError(
                            .corrupt,
                            "journal row \(row.sequence) cannot be read; restore the file from a copy, or move it away to start anew"
                        )
                    }
                    guard rows.put(.success(Row(sequence: sequence, batch: batch))) else { return }
                }
            } catch {
                _ = rows.put(.failure(error))
            }
            rows.finish()
        }
    }

    /// Waits for the next row; nil at the end.
    func next() throws(StoreError) -> Row? { try rows.take()?.get() }

    /// Ends the reading, and waits until the reader of the store is free.
    func cancel() {
        rows.cancel()
        thread.join()
    }
}
