package import Wire

package enum EffectKind: UInt8, Sendable {
    /// A CloudEvent on `events/…`: kept until the broker has confirmed it.
    case event
    /// The latest state of something on a retained topic: only the newest matters.
    case state
    /// An answer to a query: kept until the broker has confirmed it.
    case answer
    /// A dead letter: kept until the broker has confirmed it, and in the store's own table.
    case deadLetter
}

/// One thing that leaves the engine; its bytes stand in the buffer that holds it.
package struct Effect: Sendable {
    package var kind: EffectKind
    /// Which step of the batch it follows from. Effects of all shards are put in order by it.
    package var ordinal: Int32
    /// When it was decided: the receive time of its cause.
    package var recordedTime_ms: Int64
    /// For events.
    package var type: EventType?
    package var id: Hash128
    package var topic: Range<Int>
    package var payload: Range<Int>
    /// The vehicle that it is about; orders the effects of a step that all shards take part in.
    package var vehicle: Range<Int>
    /// MQTT 5 correlation data of an answer.
    package var correlation: Range<Int>
}

/// Why something could not be used, beside the effect that carries it out.
package struct DeadLetterNote: Sendable, Equatable {
    package var fleet: String
    package var receivedTime_ms: Int64
    package var topic: [UInt8]
    package var payload: [UInt8]
    package var reason: String
    package var detail: String
    package var byteOffset: Int?
}

/// The effects of a batch in one contiguous buffer, written in place.
package struct EffectBuffer: Sendable {
    package var bytes: [UInt8] = []
    package var effects: [Effect] = []
    package var deadLetters: [DeadLetterNote] = []

    package init() {}

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        effects.removeAll(keepingCapacity: true)
        deadLetters.removeAll(keepingCapacity: true)
    }

    /// Appends what `write` puts into the buffer and says where it stands.
    @inline(__always)
    mutating func span(_ write: (inout [UInt8]) -> Void) -> Range<Int> {
        let start = bytes.count
        write(&bytes)
        return start..<bytes.count
    }
}
