import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Topic patterns` {
    private func matches(_ pattern: String, _ topic: String) throws -> Bool {
        try TopicPattern(pattern).matches(Array(topic.utf8).span)
    }

    @Test(arguments: [
        ("a/b", "a/b", true), ("a/b", "a/b/", false), ("a/b", "a", false), ("a/+", "a/b", true), ("a/+", "a/", true),
        ("a/+", "a", false), ("a/+", "a/b/c", false), ("a/#", "a", true), ("a/#", "a/b/c", true), ("a/#", "ab", false),
        ("#", "a/b", true), ("#", "$SYS/x", false), ("+/x", "$SYS/x", false), ("$aws/+/x", "$aws/t/x", true),
        ("/+", "/a", true), ("+/+", "/", true), ("+", "", true), ("a//b", "a//b", true), ("車/+", "車/七", true),
    ])
    func `match as MQTT says`(_ pattern: String, _ topic: String, _ expected: Bool) throws {
        #expect(try matches(pattern, topic) == expected)
    }

    @Test(arguments: [
        "", "a/#/b", "a+/b", "a/b#", "$share/g/a", "$SYS/broker", "a\0b", String(repeating: "a", count: 1025),
    ])
    func `patterns that can never match are refused, with advice`(_ text: String) {
        do throws(TopicPattern.Fault) {
            _ = try TopicPattern(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(!error.problem.isEmpty && !error.advice.isEmpty)
        }
    }

    @Test func `levels count from 1`() throws {
        let topic = Array("owntracks//phone".utf8)
        #expect(TopicPattern.level(1, of: topic.span) == 0..<9)
        #expect(TopicPattern.level(2, of: topic.span) == 10..<10)
        #expect(TopicPattern.level(3, of: topic.span) == 11..<16)
        #expect(TopicPattern.level(4, of: topic.span) == nil)
        let pattern = try TopicPattern("owntracks/+/#")
        #expect(pattern.levelCount == 2 && pattern.hasRest)
        #expect(pattern.isLiteral(level: 1) && !pattern.isLiteral(level: 2) && !pattern.isLiteral(level: 9))
    }

    /// Every topic and every pattern of up to three levels over a small alphabet; matching by another way.
    @Test func `overlap is what some topic proves`() throws {
        func texts(_ alphabet: [String], levels: Int) -> [[String]] {
            levels == 0 ? [[]] : texts(alphabet, levels: levels - 1).flatMap { head in alphabet.map { head + [$0] } }
        }
        func slowMatch(_ pattern: ArraySlice<String>, _ topic: ArraySlice<String>) -> Bool {
            guard let first = pattern.first else { return topic.isEmpty }
            if first == "#" { return true }
            guard let level = topic.first, first == "+" || first == level else { return false }
            return slowMatch(pattern.dropFirst(), topic.dropFirst())
        }
        let topics = (1...4).flatMap { texts(["a", "b", ""], levels: $0) }
        var patterns = (1...3).flatMap { texts(["a", "b", "+"], levels: $0) }
        patterns += (0...2).flatMap { texts(["a", "b", "+"], levels: $0) }.map { $0 + ["#"] }
        let parsed = try patterns.map { try TopicPattern($0.joined(separator: "/")) }
        var matching: [Set<Int>] = []
        for (pattern, levels) in zip(parsed, patterns) {
            var set: Set<Int> = []
            for (number, topic) in topics.enumerated() {
                let isMatch = pattern.matches(Array(topic.joined(separator: "/").utf8).span)
                if isMatch != slowMatch(levels[...], topic[...]) { Issue.record("\(pattern) and \(topic)") }
                if isMatch { set.insert(number) }
            }
            matching.append(set)
        }
        for (left, leftTopics) in zip(parsed, matching) {
            for (right, rightTopics) in zip(parsed, matching)
            where left.overlaps(right) == leftTopics.isDisjoint(with: rightTopics) {
                Issue.record("\(left) and \(right)")
            }
        }
    }
}
