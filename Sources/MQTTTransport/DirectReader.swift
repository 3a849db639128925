import CMosquitto
import Glibc

/// Reads messages from the socket of a connection beside the library.
///
/// libmosquitto 2.0 reads a packet in four system calls (its first byte, each byte of its length, the rest), writes a byte
/// into a pipe of its own for each acknowledgement that it queues, and sends each in a call of its own: six calls a message,
/// far more than all the rest of a message's way costs. Here the bytes are *looked at* (`MSG_PEEK`), all messages among them
/// are handed over, and then as many bytes are taken from the socket as they had. What else comes is left where it is, for
/// the library to read: connecting, subscriptions, pings, messages with properties, large ones. So each packet is read by
/// one of the two, whole.
///
/// Acknowledgements are collected and sent in one call, when the owner writes; as with the library, nothing leaves before.
///
/// Not with TLS, whose records only the library can open.
struct DirectReader {
    /// What a call found.
    enum Outcome {
        /// Messages were handed over; there may be more.
        case progress
        /// Nothing more is there now.
        case drained
        /// The library is to read next.
        case library
    }

    /// More than a socket mostly holds; a packet that is longer is the library's.
    private static let buffer_bytes = 256 << 10

    private var buffer: [UInt8] = []
    /// The library is in the middle of a packet, or may be; until it calls back it goes on.
    private var isLibraryReading = false
    /// How many bytes of one packet there were when it was last found incomplete.
    private var incomplete_bytes = 0
    /// PUBACK packets from `sent` on.
    private var acknowledgements: [UInt8] = []
    private var sent = 0

    /// The library called back: it has read a whole packet.
    mutating func noteCallback() { isLibraryReading = false }

    var hasAcknowledgements: Bool { sent < acknowledgements.count }
    /// An acknowledgement may be half sent: nothing else must go between.
    var isSending: Bool { sent > 0 }

    /// Hands over the messages that have arrived, while `wantsMore`.
    mutating func read(
        _ socket: Int32, isVersion5: Bool, wantsMore: () -> Bool, handle: (ReceivedMessage) -> Void
    ) -> Outcome {
        if isLibraryReading { return .library }
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.buffer_bytes) }
        let available = recv(socket, &buffer, buffer.count, Int32(MSG_PEEK | MSG_DONTWAIT))
        guard available > 0 else {
            // The library finds out itself, and says why, that the connection has ended.
            return available < 0 && (errno == EAGAIN || errno == EINTR) ? .drained : .library
        }
        var position = 0
        var outcome = Outcome.progress
        buffer.withUnsafeBytes { bytes in
            while position < available, wantsMore() {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[position..<available])
                let head = PacketHead(rest, isVersion5: isVersion5)
                guard case .message(let packet) = head else {
                    if head == .other { outcome = .library }
                    break
                }
                handle(
                    ReceivedMessage(
                        topic: UnsafeRawBufferPointer(rebasing: rest[packet.topic]),
                        payload: UnsafeRawBufferPointer(rebasing: rest[packet.payload]), packetID: packet.packetID,
                        qos: packet.qos, isRetained: packet.isRetained, properties: nil))
                if packet.qos == 1 { acknowledge(packet.packetID) }
                position += packet.payload.upperBound
            }
        }
        if position > 0 {
            take(position, from: socket)
            incomplete_bytes = 0
            return outcome
        }
        return outcome == .library ? .library : waitForRest(available)
    }

    /// A packet has arrived in part. The socket counts as readable until its bytes are taken, so that waiting for the rest
    /// would not wait: where none has come since the last look, or all of it will never fit, the library takes the packet,
    /// which keeps parts.
    private mutating func waitForRest(_ available: Int) -> Outcome {
        isLibraryReading = available == incomplete_bytes || available == buffer.count
        incomplete_bytes = isLibraryReading ? 0 : available
        return isLibraryReading ? .library : .drained
    }

    /// Takes bytes that were looked at. `MSG_TRUNC` drops them without copying (tcp(7)).
    private mutating func take(_ count: Int, from socket: Int32) {
        var left = count
        while left > 0 {
            let taken = recv(socket, &buffer, left, Int32(MSG_TRUNC | MSG_DONTWAIT))
            if taken < 0, errno == EINTR { continue }
            // They are there, and nobody else reads: only a connection that breaks down just now has none of them, and then
            // the next read finds that out.
            guard taken > 0 else { return }
            left -= taken
        }
    }

    /// A PUBACK without a reason: the same in MQTT 3.1.1 and 5.
    private mutating func acknowledge(_ packetID: UInt16) {
        acknowledgements.append(0x40)
        acknowledgements.append(2)
        acknowledgements.append(UInt8(packetID >> 8))
        acknowledgements.append(UInt8(packetID & 0xFF))
    }

    /// Sends acknowledgements as far as the socket takes them.
    ///
    /// - Returns: false where the connection is broken; reading finds out why.
    mutating func sendAcknowledgements(_ socket: Int32) -> Bool {
        while hasAcknowledgements {
            let start = sent
            let count = acknowledgements.withUnsafeBytes { bytes in
                send(
                    socket, bytes.baseAddress.map { $0 + start }, bytes.count - start,
                    Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN
            }
            sent += count
        }
        acknowledgements.removeAll(keepingCapacity: true)
        sent = 0
        return true
    }
}
