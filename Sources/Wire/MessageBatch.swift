/// What a frame of a batch holds.
package enum FrameKind: UInt8, Sendable {
    /// A message as the broker delivered it: topic, payload, and for MQTT 5 response topic and correlation data.
    case message = 0
    /// Time passes without a message. No topic, no payload.
    case tick = 1
    /// A geofence from a file: the topic is the fence's id, the payload its GeoJSON Feature; an empty payload deletes it.
    case fileGeofence = 2
    /// The engine's settings from here on, as JSON in the payload.
    case settings = 3
    /// The feed was interrupted and is heard again from here on: silence before this moment proves nothing.
    case resumed = 4
    /// The adapters from here on, as JSON in the payload: how messages on topics of others are read.
    case adapters = 5
    /// The rules of vehicles from here on, as JSON in the payload.
    case rules = 6
    /// What people are told and how, from here on, as JSON in the payload.
    case messages = 7
    /// What the road router said to a question of the desk, or why it said nothing: the topic is `{fleet}/{question}`, the
    /// payload `RoadReply` as JSON. Kept like every input, so that a replay needs no router.
    case roadAnswer = 8
    /// How commands go to vehicles from here on, as JSON in the payload.
    case commands = 9
    /// Learned values that take the place of a fleet's own: the topic is the fleet, the payload `LearnedValues` as JSON.
    case learned = 10
}

/// The fixed fields of one frame, and where its variable parts stand in the batch's bytes.
package struct FrameHeader: Sendable, Equatable {
    package var kind: FrameKind
    package var isRetained: Bool
    package var qos: UInt8
    /// The broker's packet id (QoS 1), 0 where there is none. The same message delivered again carries the same id.
    package var packetID: UInt16
    /// When the message was received: milliseconds since 1970, UTC.
    package var receivedTime_ms: Int64
    package var topic: Range<Int>
    package var payload: Range<Int>
    /// MQTT 5 response topic, empty where there is none.
    package var responseTopic: Range<Int>
    /// MQTT 5 correlation data, empty where there is none.
    package var correlation: Range<Int>
}

/// A run of input messages in one contiguous buffer: the unit that crosses threads and actors, and, byte for byte, one
/// row of the journal.
///
/// A frame is a header of 32 bytes and the variable parts, padded with zeros to a multiple of eight; integers are
/// little-endian:
///
///     0  u32  length of the frame with header and padding
///     4  u8   kind (FrameKind)
///     5  u8   flags: bit 0 retained, bits 1–2 QoS
///     6  u16  packet id
///     8  i64  received time, ms since 1970
///     16 u32  topic length
///     20 u32  payload length
///     24 u16  response topic length
///     26 u16  correlation length
///     28 u32  zero, reserved
///     32      topic, payload, response topic, correlation
///
/// Appending costs no allocation once the buffers have grown; `removeAll` keeps them.
package struct MessageBatch: Sendable {
    package static let headerSize = 32

    package private(set) var bytes: [UInt8] = []
    /// Where each frame starts in `bytes`.
    package private(set) var offsets: [Int] = []

    package init() {}

    package init(reservingBytes byteCount: Int, frames: Int) {
        bytes.reserveCapacity(byteCount)
        offsets.reserveCapacity(frames)
    }

    package var count: Int { offsets.count }
    package var isEmpty: Bool { offsets.isEmpty }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
    }

    /// Appends one frame, copying its parts.
    package mutating func append(
        kind: FrameKind, receivedTime_ms: Int64, topic: UnsafeRawBufferPointer,
        payload: UnsafeRawBufferPointer, responseTopic: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        correlation: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        packetID: UInt16 = 0, qos: UInt8 = 0, isRetained: Bool = false
    ) {
        let content = topic.count + payload.count + responseTopic.count + correlation.count
        let length = (Self.headerSize + content + 7) & ~7
        // What does not fit into the header's fields stops here, before anything is written.
        let topicCount = UInt64(UInt32(topic.count))
        let lengths = topicCount | UInt64(UInt32(payload.count)) << 32
        let more = UInt64(UInt16(responseTopic.count)) | UInt64(UInt16(correlation.count)) << 16
        let flags: UInt64 = (isRetained ? 1 : 0) | UInt64(qos & 3) << 1
        offsets.append(bytes.count)
        bytes.append(atMost: length + 8) { out in
            out.write(
                word: UInt64(UInt32(length)) | UInt64(kind.rawValue) << 32 | flags << 40 | UInt64(packetID) << 48,
                keeping: 8)
            out.write(word: UInt64(bitPattern: receivedTime_ms), keeping: 8)
            out.write(word: lengths, keeping: 8)
            out.write(word: more, keeping: 8)
            out.write(topic)
            out.write(payload)
            out.write(responseTopic)
            out.write(correlation)
            out.write(word: 0, keeping: length - Self.headerSize - content)
        }
    }

    /// Appends one frame from arrays: for what does not come from the broker, and for tests.
    package mutating func append(
        kind: FrameKind = .message, receivedTime_ms: Int64, topic: [UInt8] = [], payload: [UInt8] = [],
        responseTopic: [UInt8] = [], correlation: [UInt8] = [], packetID: UInt16 = 0, isRetained: Bool = false
    ) {
        topic.withUnsafeBytes { topic in
            payload.withUnsafeBytes { payload in
                responseTopic.withUnsafeBytes { responseTopic in
                    correlation.withUnsafeBytes { correlation in
                        append(
                            kind: kind, receivedTime_ms: receivedTime_ms, topic: topic, payload: payload,
                            responseTopic: responseTopic, correlation: correlation, packetID: packetID,
                            isRetained: isRetained)
                    }
                }
            }
        }
    }

    /// The header of frame `index`, `0 ..< count`.
    package func header(at index: Int) -> FrameHeader {
        let start = offsets[index]
        guard let header = Self.fields(bytes.span.bytes, at: start)?.header else {
            fatalError("MessageBatch: a frame that this batch wrote itself does not read back")
        }
        return header
    }

    /// Takes over the bytes of a journal row. Nil where they are not whole frames, or hold a kind that this version
    /// does not know.
    package init?(journalled bytes: [UInt8]) {
        var position = 0
        var offsets: [Int] = []
        while position < bytes.count {
            guard let fields = Self.fields(bytes.span.bytes, at: position),
                fields.length == (Self.headerSize + fields.contentCount + 7) & ~7,
                fields.length <= bytes.count - position
            else { return nil }
            offsets.append(position)
            position += fields.length
        }
        self.bytes = bytes
        self.offsets = offsets
    }

    /// The header at `start` as it is written, before what it says of lengths is compared with the bytes that there are.
    /// Nil where there is no room for one, or its kind is unknown. Four loads: this is done several times a message.
    @inline(__always)
    private static func fields(
        _ bytes: RawSpan, at start: Int
    ) -> (header: FrameHeader, length: Int, contentCount: Int)? {
        guard bytes.byteCount - start >= headerSize else { return nil }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start + offset, as: UInt64.self))
        }
        let first = word(0)
        let lengths = word(16)
        let more = word(24)
        guard let kind = FrameKind(rawValue: UInt8(truncatingIfNeeded: first >> 32)) else { return nil }
        let flags = UInt8(truncatingIfNeeded: first >> 40)
        let topic = start + headerSize
        // Sums of 32-bit lengths: they cannot overflow, so that the ranges are well formed.
        let payload = topic + Int(lengths & 0xFFFF_FFFF)
        let response = payload + Int(lengths >> 32)
        let correlation = response + Int(more & 0xFFFF)
        let end = correlation + Int(more >> 16 & 0xFFFF)
        let header = FrameHeader(
            kind: kind, isRetained: flags & 1 != 0, qos: (flags >> 1) & 3,
            packetID: UInt16(truncatingIfNeeded: first >> 48), receivedTime_ms: Int64(bitPattern: word(8)),
            topic: Range(uncheckedBounds: (topic, payload)), payload: Range(uncheckedBounds: (payload, response)),
            responseTopic: Range(uncheckedBounds: (response, correlation)),
            correlation: Range(uncheckedBounds: (correlation, end)))
        return (header, Int(first & 0xFFFF_FFFF), end - topic)
    }
}
