import Telemetry
import TestSupport
import Testing

@Suite struct `Topics of one fleet's reports` {
    private let prefix = Array("fleets/f/vehicles/".utf8)

    private func quick(_ topic: [UInt8]) -> Range<Int>? { TopicParser.telemetryID(topic.span, after: prefix.span) }

    @Test(arguments: 1...128) func `the id is found whatever its length`(_ count: Int) {
        let id = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        let topic = prefix + id + Array("/telemetry".utf8)
        #expect(quick(topic) == prefix.count..<(prefix.count + count))
    }

    @Test func `what is unusual is left to the parser`() {
        for id in ["", "a/b", "+", "ab#", "a\u{0}", "é", "車", String(repeating: "a", count: 129)] {
            #expect(quick(prefix + Array("\(id)/telemetry".utf8)) == nil, "\(id)")
        }
        for topic in [
            "fleets/g/vehicles/v/telemetry", "fleets/f/vehicles/v/status", "fleets/f/vehicles/telemetry", "", "v",
        ] {
            #expect(quick(Array(topic.utf8)) == nil, "\(topic)")
        }
        #expect(TopicParser.telemetryID(Array("v/telemetry".utf8).span, after: [UInt8]().span) == nil)
    }

    /// Whatever it takes, the parser takes too, as the same.
    @Test func `altered topics are the parser's`() throws {
        let parser = TopicParser()
        var random = SplitMix64(seed: 5)
        for round in 0..<20_000 {
            let id = (0..<Int.random(in: 1...20, using: &random)).map { _ in UInt8.random(in: 97...122, using: &random)
            }
            var topic = prefix + id + Array("/telemetry".utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                topic[Int.random(in: topic.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let found = quick(topic) else { continue }
            let parsed = try? parser.parse(topic.span)
            #expect(parsed?.kind == .telemetry && parsed?.id == found, "round \(round): \(topic)")
        }
    }
}
