import Wire

/// Takes topics of the form `{root}/{fleet}/…` apart; `TopicKind` lists the grammar.
///
/// Levels may hold any UTF-8 without NUL, `+` and `#`; ids are at most 128 bytes, topics at most 1,024. Linear in the
/// topic's length, no allocation.
package struct TopicParser: Sendable {
    package static let topicLengthLimit = 1_024
    package static let idLengthLimit = 128

    /// The root with a slash behind it, or empty.
    private let prefix: [UInt8]

    /// `root` is one or more levels, without slash at its ends; empty where topics begin with the fleet.
    package init(root: String = "fleets") {
        prefix = root.isEmpty ? [] : Array(root.utf8) + [UInt8(ascii: "/")]
    }

    /// Throws the first fault in this order: length, characters, root, levels, shape, length of the ids.
    package func parse(_ topic: Span<UInt8>) throws(TopicError) -> Topic {
        try Self.checkCharacters(topic)
        try checkRoot(topic)
        let levels = try TopicLevels(topic, from: prefix.count)
        if levels.count >= 2, let (kind, id, subID) = levels.recognised(in: topic) {
            return Topic(
                kind: kind, fleet: try levels.id(at: 0), id: id > 0 ? try levels.id(at: id) : 0..<0,
                subID: subID > 0 ? try levels.id(at: subID) : 0..<0)
        }
        throw TopicError(reason: .notInGrammar, offset: prefix.count)
    }

    /// The vehicle's id of a topic `{prefix}{vehicle}/telemetry`, `prefix` being the beginning of a topic that `parse`
    /// took, up to and including `vehicles/`: the same that `parse` would find, at a fraction of its cost. Nil where the
    /// topic is another, or has anything unusual about it, and must be parsed.
    @inlinable
    package static func telemetryID(_ topic: Span<UInt8>, after prefix: Span<UInt8>) -> Range<Int>? {
        let start = prefix.count
        let end = topic.count - 10
        guard end > start, end - start <= idLengthLimit, topic.count <= topicLengthLimit, start > 0,
            hasBytes(of: "/telemetry", topic, at: end), hasBytes(prefix, in: topic, at: 0)
        else { return nil }
        var index = start
        // A word that begins in the id ends in the topic, for ten bytes follow the id. Those behind it are ignored.
        while index < end {
            let word = UInt64(littleEndian: topic.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let isLast = end - index < 8
            let bytesInID = isLast ? ~0 >> UInt64(64 - 8 * (end - index)) : ~0 as UInt64
            if Self.unusualBytes(word) & bytesInID != 0 { return nil }
            index += 8
        }
        return start..<end
    }

    /// A bit for the lowest byte that is not ASCII, zero, or one of `/`, `+`, `#`, and perhaps bits above it.
    @inlinable @inline(__always)
    static func unusualBytes(_ word: UInt64) -> UInt64 {
        // After Sean Eron Anderson, Bit Twiddling Hacks, "Determine if a word has a zero byte": the lowest bit is right,
        // those above it may be carried over.
        let ones: UInt64 = 0x0101_0101_0101_0101
        func zeroBytes(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let found =
            zeroBytes(word) | zeroBytes(word ^ ones &* 0x2F) | zeroBytes(word ^ ones &* 0x2B)
            | zeroBytes(word ^ ones &* 0x23) | word
        return found & (ones &* 0x80)
    }

    private static func checkCharacters(_ topic: Span<UInt8>) throws(TopicError) {
        guard topic.count <= topicLengthLimit else {
            throw TopicError(reason: .tooLong, offset: topicLengthLimit)
        }
        guard topic.count > 0 else { throw TopicError(reason: .emptyLevel, offset: 0) }
        var index = 0
        while index < topic.count {
            let byte = topic[index]
            if byte >= 0x80 {
                let length = utf8SequenceLength(topic, at: index)
                guard length > 0 else { throw TopicError(reason: .invalidUTF8, offset: index) }
                index += length
                continue
            }
            switch byte {
            case 0: throw TopicError(reason: .containsNull, offset: index)
            case UInt8(ascii: "+"), UInt8(ascii: "#"): throw TopicError(reason: .wildcard, offset: index)
            default: index += 1
            }
        }
    }

    private func checkRoot(_ topic: Span<UInt8>) throws(TopicError) {
        for index in 0..<prefix.count {
            guard index < topic.count, topic[index] == prefix[index] else {
                throw TopicError(reason: .otherRoot, offset: 0)
            }
        }
    }
}

/// The levels of a topic behind its root: `{fleet}` is level 0.
private struct TopicLevels {
    /// `{fleet}/vehicles/{vehicle}/commands/{id}/result`
    static let countLimit = 6

    private(set) var count = 0
    private var starts = InlineArray<6, Int>(repeating: 0)
    private var ends = InlineArray<6, Int>(repeating: 0)

    init(_ topic: Span<UInt8>, from first: Int) throws(TopicError) {
        var start = first
        for index in first...topic.count where index == topic.count || topic[index] == UInt8(ascii: "/") {
            guard count < Self.countLimit else { throw TopicError(reason: .tooManyLevels, offset: start) }
            guard index > start else { throw TopicError(reason: .emptyLevel, offset: start) }
            starts[count] = start
            ends[count] = index
            count += 1
            start = index + 1
        }
    }

    /// What the levels are, and which of them hold the ids; level 0 stands for "no such id".
    func recognised(in topic: Span<UInt8>) -> (TopicKind, id: Int, subID: Int)? {
        if isLevel(1, "vehicles", in: topic) { return vehicleTopic(in: topic) }
        if isLevel(1, "dispatch", in: topic) { return dispatchTopic(in: topic) }
        if count == 2 { return isLevel(1, "dead-letters", in: topic) ? (.deadLetters, 0, 0) : nil }
        guard count == 4 else { return nil }
        if isLevel(1, "events", in: topic) { return (.event, 2, 3) }
        if isLevel(1, "state", in: topic) {
            if isLevel(2, "vehicles", in: topic) { return (.vehicleState, 3, 0) }
            if isLevel(2, "stops", in: topic) { return (.stopState, 3, 0) }
        }
        if isLevel(1, "sms", in: topic) {
            if isLevel(2, "receipts", in: topic) { return (.smsReceipt, 3, 0) }
            if isLevel(2, "requests", in: topic) { return (.smsRequest, 3, 0) }
        }
        return nil
    }

    private func vehicleTopic(in topic: Span<UInt8>) -> (TopicKind, id: Int, subID: Int)? {
        if count == 4 {
            if isLevel(3, "telemetry", in: topic) { return (.telemetry, 2, 0) }
            if isLevel(3, "status", in: topic) { return (.status, 2, 0) }
            if isLevel(3, "driver", in: topic) { return (.driver, 2, 0) }
        } else if count >= 5, isLevel(3, "commands", in: topic) {
            if count == 5 { return (.vehicleCommand, 2, 4) }
            if isLevel(5, "result", in: topic) { return (.commandResult, 2, 4) }
        }
        return nil
    }

    private func dispatchTopic(in topic: Span<UInt8>) -> (TopicKind, id: Int, subID: Int)? {
        if count == 5 {
            let isResult = isLevel(2, "queries", in: topic) && isLevel(4, "result", in: topic)
            return isResult ? (.queryResult, 3, 0) : nil
        }
        guard count == 4 else { return nil }
        if isLevel(2, "orders", in: topic) { return (.order, 3, 0) }
        if isLevel(2, "routes", in: topic) { return (.route, 3, 0) }
        if isLevel(2, "customers", in: topic) { return (.customer, 3, 0) }
        if isLevel(2, "vehicles", in: topic) { return (.vehicle, 3, 0) }
        if isLevel(2, "drivers", in: topic) { return (.driverRecord, 3, 0) }
        if isLevel(2, "geofences", in: topic) { return (.geofence, 3, 0) }
        if isLevel(2, "conditions", in: topic) { return (.condition, 3, 0) }
        if isLevel(2, "commands", in: topic) { return (.command, 3, 0) }
        if isLevel(2, "queries", in: topic) { return (.query, 3, 0) }
        return nil
    }

    func id(at level: Int) throws(TopicError) -> Range<Int> {
        guard ends[level] - starts[level] <= TopicParser.idLengthLimit else {
            throw TopicError(reason: .idTooLong, offset: starts[level])
        }
        return starts[level]..<ends[level]
    }

    @inline(__always)
    private func isLevel(_ level: Int, _ literal: StaticString, in topic: Span<UInt8>) -> Bool {
        ends[level] - starts[level] == literal.utf8CodeUnitCount && hasBytes(of: literal, topic, at: starts[level])
    }
}
