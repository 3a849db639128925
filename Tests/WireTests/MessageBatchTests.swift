import Testing

@testable import Wire

@Suite struct MessageBatchTests {
    @Test func `frames read back as they were written, also from a journal row`() throws {
        var batch = MessageBatch()
        batch.append(
            receivedTime_ms: 1_700_000_000_123, topic: Array("fleets/a/vehicles/b/telemetry".utf8),
            payload: Array("{}".utf8), responseTopic: Array("r".utf8), correlation: [1, 2, 3], packetID: 65_535,
            isRetained: true)
        batch.append(kind: .tick, receivedTime_ms: -1)
        let read = try #require(MessageBatch(journalled: batch.bytes))
        #expect(read.count == 2)
        for batch in [batch, read] {
            let first = batch.header(at: 0)
            #expect(first.kind == .message && first.packetID == 65_535 && first.isRetained)
            #expect(first.receivedTime_ms == 1_700_000_000_123)
            #expect(Array(batch.bytes[first.topic]) == Array("fleets/a/vehicles/b/telemetry".utf8))
            #expect(Array(batch.bytes[first.payload]) == Array("{}".utf8))
            #expect(Array(batch.bytes[first.responseTopic]) == Array("r".utf8))
            #expect(Array(batch.bytes[first.correlation]) == [1, 2, 3])
            #expect(batch.header(at: 1).kind == .tick && batch.header(at: 1).receivedTime_ms == -1)
        }
    }

    @Test func `a row cut short or altered is refused`() {
        var batch = MessageBatch()
        batch.append(receivedTime_ms: 1, topic: [65], payload: [66])
        for length in 1..<batch.bytes.count {
            #expect(MessageBatch(journalled: Array(batch.bytes.prefix(length))) == nil)
        }
        var altered = batch.bytes
        altered[4] = 99
        #expect(MessageBatch(journalled: altered) == nil)
        altered = batch.bytes
        altered[16] = 0xFF
        #expect(MessageBatch(journalled: altered) == nil)
    }
}
