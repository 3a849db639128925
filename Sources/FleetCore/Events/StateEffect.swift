import Wire

/// A retained state among the effects of a batch. Its topic and payload stand one behind the other in the buffer.
///
/// Every vehicle that drives has one every few seconds, so they are small, apart from the other effects, and come in the
/// one order that does not depend on the number of shards without having to be sorted again: by step; within a step,
/// which is a tick, behind all events, by the hash of the vehicle's id. Shards are chosen by that hash, so that vehicles
/// of two shards never have the same; two of one shard with the same hash stand in order of fleet and id.
struct StateEffect: Sendable, BitwiseCopyable {
    var hash: UInt64
    var recordedTime_ms: Int64
    var ordinal: Int32
    var start: Int32
    var topicCount: Int32
    /// The vehicle's id is the end of the topic.
    var vehicleCount: Int32
    var payloadCount: Int32

    /// The same as other effects are told.
    var effect: Effect {
        let start = Int(start)
        let topicEnd = start + Int(topicCount)
        return Effect(
            kind: .state, ordinal: ordinal, recordedTime_ms: recordedTime_ms, type: nil,
            id: Hash128(high: 0, low: 0), topic: start..<topicEnd,
            payload: topicEnd..<(topicEnd + Int(payloadCount)), vehicle: (topicEnd - Int(vehicleCount))..<topicEnd,
            correlation: 0..<0)
    }

    static func precedes(_ left: StateEffect, _ right: StateEffect) -> Bool {
        left.ordinal != right.ordinal ? left.ordinal < right.ordinal : left.hash < right.hash
    }
}
