package import Wire

/// Recognises messages that a broker sends again although they are committed.
///
/// After a reconnect or a restart the broker repeats what was not acknowledged, under the same packet ids. What was
/// committed in time, but whose acknowledgement did not arrive, is told apart from what is new by its packet id and a
/// 64-bit hash of topic and payload: a repetition is the *first* message under its packet id in the new connection, and
/// equals what was *last* committed under that id in an earlier one. A new message that meets both conditions by
/// accident is a byte-for-byte copy of an older one with the same packet id, which the broker only reuses after 65,535
/// others.
///
/// 512 KiB; every call is constant time.
package struct RedeliveryFilter: Sendable {
    /// Per packet id, the hash of what was last committed under it; 0 is nothing.
    private var committed: [UInt64]
    /// One bit per packet id: used in this connection.
    private var seen: [UInt64]
    /// Delivered, but not committed yet.
    private var pending: [(packetID: UInt16, hash: UInt64)] = []
    private var sessionPresent = false

    package init() {
        committed = Array(repeating: 0, count: 65_536)
        seen = Array(repeating: 0, count: 1_024)
    }

    /// Tells what was committed by an earlier process.
    package mutating func seed(packetID: UInt16, hash: UInt64) {
        guard packetID != 0 else { return }
        committed[Int(packetID)] = hash
    }

    /// Tells all that was committed in a batch, oldest batch first.
    package mutating func seed(from batch: MessageBatch) {
        batch.bytes.withUnsafeBytes { bytes in
            for index in 0..<batch.count {
                let header = batch.header(at: index)
                guard header.kind == .message, header.packetID != 0 else { continue }
                seed(
                    packetID: header.packetID,
                    hash: Self.hash(
                        topic: UnsafeRawBufferPointer(rebasing: bytes[header.topic]),
                        payload: UnsafeRawBufferPointer(rebasing: bytes[header.payload])))
            }
        }
    }

    /// A connection begins. Without a session nothing can come again.
    package mutating func connectionOpened(sessionPresent: Bool) {
        self.sessionPresent = sessionPresent
        for index in seen.indices { seen[index] = 0 }
        if !sessionPresent {
            for index in committed.indices { committed[index] = 0 }
        }
        pending.removeAll(keepingCapacity: true)
    }

    /// Whether the message is to be dropped. One that is not counts as delivered, and as committed with the next
    /// `commit`.
    package mutating func isRedelivery(packetID: UInt16, hash: UInt64) -> Bool {
        guard packetID != 0 else { return false }
        let word = Int(packetID >> 6)
        let bit: UInt64 = 1 << UInt64(packetID & 63)
        let isFirst = seen[word] & bit == 0
        seen[word] |= bit
        if isFirst && sessionPresent && committed[Int(packetID)] == hash { return true }
        pending.append((packetID, hash))
        return false
    }

    /// The owner has made durable what was delivered so far.
    package mutating func commit() {
        for (packetID, hash) in pending { committed[Int(packetID)] = hash }
        pending.removeAll(keepingCapacity: true)
    }

    /// A 64-bit hash of a message, never 0. Not for storage: it may change from version to version.
    ///
    /// Eight bytes a step, each mixed by a 64 × 64 → 128-bit multiplication whose halves are folded together (the core
    /// of Wang Yi's wyhash), seeded with both lengths.
    package static func hash(topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) -> UInt64 {
        var state = mix(
            UInt64(truncatingIfNeeded: topic.count) ^ 0xa076_1d64_78bd_642f,
            UInt64(truncatingIfNeeded: payload.count) ^ 0xe703_7ed1_a0b4_28db)
        state = absorb(topic, into: state)
        state = absorb(payload, into: state)
        let result = mix(state ^ 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3)
        return result == 0 ? 1 : result
    }

    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    private static func absorb(_ bytes: UnsafeRawBufferPointer, into start: UInt64) -> UInt64 {
        var state = start
        var position = 0
        while position + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            state = mix(state ^ word ^ 0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db)
            position += 8
        }
        var tail: UInt64 = 0
        while position < bytes.count {
            tail = tail << 8 | UInt64(bytes[position])
            position += 1
        }
        return mix(state ^ tail ^ 0x8ebc_6af0_9c88_c6e3, 0xe703_7ed1_a0b4_28db)
    }
}
