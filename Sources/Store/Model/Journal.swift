package import Wire

/// A batch of input to be journalled.
package struct JournalEntry: Sendable, Equatable {
    /// `MessageBatch.bytes`.
    package var bytes: [UInt8]
    package var frames: Int
    package var first_received_ms: Int64
    package var last_received_ms: Int64

    package init(bytes: [UInt8], frames: Int, first_received_ms: Int64, last_received_ms: Int64) {
        self.bytes = bytes
        self.frames = frames
        self.first_received_ms = first_received_ms
        self.last_received_ms = last_received_ms
    }

    /// Nil for an empty batch. Shares the batch's buffer.
    package init?(_ batch: MessageBatch) {
        guard !batch.isEmpty else { return nil }
        self.init(
            bytes: batch.bytes, frames: batch.count, first_received_ms: batch.header(at: 0).receivedTime_ms,
            last_received_ms: batch.header(at: batch.count - 1).receivedTime_ms)
    }
}

/// A row of the journal.
package struct JournalRow: Sendable, Equatable {
    package var sequence: Int64
    package var entry: JournalEntry

    package init(sequence: Int64, entry: JournalEntry) {
        self.sequence = sequence
        self.entry = entry
    }
}
