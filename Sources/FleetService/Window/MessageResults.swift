import FleetCore

/// What became of messages: each has one result.
struct MessageResults: Sendable, Equatable {
    private(set) var used: Int64 = 0
    /// The message, or a part of it, became a dead letter.
    private(set) var deadLetter: Int64 = 0
    /// Of topics or kinds that are no input.
    private(set) var skipped: Int64 = 0

    /// Adds a batch. A dead letter of which the message came earlier, and waited for what it names, counts in its own batch;
    /// no count ever falls.
    mutating func add(_ output: BatchOutput) {
        var refused: Int64 = 0
        var last: DeadLetterNote?
        // The notes of one message, whose parts can be refused one by one, stand one behind the other.
        for note in output.deadLetters {
            if let last, last.receivedTime_ms == note.receivedTime_ms, last.topic == note.topic,
                last.payload == note.payload
            {
                continue
            }
            refused += 1
            last = note
        }
        let rest = max(0, output.counters.messages - refused)
        let passedOver = min(output.counters.skipped, rest)
        deadLetter += refused
        skipped += passedOver
        used += rest - passedOver
    }
}
