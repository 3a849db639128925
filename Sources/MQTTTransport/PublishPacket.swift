/// What stands at the head of the bytes that a broker sent, as far as it concerns who reads messages without the library.
///
/// Layout: MQTT 3.1.1 and 5, section 2.1 (fixed header, remaining length) and 3.3 (PUBLISH).
enum PacketHead: Equatable {
    /// A whole message at QoS 0 or 1 without MQTT 5 properties. Ranges from the packet's first byte.
    case message(PublishPacket)
    /// A whole packet of another kind, or one that is not as it should be: the library judges it.
    case other
    /// More bytes are needed.
    case incomplete

    /// Constant time, whatever the length.
    ///
    /// - Parameter bytes: not empty.
    init(_ bytes: UnsafeRawBufferPointer, isVersion5: Bool) {
        // The remaining length: seven bits a byte, the lowest first, at most four bytes.
        var rest = 0
        var position = 1
        while true {
            guard position < bytes.count else {
                self = .incomplete
                return
            }
            let byte = bytes[position]
            rest |= Int(byte & 0x7F) << (7 * (position - 1))
            position += 1
            if byte & 0x80 == 0 { break }
            guard position <= 4 else {
                self = .other
                return
            }
        }
        let end = position + rest
        guard end <= bytes.count else {
            self = .incomplete
            return
        }
        self = Self.message(bytes, body: position..<end, isVersion5: isVersion5).map { .message($0) } ?? .other
    }

    private static func message(
        _ bytes: UnsafeRawBufferPointer, body: Range<Int>, isVersion5: Bool
    ) -> PublishPacket? {
        let qos = (bytes[0] >> 1) & 3
        guard bytes[0] >> 4 == 3, qos <= 1, body.count >= 2 else { return nil }
        func number(at position: Int) -> Int { Int(bytes[position]) << 8 | Int(bytes[position + 1]) }
        let topic = (body.lowerBound + 2)..<(body.lowerBound + 2 + number(at: body.lowerBound))
        var position = topic.upperBound
        guard !topic.isEmpty, position + Int(qos) * 2 + (isVersion5 ? 1 : 0) <= body.upperBound else { return nil }
        var packetID: UInt16 = 0
        if qos == 1 {
            packetID = UInt16(number(at: position))
            position += 2
            guard packetID != 0 else { return nil }
        }
        if isVersion5 {
            guard bytes[position] == 0 else { return nil }
            position += 1
        }
        return PublishPacket(
            topic: topic, payload: position..<body.upperBound, packetID: packetID, qos: qos,
            isRetained: bytes[0] & 1 == 1)
    }
}

/// Where the parts of a PUBLISH packet stand.
struct PublishPacket: Equatable {
    let topic: Range<Int>
    /// Ends where the packet ends.
    let payload: Range<Int>
    /// 0 at QoS 0.
    let packetID: UInt16
    let qos: UInt8
    let isRetained: Bool
}
