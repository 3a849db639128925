import MQTTTransport
import Store
import TestSupport
import Testing

@testable import FleetService

@Suite struct OutboxTailTests {
    private func entry(_ id: Int64, bytes: Int = 4) -> OutboxEntry {
        OutboxEntry(
            topic: Array("t/\(id)".utf8), payload: Array(repeating: UInt8(truncatingIfNeeded: id), count: bytes),
            contentType: "x", correlation: [], eventID: [], created_ms: 1)
    }

    private func append(_ ids: ClosedRange<Int64>, to tail: OutboxTail, bytes: Int = 4) {
        tail.append(ids, ids.map { entry($0, bytes: bytes) })
    }

    @Test func `before the first commit the store is asked`() {
        #expect(OutboxTail().next(after: 0, limit: 10) == nil)
    }

    @Test func `what was committed comes in order, and what came before is the store's to know`() throws {
        let tail = OutboxTail()
        append(11...13, to: tail)
        append(14...15, to: tail)
        #expect(tail.next(after: 9, limit: 10) == nil)
        let all = try #require(tail.next(after: 10, limit: 10))
        #expect(all.map(\.id) == [11, 12, 13, 14, 15])
        #expect(all.first?.topic == Array("t/11".utf8) && all.first?.contentType == "x")
        #expect(tail.next(after: 12, limit: 2)?.map(\.id) == [13, 14])
        // Forgotten: a publisher that begins again after a lost connection finds them in the store.
        #expect(tail.next(after: 11, limit: 10) == nil)
        #expect(tail.next(after: 15, limit: 10)?.isEmpty == true)
        #expect(tail.next(after: 20, limit: 10)?.isEmpty == true)
    }

    @Test func `a gap in the ids, and too much, make it forget`() throws {
        let tail = OutboxTail()
        append(1...3, to: tail)
        append(7...8, to: tail)
        #expect(tail.next(after: 3, limit: 10) == nil)
        #expect(tail.next(after: 6, limit: 10)?.map(\.id) == [7, 8])
        append(9...Int64(OutboxTail.messagesMax) + 20, to: tail)
        #expect(tail.next(after: 8, limit: 10) == nil)
        let last = Int64(OutboxTail.messagesMax) + 20
        #expect(tail.next(after: last - 2, limit: 10)?.map(\.id) == [last - 1, last])
        append((last + 1)...(last + 9), to: tail, bytes: 1 << 20)
        #expect(tail.next(after: last, limit: 10) == nil)
        #expect(tail.next(after: last + 8, limit: 10)?.map(\.id) == [last + 9])
    }

    @Test func `it never says anything else than the whole outbox would`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let tail = OutboxTail()
        var newest: Int64 = 0
        for _ in 0..<3000 {
            if Bool.random(using: &random) {
                let count = Int64.random(in: 1...300, using: &random)
                append((newest + 1)...(newest + count), to: tail, bytes: .random(in: 0...2000, using: &random))
                newest += count
            } else {
                let after = max(0, newest - .random(in: 0...2000, using: &random))
                let limit = Int.random(in: 1...500, using: &random)
                guard let found = tail.next(after: after, limit: limit) else { continue }
                let expected = after < newest ? Array(((after + 1)...newest).prefix(limit)) : []
                #expect(found.map(\.id) == expected, "seed \(seed)")
            }
        }
    }
}
