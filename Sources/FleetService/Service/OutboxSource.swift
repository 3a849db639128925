import MQTTTransport
import Store

/// The outbox as the publisher pulls from it.
struct OutboxSource: OutgoingSource {
    let reader: StoreReader
    let tail: OutboxTail
    let commits: CommitThread
    let logger: Logger
    let clock: ReceiveClock

    /// The most bytes that are read at once: large messages come in smaller numbers.
    private static let bytesMax = 4 << 20

    func next(after id: Int64, limit: Int) -> [OutgoingMessage] {
        if let newest = tail.next(after: id, limit: limit) { return newest }
        do throws(StoreError) {
            return try reader.outbox(after: id, limit: limit, maxBytes: Self.bytesMax).map { entry in
                OutgoingMessage(
                    id: entry.id, topic: entry.topic, payload: entry.payload, isRetained: entry.isRetained,
                    contentType: entry.contentType, correlation: entry.correlation)
            }
        } catch {
            logger.error("the outbox cannot be read: \(error.message)", once: "outbox")
            return []
        }
    }

    func confirmed(_ ids: [Int64]) { commits.confirm(ids) }

    /// What the broker refuses for now, as an access rule does, stays in the outbox and is tried again after the next start;
    /// `status` counts it. What no broker would take becomes a dead letter.
    func rejected(_ id: Int64, reason: MQTTError) {
        logger.error("the broker refuses message \(id) of the outbox: \(reason)", once: "rejected")
        guard !reason.isRetriable else { return }
        guard let entry = try? reader.outbox(after: id - 1, limit: 1).first, entry.id == id else { return }
        let letter = DeadLetter(
            received_ms: clock.now_ms(), topic: entry.topic, reason: "publish_refused", detail: "\(reason)",
            byteOffset: nil, payload: entry.payload, fleet: "")
        commits.replace(id, by: letter)
    }
}
