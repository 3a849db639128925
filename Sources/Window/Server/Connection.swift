import CPlatform
import Glibc

/// One reader's connection, as the server's thread sees it. Only that thread touches it.
final class Connection {
    enum State {
        /// Waiting for a request, or in the middle of one.
        case reading
        /// An answer is on its way out; nothing is read meanwhile.
        case writing
        /// A stream without an end.
        case streaming(any ResponseStream)
        /// The last answer is out: what still comes is thrown away, so that the system does not take the answer back.
        case draining
    }

    let descriptor: Int32
    let serial: UInt64
    let peer: PeerAddress
    var state = State.reading
    var parser: HTTPRequestParser
    /// Bytes that came and were not looked at yet.
    var input: [UInt8] = []
    var inputPosition = 0
    var output = OutputQueue()
    var closesAfterOutput = false
    /// It has no place among the connections: it only gets a 503.
    var isRefused = false
    var requests = 0
    /// What epoll waits for on this socket.
    var interest: UInt32 = 0

    /// When the state began, or the last request's first byte came.
    var since_ms: Int64
    /// When the reader last took or sent something.
    var progress_ms: Int64
    var isInsideRequest = false
    /// Its requests are being worked through.
    var isWorking = false
    /// How long the answer in hand may take altogether.
    var allowance_ms: Int64 = 0
    /// Bytes that were thrown away while draining.
    var drained_bytes = 0

    init(descriptor: Int32, serial: UInt64, peer: PeerAddress, limits: HTTPLimits, now_ms: Int64) {
        self.descriptor = descriptor
        self.serial = serial
        self.peer = peer
        parser = HTTPRequestParser(limits: limits)
        since_ms = now_ms
        progress_ms = now_ms
    }

    var isStreaming: Bool { if case .streaming = state { true } else { false } }

    /// Waits for a request of which nothing has come.
    var isIdle: Bool {
        if case .reading = state { return !isInsideRequest && inputPosition == input.count }
        return false
    }

    /// What epoll is to wait for.
    var wantedInterest: UInt32 {
        let output: UInt32 = self.output.isEmpty ? 0 : EPOLLOUT.rawValue
        return switch state {
        case .reading, .draining: EPOLLIN.rawValue | output
        case .writing: EPOLLOUT.rawValue
        case .streaming: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | output
        }
    }

    /// What is to happen because of the time, if anything.
    enum Overdue {
        /// Nothing is.
        case no
        /// An answer can still be given: 408.
        case refuse
        case close
    }

    func overdue(_ limits: HTTPLimits, now_ms: Int64) -> Overdue {
        switch state {
        case .reading:
            if isInsideRequest { return now_ms - since_ms > limits.request_ms ? .refuse : .no }
            return now_ms - since_ms > limits.idle_ms ? .close : .no
        case .writing:
            if now_ms - progress_ms > limits.stalled_ms { return .close }
            return now_ms - since_ms > allowance_ms ? .close : .no
        case .streaming:
            if output.isEmpty { return .no }
            if now_ms - progress_ms > limits.stalled_ms { return .close }
            // `since_ms` is when the queue was last empty.
            return now_ms - since_ms > allowance_ms ? .close : .no
        case .draining:
            return now_ms - since_ms > Self.drain_ms ? .close : .no
        }
    }

    private static let drain_ms: Int64 = 1_000
}
