import Telemetry
import Wire

/// Why a message of dispatch cannot be used: a word for programs, a sentence for people, and where.
struct RecordProblem: Error, Equatable {
    var reason: String
    var detail: String
    var offset: Int

    var fault: Fault { Fault(reason: reason, detail: detail, offset: offset) }
}

/// Reads the members of a JSON object that dispatch sent: what is absent or null is nil, what is there but wrong is an
/// error that says which member, what is wanted and at which byte.
struct RecordReader {
    let node: JSONNode
    /// The members on the way to this object, for sentences: `stops[3].`.
    private let path: String

    /// The most bytes of a text; ids are bounded by topics.
    static let textMax = 1000
    /// The most elements of a list.
    static let listMax = 1000

    /// Parses a payload, which must be an object. `topicID` is the id of the topic: an `id` in the payload must be the same.
    init(_ payload: Span<UInt8>, id topicID: DispatchID) throws(RecordProblem) {
        try self.init(payload)
        if let own = self["id"] {
            guard let text = own.string else { throw wrong(own, "id", "a text") }
            guard text.utf8.elementsEqual(topicID.bytes) else {
                throw RecordProblem(
                    reason: "identity_mismatch", detail: "id is '\(text)' and the topic's '\(topicID.text)'",
                    offset: own.offset)
            }
        }
    }

    /// Parses a payload, which must be an object.
    init(_ payload: Span<UInt8>) throws(RecordProblem) {
        do throws(JSONError) {
            node = try JSONNode.parse(payload, nestingLimit: 32, valueLimit: 200_000)
        } catch {
            let decoded = DecodeError(error, in: payload)
            throw RecordProblem(
                reason: decoded.reason.rawValue, detail: "not JSON: \(error.reason)", offset: error.offset)
        }
        path = ""
        guard node.object != nil else {
            throw RecordProblem(reason: "wrong_type", detail: "a JSON object is wanted", offset: node.offset)
        }
    }

    private init(_ node: JSONNode, path: String) {
        self.node = node
        self.path = path
    }

    /// A member that is there and not null.
    subscript(key: String) -> JSONNode? {
        guard let member = node[key], !member.isNull else { return nil }
        return member
    }

    func wrong(_ node: JSONNode, _ key: String, _ wanted: String) -> RecordProblem {
        RecordProblem(reason: "wrong_type", detail: "\(path)\(key): \(wanted) is wanted", offset: node.offset)
    }

    func outOfRange(_ node: JSONNode, _ key: String, _ wanted: String) -> RecordProblem {
        RecordProblem(reason: "out_of_range", detail: "\(path)\(key): \(wanted) is wanted", offset: node.offset)
    }

    func missing(_ key: String) -> RecordProblem {
        RecordProblem(reason: "missing_\(key)", detail: "\(path)\(key) is missing", offset: node.offset)
    }

    // MARK: - Members

    func text(_ key: String) throws(RecordProblem) -> String? {
        guard let member = self[key] else { return nil }
        guard let text = member.string else { throw wrong(member, key, "a text") }
        guard text.utf8.count <= Self.textMax else {
            throw RecordProblem(
                reason: "text_too_long", detail: "\(path)\(key): at most \(Self.textMax) bytes", offset: member.offset)
        }
        return text
    }

    /// An id of something else: not empty, no longer than a level of a topic, and one that can stand in a topic.
    func id(_ key: String) throws(RecordProblem) -> DispatchID? {
        guard let member = self[key] else { return nil }
        guard let text = member.string else { throw wrong(member, key, "an id, a text") }
        let isUsable = !text.utf8.contains {
            $0 == 0 || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "+") || $0 == 0x23
        }
        guard !text.utf8.isEmpty, text.utf8.count <= TopicParser.idLengthLimit, isUsable else {
            throw outOfRange(member, key, "an id of 1 to \(TopicParser.idLengthLimit) bytes without / + #")
        }
        return DispatchID(Array(text.utf8))
    }

    func flag(_ key: String) throws(RecordProblem) -> Bool? {
        guard let member = self[key] else { return nil }
        guard let flag = member.bool else { throw wrong(member, key, "true or false") }
        return flag
    }

    func number(_ key: String, _ range: ClosedRange<Double>) throws(RecordProblem) -> Double? {
        guard let member = self[key] else { return nil }
        guard let number = member.number else { throw wrong(member, key, "a number") }
        guard range.contains(number) else {
            throw outOfRange(member, key, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func integer(_ key: String, _ range: ClosedRange<Int64>) throws(RecordProblem) -> Int64? {
        guard let member = self[key] else { return nil }
        guard let number = member.number, let integer = Int64(exactly: number) else {
            throw wrong(member, key, "a whole number")
        }
        guard range.contains(integer) else {
            throw outOfRange(member, key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    /// RFC 3339 with an offset, or milliseconds since 1970.
    func time_ms(_ key: String) throws(RecordProblem) -> Int64? {
        guard let member = self[key] else { return nil }
        let time_ms: Int64?
        if let text = member.string {
            time_ms = RFC3339.parse(Array(text.utf8).span)
        } else {
            time_ms = member.number.flatMap { Int64(exactly: $0.rounded()) }
        }
        guard let time_ms else { throw wrong(member, key, "a time as RFC 3339 or in milliseconds since 1970") }
        // 2000 to 2100, as of reports.
        guard time_ms >= 946_684_800_000, time_ms < 4_102_444_800_000 else {
            throw outOfRange(member, key, "a time from 2000 to 2099")
        }
        return time_ms
    }

    /// One word of a list; what is absent is `absent`.
    func word<T: RawRepresentable & CaseIterable>(
        _ key: String, absent: T
    ) throws(RecordProblem) -> T where T.RawValue == String {
        guard let member = self[key] else { return absent }
        guard let text = member.string else { throw wrong(member, key, "a text") }
        guard let word = T(rawValue: text) else {
            let known = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw outOfRange(member, key, "one of \(known)")
        }
        return word
    }

    func object(_ key: String) throws(RecordProblem) -> RecordReader? {
        guard let member = self[key] else { return nil }
        guard member.object != nil else { throw wrong(member, key, "an object") }
        return RecordReader(member, path: "\(path)\(key).")
    }

    /// The objects of a list; an absent list is empty.
    func list(_ key: String, max: Int = RecordReader.listMax) throws(RecordProblem) -> [RecordReader] {
        guard let member = self[key] else { return [] }
        guard let elements = member.array else { throw wrong(member, key, "a list") }
        guard elements.count <= max else { throw outOfRange(member, key, "a list of at most \(max)") }
        var readers: [RecordReader] = []
        for (index, element) in elements.enumerated() {
            guard element.object != nil else { throw wrong(element, "\(key)[\(index)]", "an object") }
            readers.append(RecordReader(element, path: "\(path)\(key)[\(index)]."))
        }
        return readers
    }

    func texts(_ key: String, max: Int = 100) throws(RecordProblem) -> [String]? {
        guard let member = self[key] else { return nil }
        guard let elements = member.array else { throw wrong(member, key, "a list of texts") }
        guard elements.count <= max else { throw outOfRange(member, key, "a list of at most \(max)") }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string, text.utf8.count <= Self.textMax else {
                throw wrong(element, key, "a list of texts")
            }
            texts.append(text)
        }
        return texts
    }
}
