import Glibc

/// Writes messages to a file descriptor as lines, in large pieces.
package struct PrintSink: MessageSink {
    private let descriptor: Int32
    private let qos: UInt8
    private var pending: [UInt8] = []
    package private(set) var bytesWritten = 0
    /// The reader has gone away, as `head` does: nothing more is written, and that is no error.
    package private(set) var isClosed = false

    static let flushSize = 1 << 16

    package init(descriptor: Int32, qos: UInt8) {
        self.descriptor = descriptor
        self.qos = qos
        pending.reserveCapacity(Self.flushSize * 2)
    }

    package mutating func send(_ message: SimulatedMessage) throws(SimulationError) {
        MessageLine.append(message, qos: qos, to: &pending)
        if pending.count >= Self.flushSize { try flush() }
    }

    /// Writes what is held back. To be called at the end.
    package mutating func flush() throws(SimulationError) {
        var start = 0
        while start < pending.count, !isClosed {
            let written = pending.withUnsafeBytes { write(descriptor, $0.baseAddress! + start, $0.count - start) }
            if written > 0 {
                start += written
                bytesWritten += written
            } else if errno == EPIPE {
                isClosed = true
            } else if errno != EINTR {
                throw .output("standard output: \(String(cString: strerror(errno)))")
            }
        }
        pending.removeAll(keepingCapacity: true)
    }
}
