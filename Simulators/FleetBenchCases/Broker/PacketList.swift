import CLoadClients

/// PUBLISH packets as they go over the wire, rendered before anything is timed.
struct PacketList {
    let qos: Int
    private(set) var bytes: [UInt8] = []
    private(set) var offsets: [UInt64] = [0]
    /// The sum of `load_message_hash` over the messages.
    private(set) var checksum: UInt64 = 0

    var count: Int { offsets.count - 1 }

    init(qos: Int) { self.qos = qos }

    /// Appends an MQTT 3.1.1 packet: fixed header, remaining length, topic, at QoS 1 the packet id, payload.
    mutating func append(topic: [UInt8], payload: [UInt8]) {
        bytes.append(0x30 | UInt8(qos << 1))
        var rest = 2 + topic.count + (qos > 0 ? 2 : 0) + payload.count
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        append(UInt16(topic.count))
        bytes.append(contentsOf: topic)
        if qos > 0 { append(UInt16(count % 65_535 + 1)) }
        bytes.append(contentsOf: payload)
        offsets.append(UInt64(bytes.count))
        checksum &+= Self.hash(topic: topic, payload: payload)
    }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(number & 0xFF))
    }

    static func hash(topic: some Collection<UInt8>, payload: some Collection<UInt8>) -> UInt64 {
        let topic = Array(topic)
        let payload = Array(payload)
        return load_message_hash(topic, topic.count, payload, payload.count)
    }

    /// How the packets are sent.
    struct Pace {
        /// Messages a second, 0 for as fast as the broker takes them.
        var rate = 0.0

        /// Messages are due in groups, one every so often: the publisher needs part of a core for each wake-up.
        static let tick_ns: Int64 = 250_000

        func due_ns(_ index: Int) -> Int64 { load_due_ns(rate, Self.tick_ns, index) }
    }

    /// Sends all packets to the broker on this machine's `port` and waits until it has them.
    func publish(port: Int, pace: Pace = Pace()) throws(BenchError) -> load_publisher_result {
        var result = load_publisher_result()
        let error = bytes.withUnsafeBufferPointer { bytes in
            offsets.withUnsafeBufferPointer { offsets in
                var publisher = load_publisher(
                    port: Int32(port), qos: Int32(qos), packets: bytes.baseAddress, offsets: offsets.baseAddress,
                    count: count, window: 16_384, rate: pace.rate, tick_ns: Pace.tick_ns, idle_ms: 20_000)
                return load_publish(&publisher, &result)
            }
        }
        guard error == 0 else {
            throw BenchError("publishing failed with the error \(error) after \(result.sent) messages")
        }
        return result
    }
}
