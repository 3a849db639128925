/// A topic filter of MQTT: `+` stands for one level, `#` at the end for all that follow, none included.
package struct TopicPattern: Sendable, Equatable, CustomStringConvertible {
    private enum Level: Sendable, Equatable {
        case literal([UInt8])
        case any
        case rest
    }

    /// Why a text is not a filter that can match, as two sentences for people.
    package struct Fault: Error, Equatable {
        package var problem: String
        package var advice: String
    }

    package let text: String
    private let levels: [Level]

    /// The most bytes of a topic that the router takes.
    package static let lengthLimit = 1024

    package init(_ text: String) throws(Fault) {
        guard !text.isEmpty else { throw Fault(problem: "is empty", advice: "give a topic, such as \"owntracks/+/+\"") }
        guard text.utf8.count <= Self.lengthLimit else {
            throw Fault(
                problem: "is \(text.utf8.count) bytes long, longer than any topic",
                advice: "shorten it to \(Self.lengthLimit)")
        }
        guard !text.utf8.contains(0) else { throw Fault(problem: "has a zero byte", advice: "remove it") }
        var levels: [Level] = []
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.elementsEqual("+".utf8) {
                levels.append(.any)
            } else if part.elementsEqual("#".utf8) {
                guard index == parts.count - 1 else {
                    throw Fault(problem: "has levels behind #, so that it never matches", advice: "end it with the #")
                }
                levels.append(.rest)
            } else if part.contains(UInt8(ascii: "+")) || part.contains(UInt8(ascii: "#")) {
                throw Fault(
                    problem: "has a wildcard that is only a part of a level, so that it never matches",
                    advice: "let + or # be a level alone")
            } else {
                levels.append(.literal(Array(part)))
            }
        }
        if levels.count > 1, case .literal(let first) = levels[0],
            ["$share", "$queue", "$SYS"].contains(where: { first.elementsEqual($0.utf8) })
        {
            throw Fault(
                problem: "begins with a level that the broker keeps for itself, so that no tracker's topic matches",
                advice: "give the topic that the trackers publish to")
        }
        self.text = text
        self.levels = levels
    }

    package var description: String { text }

    /// How many levels it has, a final `#` not counted, and whether it has one.
    package var levelCount: Int { hasRest ? levels.count - 1 : levels.count }
    package var hasRest: Bool { levels.last == .rest }

    /// Whether a level, counted from 1, is the same in every topic that matches.
    package func isLiteral(level: Int) -> Bool {
        guard level >= 1, level <= levels.count, case .literal = levels[level - 1] else { return false }
        return true
    }

    /// Whether a topic matches. O(length of the topic), no allocation.
    package func matches(_ topic: Span<UInt8>) -> Bool {
        var start = 0
        var index = 0
        // Wildcards do not stand for the topics of the broker itself.
        if topic.count > 0, topic[0] == UInt8(ascii: "$"), !isLiteral(level: 1) { return false }
        while index < levels.count {
            if levels[index] == .rest { return true }
            guard start <= topic.count else { return false }
            var end = start
            while end < topic.count, topic[end] != UInt8(ascii: "/") { end += 1 }
            if case .literal(let literal) = levels[index] {
                guard literal.count == end - start else { return false }
                for offset in literal.indices where literal[offset] != topic[start + offset] { return false }
            }
            start = end + 1
            index += 1
        }
        // One beyond the end: the last level was the topic's last, too.
        return start == topic.count + 1
    }

    /// Where a level of a topic stands, counted from 1; nil where the topic has fewer.
    package static func level(_ number: Int, of topic: Span<UInt8>) -> Range<Int>? {
        var start = 0
        var level = 1
        for index in 0...topic.count where index == topic.count || topic[index] == UInt8(ascii: "/") {
            if level == number { return start..<index }
            start = index + 1
            level += 1
        }
        return nil
    }

    /// Whether some topic matches both.
    package func overlaps(_ other: TopicPattern) -> Bool {
        for index in 0..<max(levels.count, other.levels.count) {
            // `a/#` matches `a` too.
            if index < levels.count, levels[index] == .rest { return true }
            if index < other.levels.count, other.levels[index] == .rest { return true }
            guard index < levels.count, index < other.levels.count else { return false }
            switch (levels[index], other.levels[index]) {
            case (.literal(let left), .literal(let right)): if left != right { return false }
            case (.literal(let literal), .any), (.any, .literal(let literal)):
                if index == 0, literal.first == UInt8(ascii: "$") { return false }
            default: break
            }
        }
        return true
    }
}
