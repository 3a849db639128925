import Telemetry
package import Wire

package enum EffectKind: UInt8, Sendable, BitwiseCopyable {
    /// A CloudEvent on `events/…`: kept until the broker has confirmed it.
    case event
    /// The latest state of something on a retained topic: only the newest matters.
    case state
    /// An answer to a query: kept until the broker has confirmed it.
    case answer
    /// A dead letter: kept until the broker has confirmed it, and in the store's own table.
    case deadLetter
    /// A command for a vehicle: kept until the broker has confirmed it.
    case command
    /// A question for the road router: the shell asks it, nothing is kept.
    case roadQuestion
}

/// One thing that leaves the engine; its bytes stand in the buffer that holds it. 64 bytes: a batch has thousands.
package struct Effect: Sendable, BitwiseCopyable {
    package let kind: EffectKind
    /// For events.
    package let type: EventType?
    /// Which step of the batch it follows from. Effects of all shards are put in order by it.
    package let ordinal: Int32
    /// When it was decided: the receive time of its cause.
    package let recordedTime_ms: Int64
    package let id: Hash128
    private let topicBytes: ByteRange
    private let payloadBytes: ByteRange
    private let vehicleBytes: ByteRange
    private let correlationBytes: ByteRange

    init(
        kind: EffectKind, ordinal: Int32, recordedTime_ms: Int64, type: EventType?, id: Hash128, topic: Range<Int>,
        payload: Range<Int>, vehicle: Range<Int>, correlation: Range<Int>
    ) {
        self.kind = kind
        self.type = type
        self.ordinal = ordinal
        self.recordedTime_ms = recordedTime_ms
        self.id = id
        topicBytes = ByteRange(topic)
        payloadBytes = ByteRange(payload)
        vehicleBytes = ByteRange(vehicle)
        correlationBytes = ByteRange(correlation)
    }

    package var topic: Range<Int> { topicBytes.range }
    package var payload: Range<Int> { payloadBytes.range }
    /// The vehicle that it is about; orders the effects of a step that all shards take part in.
    package var vehicle: Range<Int> { vehicleBytes.range }
    /// MQTT 5 correlation data of an answer.
    package var correlation: Range<Int> { correlationBytes.range }
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
    /// All but the retained states.
    package var effects: [Effect] = []
    /// The retained states, apart because they are many and come in order; see `StateEffect`.
    var states: [StateEffect] = []
    package var deadLetters: [DeadLetterNote] = []
    /// The fixes of vehicles that the desk follows, in the order of their steps: no effects, but what the desk works on.
    var movements: [FollowedFix] = []
    /// No effects either: what desks note for those who measure forecasts, in order; empty unless they are asked to.
    var forecastNotes: [ForecastNote] = []

    package init() {}

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        effects.removeAll(keepingCapacity: true)
        states.removeAll(keepingCapacity: true)
        deadLetters.removeAll(keepingCapacity: true)
        movements.removeAll(keepingCapacity: true)
        forecastNotes.removeAll(keepingCapacity: true)
    }

    /// Appends what `write` puts into the buffer and says where it stands.
    @inline(__always)
    mutating func span(_ write: (inout [UInt8]) -> Void) -> Range<Int> {
        let start = bytes.count
        write(&bytes)
        return start..<bytes.count
    }
}
