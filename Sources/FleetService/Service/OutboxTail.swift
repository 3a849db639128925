import Locks
import MQTTTransport
import Store

/// The newest messages of the outbox in memory: what was just committed need not be read back to be published.
///
/// Only the store knows everything that waits; where this knows less, it says so, and the store is asked.
final class OutboxTail: Sendable {
    private struct State {
        /// Consecutive ids, up to the newest that was committed.
        var messages: [OutgoingMessage] = []
        var bytes = 0
        /// The id that the next message will have; nil before the first commit.
        var nextID: Int64?

        mutating func forget(_ count: Int) {
            for message in messages[..<count] { bytes -= message.topic.count + message.payload.count }
            messages.removeFirst(count)
        }
    }

    /// Beyond either, the older half goes: the publisher is behind, and finds it in the store.
    static let messagesMax = 8192
    static let bytesMax = 8 << 20

    private let state = Guarded(State())

    /// These entries are committed, under these ids.
    func append(_ ids: ClosedRange<Int64>, _ entries: [OutboxEntry]) {
        state.withLock { state in
            if state.nextID != ids.lowerBound { state.forget(state.messages.count) }
            for (id, entry) in zip(ids, entries) {
                state.messages.append(
                    OutgoingMessage(
                        id: id, topic: entry.topic, payload: entry.payload, isRetained: entry.isRetained,
                        contentType: entry.contentType, correlation: entry.correlation))
                state.bytes += entry.topic.count + entry.payload.count
            }
            state.nextID = ids.upperBound + 1
            while state.messages.count > Self.messagesMax || state.bytes > Self.bytesMax {
                state.forget((state.messages.count + 1) / 2)
            }
        }
    }

    /// All messages after `id`, at most `limit`; what comes before them is forgotten. Nil where this does not have all.
    func next(after id: Int64, limit: Int) -> [OutgoingMessage]? {
        state.withLock { state in
            guard let nextID = state.nextID else { return nil }
            let firstID = nextID - Int64(state.messages.count)
            guard id >= firstID - 1 else { return nil }
            state.forget(min(state.messages.count, Int(id - firstID + 1)))
            return Array(state.messages.prefix(limit))
        }
    }
}
