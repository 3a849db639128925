import Glibc

/// What is still to be sent on one connection: pieces one behind another. Bodies that many are sent are shared, not copied.
struct OutputQueue {
    private var pieces: [[UInt8]] = []
    /// The first piece that is not sent yet, and how much of it is.
    private var first = 0
    private var sent = 0
    private(set) var pending_bytes = 0

    var isEmpty: Bool { pending_bytes == 0 }

    mutating func append(_ piece: [UInt8]) {
        guard !piece.isEmpty else { return }
        pieces.append(piece)
        pending_bytes += piece.count
    }

    enum Outcome {
        /// Bytes that went out; there may be more to send.
        case sent(Int)
        case failed
    }

    /// Sends what the system takes without waiting.
    mutating func send(to descriptor: Int32) -> Outcome {
        var total = 0
        while first < pieces.count {
            let piece = pieces[first]
            let count = piece.withUnsafeBytes { raw in
                Glibc.send(
                    descriptor, raw.baseAddress.map { $0 + sent }, raw.count - sent,
                    Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .sent(total) : .failed
            }
            total += count
            sent += count
            pending_bytes -= count
            if sent == piece.count {
                pieces[first] = []
                first += 1
                sent = 0
            }
        }
        pieces.removeAll(keepingCapacity: true)
        first = 0
        return .sent(total)
    }
}
