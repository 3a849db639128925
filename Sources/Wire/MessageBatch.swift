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
        let start = bytes.count
        let content = topic.count + payload.count + responseTopic.count + correlation.count
        let length = (Self.headerSize + content + 7) & ~7
        offsets.append(start)
        appendInteger(UInt32(length))
        bytes.append(kind.rawValue)
        bytes.append((isRetained ? 1 : 0) | (qos & 3) << 1)
        appendInteger(packetID)
        appendInteger(receivedTime_ms)
        appendInteger(UInt32(topic.count))
        appendInteger(UInt32(payload.count))
        appendInteger(UInt16(responseTopic.count))
        appendInteger(UInt16(correlation.count))
        appendInteger(UInt32(0))
        bytes.append(contentsOf: topic)
        bytes.append(contentsOf: payload)
        bytes.append(contentsOf: responseTopic)
        bytes.append(contentsOf: correlation)
        for _ in 0..<(length - Self.headerSize - content) { bytes.append(0) }
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

    private mutating func appendInteger<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The header of frame `index`, `0 ..< count`.
    package func header(at index: Int) -> FrameHeader {
        guard let header = Self.readHeader(bytes, at: offsets[index]) else {
            fatalError("MessageBatch: a frame that this batch wrote itself does not read back")
        }
        return header.0
    }

    /// Takes over the bytes of a journal row. Nil where they are not whole frames, or hold a kind that this version
    /// does not know.
    package init?(journalled bytes: [UInt8]) {
        var position = 0
        var offsets: [Int] = []
        while position < bytes.count {
            guard let (_, length) = Self.readHeader(bytes, at: position) else { return nil }
            offsets.append(position)
            position += length
        }
        self.bytes = bytes
        self.offsets = offsets
    }

    private static func readHeader(_ bytes: [UInt8], at start: Int) -> (FrameHeader, length: Int)? {
        guard bytes.count - start >= headerSize else { return nil }
        return bytes.withUnsafeBytes { raw -> (FrameHeader, length: Int)? in
            func load<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> T {
                T(littleEndian: raw.loadUnaligned(fromByteOffset: start + offset, as: T.self))
            }
            let length = Int(load(0, UInt32.self))
            let topicLength = Int(load(16, UInt32.self))
            let payloadLength = Int(load(20, UInt32.self))
            let responseLength = Int(load(24, UInt16.self))
            let correlationLength = Int(load(26, UInt16.self))
            let content = topicLength + payloadLength + responseLength + correlationLength
            guard let kind = FrameKind(rawValue: load(4, UInt8.self)), length == (headerSize + content + 7) & ~7,
                length <= raw.count - start
            else { return nil }
            let flags = load(5, UInt8.self)
            let topic = start + headerSize
            let payload = topic + topicLength
            let response = payload + payloadLength
            let correlation = response + responseLength
            return (
                FrameHeader(
                    kind: kind, isRetained: flags & 1 != 0, qos: (flags >> 1) & 3, packetID: load(6, UInt16.self),
                    receivedTime_ms: load(8, Int64.self), topic: topic..<payload, payload: payload..<response,
                    responseTopic: response..<correlation, correlation: correlation..<(correlation + correlationLength)
                ), length
            )
        }
    }
}
