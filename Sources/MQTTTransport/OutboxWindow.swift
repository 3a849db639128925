/// Which messages of the outbox are on their way: the publisher's memory, without any I/O.
///
/// Messages go out in the order of their ids. Confirmations may come in any order; what counts for beginning again is
/// the first id that is not settled (confirmed or rejected), and which later ones are.
struct OutboxWindow {
    /// What is sent, in order of ids; settled ones leave from the front.
    private var sent: [(id: Int64, isSettled: Bool)] = []
    private var head = 0
    /// Settled ids behind the first unsettled one, from before a disconnect: not to be sent again.
    private var skip: Set<Int64> = []
    private var lastSkip: Int64 = 0
    /// The last id that was taken from the source.
    private(set) var cursor: Int64 = 0
    /// Sent and not settled.
    private(set) var unconfirmed = 0

    /// Whether a message that the source offers is to be sent.
    ///
    /// Every message offered moves the cursor. A source that goes backwards is broken: such messages are not sent.
    mutating func shouldSend(_ id: Int64) -> Bool {
        guard id > cursor else { return false }
        cursor = id
        guard !skip.isEmpty else { return true }
        if skip.remove(id) != nil {
            // It stays known as settled until everything before it is: there may be another disconnect.
            sent.append((id, true))
            dropSettledFront()
            return false
        }
        // The owner has deleted the rest already.
        if id > lastSkip { skip.removeAll() }
        return true
    }

    mutating func noteSent(_ id: Int64) {
        sent.append((id, false))
        unconfirmed += 1
    }

    /// A message that `shouldSend` let through, or that was sent, is confirmed or rejected. Logarithmic time.
    mutating func settle(_ id: Int64) {
        var low = head
        var high = sent.count
        while low < high {
            let middle = (low + high) / 2
            if sent[middle].id < id { low = middle + 1 } else { high = middle }
        }
        guard low < sent.count, sent[low].id == id, !sent[low].isSettled else { return }
        sent[low].isSettled = true
        unconfirmed -= 1
        dropSettledFront()
    }

    private mutating func dropSettledFront() {
        while head < sent.count && sent[head].isSettled { head += 1 }
        if head == sent.count || head > 4_096 && head > sent.count / 2 {
            sent.removeFirst(head)
            head = 0
        }
    }

    /// The connection is gone with everything that was sent on it: begin again at the first unsettled id.
    mutating func rewind() {
        defer {
            sent.removeAll(keepingCapacity: true)
            head = 0
            unconfirmed = 0
        }
        guard head < sent.count else { return }
        for entry in sent[head...] where entry.isSettled {
            skip.insert(entry.id)
            lastSkip = max(lastSkip, entry.id)
        }
        cursor = sent[head].id - 1
    }

    func checkInvariants() -> Bool {
        let live = sent[head...]
        return live.count { !$0.isSettled } == unconfirmed && (live.first.map { !$0.isSettled } ?? true)
            && zip(live, live.dropFirst()).allSatisfy { $0.id < $1.id } && (live.last.map { $0.id <= cursor } ?? true)
    }
}
